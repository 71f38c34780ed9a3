package search_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// clock is a time that tests move.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func openMarket(t *testing.T, db *pgtest.DB, c *clock) *search.Market {
	t.Helper()
	m, err := search.OpenMarket(t.Context(), db.Gateway, time.UTC, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	sweep(t, m)
	return m
}

func sweep(t *testing.T, m *search.Market) {
	t.Helper()
	if err := m.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func published(c *pgtest.Clinic) []events.Event {
	return []events.Event{{Kind: events.ListingsPublished, Tenant: c.ID}}
}

func hear(ctx context.Context, m *search.Market, all []events.Event) error {
	m.Hear(all)
	return m.ApplyHeard(ctx)
}

func TestAListingSaysWhichAgesItsPractitionerSees(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := db.Clinic(t)
	m := openMarket(t, db, &clock{time.Now()})
	for _, want := range []search.Ages{{}, {To: 17}, {From: 18}, {From: 13, To: 21}, {}} {
		c.SQL(t, `update practitioner set age_from = nullif($1::smallint, 0), age_to = nullif($2::smallint, 0)`, want.From,
			want.To)
		c.Publish(t)
		if err := hear(t.Context(), m, published(c)); err != nil {
			t.Fatal(err)
		}
		if _, l, ok := m.Offering(c.OfferingID); !ok || l.Ages != want {
			t.Errorf("the market says %+v, want %+v", l.Ages, want)
		}
	}
}

func TestAListingThatCannotBeReadIsLeftOutAndEverythingElseIsThere(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	good, bad, worse := db.Clinic(t), db.Clinic(t), db.Clinic(t)
	shown := func(m *search.Market, c *pgtest.Clinic) bool {
		_, listing, ok := m.Offering(c.OfferingID)
		return ok && listing != nil && m.Next(c.OfferingID) != 0
	}
	whole := openMarket(t, db, &clock{time.Now()})
	if !shown(whole, bad) || !shown(whole, worse) || len(whole.LeftOut()) != 0 {
		t.Fatal("the control: not everything is shown before anything is broken")
	}
	db.Admin(t, `update market.listing set schedule = '{"zone": "Mars/Olympus"}' where id = $1`, bad.OfferingID)
	db.Admin(t, `update market.listing set schedule = 'null' where id = $1`, worse.OfferingID)

	m := openMarket(t, db, &clock{time.Now()}) // a process that starts now
	if left := m.LeftOut(); len(left) != 2 || left[0].Why == "" || left[1].Why == "" || shown(m, bad) || shown(m, worse) ||
		!shown(m, good) {
		t.Errorf("left out: %+v", left)
	}
	for range 2 { // a process that runs
		if err := hear(t.Context(), whole, append(published(bad), published(good)...)); err != nil {
			t.Error(err)
		}
		if left := whole.LeftOut(); len(left) != 1 || left[0].Listing != bad.OfferingID || left[0].Tenant != bad.ID ||
			shown(whole, bad) || !shown(whole, good) {
			t.Errorf("after the organization published: %+v", left)
		}
	}
	bad.Publish(t) // mended
	if err := hear(t.Context(), whole, published(bad)); err != nil || len(whole.LeftOut()) != 0 ||
		!shown(whole, bad) {
		t.Errorf("mended: %+v, %v", whole.LeftOut(), err)
	}
}

func TestAListingOfAReasonThatNobodyKnowsIsSaidOnceAndIsNoChangeWhenItIsPublishedAgain(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	first, second, good := db.Clinic(t), db.Clinic(t), db.Clinic(t)
	now := &clock{time.Now()}
	m := openMarket(t, db, now)
	var log strings.Builder
	m.LogTo(slog.New(slog.NewTextHandler(&log, nil)))
	said := func(c *pgtest.Clinic) int {
		return strings.Count(log.String(), `msg="search: a listing cannot be shown" listing=`+c.OfferingID.String())
	}
	look := func() { // the index may be built again
		now.Time = now.Add(time.Minute)
		sweep(t, m)
	}
	db.Admin(t, `alter table market.listing drop constraint listing_reason_code_fkey`)
	// publish has the clinics published while there is a reason that goes before anybody looks for it
	publish := func(ctx context.Context, all ...*pgtest.Clinic) (err error) {
		db.Admin(t, `insert into market.reason select (jsonb_populate_record(r, '{"code": "brief"}')).* from market.reason r
			limit 1`)
		for _, c := range all {
			err = errors.Join(err, hear(ctx, m, published(c)))
		}
		if ctx.Err() != nil { // the database does not answer
			sweep(t, m)
		}
		db.Admin(t, `delete from market.reason where code = 'brief'`)
		return err
	}
	unknown := func(c *pgtest.Clinic) {
		t.Helper()
		db.Admin(t, `update market.listing set reason_code = 'brief' where id = $1`, c.OfferingID)
		if err := publish(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		look()
	}
	unknown(first)
	if len(m.LeftOut()) != 1 || said(first) != 1 {
		t.Fatalf("%+v are left out: %s", m.LeftOut(), log.String())
	}
	for range 3 {
		if err := publish(t.Context(), first, good); err != nil {
			t.Error(err)
		}
		look()
	}
	unknown(second) // whose reason is looked for, as if that of the first could have come
	if said(first) != 1 || said(second) != 1 || said(good) != 0 || len(m.LeftOut()) != 2 {
		t.Errorf("said %d, %d and %d times", said(first), said(second), said(good))
	}
	away, cancel := context.WithCancel(t.Context())
	cancel()
	repaired := m.Stats().Repaired
	if err := publish(away, first, second); err == nil || m.Stats().Repaired != repaired || len(m.LeftOut()) != 2 {
		t.Errorf("%d listings that are as they were count as repaired, %v", m.Stats().Repaired-repaired, err)
	}
	first.Publish(t)
	if err := publish(t.Context(), first, second); err != nil || len(m.LeftOut()) != 1 {
		t.Errorf("mended: %+v, %v", m.LeftOut(), err)
	}
	if unknown(first); said(first) != 2 || said(second) != 1 {
		t.Errorf("wrong once more: said %d and %d times", said(first), said(second))
	}
}

func TestTheNextFreeTimeIsTrueWhileTimePasses(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := db.Clinic(t, func(c *pgtest.Clinic) { c.Lead = 60 })
	o := c.Offering(t)
	day := civil.DateOf(time.Now().In(o.Schedule.Location())).AddDays(1)
	first := o.Schedule.Times(nil, day, day, booking.Pool{nil}, time.Now().Unix())[0]
	now := &clock{time.Unix(first, 0).Add(-2 * time.Hour)}
	m := openMarket(t, db, now)
	if m.Next(c.OfferingID) != first {
		t.Fatal("the first time of the day is not the next one")
	}
	now.Time = time.Unix(first, 0).Add(-59 * time.Minute) // an hour before is too late to book it
	if m.Next(c.OfferingID) != first {
		t.Fatal("the control: it changed without a sweep")
	}
	sweep(t, m)
	if next := m.Next(c.OfferingID); next != first+20*60 {
		t.Errorf("the next free time is %v, the first was %v", time.Unix(next, 0), time.Unix(first, 0))
	}
	now.Time = now.Add(30 * time.Hour) // another day
	sweep(t, m)
	if next := time.Unix(m.Next(c.OfferingID), 0); next.Before(now.Time) || next.After(now.AddDate(0, 0, 2)) {
		t.Errorf("the next free time is %v at %v", next, now.Time)
	}
}

func TestWhatCouldNotBeRefreshedIsMadeUpForByTheNextSweep(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := db.Clinic(t)
	now := &clock{time.Now()}
	m := openMarket(t, db, now)
	first := m.Next(c.OfferingID)
	held, err := booking.Hold(t.Context(), c.In(uuid.Nil), c.Offering(t), time.Unix(first, 0),
		booking.Holder{ID: uuid.New()}, now.Time)
	if err != nil {
		t.Fatal(err)
	}
	away, cancel := context.WithCancel(t.Context())
	cancel() // the database does not answer
	event := events.Event{Kind: events.AppointmentHeld, Tenant: c.ID, Subject: held.ID,
		Data: []byte(`{"resource":"` + c.Resources[0].String() + `"}`)}
	if err := hear(away, m, []events.Event{event}); err == nil || m.Next(c.OfferingID) != first {
		t.Fatalf("the control: it was refreshed: %v", err)
	}
	sweep(t, m)
	if m.Next(c.OfferingID) == first {
		t.Error("a time that was taken is still the next free one")
	}
	c.SQL(t, `update offering set live = false`)
	c.Publish(t)
	if err := hear(away, m, published(c)); err == nil {
		t.Fatal("the control: it was reloaded")
	}
	sweep(t, m)
	if _, _, there := m.Offering(c.OfferingID); there {
		t.Error("an organization that took its listing back is still shown")
	}
}
