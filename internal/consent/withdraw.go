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

// Given is what an account has said to one organization, the latest first, and whether a visit there is to come.
type Given struct {
	Said   []tenantdb.AccountConsentsRow
	Coming bool
}

// Lives tells whether the details are shared now: what was said last counts.
func (g Given) Lives() bool { return len(g.Said) > 0 && g.Said[0].State == StateGranted }

// Read is what an account has agreed to at an organization. The look is audited.
func Read(ctx context.Context, gateway *tenancy.Gateway, scope tenancy.Scope, account uuid.UUID) (g Given, err error) {
	err = gateway.Within(ctx, scope, func(q *tenantdb.Queries) error {
		if g.Said, err = q.AccountConsents(ctx, account); err != nil || len(g.Said) == 0 {
			return err
		}
		if g.Coming, err = q.HasVisitToCome(ctx, account); err != nil {
			return err
		}
		return audited(ctx, q, account, g.Said[0].PatientID, "list")
	})
	return g, err
}

// Withdraw ends the consent of an account to share its details with an organization: the next query of whoever works
// there finds no record. ErrVisits: a visit is to come. ErrNone: there was never one. ErrEnded: it is done.
func Withdraw(ctx context.Context, in tenancy.Scoped, account uuid.UUID) error {
	said, err := in.Once().AccountConsents(ctx, account)
	if err != nil {
		return err
	}
	if len(said) == 0 {
		return ErrNone
	}
	if !(Given{Said: said}).Lives() {
		return ErrEnded
	}
	last := said[0]
	err = in.Pipeline(ctx, func(q *tenantdb.Queries) error {
		return errors.Join(
			q.LockChart(ctx, account),
			q.RequireNothingToCome(ctx, account),
			q.WithdrawConsent(ctx, tenantdb.WithdrawConsentParams{ID: uuid.Must(uuid.NewV7()), PatientID: last.PatientID,
				Version: last.Version, Text: last.Text, TextHash: last.TextHash}),
			audited(ctx, q, account, last.PatientID, "withdraw"),
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

func audited(ctx context.Context, q *tenantdb.Queries, account, chart uuid.UUID, action string) error {
	return q.AuditConsents(ctx, &account, &chart, action)
}
