package booking

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
	"kindward/queries/shareddb"
)

// someday is when the tests of what is kept play; its microseconds are not zero.
var someday = time.Unix(1_900_000_000, 123_000)

// busyOne is a cache with one resource that was read in a snapshot of the transactions before 100, 98 being open.
func busyOne(t *testing.T, most int64, claims ...livingClaim) (b *BusyCache, of resourceOf, clock *time.Time) {
	t.Helper()
	of, now := resourceOf{uuid.New(), uuid.New()}, someday
	clock = &now
	b = NewBusyCache(nil, most, func() time.Time { return *clock })
	b.UpToDate(someday)
	b.read1(t, of, claims...)
	return b, of, clock
}

// read1 installs what a query would have found.
func (b *BusyCache) read1(t *testing.T, of resourceOf, claims ...livingClaim) {
	t.Helper()
	loads, own := b.begin([]resourceOf{of}, 0)
	if len(own) != 1 {
		t.Fatal("somebody reads it already")
	}
	b.install([]shareddb.BusyClaimsRow{rowOf(of, claims...)}, loads, 0)
	delete(b.loads, of)
}

func rowOf(of resourceOf, claims ...livingClaim) shareddb.BusyClaimsRow {
	row := shareddb.BusyClaimsRow{TenantID: of.tenant, ResourceID: of.id, Snapshot: "98:100:98", ReadAt: someday}
	for _, c := range claims {
		row.Ids, row.Starts, row.Ends = append(row.Ids, c.id), append(row.Starts, c.span.Start), append(row.Ends, c.span.End)
		row.Untils = append(row.Untils, c.until)
	}
	return row
}

func hourly(n int) livingClaim {
	start := someday.Unix() + int64(n)*3600
	return livingClaim{id: uuid.New(), span: Range{start, start + 1800}}
}

// known are the ranges that the cache answers with, without asking; ok is false if it would have to ask.
func (b *BusyCache) known(of resourceOf) (ranges []Range, ok bool) {
	c := Calendar{}
	missing, upToDate := b.hits(c, []resourceOf{of}, Range{someday.Unix() - daySeconds, someday.Unix() + 400*daySeconds})
	return c[of], upToDate && len(missing) == 0
}

func spans(claims ...livingClaim) (out []Range) {
	for _, c := range claims {
		out = append(out, c.span)
	}
	return out
}

func told(kind events.Kind, of resourceOf, xid uint64, c livingClaim) events.Event {
	data := map[string]any{"resource": of.id, "claim": c.id, "start": time.Unix(c.span.Start, 0).UTC(),
		"end": time.Unix(c.span.End, 0).UTC()}
	if c.until != 0 {
		data["until"] = time.UnixMicro(c.until).UTC()
	}
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return events.Event{Position: events.Position{XID: xid}, Tenant: of.tenant, Kind: kind, Data: raw, At: someday}
}

func TestAnEventThatTheReadingSawChangesNothingAndOneItDidNotSeeDoes(t *testing.T) {
	for xid, seen := range map[uint64]bool{97: true, 98: false, 99: true, 100: false, 7_000_000_000: false} {
		b, of, _ := busyOne(t, 0) // what was taken in a transaction that was seen is over
		b.Apply([]events.Event{told(events.AppointmentBooked, of, xid, hourly(1))})
		if got, ok := b.known(of); !ok || (len(got) == 0) != seen {
			t.Errorf("transaction %d: kept %v", xid, got)
		}
	}
}

func TestEventsOfOneClaimHaveTheSameEffectInAnyOrderAndMoreThanOnce(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 3))
	kept, held, gone, moved := hourly(1), hourly(2), hourly(3), hourly(4)
	held.until = someday.Add(10 * time.Minute).UnixMicro()
	longer, booked := held, held
	longer.until, booked.until = someday.Add(15*time.Minute).UnixMicro(), 0
	for range 200 {
		b, of, clock := busyOne(t, 0, kept)
		all := []events.Event{told(events.AppointmentHeld, of, 101, held), told(events.AppointmentExtended, of, 102, longer),
			told(events.AppointmentBooked, of, 103, booked), told(events.AppointmentHeld, of, 104, gone),
			told(events.AppointmentReleased, of, 105, gone), told(events.AppointmentBooked, of, 106, moved),
			told(events.AppointmentCancelled, of, 107, moved)}
		all[3] = told(events.AppointmentHeld, of, 104, livingClaim{gone.id, gone.span, held.until})
		all = append(all, all...)
		dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		b.Apply(all)
		*clock = someday.Add(time.Second)
		b.UpToDate(*clock)
		if got, ok := b.known(of); !ok || !slices.Equal(got, spans(kept, held)) {
			t.Fatalf("%v after %v", got, all)
		}
	}
}

func TestAHoldIsTakenUntilTheMicrosecondOfItsEnd(t *testing.T) {
	held := hourly(2)
	held.until = someday.Add(10 * time.Minute).UnixMicro()
	longer := held
	longer.until = someday.Add(15 * time.Minute).UnixMicro()
	b, of, clock := busyOne(t, 0, hourly(1), held)
	for _, step := range []struct {
		after time.Duration
		taken int
	}{{10*time.Minute - time.Microsecond, 2}, {10 * time.Minute, 1}, {9 * time.Minute, 2}} {
		*clock = someday.Add(step.after)
		b.UpToDate(*clock)
		if got, _ := b.known(of); len(got) != step.taken {
			t.Errorf("after %v: %d taken", step.after, len(got))
		}
	}
	b.Apply([]events.Event{told(events.AppointmentExtended, of, 101, longer)})
	*clock = someday.Add(15*time.Minute - time.Microsecond)
	b.UpToDate(*clock)
	if got, _ := b.known(of); len(got) != 2 {
		t.Error("a hold that was extended is free at its first end")
	}
}

func TestAMoveTakesFromOneAndGivesToTheOther(t *testing.T) {
	was, is := hourly(1), hourly(5)
	b, from, _ := busyOne(t, 0, was)
	to := resourceOf{from.tenant, uuid.New()}
	b.read1(t, to)
	e := told(events.AppointmentMoved, to, 101, is)
	e.Data = fmt.Appendf(e.Data[:len(e.Data)-1:len(e.Data)-1], `,"from":%q,"from_claim":%q}`, from.id, was.id)
	b.Apply([]events.Event{e})
	if got, ok := b.known(from); !ok || len(got) != 0 {
		t.Errorf("the old time is taken: %v", got)
	}
	if got, ok := b.known(to); !ok || !slices.Equal(got, spans(is)) {
		t.Errorf("the new one has %v", got)
	}
}

func TestWhatAnEventDoesNotSayIsReadAgain(t *testing.T) {
	whole := told(events.AppointmentHeld, resourceOf{}, 101, hourly(3))
	for name, change := range map[string]func(e *events.Event, of resourceOf){
		"of an older release": func(e *events.Event, of resourceOf) {
			e.Data = fmt.Appendf(nil, `{"resource":%q}`, of.id)
		},
		"a hold without an end": func(e *events.Event, of resourceOf) {
			*e = told(events.AppointmentHeld, of, 101, hourly(3))
		},
		"of a newer release": func(e *events.Event, of resourceOf) {
			*e = told("resource.away", of, 101, hourly(3))
		},
		"of a newer release, with other words": func(e *events.Event, of resourceOf) {
			e.Kind, e.Data = "organization.closed", []byte(`{"days":[1,2]}`)
		},
		"that cannot be read": func(e *events.Event, of resourceOf) { e.Data = []byte(`{"resource":7}`) },
	} {
		b, of, _ := busyOne(t, 0, hourly(1))
		other := resourceOf{uuid.New(), of.id}
		b.read1(t, other)
		e := whole
		e.Tenant = of.tenant
		change(&e, of)
		b.Apply([]events.Event{e})
		if _, ok := b.known(of); ok {
			t.Errorf("%s: it is not forgotten", name)
		}
		if _, ok := b.known(other); !ok {
			t.Errorf("%s: another organization's is forgotten", name)
		}
	}
	for _, kind := range []events.Kind{events.ListingsPublished, events.AppointmentMarked, events.EmailQueued,
		events.AccountChanged} {
		b, of, _ := busyOne(t, 0, hourly(1))
		b.Apply([]events.Event{{Tenant: of.tenant, Kind: kind, Data: []byte(`{}`)}})
		if _, ok := b.known(of); !ok {
			t.Errorf("%s makes it forget", kind)
		}
	}
}

func TestWhatIsTakenIsKeptByExactlyTheKindsThatTheListGives(t *testing.T) {
	for _, k := range events.Kinds {
		listed := slices.Contains(k.Consumers, events.Busy)
		if takes := concernsBusy(k.Kind); takes != listed {
			t.Errorf("%s: taken %v, listed %v", k.Kind, takes, listed)
		}
		data := []string{`"sequence":1`}
		for _, field := range k.Fields {
			value := `"2030-01-01T10:00:00.5+00:00"`
			switch field {
			case "end", "from_end":
				value = `"2030-01-01T11:00:00+00:00"`
			case "resource", "claim", "from", "from_claim":
				value = `"` + uuid.NewString() + `"`
			}
			if field != "sequence" {
				data = append(data, `"`+field+`":`+value)
			}
		}
		e := events.Event{Kind: k.Kind, Data: []byte("{" + strings.Join(data, ",") + "}")}
		f, err := e.Fields()
		if err != nil {
			t.Fatal(err)
		}
		if _, known := factsOf(e, f); known != listed {
			t.Errorf("%s: what its fields say is understood %v, listed %v", k.Kind, known, listed)
		}
	}
	if !concernsBusy("appointment.of-a-newer-release") {
		t.Error("what is not known yet is passed over")
	}
}

func TestAnotherOrganizationsEventsAboutAResourceSayNothing(t *testing.T) {
	mine := hourly(1)
	b, of, _ := busyOne(t, 0, mine)
	stranger := resourceOf{uuid.New(), of.id}
	b.Apply([]events.Event{told(events.AppointmentReleased, stranger, 101, mine),
		told(events.AppointmentBooked, stranger, 102, hourly(2)), told("resource.away", stranger, 103, mine)})
	if got, ok := b.known(of); !ok || !slices.Equal(got, spans(mine)) {
		t.Errorf("kept %v", got)
	}
}

func TestWhatHappensWhileAResourceIsReadIsNotLost(t *testing.T) {
	old, added := hourly(1), hourly(2)
	for name, c := range map[string]struct {
		meanwhile func(b *BusyCache, of resourceOf)
		kept      bool
		want      []Range
	}{
		"an event": {func(b *BusyCache, of resourceOf) {
			b.Apply([]events.Event{told(events.AppointmentBooked, of, 100, added),
				told(events.AppointmentReleased, of, 101, old)})
		}, true, spans(added)},
		"its own write":        {func(b *BusyCache, of resourceOf) { b.Forget(of.tenant, of.id) }, false, nil},
		"a lost connection":    {func(b *BusyCache, of resourceOf) { b.ForgetAll() }, false, nil},
		"an event of no range": {func(b *BusyCache, of resourceOf) { b.ForgetTenant(of.tenant) }, false, nil},
		"the control, nothing": {func(*BusyCache, resourceOf) {}, true, spans(old)},
	} {
		b, of := NewBusyCache(nil, 0, func() time.Time { return someday }), resourceOf{uuid.New(), uuid.New()}
		b.UpToDate(someday)
		loads, _ := b.begin([]resourceOf{of}, 0)
		c.meanwhile(b, of)
		if _, own := b.begin([]resourceOf{of}, 0); (len(own) == 0) != c.kept {
			t.Errorf("%s: who asks now reads for themselves: %v", name, len(own) == 1)
		}
		b.install([]shareddb.BusyClaimsRow{rowOf(of, old)}, loads, 0)
		if got, ok := b.known(of); ok != c.kept || !slices.Equal(got, c.want) {
			t.Errorf("%s: kept %v %v", name, ok, got)
		}
		if loads[of].claims == nil {
			t.Errorf("%s: who waits gets nothing", name)
		}
	}
}

func TestWithoutTheEventsTheCacheAnswersNothing(t *testing.T) {
	b, of, clock := busyOne(t, 0, hourly(1))
	for _, step := range []struct {
		late     time.Duration
		answered bool
	}{{busyLateness, true}, {busyLateness + 1, false}, {time.Hour, false}} {
		*clock = someday.Add(step.late)
		if _, ok := b.known(of); ok != step.answered {
			t.Errorf("%v late: answered %v", step.late, ok)
		}
	}
	b.UpToDate(*clock)
	if _, ok := b.known(of); ok {
		t.Error("what was read an hour ago is not read again")
	}
	if never := NewBusyCache(nil, 0, nil); never.Stats() != (BusyStats{}) {
		t.Error("a new one has figures")
	}
}

func TestTheCacheStaysWithinItsBytesAndLetsTheOneGoThatWasNotUsedForLongest(t *testing.T) {
	one := (&busyClaims{ids: make([]uuid.UUID, 10)}).bytes()
	b, first, _ := busyOne(t, 20*one)
	var all []resourceOf
	for range 60 {
		of := resourceOf{uuid.New(), uuid.New()}
		var ten []livingClaim
		for n := range 10 {
			ten = append(ten, hourly(n))
		}
		b.read1(t, of, ten...)
		all = append(all, of)
		if _, ok := b.known(first); !ok {
			t.Fatal("what is used is let go")
		}
		if s := b.Stats(); s.Bytes > 20*one || s.Resources != len(b.kept) || s.Resources != b.order.Len() {
			t.Fatalf("%+v", s)
		}
	}
	if _, ok := b.known(all[0]); ok {
		t.Error("the oldest is kept")
	}
	if _, ok := b.known(all[59]); !ok {
		t.Error("the latest is not")
	}
	if s := b.Stats(); s.Evictions != 61-int64(s.Resources) {
		t.Errorf("%+v", s)
	}
	for n := range mostGone + 1 { // claims that go do not fill it either
		b.Apply([]events.Event{told(events.AppointmentReleased, all[59], 200+uint64(n), hourly(n))})
	}
	if _, ok := b.known(all[59]); ok {
		t.Error("it keeps what is gone for ever")
	}
	b.ForgetAll()
	if s := b.Stats(); s.Bytes != 0 || s.Resources != 0 {
		t.Errorf("after all is forgotten: %+v", s)
	}
}
