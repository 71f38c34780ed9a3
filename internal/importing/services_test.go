package importing

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/queries/tenantdb"
)

const priceList = `Code;Service;Duration;Cash price;Setting;Telehealth
S1;Skin check;;140;;
S2;Follow-up visit;20;$90.50;in person;yes
S3;first visit;;"1,280.00";video;
S4;Folow-up visit;;90;video;
S5;Skin check;45;150 $;;
S6;skin check;45;150;;
S7;Skin check;60;120,50;;
S8;Blood draw;;20;;
S9;Follow-up visit;;90;home;yes
`

func TestAPriceListBecomesServicesOnce(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	c.Publish(t)
	c.DB.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents, prep)
		values ('C02', 'clinic', 'Follow-up visit', '{return visit}', 20, 1, 2, ''),
			('C01', 'clinic', 'New patient visit', '{first visit}', 40, 1, 2, 'Bring photo ID.'),
			('C09', 'clinic', 'Skin check', '{}', 30, 1, 2, ''), ('L01', 'laboratory', 'Blood draw', '{}', 15, 1, 2, '')
		on conflict do nothing`)
	c.SQL(t, `update service set reason_code = 'C09', minutes = 20, price_cents = 13000`)
	id := stage(t, c, "services", []byte(priceList))
	rows, err := c.Queries(uuid.Nil).ImportRows(t.Context(), tenantdb.ImportRowsParams{BatchID: id,
		States: []string{Wrong, Same, Ready}, Most: part})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Changes its price: $130 → $140.", "", "", "Service “Folow-up visit” is not spelled so.", "",
		"The same as line 6.", "Price “120,50” is no price in dollars like 120 or 85.50.",
		"Service “Blood draw” is nothing that patients come for here by that name.",
		"Also by video is said of visits at the location, and these are elsewhere."}
	for i, r := range rows {
		if r.Problem != want[i] {
			t.Errorf("line %d: %q, not %q", r.Line, r.Problem, want[i])
		}
	}
	r := Runner{Gateway: c.DB.Gateway, Now: time.Now}
	if err := r.Run(t.Context(), c.Scope(uuid.Nil), c.Tenant, id); err != nil {
		t.Fatal(err)
	}
	if n := pgtest.Value[int](t, c, `select count(*) from service where reason_code = 'C01' and price_cents = 128000 and minutes = 40 and
		visit_mode = 'video' and prep <> '' or reason_code = 'C02' and telehealth and price_cents = 9050
		or minutes = 45 and price_cents = 15000 and visit_mode = 'clinic'`); n != 3 {
		t.Errorf("%d of three services are there", n)
	}
	price := func() int64 {
		return pgtest.Value[int64](t, c, `select price_cents from service where reason_code = 'C09' and minutes = 20`)
	}
	if price() != 14000 {
		t.Errorf("the other price is %d", price())
	}
	again := stage(t, c, "services", []byte(priceList))
	if got := counts(t, c, again); got != "same 5, wrong 4" {
		t.Error("once more:", got)
	}
	if err := Undo(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, id, time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := pgtest.Value[int](t, c, `select count(*) from service`); n != 1 {
		t.Errorf("%d services are left", n)
	}
	if price() != 13000 {
		t.Errorf("the price is %d when the import is undone", price())
	}
}

func TestAPriceThatIsChangedMeanwhileStaysAndSoDoesOneOfLater(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	c.DB.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents, price_high_cents, prep)
		values ('C09', 'clinic', 'Skin check', '{}', 30, 1, 2, '') on conflict do nothing`)
	c.SQL(t, `update service set reason_code = 'C09', minutes = 30, visit_mode = 'clinic', price_cents = null`)
	list := []byte("Service,Minutes,Price\nSkin check,30,140\n")
	first := brought{t, c, stage(t, c, "services", list)}
	c.SQL(t, `update service set price_cents = 9900`)
	if err := first.run(); err != nil || counts(t, c, first.id) != "same 1" {
		t.Errorf("changed meanwhile: %v, %s", err, counts(t, c, first.id))
	}
	if err := first.check(); err != nil || counts(t, c, first.id) != "same 1" {
		t.Errorf("an import that is over changes a price when it is tried again: %v, %s", err, counts(t, c, first.id))
	}
	second := brought{t, c, stage(t, c, "services", list)}
	if err := second.run(); err != nil || counts(t, c, second.id) != "added 1" {
		t.Errorf("the control, another import: %v, %s", err, counts(t, c, second.id))
	}
	c.SQL(t, `update service set price_cents = 15000`)
	if err := second.undo(); err != nil || counts(t, c, second.id) != "kept 1" {
		t.Errorf("changed later: %v, %s", err, counts(t, c, second.id))
	}
	if n := pgtest.Value[int64](t, c, `select price_cents from service`); n != 15000 {
		t.Errorf("the price is %d", n)
	}
}
