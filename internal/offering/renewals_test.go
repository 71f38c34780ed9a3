package offering_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/offering"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// asks is a change of a clinic's location to another last day.
func asks(t *testing.T, c *pgtest.Clinic, license string, until civil.Date) (id uuid.UUID) {
	t.Helper()
	who := c.DB.Account(t, "Alice")
	err := c.DB.Gateway.Within(t.Context(), c.Scope(who), func(q *tenantdb.Queries) error {
		return offering.Ask(t.Context(), q, offering.Change{Kind: offering.OfLocation, Subject: c.Location, Name: "Main",
			Was: offering.Values{}, Becomes: offering.Values{offering.LastDay: until.String()}, License: license,
			State: "RI"}, who, time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	return pgtest.One[uuid.UUID](t, c.DB, "select id from onboarding.change where tenant_id = $1 and status = 'waiting'",
		c.ID)
}

func Test33ARegisterThatConfirmsARenewalOpensTheTimesWithoutAPerson(t *testing.T) {
	db := pgtest.Open(t)
	server := httptest.NewServer(&simulator.Licenses{Now: time.Now})
	t.Cleanup(server.Close)
	told := 0
	r := &offering.Renewals{Gateway: db.Gateway, Licenses: kyc.NewLicenses(server.URL), Now: time.Now,
		Notify: func() { told++ }, Log: slog.New(slog.DiscardHandler)}
	today := civil.DateOf(time.Now())
	for name, k := range map[string]struct {
		license string
		days    int
		want    string
	}{
		"good":     {"LCI01234", 200, "accepted"},
		"too late": {"LCI01234", 800, "waiting"},
		"expired":  {simulator.LicenseExpired, 200, "waiting"},
		"unknown":  {simulator.LicenseUnknown, 200, "waiting"},
		"another":  {simulator.LicenseOthers, 200, "waiting"},
		"no name":  {simulator.LicenseNoName, 200, "waiting"},
		"down":     {simulator.LicenseDown, 200, "waiting"},
	} {
		c := db.Clinic(t)
		id := asks(t, c, k.license, today.AddDays(k.days))
		for range 2 { // it runs twice without harm
			if err := r.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := pgtest.One[string](t, db, "select status from onboarding.change where id = $1", id)
		if got != k.want {
			t.Errorf("%s: %s, not %s", name, got, k.want)
		}
		if again := pgtest.One[bool](t, db, "select next_at is not null from onboarding.change where id = $1",
			id); again != (name == "down") {
			t.Errorf("%s: asked again: %v", name, again)
		}
		until := pgtest.Value[*time.Time](t, c, "select valid_until from location where id = $1", c.Location)
		if (until != nil) != (k.want == "accepted") {
			t.Errorf("%s: valid until %v", name, until)
		}
		if k.want == "accepted" && c.Offering(t).Schedule.ValidUntil != today.AddDays(k.days) {
			t.Errorf("%s: the market shows times until %s", name, c.Offering(t).Schedule.ValidUntil)
		}
	}
	if told == 0 {
		t.Error("nobody was told")
	}
}

// An organization's own ticket asks and takes back; by SQL too it decides on nothing.
func Test310A74NoTicketOfAnOrganizationDecidesOnItsOwnChange(t *testing.T) {
	db := pgtest.Open(t)
	c := db.Clinic(t)
	id := asks(t, c, "LCI01234", civil.DateOf(time.Now()).AddDays(200))
	alice, staff := tenancy.Caller{Subject: db.Account(t, "Alice")}, tenancy.Caller{Subject: db.Account(t, "Rita"),
		Staff: true}
	accept := func(who tenancy.Caller) error {
		return db.Gateway.Within(t.Context(), db.Gateway.Admit(c.Tenant, who), func(q *tenantdb.Queries) error {
			return offering.Accept(t.Context(), q, c.Tenant, id, &who.Subject, "", time.Now())
		})
	}
	if err := accept(alice); tenancy.Code(err) != "42501" {
		t.Errorf("an owner accepts: %v", err)
	}
	forged := db.Gateway.Within(t.Context(), db.Gateway.Admit(c.Tenant, alice), func(q *tenantdb.Queries) error {
		return q.NoteChange(t.Context(), "It is good.", nil, id)
	})
	if tenancy.Code(forged) != "42501" {
		t.Errorf("an owner says what the register says: %v", forged)
	}
	if err := accept(staff); err != nil { // negative control
		t.Error(err)
	}
}
