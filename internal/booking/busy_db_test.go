package booking_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// follower reads one clinic's events as they are committed, which a process does by subscribing.
type follower struct {
	conn *pgx.Conn
	c    *pgtest.Clinic
	at   events.Position
}

func follow(t testing.TB, c *pgtest.Clinic) *follower {
	t.Helper()
	return &follower{conn: c.DB.Connect(t, c.DB.AdminURL()), c: c}
}

func (f *follower) next(t testing.TB) (all []events.Event) {
	t.Helper()
	rows, err := f.conn.Query(t.Context(), `select xid, seq, tenant_id, kind, subject_id, data, at from outbox.event
		where tenant_id = $1 and (xid, seq) > ($2::text::xid8, $3) order by xid, seq`, f.c.ID, fmt.Sprint(f.at.XID), f.at.Seq)
	if err != nil {
		t.Fatal(err)
	}
	var e events.Event
	_, err = pgx.ForEachRow(rows, []any{&e.XID, &e.Seq, &e.Tenant, &e.Kind, &e.Subject, &e.Data, &e.At}, func() error {
		e.Data = slices.Clone(e.Data)
		all = append(all, e)
		f.at = e.Position
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// trusting is a cache that believes to be up to date whatever happens.
func trusting(db *pgtest.DB) *BusyCache {
	b := NewBusyCache(db.Gateway.Public(), 0, nil)
	b.UpToDate(time.Now().Add(time.Hour))
	return b
}

// taken is what the cache says of tomorrow, with its neighbors.
func (p *practice) taken(t testing.TB, b *BusyCache) Pool {
	t.Helper()
	tomorrow := civil.Today(p.offer.Schedule.Location(), p.now).AddDays(1)
	c, err := b.Calendar(t.Context(), []Offering{p.offer}, tomorrow, tomorrow.AddDays(1), p.now)
	if err != nil {
		t.Fatal(err)
	}
	return c.Pool(p.offer)
}

func samePool(a, b Pool) bool {
	return slices.EqualFunc(a, b, func(x, y []Range) bool { return slices.Equal(x, y) })
}

// wander does random things to a team's calendar and compares, after each, what a cache says with what the database
// says. Events come late, in no order; what is read again and what is not is chance too.
func wander(t *testing.T, seed uint64, apply bool) (wrong, answers int) {
	t.Helper()
	db := pgtest.Open(t)
	p := newPractice(t, db, func(c *pgtest.Clinic) { c.People, c.To = 2, 12*60 })
	w := &walk{practice: p, dice: rand.New(rand.NewPCG(seed, seed)), starts: p.soon(t), crowd: people(t, db, 9),
		done: map[string]int{}}
	cache, database, news := trusting(db), NewBusyCache(db.Gateway.Public(), 0, nil), follow(t, p.Clinic)
	var late []events.Event
	for range 250 {
		w.act(t, cache)
		late = append(late, news.next(t)...)
		if w.dice.IntN(8) == 0 {
			cache.Forget(p.ID, p.Resources[w.dice.IntN(2)]) // read again between an event and its arrival
			p.taken(t, cache)
		}
		if w.dice.IntN(3) == 0 {
			continue
		}
		if apply {
			w.dice.Shuffle(len(late), func(i, j int) { late[i], late[j] = late[j], late[i] })
			cache.Apply(late)
		}
		late = nil
		answers++
		if !samePool(p.taken(t, cache), p.taken(t, database)) {
			wrong++
		}
	}
	s := cache.Stats()
	t.Logf("seed %d: %v, %d answers, %+v", seed, w.done, answers, s)
	if apply && (s.Hits < 2*s.Misses || s.Misses == 0) {
		t.Errorf("it hardly answers from memory: %+v", s)
	}
	return wrong, answers
}

// act is one random act of another process, with the holds that run out: nothing tells of those but their end, which
// is moved here.
func (w *walk) act(t *testing.T, cache *BusyCache) {
	t.Helper()
	switch kind := w.dice.IntN(20); {
	case kind < 8:
		start, _, _ := any1(w.dice, w.starts)
		who, _, _ := any1(w.dice, w.crowd)
		h, err := w.hold(t.Context(), who, start)
		if w.note(t, "hold", err) {
			w.held = append(w.held, heldBy{h, who})
		}
	case kind < 15:
		before := w.done["run out"]
		if w.changeHold(t, kind); w.done["run out"] > before {
			cache.ForgetTenant(w.ID)
		}
	case kind < 19:
		w.changeBooking(t, kind)
	default:
		_, err := LapseDeadHolds(t.Context(), w.In(uuid.Nil))
		w.note(t, "lapse", err)
	}
}

func TestWhatIsKeptIsWhatTheDatabaseKnowsAfterAnySequenceOfActsHoweverLateTheirEventsCome(t *testing.T) {
	for seed := range uint64(2) {
		if wrong, answers := wander(t, seed, true); wrong != 0 || answers < 100 {
			t.Errorf("seed %d: %d of %d answers are wrong", seed, wrong, answers)
		}
	}
	if wrong, _ := wander(t, 0, false); wrong == 0 {
		t.Error("control: without the events nothing is wrong either")
	}
}

func TestAHoldThatRunsOutIsNotFreeInMemoryBeforeItIsFreeInTheDatabase(t *testing.T) {
	p := newPractice(t, pgtest.Open(t))
	h := p.holds(t, someone(t, p.DB), p.soon(t)[0])
	p.runsOut(t, h, -400*time.Millisecond)
	cache, database := trusting(p.DB), NewBusyCache(p.DB.Gateway.Public(), 0, nil)
	if len(p.taken(t, cache)[0]) != 1 {
		t.Skip("it ran out before it was read") // on a machine that stood still
	}
	asked := 0
	for end := time.Now().Add(30 * time.Second); len(p.taken(t, cache)[0]) == 1; asked++ {
		if time.Now().After(end) {
			t.Fatal("it never ends")
		}
	}
	if len(p.taken(t, database)[0]) != 0 {
		t.Error("the database says that it lives")
	}
	if s := cache.Stats(); s.Misses != 1 {
		t.Errorf("the database was asked: %+v", s)
	}
	t.Logf("asked %d times while it lived", asked)
}

// between does something once after a statement was answered and before whoever asked has the answer.
type between struct{ then atomic.Pointer[func()] }

// TraceQueryStart implements pgx.QueryTracer.
func (*between) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*between) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (*between) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (*between) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (b *between) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {
	if then := b.then.Swap(nil); then != nil {
		(*then)()
	}
}

func TestAReadingThatAnEventOvertakesIsCorrectedByIt(t *testing.T) {
	read := &between{}
	p := newPractice(t, pgtest.Fresh(t, tenancy.Options{Tracer: read}))
	news, free := follow(t, p.Clinic), p.soon(t)
	for name, c := range map[string]struct {
		told func(b *BusyCache)
		want int
	}{
		"told while it is read":           {func(b *BusyCache) { b.Apply(news.next(t)) }, 1},
		"own, forgotten while it is read": {func(b *BusyCache) { b.Forget(p.ID, p.Resources...) }, 1},
		"control, nobody tells":           {func(*BusyCache) {}, 0},
	} {
		b, who := trusting(p.DB), someone(t, p.DB)
		var h Held
		read.then.Store(new(func() {
			h = p.holds(t, who, free[0])
			c.told(b)
		}))
		if n := len(p.taken(t, b)[0]); n != 0 && name != "told while it is read" {
			t.Errorf("%s: the reading saw it", name)
		}
		if n := len(p.taken(t, b)[0]); n != c.want {
			t.Errorf("%s: %d taken", name, n)
		}
		if err := Release(t.Context(), p.In(who.account), h.ID, who.holder); err != nil {
			t.Fatal(err)
		}
		news.next(t)
	}
}

func TestManyWhoAskAtOnceForWhatIsNotKeptReadItOnce(t *testing.T) {
	read := &between{}
	p := newPractice(t, pgtest.Fresh(t, tenancy.Options{Tracer: read}))
	b, begun, go1 := trusting(p.DB), make(chan struct{}), make(chan struct{})
	read.then.Store(new(func() { close(begun); <-go1 }))
	var crowd sync.WaitGroup
	crowd.Go(func() { p.taken(t, b) })
	<-begun
	second := false
	read.then.Store(new(func() { second = true }))
	for range 15 {
		crowd.Go(func() { p.taken(t, b) })
	}
	for b.Stats().Misses < 16 {
		time.Sleep(time.Millisecond)
	}
	close(go1)
	crowd.Wait()
	if second {
		t.Error("it is read again")
	}
}

func TestWhatDiffersFromTheDatabaseIsFoundAndForgottenAndWhatAnEventExplainsIsNot(t *testing.T) {
	p := newPractice(t, pgtest.Open(t))
	free, news := p.soon(t), follow(t, p.Clinic)
	b := NewBusyCache(p.DB.Gateway.Public(), 0, nil)
	compare := func() (found int) {
		b.UpToDate(time.Now())
		for range 2 { // the second tells what the first has found
			differing, err := b.Compare(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found += len(differing)
			b.UpToDate(time.Now())
		}
		return found
	}
	b.UpToDate(time.Now())
	p.taken(t, b)
	if n := compare(); n != 0 {
		t.Errorf("control: %d differ", n)
	}
	p.holds(t, someone(t, p.DB), free[0])
	b.UpToDate(time.Now())
	if _, err := b.Compare(t.Context()); err != nil { // sees the hold, whose event comes afterward
		t.Fatal(err)
	}
	b.Apply(news.next(t))
	if n := compare(); n != 0 || len(p.taken(t, b)[0]) != 1 {
		t.Errorf("%d differ for an event that was under way", n)
	}
	p.DB.Admin(t, `delete from market.busy where tenant_id = $1`, p.ID) // which no event tells
	if n := compare(); n != 1 || b.Stats().Differences != 1 {
		t.Errorf("%d differ, %+v", n, b.Stats())
	}
	if len(p.taken(t, b)[0]) != 0 {
		t.Error("it is kept all the same")
	}
}
