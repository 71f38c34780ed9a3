package search

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
)

// changing is a market that changes, and what has become of its listings: the plain truth.
type changing struct {
	d     random
	ref   reference
	pool  []Listing // to be published, again and again
	truth map[uuid.UUID]*Listing
	times map[uuid.UUID]Availability
	live  *Live
	kinds [4]int // of steps: published, changed, withdrawn, other times
}

func newChanging(t *testing.T, seed uint64, n int) *changing {
	reasons, payers, listings := synthetic(t, seed, n)
	c := &changing{d: roll(seed + 1), ref: reference{reasons, testZIPCodes, payers}, pool: listings,
		truth: map[uuid.UUID]*Listing{}, times: map[uuid.UUID]Availability{}}
	for i := range listings {
		if c.d.chance(0.6) {
			c.publish(c.copyOf(i))
		}
	}
	c.live = live(t, c.rebuilt(), time.Hour)
	return c
}

func (c *changing) copyOf(i int) *Listing {
	l := c.pool[i]
	return &l
}

func (c *changing) publish(l *Listing) { c.truth[l.ID], c.times[l.ID] = l, l.Availability }

// rebuilt is an index of the truth.
func (c *changing) rebuilt() *Index {
	var all []*Listing
	for _, l := range c.truth {
		all = append(all, l)
	}
	return build(c.ref, all, CurrentWeights, func(l *Listing) Availability { return c.times[l.ID] })
}

// step publishes, changes and withdraws some listings at once, or tells other times of some, and shows it as a market
// does. forget leaves something out that it should have done.
func (c *changing) step(forget func(put []*Listing, gone []uuid.UUID) ([]*Listing, []uuid.UUID)) {
	if c.d.chance(0.3) {
		c.tellTimes()
		return
	}
	var put []*Listing
	var gone []uuid.UUID
	for _, i := range c.d.Perm(len(c.pool))[:1+c.d.IntN(6)] {
		old, there := c.truth[c.pool[i].ID]
		switch {
		case !there:
			c.kinds[0]++
			put = append(put, c.copyOf(i))
		case c.d.chance(0.5):
			c.kinds[1]++
			l := *old
			l.Availability = c.times[l.ID]
			c.alter(&l)
			put = append(put, &l)
		default:
			c.kinds[2]++
			gone = append(gone, old.ID)
		}
	}
	for _, l := range put {
		c.publish(l)
	}
	for _, id := range gone {
		delete(c.truth, id)
	}
	if forget != nil {
		put, gone = forget(put, gone)
	}
	if next := c.live.Index().withListings(put, gone); next.fits() {
		c.live.Change(next)
	} else {
		c.live.Replace(c.rebuilt())
	}
}

func (c *changing) tellTimes() {
	c.kinds[3]++
	var changes []Availability
	for _, i := range c.d.Perm(len(c.pool))[:6] {
		if id := c.pool[i].ID; c.truth[id] != nil {
			c.times[id] = c.d.availability(id)
			changes = append(changes, c.times[id])
		}
	}
	c.live.Update(changes)
}

// alter changes what an organization can change, sometimes into something that nobody had.
func (c *changing) alter(l *Listing) {
	other := pick(c.d, c.pool)
	switch c.d.IntN(8) {
	case 0:
		l.Reason, l.Kind, l.AreaKm = other.Reason, other.Kind, other.AreaKm
	case 1:
		l.LocationID, l.Lat, l.Lon, l.City = other.LocationID, other.Lat, other.Lon, other.City
	case 2:
		l.LocationID = uuid.NewSHA1(l.LocationID, []byte{byte(c.d.IntN(256))})
	case 3:
		l.Languages = append(slices.Clone(other.Languages), pick(c.d, []string{"ko", "uk", "Sw", "es"}))
	case 4:
		l.Access, l.Telehealth, l.TelehealthStates = other.Access, true, pick(c.d, [][]string{{"RI"}, {"VT"}, {"MA", "CT"}})
	case 5:
		l.PayersAccepted, l.PayersRefused, l.PriceCents = other.PayersAccepted, other.PayersRefused, other.PriceCents
	case 6:
		l.Zone = pick(c.d, []string{"America/Chicago", "America/New_York", "Europe/Berlin"})
	case 7:
		l.Rating, l.Ratings, l.AcceptsNew, l.Gender = other.Rating, other.Ratings, !l.AcceptsNew, other.Gender
	}
}

// sameAnswer tells whether the market shows of a query what a rebuilt index finds.
func (c *changing) sameAnswer(t *testing.T, fresh *Index, known []uuid.UUID) bool {
	t.Helper()
	values := randomQuery(c.d, c.ref.reasons, c.ref.payers)
	shown := c.live.Index().Normalize(values, now)
	if want := fresh.Normalize(values, now); !reflect.DeepEqual(shown, want) {
		return false
	}
	w := shown.Query
	w.KnownAt = known
	want := fresh.Search(w, now)
	return samePage(ask(t, c.live, w), &want)
}

func (c *changing) sameSuggestions(fresh *Index) bool {
	prefix := c.ref.reasons[c.d.IntN(len(c.ref.reasons))].Name[:1+c.d.IntN(2)]
	return reflect.DeepEqual(c.live.Index().Suggest(prefix, 8), fresh.Suggest(prefix, 8))
}

func TestAfterAnyChangesTheMarketAnswersLikeOneBuiltAnewOverTenThousandPairs(t *testing.T) {
	pairs, found, replaced := 0, 0, 0
	for seed := range uint64(4) {
		c := newChanging(t, 100+seed, 500)
		for range 125 {
			before := c.live.shown.Load().build
			c.step(nil)
			if c.live.shown.Load().build != before {
				replaced++
			}
			fresh := c.rebuilt()
			for range 20 {
				pairs++
				if !c.sameAnswer(t, fresh, []uuid.UUID{pick(c.d, c.pool).Tenant}) || !c.sameSuggestions(fresh) {
					t.Fatalf("seed %d, pair %d: the two differ", seed, pairs)
				}
			}
			found += fresh.at.size
		}
		for i, n := range c.kinds {
			if n < 10 {
				t.Errorf("seed %d: only %d steps of kind %d", seed, n, i)
			}
		}
	}
	if pairs != 10_000 || found == 0 || replaced == 0 || replaced > 250 {
		t.Errorf("%d pairs, %d listings, %d of 500 steps built anew", pairs, found, replaced)
	}
}

func TestNegativeControlAMarketThatForgetsOneListingOfAChangeAnswersOtherwise(t *testing.T) {
	for name, forget := range map[string]func([]*Listing, []uuid.UUID) ([]*Listing, []uuid.UUID){
		"put": func(put []*Listing, gone []uuid.UUID) ([]*Listing, []uuid.UUID) {
			return put[:max(0, len(put)-1)], gone
		},
		"gone": func(put []*Listing, gone []uuid.UUID) ([]*Listing, []uuid.UUID) {
			return put, gone[:max(0, len(gone)-1)]
		},
	} {
		c, same := newChanging(t, 200, 300), true
		for n := 0; same && n < 200; n++ {
			c.step(forget)
			fresh := c.rebuilt()
			for range 5 {
				same = same && c.sameAnswer(t, fresh, nil) && c.sameSuggestions(fresh)
			}
		}
		if same {
			t.Errorf("%s: nobody noticed", name)
		}
	}
}

func TestAChangeLeavesPagesOfOtherReasonsAlone(t *testing.T) {
	ix := one(t, func(*Listing) {}, func(l *Listing) { l.Reason = "C30" })
	l := live(t, ix, time.Hour)
	skin, eyes := read(t, ix, "reason=skin+check").Query, read(t, ix, "reason=eye+exam").Query
	skinBefore, eyesBefore := ask(t, l, skin), ask(t, l, eyes)
	if skinBefore.Locations != 1 || eyesBefore.Locations != 1 {
		t.Fatal("nothing to change")
	}
	l.Change(l.Index().withListings(nil, ids(testID(1, 0))))
	if ask(t, l, skin).Locations != 0 || ask(t, l, eyes) != eyesBefore {
		t.Error("a withdrawn listing is shown, or another reason's page was computed again")
	}
	if before, _ := ix.Listing(testID(1, 0)); before == nil || ix.Search(skin, now).Locations != 1 {
		t.Error("the old snapshot has changed")
	}
}

func BenchmarkWithListings(b *testing.B) {
	ix := region100k(b)
	var put []*Listing // an organization of a hundred listings
	for g := range ix.groups {
		if n := len(ix.groups[g].listings); n > 0 && len(put) < 100 {
			put = append(put, ix.groups[g].listings[n/2])
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		ix.withListings(put, nil)
	}
}
