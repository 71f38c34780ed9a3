package booking_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

// walk does random things to one team's calendar, one after the other, and keeps no books: the laws do.
type walk struct {
	*practice
	dice   *rand.Rand
	starts []time.Time
	crowd  []patient
	held   []heldBy
	booked []Booked
	done   map[string]int
}

type heldBy struct {
	Held
	who patient
}

func any1[T any](dice *rand.Rand, all []T) (one T, rest []T, ok bool) {
	if len(all) == 0 {
		return one, all, false
	}
	at := dice.IntN(len(all))
	return all[at], slices.Delete(slices.Clone(all), at, at+1), true
}

func TestTheShadowIsExactlyTheLiveClaimsAfterAnySequenceOf500Acts(t *testing.T) {
	db := pgtest.Open(t)
	const seed = 7
	p := newPractice(t, db, func(c *pgtest.Clinic) { c.People, c.To = 2, 12*60 })
	w := &walk{practice: p, dice: rand.New(rand.NewPCG(seed, seed)), starts: p.soon(t), crowd: people(t, db, 9),
		done: map[string]int{}}
	for n := range 500 {
		switch kind := w.dice.IntN(20); {
		case kind < 8:
			start, _, _ := any1(w.dice, w.starts)
			who, _, _ := any1(w.dice, w.crowd)
			h, err := w.hold(t.Context(), who, start)
			if w.note(t, "hold", err) {
				w.held = append(w.held, heldBy{h, who})
			}
		case kind < 15:
			w.changeHold(t, kind)
		case kind < 19:
			w.changeBooking(t, kind)
		default:
			_, err := LapseDeadHolds(t.Context(), w.In(uuid.Nil))
			w.note(t, "lapse", err)
		}
		if n%100 == 99 {
			w.checkSound(t)
		}
	}
	t.Logf("seed %d: %v", seed, w.done)
}

// note counts an act; what the domain has no word for fails the test.
func (w *walk) note(t *testing.T, what string, err error) bool {
	t.Helper()
	if err != nil && !errors.Is(err, ErrTaken) && !errors.Is(err, ErrGone) {
		t.Fatalf("%s: %v", what, err)
	}
	if err != nil {
		what += " refused"
	}
	w.done[what]++
	return err == nil
}

func (w *walk) changeHold(t *testing.T, kind int) {
	h, rest, ok := any1(w.dice, w.held)
	if !ok {
		return
	}
	in := w.In(h.who.account)
	switch {
	case kind < 11:
		if w.held = rest; w.note(t, "confirm", w.confirm(t.Context(), h.who, h.Held, uuid.NewString())) {
			w.booked = append(w.booked, Booked{ID: h.ID, Account: h.who.account})
		}
	case kind < 12:
		w.held = rest
		w.note(t, "release", Release(t.Context(), in, h.ID, h.who.holder))
	case kind < 13:
		_, err := Extend(t.Context(), in, h.ID, h.who.holder)
		w.note(t, "extend", err)
	default:
		w.SQL(t, `with a as (update appointment set held_until = now() where id = $1 and status = 'held' returning id),
			c as (update claim set expires_at = now() from a where appointment_id = a.id and state = 'held' returning claim.id)
			update market.busy set expires_at = now() from c where busy.id = c.id`, h.ID)
		w.done["run out"]++
	}
}

func (w *walk) changeBooking(t *testing.T, kind int) {
	b, rest, ok := any1(w.dice, w.booked)
	if !ok {
		return
	}
	b.Start = w.at("2999-01-01 09:00") // cut-offs are not what is tried here
	if kind < 17 {
		start, _, _ := any1(w.dice, w.starts)
		if w.note(t, "move", w.move(t.Context(), b, start)) {
			b.Sequence++
			w.booked = append(rest, b)
		}
		return
	}
	w.booked = rest
	w.note(t, "cancel", w.cancel(t.Context(), b))
}

// The negative control: each law notices what it is about.
func TestEveryLawNoticesItsBreach(t *testing.T) {
	db := pgtest.Open(t)
	for law, sql := range map[string]string{
		"a live claim without its shadow, or with another one":       "delete from market.busy where tenant_id = $1",
		"a shadow without its live claim":                            "insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at) values (gen_random_uuid(), $1, gen_random_uuid(), now(), now() + interval '1 hour')",
		"an appointment without exactly its claim":                   "update claim set state = 'released'",
		"a claim that is not its appointment's":                      "update claim set ends_at = starts_at + interval '1 minute'",
		"a booking that its patient cannot find":                     "delete from market.appointment_index where tenant_id = $1",
		"a place in the index without a booking":                     "insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at) select gen_random_uuid(), $1, id, now() from directory.account limit 1",
		"a place in the index that is wrong about whether it counts": "update market.appointment_index set cancelled = true where tenant_id = $1",
		"a booking that its reference does not find":                 "delete from market.appointment_reference where tenant_id = $1",
		"a reference that finds no booking":                          "insert into market.appointment_reference (ref, tenant_id, appointment_id) select 'KW-2222-222', $1, gen_random_uuid()",
		"a booking without consent":                                  "delete from consent",
		"an effect without its event":                                "update appointment set sequence = 5",
		"an event without its effect":                                "insert into outbox.event (tenant_id, kind, subject_id) values ($1, 'appointment.booked', gen_random_uuid())",
		"an effect without its audit":                                "update appointment set sequence = 1, status = 'cancelled', cancelled_by = 'patient', cancelled_why = ''",
		"an event with another range than its claim":                 "update claim set ends_at = ends_at + interval '1 minute'",
		"a hold's event without its end, or another's with one":      "insert into outbox.event (tenant_id, kind, subject_id, data) values ($1, 'appointment.booked', gen_random_uuid(), '{\"until\": null}')",
		"a move's event with another range than its released claim": `insert into outbox.event (tenant_id, kind, subject_id, data)
			select $1, 'appointment.moved', appointment_id, jsonb_build_object('from', resource_id, 'from_claim', id, 'from_start', starts_at, 'from_end', ends_at) from claim`,
		"overlapping claims":       "drop",
		"two holds of one person":  "drop",
		"a person with two charts": "drop",
	} {
		p, maya := newPractice(t, db), someone(t, db)
		p.books(t, maya, p.soon(t)[0])
		switch {
		case law == "overlapping claims":
			p.SQL(t, "alter table claim drop constraint claim_one_at_a_time")
			p.SQL(t, "insert into claim select gen_random_uuid(), appointment_id, resource_id, starts_at, ends_at, state from claim")
		case law == "two holds of one person":
			p.SQL(t, "drop index appointment_one_hold")
			for range 2 {
				p.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at) select gen_random_uuid(), gen_random_uuid()::text, offering_id, 'held', $1, now(), resource_id, starts_at, ends_at from appointment limit 1`, maya.holder)
			}
		case law == "a person with two charts":
			p.SQL(t, "alter table patient drop constraint patient_account_id_key")
			p.SQL(t, "insert into patient (id, account_id, name) select gen_random_uuid(), account_id, name from patient")
		default:
			p.SQL(t, strings.ReplaceAll(sql, "$1", "'"+p.ID.String()+"'"))
		}
		if query := unsound[law]; query == "" || p.breaches(t, query) == 0 {
			t.Errorf("not noticed: %s", law)
		}
	}
}
