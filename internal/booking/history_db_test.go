package booking_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

const (
	historyClients = 64
	atOnce         = 12 // more of the 16 connections and the checker has too many orders to try
	historyActs    = 12 // of each client
)

// recorder writes down when each act was asked and answered, on one monotonic clock.
type recorder struct {
	began time.Time
	turn  chan struct{} // waiting for a connection is not yet acting
	mu    sync.Mutex
	all   []porcupine.Operation
}

func newRecorder() *recorder {
	return &recorder{began: time.Now(), turn: make(chan struct{}, atOnce)}
}

func (r *recorder) note(client int, in act, run func() answer) answer {
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	call := int64(time.Since(r.began))
	out := run()
	back := int64(time.Since(r.began))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: back})
	return out
}

// client is one tab of one person. It minds the appointment that it knows of, perhaps out of date, and sometimes
// another's.
type client struct {
	*market
	index int
	dice  *rand.Rand
	mine  live
}

// market is 64 clients (16 people with four tabs each) around one practitioner with two services and few times.
type market struct {
	practices [2]*practice
	starts    [2][]time.Time
	people    []patient
	clock     *pgxpool.Pool // the administrator's: only the clock's acts
	log       *recorder
	lately    [16]atomic.Pointer[live] // appointments that people talk about
	seen      atomic.Pointer[[]Range]  // the calendar as somebody last saw it
	held      sync.Map                 // what Hold gave, by id
}

func newMarket(t *testing.T, db *pgtest.DB) *market {
	p := newPractice(t, db, func(c *pgtest.Clinic) { c.From, c.To = 8*60, 20*60 })
	m := &market{practices: [2]*practice{p, p.alsoOffers(t, 50)}, people: people(t, db, historyClients/4),
		log: newRecorder()}
	for i, p := range m.practices {
		m.starts[i] = p.soon(t)
	}
	clock, err := pgxpool.New(t.Context(), db.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(clock.Close)
	m.clock = clock
	return m
}

func said(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrTaken):
		return "taken"
	case errors.Is(err, ErrGone):
		return "gone"
	case errors.Is(err, tenancy.ErrBusy):
		return "busy"
	}
	return err.Error()
}

// run lets all clients loose and gives how many acts a second they did.
func (m *market) run(ctx context.Context, seed uint64) float64 {
	began := time.Now()
	together(historyClients, func(i int) error {
		c := client{market: m, index: i, dice: rand.New(rand.NewPCG(seed, uint64(i)))}
		for range historyActs {
			c.act(ctx)
		}
		return nil
	})
	return float64(len(m.log.all)) / time.Since(began).Seconds()
}

func (c *client) act(ctx context.Context) {
	switch kind := c.dice.IntN(100); {
	case kind < 20:
		out := c.log.note(c.index, act{verb: reading}, func() answer { return c.read(ctx) })
		c.seen.Store(&out.busy)
	case kind < 35:
		if other := c.lately[c.dice.IntN(len(c.lately))].Load(); other != nil {
			c.change(ctx, *other)
		}
	case kind < 80 && c.mine.id != uuid.Nil:
		c.mine = c.change(ctx, c.mine)
	default:
		c.hold(ctx)
	}
}

// wish is a random time of a service, mostly one that somebody saw free.
func (c *client) wish(service int) (in act) {
	starts := c.starts[service]
	for range 8 {
		start := starts[c.dice.IntN(len(starts))].Unix()
		in = act{who: c.index % len(c.people), service: service, start: start,
			claim: c.practices[service].offer.Schedule.Claim(start)}
		if seen := c.seen.Load(); seen == nil || !slices.ContainsFunc(*seen, in.claim.Overlaps) {
			break
		}
	}
	return in
}

func (c *client) hold(ctx context.Context) {
	in := c.wish(c.dice.IntN(2))
	out := c.log.note(c.index, in, func() answer {
		h, err := c.practices[in.service].hold(ctx, c.people[in.who], time.Unix(in.start, 0))
		c.held.Store(h.ID, h)
		return answer{said: said(err), id: h.ID}
	})
	if out.said == "ok" {
		c.mine = live{id: out.id, who: in.who, service: in.service, start: in.start}
		c.lately[c.dice.IntN(len(c.lately))].Store(new(c.mine))
	}
}

// change does something to an appointment, mostly as its owner, mostly something that may work, and gives what is known
// of it then.
func (c *client) change(ctx context.Context, known live) live {
	in := c.wish(known.service)
	in.id, in.sequence = known.id, known.sequence
	if c.dice.IntN(10) > 0 {
		in.who = known.who
	}
	verbs := []verb{confirming, confirming, confirming, releasing, extending, expiring}
	if known.booked != (c.dice.IntN(10) == 0) {
		verbs = []verb{moving, moving, moving, canceling}
	}
	in.verb = verbs[c.dice.IntN(len(verbs))]
	out := c.log.note(c.index, in, func() answer { return answer{said: said(c.do(ctx, in, known))} })
	switch {
	case out.said == "ok" && in.verb == confirming:
		known.booked = true
	case out.said == "ok" && in.verb == moving:
		known.start, known.sequence = in.start, known.sequence+1
	case out.said == "gone", out.said == "ok" && in.verb != extending:
		return live{}
	}
	c.lately[c.dice.IntN(len(c.lately))].Store(&known)
	return known
}

func (c *client) do(ctx context.Context, in act, known live) (err error) {
	p, who := c.practices[in.service], c.people[in.who]
	b := Booked{ID: in.id, Account: who.account, Sequence: in.sequence, Start: time.Unix(known.start, 0)}
	switch in.verb {
	case confirming:
		held, _ := c.held.Load(in.id)
		err = p.confirm(ctx, who, held.(Held), uuid.NewString())
	case releasing:
		err = Release(ctx, p.In(who.account), in.id, who.holder)
	case extending:
		_, err = Extend(ctx, p.In(who.account), in.id, who.holder)
	case expiring:
		err = c.expire(ctx, p.Schema, in.id)
	case canceling:
		err = p.cancel(ctx, b)
	case moving:
		err = p.move(ctx, b, time.Unix(in.start, 0))
	}
	return err
}

func (m *market) read(ctx context.Context) answer {
	p := m.practices[0]
	tomorrow := civil.DateOf(m.starts[0][0])
	all, err := NewBusyCache(p.DB.Gateway.Public(), 0, nil).Calendar(ctx, []Offering{p.offer}, tomorrow, tomorrow, p.now)
	return answer{said: said(err), busy: all.Pool(p.offer)[0]}
}

// expire is the hold's last minute going by.
func (m *market) expire(ctx context.Context, schema string, id uuid.UUID) error {
	tag, err := m.clock.Exec(ctx, fmt.Sprintf(`with a as (update %[1]s.appointment set held_until = now() - interval '1 hour' where id = $1 and status = 'held' and held_until > now() returning held_until),
		c as (update %[1]s.claim set expires_at = a.held_until from a where appointment_id = $1 and state = 'held' returning claim.id, expires_at)
		update market.busy b set expires_at = c.expires_at from c where b.id = c.id`, schema), id)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrGone
	}
	return err
}

func TestRule2_8AHistoryOf64ClientsIsThatOfOneCalendar(t *testing.T) {
	db := pgtest.Open(t)
	for seed := range uint64(3) {
		m := newMarket(t, db)
		rate := m.run(t.Context(), seed)
		tally := map[string]int{}
		for _, o := range m.log.all {
			tally[verbNames[o.Input.(act).verb]+" "+o.Output.(answer).said]++
		}
		began := time.Now()
		if verdict := linearizable(m.log.all); verdict != porcupine.Ok {
			t.Errorf("seed %d: the history is %s", seed, verdict)
		}
		m.practices[0].checkSound(t)
		t.Logf("seed %d: %d acts, %.0f a second; checked in %v: %v", seed, len(m.log.all), rate,
			time.Since(began).Round(time.Millisecond), tally)
	}
}

func TestRule2_8WithoutItsConstraintTheSameHistoryIsFoundOut(t *testing.T) {
	m := newMarket(t, pgtest.Open(t))
	m.practices[0].SQL(t, "alter table claim drop constraint claim_one_at_a_time")
	m.run(t.Context(), 1)
	if verdict := linearizable(m.log.all); verdict != porcupine.Illegal {
		t.Errorf("the history is %s", verdict)
	}
}
