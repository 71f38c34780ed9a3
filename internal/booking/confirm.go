package booking

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/consent"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
)

// Details are what a person tells an organization with a booking.
type Details struct {
	Name, Phone, Email string
	Born               *time.Time // a date
	PayerID            string     // "" = pays herself
	PlanKnown          bool       // it is a plan of the region: taken too where the organization has not said
	Note               string
	Mode               venue.Mode     // chosen where the service leaves it to the patient; "" = as the service says
	Home               *venue.Address // of a visit at home
	ConsentVersion     string
	ConsentText        string // the exact text that was agreed to; kept with its hash
	ConsentStands      bool   // it was before, and is not asked for again
}

// Payers that are no plan of an offering's list: the patient, and a plan that the organization says nothing about.
const (
	SelfPay   = "self"
	OtherPlan = "other"
)

// plan is what the offering must take, or nil.
func (d Details) plan() *string {
	if d.PayerID == "" || d.PayerID == SelfPay || d.PayerID == OtherPlan {
		return nil
	}
	return &d.PayerID
}

// Confirmation asks for a hold to become the booking.
type Confirmation struct {
	Held            Held // as Hold gave it; only with its id, the rest is read first
	Holder, Account uuid.UUID
	Key             string // the client's request key
	Answer          string // where the client is sent; stored with the key
	Details         Details
	Limits          BookingLimits
}

func (c Confirmation) hash() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%s|%q|%q|%q|%v|%q|%q|%q|%q", c.Held.ID, c.Account, c.Details.Name, c.Details.Phone, c.Details.Email,
		c.Details.Born,
		c.Details.PayerID, c.Details.Note, c.Details.ConsentVersion, c.Details.Mode)
	if home := c.Details.Home; home != nil {
		fmt.Fprintf(h, "|%q", *home)
	}
	return h.Sum(nil)
}

// Confirm turns the hold into the booking, once. The same key and the same details again give the same answer; the
// same key with other details is ErrOtherUse; a hold that ran out is ErrGone; ErrNoNewPatients and ErrPlan say that
// the offering does not take this person or their plan; ErrNoConsent that a consent said to stand does not;
// ErrNoAddress that a visit at home is to be nowhere; ErrDayBookings, ErrPlaceBookings and ErrAccountBookings that
// the account has as many visits to come as c.Limits let it have (A13). It returns where the client is to be sent. One
// round trip where the hold's facts are known and the chart is new or was made by a booking.
func Confirm(ctx context.Context, in tenancy.Scoped, c Confirmation) (answer string, err error) {
	if held := c.Held; held.Claim.ID == uuid.Nil || held.Ref == "" {
		if held, err = heldOf(ctx, in, held.ID, c.Holder); err == nil {
			c.Held = held
		}
	}
	if err == nil {
		err = c.book(ctx, in, chartOf(in.Tenant(), c.Account))
	}
	if errors.Is(err, errOtherChart) {
		chart, failed := in.Once().ChartID(ctx, &c.Account)
		if failed != nil {
			return "", failed
		}
		err = c.book(ctx, in, chart)
	}
	switch {
	case err == nil:
		return c.Answer, nil
	case errors.Is(err, ErrAnswered), errors.Is(err, ErrGone):
		return c.answered(ctx, in)
	}
	return "", err
}

// chartOf is the id of the chart that an account's first booking makes: known before the chart is.
func chartOf(tenant, account uuid.UUID) uuid.UUID { return uuid.NewSHA1(tenant, account[:]) }

func (c Confirmation) book(ctx context.Context, in tenancy.Scoped, chart uuid.UUID) error {
	return attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error { return c.booking(ctx, q, chart) })
	})
}

// booking is what confirming does, in one transaction.
func (c Confirmation) booking(ctx context.Context, q *tenantdb.Queries, chart uuid.UUID) error {
	h, d := c.Held, c.Details
	at, saveAddress := d.address(chart)
	return errors.Join(
		q.InsertRequestKey(ctx, tenantdb.InsertRequestKeyParams{Key: c.Key, BodyHash: c.hash(), Subject: c.Account,
			Location: c.Answer}),
		h.lock(ctx, q, c.Holder, &c.Account),
		q.UpsertChart(ctx, tenantdb.UpsertChartParams{ID: chart, AccountID: &c.Account, Name: d.Name, Born: d.Born,
			Phone: d.Phone, Email: d.Email}),
		q.RequireTerms(ctx, tenantdb.RequireTermsParams{Plan: d.plan(), PlanKnown: d.PlanKnown,
			AccountID: c.Account, ID: h.ID,
			MostOfDay: most(c.Limits.Day), MostHere: most(c.Limits.Organization), HasAddress: at != nil}),
		saveAddress(ctx, q),
		q.BookHold(ctx, tenantdb.BookHoldParams{ID: h.ID, AccountID: &c.Account, PatientID: &chart, Note: d.Note,
			PayerID: d.PayerID, VisitMode: d.mode(), AddressID: at}),
		q.BookClaim(ctx, h.Claim.ID),
		q.SetBusyUntil(ctx, nil, h.Claim.ID),
		q.IndexAppointment(ctx, tenantdb.IndexAppointmentParams{ID: h.ID, Ref: h.Ref, AccountID: c.Account,
			StartsAt: h.Start, Most: most(c.Limits.Everywhere)}),
		d.consent(ctx, q, chart),
		q.WriteBookedEvent(ctx, tenantdb.WriteBookedEventParams{ID: h.ID, ResourceID: h.Claim.Resource,
			ClaimID: h.Claim.ID, StartsAt: h.Claim.Start, EndsAt: h.Claim.End}),
		q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Patient: &c.Account, Purpose: "booking", ID: &h.ID,
			Action: "book", Fields: sharedFields()}),
	)
}

// consent keeps what was agreed to, or asks whether it still is.
func (d Details) consent(ctx context.Context, q *tenantdb.Queries, chart uuid.UUID) error {
	hash := sha256.Sum256([]byte(d.ConsentText))
	if d.ConsentStands {
		return q.RequireConsent(ctx, chart, hash[:])
	}
	return q.InsertConsent(ctx, tenantdb.InsertConsentParams{ID: uuid.Must(uuid.NewV7()), PatientID: chart,
		Version: d.ConsentVersion, Text: d.ConsentText, TextHash: hash[:]})
}

// sharedFields are what the organization is given of the person.
func sharedFields() (all []string) {
	for _, one := range consent.SharedFields() {
		all = append(all, one.Field)
	}
	return all
}

// answered is what the same request was told before; ErrGone if it never was.
func (c Confirmation) answered(ctx context.Context, in tenancy.Scoped) (string, error) {
	stored, err := storedAnswer(ctx, in, c.Account, c.Key)
	if err == nil && !bytes.Equal(stored.BodyHash, c.hash()) {
		return "", ErrOtherUse
	}
	return stored.Location, err
}

// Answered is what a request of this account was told, whatever it asked; ErrGone if nothing was.
func Answered(ctx context.Context, in tenancy.Scoped, account uuid.UUID, key string) (string, error) {
	stored, err := storedAnswer(ctx, in, account, key)
	return stored.Location, err
}

func storedAnswer(ctx context.Context, in tenancy.Scoped, account uuid.UUID,
	key string) (tenantdb.StoredAnswerRow, error) {
	stored, err := in.Once().StoredAnswer(ctx, account, key)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrGone
	}
	return stored, err
}
