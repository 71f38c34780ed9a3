package booking

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
)

// What whoever works at an organization does for its patients: they call, or stand at the desk.

// Asking is who asks for something to be done once, and where the client is sent for it; stored with the key.
type Asking struct {
	By     uuid.UUID // the account of whoever works there
	Key    string    // the client's request key
	Answer string
}

// insert keeps the answer. It comes first, so that the same request again waits for this one.
func (a Asking) insert(ctx context.Context, q *tenantdb.Queries, hash []byte) error {
	return q.InsertRequestKey(ctx, tenantdb.InsertRequestKeyParams{Key: a.Key, BodyHash: hash, Subject: a.By,
		Location: a.Answer})
}

// answered is what the same request was told before. ErrGone: it never was; ErrOtherUse.
func (a Asking) answered(ctx context.Context, in tenancy.Scoped, hash []byte) (string, error) {
	stored, err := storedAnswer(ctx, in, a.By, a.Key)
	if err == nil && !bytes.Equal(stored.BodyHash, hash) {
		return "", ErrOtherUse
	}
	return stored.Location, err
}

// NewPatient is somebody who is added without an account.
type NewPatient struct {
	Asking
	ID                 uuid.UUID
	Name, Phone, Email string
	Born               time.Time // a date
	Sure               bool      // they are none of those who look alike
}

// AddPatient makes the chart of somebody who is new here, once: the same request again is answered alike. ErrAlike,
// unless whoever asks is sure; of two who add the same person at once, one is told. ErrOtherUse.
func AddPatient(ctx context.Context, in tenancy.Scoped, p NewPatient) (answer string, err error) {
	hash := sha256.Sum256(fmt.Appendf(nil, "%q|%q|%q|%s", p.Name, p.Phone, p.Email, p.Born.Format(time.DateOnly)))
	err = attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(
				p.insert(ctx, q, hash[:]),
				p.requireNobodyAlike(ctx, q),
				q.InsertPatient(ctx, tenantdb.InsertPatientParams{ID: p.ID, Name: p.Name, Born: &p.Born, Phone: p.Phone,
					Email: p.Email}),
				q.AuditPatient(ctx, tenantdb.AuditPatientParams{Purpose: "care", ID: &p.ID, Action: "create"}),
			)
		})
	})
	if errors.Is(err, ErrAnswered) {
		return p.answered(ctx, in, hash[:])
	}
	return p.Answer, err
}

func (p NewPatient) requireNobodyAlike(ctx context.Context, q *tenantdb.Queries) error {
	if p.Sure {
		return nil
	}
	return errors.Join(q.LockNewPatients(ctx), q.RequireNobodyAlike(ctx, tenantdb.RequireNobodyAlikeParams{Born: p.Born,
		Name: p.Name, Phone: textutil.Digits(p.Phone), Email: p.Email}))
}

// Consented is what somebody agreed to by word of mouth.
type Consented struct{ Version, Text, Channel string }

// DeskBooking asks for a time to be booked for somebody on file, by whoever works there: without a hold before it.
type DeskBooking struct {
	Asking
	ID        uuid.UUID // of the new appointment
	Offering  Offering
	Start     time.Time
	Patient   uuid.UUID
	Account   *uuid.UUID // the patient's, if they have one
	PayerID   string
	PlanKnown bool
	Note      string
	Consent   *Consented // nil: they had agreed before
	Now       time.Time
}

// hash tells requests apart. The consent is not in it: it stands when the same request comes again.
func (b DeskBooking) hash() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%d|%s|%q|%q", b.Offering.ID, b.Start.Unix(), b.Patient, b.PayerID, b.Note)
	return h.Sum(nil)
}

// Book takes a start that patients could take and books it, once: the same request again is answered alike. No limit
// of holds or visits counts. ErrChanged: the time is not offered; ErrTaken; ErrPlan, ErrNoNewPatients, ErrNoAddress;
// ErrGone: nobody of this organization, or they have ended their consent; ErrOtherUse.
func (b DeskBooking) Book(ctx context.Context, in tenancy.Scoped) (answer string, err error) {
	answer, err = b.answered(ctx, in, b.hash())
	if !errors.Is(err, ErrGone) {
		return answer, err
	}
	if !b.Offering.offers(b.Start, b.Now) {
		return "", ErrChanged
	}
	err = b.Offering.onFree(ctx, in, b.ID, b.Start, func(to Claim, ending []ending) error {
		return attempt(ctx, func(ctx context.Context) error {
			h := Held{ID: b.ID, Ref: NewRef(), Start: b.Start, Claim: to}
			h.Claim.ID = uuid.Must(uuid.NewV7())
			return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
				err := errors.Join(b.insert(ctx, q, b.hash()), q.LockPatient(ctx, b.Patient, b.Account),
					b.take(ctx, q, h, ending), b.confirm(ctx, q, h))
				if err == nil {
					_, err = q.InsertBusy(ctx, h.Claim.show(nil)) // the last, since it answers
				}
				return err
			})
		})
	})
	if errors.Is(err, ErrAnswered) {
		return b.answered(ctx, in, b.hash())
	}
	return b.Answer, err
}

// take is what holding the time does, without an end: it is booked in the same transaction.
func (b DeskBooking) take(ctx context.Context, q *tenantdb.Queries, h Held, ending []ending) error {
	o, staff := b.Offering, HeldByStaff
	seconds := int32(HoldTime.Seconds())
	return errors.Join(
		o.require(ctx, q, h.Claim.Resource, h.Start),
		endAll(ctx, q, ending, nil),
		q.InsertHold(ctx, tenantdb.InsertHoldParams{ID: h.ID, Ref: h.Ref, OfferingID: o.ID, Holder: uuid.New(),
			HeldBy: &staff, Seconds: seconds, ResourceID: h.Claim.Resource, StartsAt: h.Start,
			EndsAt: h.Start.Add(o.visit()), PriceCents: o.PriceCents, Currency: o.Currency,
			CancelCutoffMinutes: o.Schedule.CancelCutoffMinutes, MoveCutoffMinutes: o.Schedule.MoveCutoffMinutes}),
		q.InsertClaim(ctx, h.Claim.insert(h.ID, StatusBooked, nil)),
		q.RequireClaim(ctx, h.Claim.ID),
		q.WriteHeldEvent(ctx, tenantdb.WriteHeldEventParams{ID: h.ID, ResourceID: h.Claim.Resource, ClaimID: h.Claim.ID,
			StartsAt: h.Claim.Start, EndsAt: h.Claim.End, Seconds: seconds}),
	)
}

// confirm is what booking the time does.
func (b DeskBooking) confirm(ctx context.Context, q *tenantdb.Queries, h Held) error {
	payer := Details{PayerID: b.PayerID}
	return errors.Join(
		q.RequireTermsOfPatient(ctx, tenantdb.RequireTermsOfPatientParams{ID: h.ID, Plan: payer.plan(),
			PlanKnown: b.PlanKnown, PatientID: b.Patient}),
		q.BookHold(ctx, tenantdb.BookHoldParams{ID: h.ID, AccountID: b.Account, PatientID: &b.Patient, Note: b.Note,
			PayerID: b.PayerID, BookedBy: &b.By}),
		b.index(ctx, q, h),
		b.consented(ctx, q),
		q.WriteBookedEvent(ctx, tenantdb.WriteBookedEventParams{ID: h.ID, ResourceID: h.Claim.Resource,
			ClaimID: h.Claim.ID, StartsAt: h.Claim.Start, EndsAt: h.Claim.End}),
		q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Patient: b.Account, Purpose: "care", ID: &h.ID,
			Action: "book", Fields: VisitFields(b.Account, &b.Patient)}),
	)
}

// index lets the platform's staff find the visit by its reference, and its account, if there is one.
func (b DeskBooking) index(ctx context.Context, q *tenantdb.Queries, h Held) error {
	if b.Account == nil {
		return q.IndexReferences(ctx, []string{h.Ref}, []uuid.UUID{h.ID})
	}
	return q.IndexAppointment(ctx, tenantdb.IndexAppointmentParams{ID: h.ID, Ref: h.Ref, AccountID: *b.Account,
		StartsAt: h.Start, Most: unlimited})
}

func (b DeskBooking) consented(ctx context.Context, q *tenantdb.Queries) error {
	if b.Consent == nil {
		return nil
	}
	hash := sha256.Sum256([]byte(b.Consent.Text))
	return q.InsertTakenConsent(ctx, tenantdb.InsertTakenConsentParams{ID: uuid.Must(uuid.NewV7()), PatientID: b.Patient,
		Version: b.Consent.Version, Text: b.Consent.Text, TextHash: hash[:], Channel: b.Consent.Channel, TakenBy: b.By})
}
