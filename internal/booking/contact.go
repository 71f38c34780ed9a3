package booking

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// FollowAccount brings what an organization's chart says of how its account is reached up to date, and says so in the
// audit. Nothing where it has no chart, has ended its consent, or has the same already; an empty phone takes none away.
func FollowAccount(ctx context.Context, in tenancy.Scoped, account uuid.UUID, phone, email string) error {
	chart, err := in.Once().ChartContact(ctx, account)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	if phone == "" {
		phone = chart.Phone
	}
	if chart.Phone == phone && chart.Email == email {
		return nil
	}
	return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
		return errors.Join(
			q.UpdateContact(ctx, tenantdb.UpdateContactParams{Phone: phone, Email: email, ID: chart.ID, AccountID: account}),
			q.AuditContact(ctx, &account, &chart.ID))
	})
}
