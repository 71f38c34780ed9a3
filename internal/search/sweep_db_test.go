package search_test

import (
	"context"
	"math/rand/v2"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

// hold takes a clinic's next free time and gives the event that tells it.
func hold(t *testing.T, c *pgtest.Clinic, start int64, now time.Time) []events.Event {
	t.Helper()
	held, err := booking.Hold(t.Context(), c.In(uuid.Nil), c.Offering(t), time.Unix(start, 0),
		booking.Holder{ID: uuid.New()}, now)
	if err != nil {
		t.Fatal(err)
	}
	return []events.Event{{Kind: events.AppointmentHeld, Tenant: c.ID, Subject: held.ID,
		Data: []byte(`{"resource":"` + c.Resources[0].String() + `"}`)}}
}

func TestWhatAnErrorLostOrNobodyToldIsRepairedBySweepsAndCounted(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	first, second, third := db.Clinic(t), db.Clinic(t), db.Clinic(t)
	now := &clock{time.Now()}
	m := openMarket(t, db, now)
	before, repaired := m.Stats(), func() int64 { return m.Stats().Repaired }
	if before.Listings != 3 || before.Repaired != 0 || before.Behind != 0 {
		t.Fatalf("the control: %+v before anything went wrong", before)
	}
	away, cancel := context.WithCancel(t.Context())
	cancel() // the database does not answer
	next := m.Next(first.OfferingID)
	if err := hear(away, m, hold(t, first, next, now.Time)); err == nil || m.Next(first.OfferingID) != next {
		t.Fatalf("the control: it was refreshed: %v", err)
	}
	sweep(t, m)
	if m.Next(first.OfferingID) == next || repaired() != 1 {
		t.Errorf("after an error %d are counted as repaired", repaired())
	}
	sweep(t, m)
	if repaired() != 1 {
		t.Errorf("what is right is counted as repaired: %d", repaired())
	}
	next = m.Next(second.OfferingID)
	hold(t, second, next, now.Time) // and nobody tells
	sweep(t, m)
	if m.Next(second.OfferingID) != next || repaired() != 1 {
		t.Error("the control: a sweep within a round looks at what nothing happened to")
	}
	m.EventsLost()
	sweep(t, m)
	if m.Next(second.OfferingID) == next || repaired() != 2 {
		t.Errorf("after events were lost %d are counted as repaired", repaired())
	}
	if err := hear(t.Context(), m, hold(t, third, m.Next(third.OfferingID), now.Time)); err != nil || repaired() != 2 {
		t.Errorf("what an event told is counted as repaired: %d, %v", repaired(), err)
	}
}

func TestAMarketWhoseSweepsFailGrowsOldThoughSingleListingsAreRefreshed(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	clinic, now := db.Clinic(t), &clock{time.Now()}
	m := openMarket(t, db, now)
	opened := m.LastSwept()
	away, cancel := context.WithCancel(t.Context())
	cancel() // the database does not answer
	m.EventsLost()
	if err := m.Sweep(away); err == nil {
		t.Fatal("the control: the sweep did not fail")
	}
	next := m.Next(clinic.OfferingID)
	if err := hear(t.Context(), m, hold(t, clinic, next, now.Time)); err != nil || m.Next(clinic.OfferingID) == next {
		t.Fatalf("the control: it was not refreshed: %v", err)
	}
	if !m.LastSwept().Equal(opened) {
		t.Error("a single listing made the whole market count as swept")
	}
	if sweep(t, m); !m.LastSwept().After(opened) {
		t.Error("the control: a sweep that works does not count")
	}
}

func TestOneListingThatPanicsTakesNoOtherWithItInAnySweep(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	now := &clock{time.Now()}
	var clinics []*pgtest.Clinic
	for range 7 {
		clinics = append(clinics, db.Clinic(t))
	}
	m := openMarket(t, db, now)
	bad, good := clinics[3], slices.Concat(clinics[:3], clinics[4:])
	m.Poison(bad.OfferingID)
	for range 2 {
		before := map[uuid.UUID]int64{}
		for _, c := range clinics {
			before[c.OfferingID] = m.Next(c.OfferingID)
			hold(t, c, before[c.OfferingID], now.Time)
		}
		m.EventsLost() // one sweep has all of them in one batch
		swept := m.LastSwept()
		err := m.Sweep(t.Context())
		if err == nil || !strings.Contains(err.Error(), bad.OfferingID.String()) ||
			!strings.Contains(err.Error(), "refresh.go:") || strings.Count(err.Error(), "panic:") != 1 {
			t.Errorf("what the sweep says: %v", err)
		}
		if m.Next(bad.OfferingID) != before[bad.OfferingID] {
			t.Fatal("the control: the poisoned listing was computed")
		}
		for _, c := range good {
			if m.Next(c.OfferingID) == before[c.OfferingID] {
				t.Errorf("%s is not refreshed", c.OfferingID)
			}
		}
		if !m.LastSwept().After(swept) {
			t.Error("the sweep does not count")
		}
		bad.SQL(t, "delete from claim") // the time that it shows can be held once more
		db.Admin(t, "delete from market.busy where tenant_id = $1", bad.ID)
	}
}

// saved is what the market keeps for the next start, of every listing.
func saved(t *testing.T, db *pgtest.DB) map[uuid.UUID]search.Availability {
	t.Helper()
	rows, err := db.Gateway.Public().Listings(t.Context(), uuid.Nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	all := map[uuid.UUID]search.Availability{}
	for _, r := range rows {
		if r.BaseDay != nil && r.NextAt != nil {
			all[r.ID] = search.Availability{NextAt: r.NextAt.Unix(), Parts: [search.DaysKnown]uint8(r.Parts)}
		}
	}
	return all
}

func TestWhatIsSavedIsWhatIsShownAndIsNotWrittenTwice(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	var clinics []*pgtest.Clinic
	for range 4 {
		clinics = append(clinics, db.Clinic(t))
	}
	now := &clock{time.Now()}
	m, err := search.OpenSavingMarket(t.Context(), db.Gateway, time.UTC, now.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	if err := m.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal := func() {
		t.Helper()
		for id, a := range saved(t, db) {
			if a.NextAt != m.Next(id) {
				t.Errorf("saved %d, shown %d", a.NextAt, m.Next(id))
			}
		}
	}
	if len(saved(t, db)) != 4 {
		t.Fatalf("%d are saved", len(saved(t, db)))
	}
	equal()
	db.Admin(t, `update market.availability set checked_at = '2000-01-01'`)
	written := func() int {
		return pgtest.Value[int](t, clinics[0], `select count(*) from market.availability where checked_at > '2001-01-01'`)
	}
	m.EventsLost() // everything is computed again
	sweep(t, m)
	if written() != 0 {
		t.Errorf("%d are written again as they are", written())
	}
	if err := hear(t.Context(), m, hold(t, clinics[1], m.Next(clinics[1].OfferingID), now.Time)); err != nil {
		t.Fatal(err)
	}
	if equal(); written() != 1 {
		t.Errorf("%d are written after one has changed", written())
	}
	other, err := search.OpenMarket(t.Context(), db.Gateway, time.UTC, now.now) // begins with what was saved
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if other.Next(clinics[1].OfferingID) != m.Next(clinics[1].OfferingID) || other.Next(clinics[1].OfferingID) == 0 {
		t.Error("a process that starts does not begin with what was saved")
	}
}

// found are the answers of a market to all that can be asked of these clinics; the times that listings came with are
// left out: nobody reads them.
func found(t *testing.T, m *search.Market) (pages []search.Page) {
	t.Helper()
	ix := m.Live().Index()
	for _, extra := range []string{"", "&price=150", "&language=es", "&language=pt", "&gender=male", "&payer=P1",
		"&near=02906", "&time=am", "&access=step_free"} {
		values, err := url.ParseQuery("reason=skin+check" + extra)
		if err != nil {
			t.Fatal(err)
		}
		page := ix.Search(ix.Normalize(values, m.Now()).Query, m.Now())
		for i := range page.Hits {
			l := *page.Hits[i].Listing
			l.Availability = search.Availability{}
			page.Hits[i].Listing = &l
		}
		if page.Soonest.Listing != nil {
			l := *page.Soonest.Listing
			l.Availability = search.Availability{}
			page.Soonest.Listing = &l
		}
		pages = append(pages, page)
	}
	return pages
}

// shake lets an organization change something of what it publishes.
func shake(t *testing.T, c *pgtest.Clinic, dice *rand.Rand) {
	t.Helper()
	switch dice.IntN(6) {
	case 0:
		c.SQL(t, `update offering set live = not live`)
	case 1:
		c.SQL(t, `update service set price_cents = $1`, 1000*(5+dice.IntN(20)))
	case 2:
		c.SQL(t, `update practitioner set languages = $1`, []string{"en", []string{"es", "pt", "vi"}[dice.IntN(3)]})
	case 3:
		c.SQL(t, `update practitioner set gender = $1`, []string{"male", "female"}[dice.IntN(2)])
	case 4:
		c.SQL(t, `update schedule_rule set from_minute = $1`, 540+20*dice.IntN(10))
	case 5:
		c.SQL(t, `update location set lat = lat + 0.01`)
	}
	c.Publish(t)
}

func TestTwoProcessesThatHearTheSameShowWhatOneThatBeginsShows(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	dice, now := rand.New(rand.NewPCG(7, 7)), &clock{time.Now()}
	one := openMarket(t, db, now) // there is nothing yet, not even a reason
	two, err := search.OpenSavingMarket(t.Context(), db.Gateway, time.UTC, now.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(two.Close)
	var clinics []*pgtest.Clinic
	for range 5 {
		clinics = append(clinics, db.Clinic(t))
	}
	told := clinics
	shown, fresh := 0, func() []search.Page { return found(t, openMarket(t, db, now)) }
	for step := range 40 {
		now.Time = now.Add(2 * time.Second) // the index may be built again; no time passes between a sweep and the answers
		for _, m := range []*search.Market{one, two} {
			for _, c := range told {
				if err := hear(t.Context(), m, published(c)); err != nil {
					t.Fatal(err)
				}
			}
			sweep(t, m)
		}
		want := fresh()
		shown += want[0].Locations
		for i, m := range []*search.Market{one, two} {
			for n, got := range found(t, m) {
				if !reflect.DeepEqual(got, want[n]) {
					t.Fatalf("step %d: process %d shows\n%+v\none that begins\n%+v", step, i, got, want[n])
				}
			}
		}
		c := clinics[dice.IntN(len(clinics))]
		shake(t, c, dice)
		told = []*pgtest.Clinic{c}
	}
	if shown < 40 || one.Stats().Repaired+two.Stats().Repaired != 0 {
		t.Errorf("%d results in 40 steps, %+v, %+v", shown, one.Stats(), two.Stats())
	}
	// the control: a process that hears nothing shows something else
	clinics[0].SQL(t, `update service set price_cents = 1`)
	clinics[0].SQL(t, `update offering set live = true`)
	clinics[0].Publish(t)
	if reflect.DeepEqual(found(t, one), fresh()) {
		t.Error("the control: what was not heard is not told apart")
	}
}
