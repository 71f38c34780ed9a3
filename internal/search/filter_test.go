package search

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
)

// one is a market of a single kind of listing, changed by hand.
func one(t *testing.T, change ...func(*Listing)) *Index {
	var listings []Listing
	for i, c := range change {
		l := Listing{
			ID: testID(1, i), Tenant: testID(2, i), LocationID: testID(3, i), OrgName: "O" + strconv.Itoa(i), Kind: KindClinic,
			Reason: "C09", Zone: "America/New_York",
			Lat: 41.84, Lon: -71.39, AcceptsNew: true, PriceCents: 10000, Rating: 4.5, Ratings: 50, ResponseMinutes: 60,
		}
		l.Availability = Availability{Listing: l.ID, BaseDay: today}
		l.Availability.Parts[1] = 7
		c(&l)
		listings = append(listings, l)
	}
	return Build(testReasons(t), testZIPCodes, testPayers(t), listings)
}

func names(p Page) (list []string) {
	for _, h := range p.Hits {
		list = append(list, h.Listing.OrgName)
	}
	return list
}

func TestRulesOfFiltering(t *testing.T) {
	plain := func(*Listing) {}
	tests := []struct {
		name, query string
		change      func(*Listing)
		known, want bool
	}{
		{"an ordinary listing", "reason=skin+check&near=02906", plain, false, true},
		{"1.1 another reason", "reason=eye+exam&near=02906", plain, false, false},
		{"1.3 insurance refused", "payer=PAY01", func(l *Listing) { l.PayersRefused = []string{"PAY01"} }, false, false},
		{"1.3 insurance not stated stays", "payer=PAY01", plain, false, true},
		{"1.3 insurance in both lists counts as refused", "payer=PAY01",
			func(l *Listing) { l.PayersRefused, l.PayersAccepted = []string{"PAY01"}, []string{"PAY01"} }, false, false},
		{"1.4 a clinic beyond the radius", "near=Newport&within=5", plain, false, false},
		{"1.4 a clinic's area does not stretch the radius", "near=Newport&within=5", func(l *Listing) { l.AreaKm = 100 },
			false, false},
		{"1.4 home care comes into its area whatever the radius", "near=Newport&within=5",
			func(l *Listing) { l.Kind, l.AreaKm = KindHomeCare, 100 }, false, true},
		{"1.4 home care does not leave its area", "near=Newport&within=50",
			func(l *Listing) { l.Kind, l.AreaKm = KindHomeCare, 10 }, false, false},
		{"1.4 no place given, no distance asked", "", func(l *Listing) { l.Lat = 10 }, false, true},
		{"1.6 video where licensed, however far", "near=Newport&within=5&telehealth=1",
			func(l *Listing) { l.Telehealth, l.TelehealthStates = true, []string{"RI"} }, false, true},
		{"1.6 video without a license here", "near=02906&telehealth=1",
			func(l *Listing) { l.Telehealth, l.TelehealthStates = true, []string{"MA"} }, false, false},
		{"1.6 licensed but sees nobody by video", "near=02906&telehealth=1",
			func(l *Listing) { l.TelehealthStates = []string{"RI"} }, false, false},
		{"1.6 a language through an interpreter", "language=es", func(l *Listing) { l.Interpreted = []string{"es"} }, false,
			true},
		{"1.6 a language not spoken", "language=es", func(l *Listing) { l.Languages = []string{"en"} }, false, false},
		{"1.6 a team has no gender", "gender=female", plain, false, false},
		{"1.7 one of two access needs", "access=asl&access=step_free", func(l *Listing) { l.Access = []string{"asl"} }, false,
			false},
		{"1.7 both access needs", "access=asl&access=step_free", func(l *Listing) { l.Access = []string{"asl", "step_free"} },
			false, true},
		{"1.8 no new patients", "", func(l *Listing) { l.AcceptsNew = false }, false, false},
		{"1.8 no new patients, but this one has been here", "", func(l *Listing) { l.AcceptsNew = false }, true, true},
		{"a price not stated is under no limit", "price=500", func(l *Listing) { l.PriceCents = 0 }, false, false},
		{"a price at the limit", "price=100", plain, false, true},
		{"no free time at all", "", func(l *Listing) { l.Availability.Parts[1] = 0 }, false, false},
		{"free only after the week asked for", "", func(l *Listing) {
			l.Availability.Parts[1], l.Availability.Parts[7] = 0,
				7
		}, false, false},
		{"free on the seventh day", "", func(l *Listing) { l.Availability.Parts[1], l.Availability.Parts[6] = 0, 7 }, false,
			true},
		{"this morning's first part has begun", "", func(l *Listing) {
			l.Availability.Parts[0], l.Availability.Parts[1] = 1,
				0
		}, false, true},
		{"a summary from yesterday still tells today", "",
			func(l *Listing) { l.Availability.BaseDay--; l.Availability.Parts[1] = 4 }, false, true},
		{"yesterday's times are gone", "", func(l *Listing) { l.Availability.BaseDay -= 2 }, false, false},
		{"free in the evening only, asked for the morning", "time=am", func(l *Listing) { l.Availability.Parts[1] = 4 },
			false, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ix := one(t, test.change)
			q := parse(t, test.query)
			if !q.Has("reason") {
				q.Set("reason", "skin check")
			}
			r := ix.Normalize(q, now)
			if !r.Ready {
				t.Fatalf("not understood: %v", r.Problems)
			}
			if test.known {
				r.Query = r.Query.For([]uuid.UUID{testID(2, 0)})
			}
			if got := ix.Search(r.Query, now).Locations == 1; got != test.want {
				t.Errorf("found: %v", got)
			}
		})
	}
}

func TestWhatHasPassedTodayIsNotOffered(t *testing.T) {
	ix := one(t, func(l *Listing) { l.Availability.Parts = [DaysKnown]uint8{1} })
	w := read(t, ix, "reason=skin+check").Query
	if n := ix.Count(w, now); n != 1 {
		t.Error("a morning time is not offered in the morning")
	}
	if n := ix.Count(w, now.Add(2*time.Hour)); n != 0 {
		t.Error("a morning time is still offered after noon")
	}
}

func TestEachListingCountsInItsOwnZone(t *testing.T) {
	morning := func(zone string) *Index {
		return one(t, func(l *Listing) { l.Zone, l.Availability.Parts = zone, [DaysKnown]uint8{1} })
	}
	early := time.Date(2026, 11, 23, 12, 30, 0, 0, newYork) // 9:30 in Los Angeles
	for zone, want := range map[string]int{"America/New_York": 0, "America/Los_Angeles": 1} {
		ix := morning(zone)
		if n := ix.Count(read(t, ix, "reason=skin+check").Query, early); n != want {
			t.Errorf("%s: %d, want %d", zone, n, want)
		}
	}
}

func TestNewAvailabilityShowsInTheNewSnapshotOnly(t *testing.T) {
	ix := one(t, func(*Listing) {}, func(*Listing) {})
	w := read(t, ix, "reason=skin+check&from=tomorrow").Query
	next := ix.WithAvailability([]Availability{{Listing: testID(1, 0), BaseDay: today},
		{Listing: testID(9, 9), BaseDay: today}})
	if n := ix.Count(w, now); n != 2 {
		t.Errorf("the old snapshot has %d", n)
	}
	if got := names(next.Search(w, now)); !slices.Equal(got, []string{"O1"}) {
		t.Errorf("the new snapshot has %v", got)
	}
	if back := next.availability(testID(1, 1)); back.Parts[1] != 7 || back.BaseDay != today {
		t.Errorf("a listing that did not change has %v", back)
	}
}
