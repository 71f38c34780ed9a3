package booking

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
	"kindward/queries/shareddb"
)

// tenMinutes is a hold of ten minutes that takes a claim's range.
func tenMinutes(of resourceOf, c livingClaim) Held {
	return Held{Until: someday.Add(10 * time.Minute), Claim: claimOf(of, c)}
}

func claimOf(of resourceOf, c livingClaim) Claim {
	return Claim{c.id, of.id, time.Unix(c.span.Start, 0), time.Unix(c.span.End, 0)}
}

func TestAnOwnHoldIsKnownAtOnceAndTheEventOfItChangesNothing(t *testing.T) {
	old, own := hourly(1), hourly(2)
	b, of, clock := busyOne(t, 0, old)
	b.Took(b.Mark(), of.tenant, tenMinutes(of, own))
	withUntil := own
	withUntil.until = someday.Add(10 * time.Minute).UnixMicro()
	for range 2 {
		if got, ok := b.known(of); !ok || !slices.Equal(got, spans(old, own)) {
			t.Errorf("kept %v %v", ok, got)
		}
		b.Apply([]events.Event{told(events.AppointmentHeld, of, 101, withUntil)})
	}
	*clock = someday.Add(10 * time.Minute)
	b.UpToDate(*clock)
	if got, _ := b.known(of); !slices.Equal(got, spans(old)) {
		t.Errorf("after its end: %v", got)
	}
}

func TestAnOwnHoldThatIsOverBeforeItIsToldDoesNotComeBack(t *testing.T) {
	own := hourly(2)
	withUntil := own
	withUntil.until = someday.Add(10 * time.Minute).UnixMicro()
	for name, c := range map[string]struct {
		meanwhile func(b *BusyCache, of resourceOf)
		known     bool
	}{
		"its events came first": {func(b *BusyCache, of resourceOf) {
			b.Apply([]events.Event{told(events.AppointmentHeld, of, 101, withUntil),
				told(events.AppointmentReleased, of, 102, own)})
		}, true},
		"its end came first, which the reading saw": {func(b *BusyCache, of resourceOf) {
			b.Apply([]events.Event{told(events.AppointmentReleased, of, 97, own)})
		}, true},
		"it was read again in between": {func(b *BusyCache, of resourceOf) {
			b.Forget(of.tenant, of.id)
			b.read1(t, of)
		}, false},
		"it is being read again": {func(b *BusyCache, of resourceOf) {
			b.Forget(of.tenant, of.id)
			b.begin([]resourceOf{of}, 0)
		}, false},
	} {
		b, of, _ := busyOne(t, 0)
		mark := b.Mark()
		c.meanwhile(b, of)
		b.Took(mark, of.tenant, tenMinutes(of, own))
		if got, ok := b.known(of); ok != c.known || len(got) != 0 {
			t.Errorf("%s: known %v, %v", name, ok, got)
		}
		if len(b.loads) != 0 {
			t.Errorf("%s: who asks now waits for a reading that may be older", name)
		}
	}
}

func TestAnOwnHoldThatIsToldWhileItsResourceIsReadIsInWhatIsKept(t *testing.T) {
	own := hourly(2)
	b, of, _ := busyOne(t, 0)
	b.Forget(of.tenant, of.id)
	loads, _ := b.begin([]resourceOf{of}, 0)
	b.Took(b.Mark(), of.tenant, tenMinutes(of, own)) // the reading began before the hold was asked for
	b.install([]shareddb.BusyClaimsRow{rowOf(of)}, loads, 0)
	if got, ok := b.known(of); !ok || !slices.Equal(got, spans(own)) {
		t.Errorf("kept %v %v", ok, got)
	}
}

func TestAClaimThatIsProlongedLivesOnAndOneThatIsNotKnownIsReadAgain(t *testing.T) {
	held := hourly(2)
	held.until = someday.Add(10 * time.Minute).UnixMicro()
	for _, until := range []time.Time{someday.Add(15 * time.Minute), {}} {
		b, of, clock := busyOne(t, 0, held)
		b.Prolonged(of.tenant, claimOf(of, held), until)
		*clock = someday.Add(12 * time.Minute)
		b.UpToDate(*clock)
		if got, ok := b.known(of); !ok || !slices.Equal(got, spans(held)) {
			t.Errorf("until %v: kept %v %v", until, ok, got)
		}
	}
	b, of, _ := busyOne(t, 0, held)
	b.Prolonged(of.tenant, Claim{ID: uuid.New(), Resource: of.id}, time.Time{})
	if _, ok := b.known(of); ok {
		t.Error("what another process has just taken is not read")
	}
	b.Prolonged(of.tenant, claimOf(of, held), time.Time{})
	if _, ok := b.known(of); ok {
		t.Error("something is kept of what was not")
	}
}
