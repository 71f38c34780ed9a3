package booking_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

// What others do instead of a constraint over ranges. The same checker must find each of them out, and find nothing
// with the constraint.
var otherWays = []struct {
	name, law, look, write string
	sound                  bool
}{
	{name: "check then insert", look: "select count(*) from %s where starts_at < $2 and ends_at > $1",
		write: "insert into %s values ($1, $2, $3)"},
	{name: "lock what overlaps, then insert",
		look:  "select count(*) from (select from %s where starts_at < $2 and ends_at > $1 for update) x",
		write: "insert into %s values ($1, $2, $3)"},
	{name: "unique starts", law: "create unique index on %s (starts_at)", look: "select 0 where $1 < $2",
		write: "insert into %s values ($1, $2, $3) on conflict do nothing"},
	{name: "the constraint", law: "alter table %s add exclude using gist (tstzrange(starts_at, ends_at) with &&)",
		look:  "select 0 where $1 < $2",
		write: "insert into %s values ($1, $2, $3) on conflict do nothing", sound: true},
}

// otherCalendar is a table of ranges that is kept in one of the other ways.
type otherCalendar struct {
	pool        *pgxpool.Pool
	look, write string
}

func (c otherCalendar) hold(ctx context.Context, id uuid.UUID, r Range) (answer, error) {
	var overlaps int
	tx, err := c.pool.Begin(ctx)
	if err != nil {
		return answer{}, err
	}
	defer tx.Rollback(ctx)
	from, to := time.Unix(r.Start, 0), time.Unix(r.End, 0)
	if err := tx.QueryRow(ctx, c.look, from, to).Scan(&overlaps); err != nil {
		return answer{}, err
	}
	if overlaps > 0 {
		return answer{said: "taken"}, nil
	}
	tag, err := tx.Exec(ctx, c.write, id, from, to)
	if err != nil {
		return answer{}, err
	}
	if tag.RowsAffected() == 0 {
		return answer{said: "taken"}, nil
	}
	return answer{said: "ok", id: id}, tx.Commit(ctx)
}

// race is one history of 64 clients who each try for a few times.
func (c otherCalendar) race(t *testing.T, seed uint64) []porcupine.Operation {
	log := newRecorder()
	morning := time.Now().Truncate(time.Hour).Unix()
	for _, err := range together(historyClients, func(client int) (err error) {
		dice := rand.New(rand.NewPCG(seed, uint64(client)))
		for n := range 3 {
			start := morning + 1200*int64(dice.IntN(9))
			in := act{who: client*100 + n, start: start, claim: Range{Start: start,
				End: start + 1200 + 1800*int64(dice.IntN(2))}}
			log.note(client, in, func() (out answer) {
				out, failed := c.hold(t.Context(), uuid.New(), in.claim)
				if failed != nil {
					err, out.said = failed, "busy"
				}
				return out
			})
		}
		return err
	}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return log.all
}

func TestRule2_8TheCheckerFindsOutEveryOtherWay(t *testing.T) {
	db := pgtest.Open(t)
	config, err := pgxpool.ParseConfig(db.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 16
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for n, way := range otherWays {
		t.Run(way.name, func(t *testing.T) {
			table := fmt.Sprintf("public.other_way_%d", n)
			named := func(sql string) string { return strings.ReplaceAll(sql, "%s", table) }
			db.Admin(t, named("create table %s (id uuid, starts_at timestamptz, ends_at timestamptz)"))
			t.Cleanup(func() { _, _ = pool.Exec(context.Background(), named("drop table %s")) })
			if way.law != "" {
				db.Admin(t, named(way.law))
			}
			c := otherCalendar{pool, named(way.look), named(way.write)}
			verdict, rounds, most := porcupine.Ok, 0, map[bool]int{true: 3, false: 20}[way.sound]
			for ; rounds < most && verdict == porcupine.Ok; rounds++ {
				db.Admin(t, named("truncate %s"))
				verdict = linearizable(c.race(t, uint64(rounds)))
			}
			if want := map[bool]porcupine.CheckResult{true: porcupine.Ok, false: porcupine.Illegal}[way.sound]; verdict != want {
				t.Errorf("%s after %d histories", verdict, rounds)
			}
			t.Logf("%s after %d histories", verdict, rounds)
		})
	}
}

// Small histories that a sound calendar never has, so that the model itself is not too kind.
func TestRule2_8TheModelRefusesWhatACalendarNeverDoes(t *testing.T) {
	a, b := uuid.New(), uuid.New()
	nine, half := Range{Start: 32400, End: 33600}, Range{Start: 33000, End: 34200}
	hold := func(who int, r Range, said string, id uuid.UUID) porcupine.Operation {
		return porcupine.Operation{Input: act{verb: holding, who: who, start: r.Start, claim: r},
			Output: answer{said: said, id: id}}
	}
	do := func(v verb, who int, id uuid.UUID, said string) porcupine.Operation {
		return porcupine.Operation{Input: act{verb: v, who: who, id: id, start: half.Start, claim: half},
			Output: answer{said: said}}
	}
	read := func(busy ...Range) porcupine.Operation {
		return porcupine.Operation{Input: act{verb: reading}, Output: answer{said: "ok", busy: busy}}
	}
	for name, c := range map[string]struct {
		history []porcupine.Operation
		legal   bool
	}{
		"two hold one time":          {[]porcupine.Operation{hold(1, nine, "ok", a), hold(2, nine, "ok", b)}, false},
		"two hold overlapping times": {[]porcupine.Operation{hold(1, nine, "ok", a), hold(2, half, "ok", b)}, false},
		"taken by nobody":            {[]porcupine.Operation{hold(1, nine, "taken", uuid.Nil)}, false},
		"taken by oneself": {[]porcupine.Operation{
			hold(1, nine, "ok", a), hold(1, nine, "taken", uuid.Nil)}, false},
		"one's own again, as another hold": {[]porcupine.Operation{hold(1, nine, "ok", a), hold(1, nine, "ok", b)}, false},
		"one's own again": {[]porcupine.Operation{
			hold(1, nine, "ok", a), hold(1, nine, "ok", a), read(nine)}, true},
		"a hold in place of another": {[]porcupine.Operation{
			hold(1, nine, "ok", a), hold(1, half, "ok", b), read(half), do(confirming, 1, a, "gone")}, true},
		"a stranger confirms": {[]porcupine.Operation{hold(1, nine, "ok", a), do(confirming, 2, a, "ok")},
			false},
		"confirmed twice": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(confirming, 1, a, "ok"), do(confirming, 1, a, "ok")}, false},
		"extended twice": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(extending, 1, a, "ok"), do(extending, 1, a, "ok")}, false},
		"confirmed after it ran out": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(expiring, 9, a, "ok"), do(confirming, 1, a, "ok")}, false},
		"a booking that is not seen": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(confirming, 1, a, "ok"), read()}, false},
		"cancelled, and still in the list": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(confirming, 1, a, "ok"), do(canceling, 1, a, "ok"), read(nine)}, false},
		"a moved booking is seen where it is": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(confirming, 1, a, "ok"), do(moving, 1, a, "ok"), read(half)}, true},
		"moved twice by one link": {[]porcupine.Operation{
			hold(1, nine, "ok", a), do(confirming, 1, a, "ok"), do(moving, 1, a, "ok"), do(moving, 1, a, "ok")}, false},
		"a word that means nothing": {[]porcupine.Operation{hold(1, nine, "ERROR: deadlock detected", a)}, false},
	} {
		for n := range c.history {
			c.history[n].Call, c.history[n].Return = int64(10*n), int64(10*n+5)
		}
		if legal := linearizable(c.history) == porcupine.Ok; legal != c.legal {
			t.Errorf("%s: legal is %v", name, legal)
		}
	}
}
