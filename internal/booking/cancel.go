package booking

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// CancelReason is why somebody cancels: as it is stored, and in words.
type CancelReason struct{ Code, Text string }

// Reasons a patient may give for a cancellation (2.12); stored as typed.
var CancelReasons = []CancelReason{
	{"better", "I feel better"},
	{"time", "The time no longer suits me"},
	{"elsewhere", "I have found care elsewhere"},
	{"cost", "It costs too much"},
	{"mistake", "I booked by mistake"},
	{"other", "Another reason"},
}

// Asked is the reason of a visit that its organization cancels because the patient asked for it by phone.
const Asked = "asked"

// OrganizationReasons are those that an organization may give for a cancellation: the first is the patient's own wish,
// the others are the organization's.
var OrganizationReasons = []CancelReason{
	{Asked, "The patient called and asked for it"},
	{"away", "Whoever the visit is with is away"},
	{"closed", "We are closed at that time"},
	{"mistake", "It was booked by mistake"},
	{"other", "Another reason of ours"},
}

// Codes are reasons as they are stored.
func Codes(of []CancelReason) (codes []string) {
	for _, r := range of {
		codes = append(codes, r.Code)
	}
	return codes
}

// Cancel ends the appointment on the patient's word and frees its time at once. Past the cut-off it is ErrTooLate.
func Cancel(ctx context.Context, in tenancy.Scoped, b Booked, why string, now time.Time) error {
	if _, ok := b.MayCancel(now); !ok {
		return ErrTooLate
	}
	claim, err := b.liveClaim(ctx, in)
	if err != nil {
		return err
	}
	by := CancelledByPatient
	if in.ByStaff() {
		by = CancelledBySupport
	}
	return attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(b.lock(ctx, q, claim, nil), b.cancel(ctx, q, claim, by, why), b.audit(ctx, q, "cancel"))
		})
	})
}

// cancel is what canceling a locked booking does, in one transaction.
func (b Booked) cancel(ctx context.Context, q *tenantdb.Queries, claim Claim, by, why string) error {
	return errors.Join(
		q.CancelAppointment(ctx, &by, &why, b.ID),
		q.ReleaseClaim(ctx, claim.ID),
		q.DeleteBusy(ctx, claim.ID),
		q.CancelIndexed(ctx, b.ID),
		q.WriteCancelledEvent(ctx, tenantdb.WriteCancelledEventParams{ID: b.ID, Sequence: b.Sequence + 1,
			ResourceID: claim.Resource, ClaimID: claim.ID, StartsAt: claim.Start, EndsAt: claim.End}),
	)
}

// Cancellation asks an organization's own visit to be canceled by whoever works there.
type Cancellation struct {
	Visit    uuid.UUID
	Sequence int32 // what the page showed; another value now is ErrGone
	Why      string
	By       uuid.UUID // the account of who asks
	Key      string    // the client's request key
	Answer   string    // where the client is sent; stored with the key
	Now      time.Time
}

func (c Cancellation) hash() []byte {
	h := sha256.Sum256(fmt.Appendf(nil, "%s|%d|%q", c.Visit, c.Sequence, c.Why))
	return h[:]
}

// CancelVisit ends a visit in its organization's name, past the patient's cut-off too, and frees the time of the
// resource that it gives. ErrNotHere; ErrTooLate: it has begun; ErrGone: it is canceled, marked or moved meanwhile;
// ErrAnswered: this request has canceled it before; ErrOtherUse.
func CancelVisit(ctx context.Context, in tenancy.Scoped, c Cancellation) (resource uuid.UUID, err error) {
	visit, err := in.Once().VisitToCancel(ctx, c.Visit)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return uuid.Nil, ErrNotHere
	case err != nil:
		return uuid.Nil, err
	case visit.ClaimID == nil:
		return uuid.Nil, c.before(ctx, in)
	case !c.Now.Before(visit.StartsAt):
		return uuid.Nil, ErrTooLate
	}
	claim := Claim{*visit.ClaimID, *visit.ClaimResourceID, *visit.ClaimStartsAt, *visit.ClaimEndsAt}
	b := Booked{ID: c.Visit, Sequence: c.Sequence}
	done := tenantdb.AuditAppointmentParams{Patient: visit.AccountID, Purpose: "care", ID: &c.Visit, Action: "cancel",
		Fields: VisitFields(visit.AccountID, visit.PatientID)}
	err = attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(
				q.InsertRequestKey(ctx, tenantdb.InsertRequestKeyParams{Key: c.Key, BodyHash: c.hash(), Subject: c.By,
					Location: c.Answer}),
				q.LockVisitToCancel(ctx, claim.ID, c.Visit, c.Sequence),
				b.cancel(ctx, q, claim, CancelledByProvider, c.Why),
				q.AuditAppointment(ctx, done),
			)
		})
	})
	if errors.Is(err, ErrAnswered) || errors.Is(err, ErrGone) {
		err = c.before(ctx, in)
	}
	return claim.Resource, err
}

// before tells what became of a visit that is not to be canceled any more: it was by this very request, or not.
func (c Cancellation) before(ctx context.Context, in tenancy.Scoped) error {
	stored, err := storedAnswer(ctx, in, c.By, c.Key)
	switch {
	case err != nil:
		return err
	case string(stored.BodyHash) != string(c.hash()):
		return ErrOtherUse
	}
	return ErrAnswered
}

// VisitFields name the chart of whoever has no account, by which the log finds them.
func VisitFields(account, chart *uuid.UUID) []string {
	if account == nil && chart != nil {
		return []string{"chart:" + chart.String()}
	}
	return []string{}
}
