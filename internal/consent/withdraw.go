package consent

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// What keeps somebody from ending a consent.
var (
	ErrNone   = errors.New("there is no consent that could be ended")
	ErrEnded  = errors.New("the consent has ended before")
	ErrVisits = errors.New("the person has a visit to come, for which the details are needed")
)

// Given is what an account has said to one organization, the latest first, whether it is over, and whether a visit
// there is to come.
type Given struct {
	Said          []tenantdb.AccountConsentsRow
	Ended, Coming bool
}

// Stands tells whether the details are shared until their owner ends that: what was said last counts.
func (g Given) Stands() bool { return len(g.Said) > 0 && g.Said[0].State == StateGranted }

// Ending tells whether the details are shared until the visits to come are over, and no longer.
func (g Given) Ending() bool { return len(g.Said) > 0 && g.Said[0].State == StateWithdrawn && !g.Ended }

// Lives tells whether the details are shared now.
func (g Given) Lives() bool { return g.Stands() || g.Ending() }

// Read is what an account has agreed to at an organization. The look is audited.
func Read(ctx context.Context, gateway *tenancy.Gateway, scope tenancy.Scope, account uuid.UUID) (g Given, err error) {
	err = gateway.Within(ctx, scope, func(q *tenantdb.Queries) error {
		if g.Said, err = q.AccountConsents(ctx, account); err != nil || len(g.Said) == 0 {
			return err
		}
		if g.Ended, err = q.HasEndedConsent(ctx, account); err != nil {
			return err
		}
		if g.Coming, err = q.HasVisitToCome(ctx, account); err != nil {
			return err
		}
		return audited(ctx, q, account, g.Said[0].PatientID, "list")
	})
	return g, err
}

// When a consent ends.
type When bool

const (
	AtOnce      When = false
	AfterVisits When = true // when no visit is to come or going on any more, however they are moved or canceled
)

// Withdraw ends the consent of an account to share its details with an organization: from then on the next query of
// whoever works there finds no record. ErrVisits: a visit is to come, so not at once. ErrNone: there was never one.
// ErrEnded: it is done.
func Withdraw(ctx context.Context, in tenancy.Scoped, account uuid.UUID, when When) error {
	said, err := in.Once().AccountConsents(ctx, account)
	if err != nil {
		return err
	}
	if len(said) == 0 {
		return ErrNone
	}
	if !(Given{Said: said}).Stands() {
		return ErrEnded
	}
	last := said[0]
	err = in.Pipeline(ctx, func(q *tenantdb.Queries) error {
		err := q.LockChart(ctx, account)
		if when == AtOnce {
			err = errors.Join(err, q.RequireNothingToCome(ctx, account))
		}
		return errors.Join(err,
			q.WithdrawConsent(ctx, tenantdb.WithdrawConsentParams{ID: uuid.Must(uuid.NewV7()), PatientID: last.PatientID,
				Version: last.Version, Text: last.Text, TextHash: last.TextHash, AfterVisits: bool(when)}),
			audited(ctx, q, account, last.PatientID, action(when)),
		)
	})
	switch tenancy.Code(err) {
	case "KW410":
		return ErrEnded
	case "KW420":
		return ErrVisits
	}
	return err
}

// Resume takes back that a consent ends after the visits to come: it stands again in the words of before. ErrNone:
// there was never one. ErrEnded: it is over, or they are. One that stands is left as it is.
func Resume(ctx context.Context, in tenancy.Scoped, account uuid.UUID) error {
	said, err := in.Once().AccountConsents(ctx, account)
	if err != nil {
		return err
	}
	if len(said) == 0 {
		return ErrNone
	}
	if (Given{Said: said}).Stands() {
		return nil
	}
	last := said[0]
	err = in.Pipeline(ctx, func(q *tenantdb.Queries) error {
		return errors.Join(q.LockChart(ctx, account),
			q.RequireConsentEnding(ctx, last.PatientID),
			q.InsertConsent(ctx, tenantdb.InsertConsentParams{ID: uuid.Must(uuid.NewV7()), PatientID: last.PatientID,
				Version: last.Version, Text: last.Text, TextHash: last.TextHash}),
			audited(ctx, q, account, last.PatientID, "resume"))
	})
	if tenancy.Code(err) != "KW410" {
		return err
	}
	if said, err = in.Once().AccountConsents(ctx, account); err == nil && !(Given{Said: said}).Stands() {
		err = ErrEnded // else the same button was pressed twice at once (A55)
	}
	return err
}

func audited(ctx context.Context, q *tenantdb.Queries, account, chart uuid.UUID, action string) error {
	return q.AuditConsents(ctx, &account, &chart, action)
}

// action is what the audit calls the end of a consent.
func action(when When) string {
	if when == AfterVisits {
		return "withdraw-after-visits"
	}
	return "withdraw"
}
