package search

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"
)

func live(t testing.TB, ix *Index, life time.Duration) *Live {
	t.Helper()
	l, err := NewLive(ix, life, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func ask(t testing.TB, l *Live, w Query) *Page {
	t.Helper()
	page, err := l.Search(context.Background(), w, now)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func samePage(a, b *Page) bool {
	x, y := *a, *b
	return reflect.DeepEqual(x, y)
}

func Test1_12CachedAndUncachedAnswersAreEqualOverTenThousandPairs(t *testing.T) {
	reasons, payers, listings := synthetic(t, 21, 2000)
	ix := Build(reasons, testZIPCodes, payers, listings)
	l := live(t, ix, time.Minute)
	d := roll(22)
	var queries []Query
	for range 500 {
		queries = append(queries, ix.Normalize(randomQuery(d, reasons, payers), now).Query)
	}
	equal, shared := 0, 0
	for i := range 10_000 {
		a, b := pick(d, queries), pick(d, queries)
		if d.chance(0.3) {
			b = ix.Normalize(respell(d, a.Values()), now).Query
		}
		if i%500 == 499 { // the world moves on
			l.Update([]Availability{d.availability(listings[d.IntN(len(listings))].ID)})
		}
		pa, pb := ask(t, l, a), ask(t, l, b)
		fresh := l.Index().Search(b, now)
		if !samePage(pb, &fresh) {
			t.Fatalf("pair %d: the cached page differs", i)
		}
		if a.Key() == b.Key() {
			equal++
			if pa == pb {
				shared++
			}
			if !samePage(pa, pb) {
				t.Fatalf("pair %d: one key, two answers", i)
			}
		} else if reflect.DeepEqual(a, b) {
			t.Fatalf("pair %d: one query, two keys", i)
		}
	}
	if equal < 2000 || shared < equal*9/10 {
		t.Errorf("%d equal keys, %d shared one page", equal, shared)
	}
}

func Test1_12AChangeOfTimesIsSeenAtOnce(t *testing.T) {
	ix := one(t, func(*Listing) {}, func(l *Listing) { l.Reason = "C30" })
	l := live(t, ix, time.Hour)
	skin, eyes := read(t, ix, "reason=skin+check").Query, read(t, ix, "reason=eye+exam").Query
	skinBefore, eyesBefore := ask(t, l, skin), ask(t, l, eyes)
	if skinBefore.Locations != 1 || eyesBefore.Locations != 1 {
		t.Fatal("nothing to change")
	}
	l.Update([]Availability{{Listing: testID(1, 0), BaseDay: today}})
	if got := ask(t, l, skin); got.Locations != 0 {
		t.Error("a full listing is still shown as free")
	}
	if got := ask(t, l, eyes); got != eyesBefore {
		t.Error("the page of another reason was computed again")
	}
	l.Replace(ix)
	if got := ask(t, l, skin); got.Locations != 1 {
		t.Error("the new snapshot is not shown")
	}
	if ask(t, l, eyes) == eyesBefore {
		t.Error("a page of the old build is served")
	}
}

func Test1_12APageDiesOfItsAge(t *testing.T) {
	ix := one(t, func(*Listing) {})
	w := read(t, ix, "reason=skin+check").Query
	for life := 20 * time.Millisecond; ; life *= 4 { // longer where the machine is too slow to ask twice within it
		l, began := live(t, ix, life), time.Now()
		first := ask(t, l, w)
		if ask(t, l, w) != first {
			if time.Since(began) < life {
				t.Fatal("not kept at all")
			}
			continue
		}
		time.Sleep(2 * life)
		if ask(t, l, w) == first {
			t.Error("kept beyond its life")
		}
		return
	}
}

func Test1_12ManyAskersShareOneComputation(t *testing.T) {
	ix, _ := market(t, 1, 20_000)
	l := live(t, ix, time.Minute)
	w := read(t, ix, "reason=new+patient+visit&near=02906&within=50").Query
	pages := make([]*Page, 64)
	var wg sync.WaitGroup
	for i := range pages {
		wg.Go(func() { pages[i] = ask(t, l, w) })
	}
	wg.Wait()
	for _, p := range pages {
		if p != pages[0] {
			t.Fatal("two computations of one page")
		}
	}
}

func TestReadersAndWritersTogether(t *testing.T) {
	reasons, payers, listings := synthetic(t, 31, 800)
	ix := Build(reasons, testZIPCodes, payers, slices.Clone(listings))
	l := live(t, ix, time.Millisecond)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			d := random{rand.New(rand.NewPCG(uint64(worker), 7))}
			for range 300 {
				switch d.IntN(10) {
				case 0:
					l.Update([]Availability{d.availability(listings[d.IntN(len(listings))].ID)})
				case 1:
					l.Replace(l.Index())
				default:
					w := l.Index().Normalize(randomQuery(d, reasons, payers), now).Query
					page := ask(t, l, w)
					if len(page.Hits) > page.Locations {
						t.Errorf("%d hits of %d", len(page.Hits), page.Locations)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestALiveIndexNeedsRoomAndLife(t *testing.T) {
	ix := one(t, func(*Listing) {})
	for _, bad := range []func() (*Live, error){
		func() (*Live, error) { return NewLive(nil, time.Second, 1) },
		func() (*Live, error) { return NewLive(ix, 0, 1) },
		func() (*Live, error) { return NewLive(ix, time.Second, 0) },
	} {
		if l, err := bad(); err == nil || l != nil {
			t.Error("accepted")
		}
	}
}

func TestAGoneVisitorGetsTheContextsError(t *testing.T) {
	ix := one(t, func(*Listing) {})
	l := live(t, ix, time.Minute)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Search(ctx, read(t, ix, "reason=skin+check").Query, now); err == nil {
		t.Error("computed for nobody")
	}
}
