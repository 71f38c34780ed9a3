package booking

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/keys"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// The kinds of people who hold times.
const (
	HeldByVisitor = "visitor" // without an account
	HeldByPatient = "patient"
	HeldByStaff   = "staff" // for a patient
)

// HoldLimits are how many times may be held at once (A13). Zero values limit nothing.
type HoldLimits struct {
	Own      int // by one browser or account, at all organizations together
	Visitors int // by the visitors of one network, at one organization
	Patients int // by the signed-in people of one network, at one organization
	Share    int // by visitors, of one listing's times in the days around: one in so many, and at least two
}

// UsualHoldLimits keep a clinic open for everybody else however many times somebody wants. Visitors are bounded
// closely, because new ones cost nothing; whoever is refused as one can sign in.
var UsualHoldLimits = HoldLimits{Own: 3, Visitors: 6, Patients: 30, Share: 4}

// ShortHoldTime is how long a time is kept for a visitor while half of the visitors' share is held.
const ShortHoldTime = 5 * time.Minute

// daysAround is how many days before and after a visit's count with it for the visitors' share.
const daysAround = 3

// Holder is who holds a time: nobody else sees the hold or changes it. With an id alone nothing is counted.
type Holder struct {
	ID     uuid.UUID // random, of the browser's session
	Kind   string
	Limits HoldLimits
	Time   time.Duration // how long it is held; 0 is HoldTime

	network []byte
	keys    [][]byte // under each of which it counts; a new hold is kept under the first
}

// NewHolder is one whose holds count: by account if there is one, by browser, and by network, all as keyed hashes.
func NewHolder(ring *keys.Keyring, id, account uuid.UUID, network string, limits HoldLimits) Holder {
	key := ring.Vault().Derive("holds", 32)
	hash := func(kind string, what []byte) []byte {
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%s\x00%s", kind, what)
		return mac.Sum(nil)[:16]
	}
	h := Holder{ID: id, Kind: HeldByVisitor, Limits: limits, network: hash("network", []byte(network)),
		keys: [][]byte{hash("browser", id[:])}}
	if account != uuid.Nil {
		h.Kind, h.keys = HeldByPatient, slices.Insert(h.keys, 0, hash("account", account[:]))
	}
	return h
}

// kind is the Kind, or nil.
func (h Holder) kind() *string {
	if h.Kind == "" {
		return nil
	}
	return &h.Kind
}

// mostOfNetwork is how many times the holder's network may hold at one organization.
func (h Holder) mostOfNetwork() int {
	if h.Kind == HeldByVisitor {
		return h.Limits.Visitors
	}
	return h.Limits.Patients
}

// counted tells whether a hold counts with others.
func (h Holder) counted() bool { return h.Limits != HoldLimits{} }

// locks are the numbers under which those queue whose holds count together, sorted.
func (w wish) locks(tenant uuid.UUID) []int64 {
	number := func(parts ...[]byte) int64 {
		sum := sha256.Sum256(bytes.Join(parts, []byte("holds")))
		return int64(binary.BigEndian.Uint64(sum[:]))
	}
	all := []int64{number(tenant[:], w.holder.network)}
	for _, key := range w.holder.keys {
		all = append(all, number(key))
	}
	if w.holder.Kind == HeldByVisitor {
		all = append(all, number(w.ID[:]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// around are the days whose times count together for the visitors' share of them.
func (o Offering) around(start time.Time) (since, before time.Time) {
	zone := o.Schedule.Location()
	day := civil.DateOf(start.In(zone))
	return day.AddDays(-daysAround).Start(zone), day.AddDays(daysAround + 1).Start(zone)
}

// visitorsShare is how many times of those days visitors may hold at once, whether or not they are free.
func (o Offering) visitorsShare(start, now time.Time, limits HoldLimits) int {
	zone := o.Schedule.Location()
	day := civil.DateOf(start.In(zone))
	times := o.Schedule.Times(nil, day.AddDays(-daysAround), day.AddDays(daysAround), make(Pool, 1), now.Unix())
	return max(2, len(times)*len(o.Resources)/max(1, limits.Share))
}

// queue lets those whose holds count together pass one after the other. It is the first that a pipeline does: what
// comes after sees what they did.
func (w wish) queue(ctx context.Context, q *tenantdb.Queries, tenant uuid.UUID) error {
	if !w.holder.counted() {
		return nil
	}
	return q.LockHoldCounts(ctx, w.locks(tenant))
}

// requireRoom refuses a hold that is there already if too many are with it.
func (w wish) requireRoom(ctx context.Context, q *tenantdb.Queries, hold uuid.UUID) error {
	if !w.holder.counted() {
		return nil
	}
	since, before := w.around(w.start)
	return q.RequireHoldShare(ctx, tenantdb.RequireHoldShareParams{ID: hold,
		MostOfNetwork: int32(w.holder.mostOfNetwork()), MostOfVisitors: int32(w.share), Since: since, Before: before})
}

// HoldTimeFor is how long a time is kept for a holder: shorter for a visitor while visitors already hold half of their
// share of the listing's days around it, as far as is known without asking.
func HoldTimeFor(b *BusyCache, o Offering, start time.Time, by Holder, now time.Time) time.Duration {
	if by.Kind != HeldByVisitor || !by.counted() {
		return HoldTime
	}
	since, before := o.around(start)
	if b.held(o, Range{since.Unix(), before.Unix()})*2 >= o.visitorsShare(start, now, by.Limits) {
		return ShortHoldTime
	}
	return HoldTime
}

// NextHoldEnd is how long it takes at most until the next of the holds ends that a refused one counted with, and whom
// to call meanwhile.
func NextHoldEnd(ctx context.Context, in tenancy.Scoped, o Offering, by Holder, now time.Time) (after time.Duration,
	phone string, err error) {
	row, err := in.Once().NextHoldEnd(ctx, o.ID, by.network)
	return min(max(row.HeldUntil.Sub(now), time.Minute), HoldTime+MoreTime), row.Phone, err
}

// FreeHold ends somebody's hold for the organization's people. ErrGone: it has ended, or is booked. ErrNotHere: it
// never was.
func FreeHold(ctx context.Context, in tenancy.Scoped, hold uuid.UUID) error {
	f, err := in.Once().HoldToFree(ctx, hold)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotHere
	}
	if err != nil {
		return err
	}
	if f.Living == nil || !*f.Living || f.ClaimID == nil {
		return ErrGone
	}
	e := ending{f.ID, Claim{*f.ClaimID, f.ResourceID, *f.StartsAt, *f.EndsAt}}
	err = attempt(ctx, func() error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(e.lock(ctx, q, &f.Holder), e.end(ctx, q, "free hold"))
		})
	})
	if errors.Is(err, ErrTaken) { // it has ended since
		return ErrGone
	}
	return err
}
