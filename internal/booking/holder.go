package booking

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/keys"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// The kinds of people who hold times.
const (
	HeldByVisitor = "visitor" // without an account
	HeldByPatient = "patient"
	HeldByStaff   = "staff" // for a patient
)

// HoldLimits are how many times may be held at once (A13). What is zero limits nothing.
type HoldLimits struct {
	Own        int // by one browser or account, at all organizations together
	Visitors   int // by the visitors of one network, at one organization
	Patients   int // by the signed-in people of one network, at one organization
	ShareOneIn int // by visitors, of one listing's times in the days around: one in so many, and at least two
}

// unlimited is more than anybody can hold.
const unlimited = math.MaxInt32

// most is a limit as statements take it.
func most(limit int) int32 {
	if limit == 0 {
		return unlimited
	}
	return int32(min(limit, unlimited))
}

// UsualHoldLimits keep a clinic open for everybody else however many times somebody wants. Visitors are bounded
// closely, because new ones cost nothing; whoever is refused as one can sign in.
var UsualHoldLimits = HoldLimits{Own: 3, Visitors: 6, Patients: 30, ShareOneIn: 4}

// BookingLimits are how many visits to come one account has at once: what may not be held may not be booked instead
// (A13). What is zero limits nothing.
type BookingLimits struct {
	Day          int // on one day at one organization
	Organization int // at one organization
	Everywhere   int // at all organizations together
}

// UsualBookingLimits leave room for a family that books by one account (a parent and two children on one day, at the
// same moment if they like; a course of treatment in ten visits) and take no clinic's day or week from others. Whoever
// needs more calls.
var UsualBookingLimits = BookingLimits{Day: 3, Organization: 10, Everywhere: 30}

// daysAround is how many days before and after a visit's count with it for the visitors' share.
const daysAround = 3

// Holder is who holds a time: nobody else sees the hold or changes it. With an id alone nothing is counted.
type Holder struct {
	ID     uuid.UUID // random, of the browser
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

// Holds are what counts with the holder's next hold at all organizations, the first that ends first; ten at most.
func (h Holder) Holds(ctx context.Context, q *shareddb.Queries) ([]shareddb.HoldsOfRow, error) {
	return q.HoldsOf(ctx, h.keys)
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
	if limits.ShareOneIn == 0 {
		return unlimited
	}
	zone := o.Schedule.Location()
	day := civil.DateOf(start.In(zone))
	times := o.Schedule.Times(nil, day.AddDays(-daysAround), day.AddDays(daysAround), make(Pool, 1), now.Unix())
	return max(2, len(times)*len(o.Resources)/limits.ShareOneIn)
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
		MostOfNetwork: most(w.holder.mostOfNetwork()), MostOfVisitors: most(w.share), Since: since, Before: before})
}
