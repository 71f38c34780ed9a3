package onboarding

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
)

// tellOthers tells those who speak for an organization, or for its first application, who has applied for it once more.
// They let in whom they know; nobody is let in by that.
func (t *Teller) tellOthers(ctx context.Context, s tenancy.Scope, same uuid.UUID, row relaydb.OnboardingNotice) error {
	others, e, err := t.speakers(ctx, same)
	if err != nil {
		return err
	}
	return t.Gateway.WithinIdentity(ctx, s, func(q *shareddb.Queries) error {
		if _, err := q.TakeNotice(ctx, row.Kind, row.Version); err != nil {
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			return err
		}
		applied, err := q.ApplicantsToTell(ctx)
		if err != nil {
			return err
		}
		for _, a := range applied {
			e.Applied = append(e.Applied, a.Email)
		}
		for _, other := range others {
			if e.Recipient = other; len(e.Applied) == 0 {
				continue
			}
			if err := t.queue(ctx, q, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// speakers are those who can let somebody into an organization or an application, and what they are told but for who
// has applied.
func (t *Teller) speakers(ctx context.Context, id uuid.UUID) (all []notify.Recipient, e notify.DuplicateApplied,
	err error) {
	tenant, err := t.Gateway.TenantByID(ctx, id)
	if errors.Is(err, tenancy.ErrNoTenant) {
		people, err := t.Gateway.Identity(t.Gateway.AdmitApplicant(id, worker)).ApplicantsToTell(ctx)
		for _, p := range people {
			all = append(all, notify.Recipient{To: p.Email, Name: p.Name})
		}
		return all, notify.DuplicateApplied{Application: id}, err
	}
	if err != nil {
		return nil, e, err
	}
	people, err := t.Gateway.Identity(t.Gateway.Admit(tenant, worker)).OwnersAndManagers(ctx)
	for _, p := range people {
		all = append(all, notify.Recipient{To: p.Email, Name: p.Name})
	}
	return all, notify.DuplicateApplied{Organization: tenant.Name, Slug: tenant.Slug}, err
}
