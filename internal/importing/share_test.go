package importing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// fifty letters, another way for each number
func longName(n int) string { return fmt.Sprintf("%050b", n) }

// A file of names that are nearly those of others took minutes of a processor: each cell is compared with each name.
func TestA29AFileIsComparedForSomeSecondsAndThenItsNamesAreOnlyUnknown(t *testing.T) {
	hours, _ := Find("hours")
	field, _ := hours.field("practitioner")
	who := owned{}
	for i := range mostNear {
		who.add(uuid.New(), longName(i))
	}
	c := &checker{kind: hours, known: &Known{Own: map[string]owned{"practitioner": who}}, read: map[string]reading{}}
	first := "2" + longName(7)[1:]
	began, near := time.Now(), 0
	for i := range 20_000 {
		if r := c.reading(field, "3"+longName(i)[1:]); r.proposal == DidYouMean {
			near++
		}
		if i == 0 && c.reading(field, first).fix != longName(7) {
			t.Error("control: the first that is nearly a name is not told which")
		}
	}
	if near < 50 || near > 1000 {
		t.Errorf("%d names were told which they may be, in %s", near, time.Since(began))
	}
	if r := c.reading(field, first); r.fix != longName(7) {
		t.Errorf("what a file repeats is not what it was: %+v", r)
	}
	if r := c.reading(field, longName(8)); r.value == nil || r.wrong != "" {
		t.Errorf("a name as it is: %+v", r)
	}
}

func TestA29ARowNamesAsManyServicesAsPeopleDo(t *testing.T) {
	all := owned{}
	for range 1000 {
		all.add(uuid.New(), "Visit")
	}
	known := &Known{Own: map[string]owned{"services": all}}
	for _, cell := range []string{"all", strings.Repeat("visit;", mostNamed), "Visit"} {
		if ids, _ := ownServices(cell, known).value.([]uuid.UUID); len(ids) != 1000 {
			t.Errorf("%s: %d services", cell, len(ids))
		}
	}
	r := ownServices(strings.Repeat("visit;", mostNamed+1), known)
	if !strings.Contains(r.wrong, "more than 100 services") {
		t.Errorf("one more: %q", r.wrong)
	}
}

// A row of "all" is as many hours as there are services: a file of a megabyte became gigabytes, and hours of a worker.
func TestA29AFileSaysAsManyHoursAsAreBroughtInAtOnce(t *testing.T) {
	services := make([]uuid.UUID, 1000)
	known := &Known{}
	row := func() string {
		field, r := weekOf(map[string]any{"services": services, "days": []time.Weekday{1, 2, 3, 4, 5},
			"hours": windows("9-5", nil).value}, known)
		return field + r.wrong
	}
	for n := range mostHours / 5000 {
		if got := row(); got != "" {
			t.Errorf("control, row %d: %s", n, got)
		}
	}
	if got := row(); !strings.Contains(got, "are more than one file brings in at once") {
		t.Errorf("one more: %q", got)
	}
	record := fmt.Sprintf(`{"services": [%s], "week": [{"day": 1, "open": "09:00-17:00"}]}`,
		strings.Trim(strings.Repeat(`"`+uuid.NewString()+`",`, mostAdded/2), ","))
	rows := make([]tenantdb.ImportRowsRow, 5)
	for i := range rows {
		rows[i].Record = []byte(record)
	}
	if some, err := someHours(rows); err != nil || len(some) != 2 {
		t.Errorf("%d rows are added at once, %v", len(some), err)
	}
	rows[0].Record = []byte(strings.Replace(record, `[`, `[`+strings.Repeat(`"`+uuid.NewString()+`",`, mostAdded), 1))
	if some, err := someHours(rows); err != nil || len(some) != 1 {
		t.Errorf("of one that is more than that, %d rows are added at once, %v", len(some), err)
	}
}

func TestHoursForWhichThereAreTooManyAlreadyAreLeftOut(t *testing.T) {
	c := at(t)
	b := brought{t, c, stage(t, c, "hours", []byte("Doctor,Office,Services,Days,Hours\nAna Ruiz,Main Street,all,Mon,9-5\n"))}
	c.SQL(t, `with other as (insert into schedule (id, location_id) select gen_random_uuid(), id from location limit 1
		returning id) insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
		select gen_random_uuid(), other.id, 0, 'break', 0, 1 from other, generate_series(1, 100000)`)
	if err := b.run(); err != nil || counts(t, c, b.id) != "wrong 1" {
		t.Errorf("%v, %s", err, counts(t, c, b.id))
	}
	c.SQL(t, `delete from schedule_rule where to_minute = 1`)
	if err := b.check(); err != nil || counts(t, c, b.id) != "ready 1" {
		t.Errorf("the control, with room: %v, %s", err, counts(t, c, b.id))
	}
}

// Whoever's license has ended brought along a location that nothing bounds.
func TestA76LocationsOfAFileAreBoundByTheLicenseOfTheFirst(t *testing.T) {
	c := at(t)
	const file = "Name,Street,City,State,Zip\n%s,1 Main St,Providence,RI,02906\n"
	bounds := func(name string) string {
		b := brought{t, c, stage(t, c, "locations", fmt.Appendf(nil, file, name))}
		if err := b.run(); err != nil {
			t.Fatal(err)
		}
		return pgtest.Value[string](t, c, `select concat_ws(' ', valid_from, valid_until, insured_until) from location
			where name = $1`, name)
	}
	if got := bounds("Before"); got != "" {
		t.Errorf("control: without a license, %s", got)
	}
	c.SQL(t, `insert into location (id, name, street, city, state, zip, lat, lon, zone, valid_from, valid_until, insured_until)
		select $1, 'First', street, city, state, zip, lat, lon, zone, '2020-01-01', '2021-02-03', '2022-01-01'
		from location limit 1`, tenancy.FirstID(c.ID, "location"))
	if got := bounds("Behind"); got != "2020-01-01 2021-02-03 2022-01-01" {
		t.Errorf("its days are %q", got)
	}
}

func TestF14OneImportOfAnOrganizationIsCheckedAtATime(t *testing.T) {
	c, other := at(t), at(t)
	b := brought{t, c, stage(t, c, "locations", []byte("Name,Street,City,State,Zip\nA,1 Main St,Providence,RI,02906\n"))}
	theirs := brought{t, other, stage(t, other, "locations",
		[]byte("Name,Street,City,State,Zip\nA,1 Main St,Providence,RI,02906\n"))}
	if err := checks.Acquire(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := Check(ctx, c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, b.id, nil, nil)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second one: %v", err)
	}
	if err := theirs.check(); !errors.Is(err, ErrNotNow) { // it is under way
		t.Errorf("control: another organization's: %v", err)
	}
	checks.Release(c.ID)
	if err := b.check(); !errors.Is(err, ErrNotNow) {
		t.Errorf("after it: %v", err)
	}
}
