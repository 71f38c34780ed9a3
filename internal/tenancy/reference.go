package tenancy

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kindward/queries/shareddb"
)

// WriteReference runs fn in one transaction as the owner of the shared schemas, for what the app may only read:
// reasons, places, payers. Rows with a tenant stay shut to it: row-level security binds the owner too.
func (o *Owner) WriteReference(ctx context.Context, fn func(q *shareddb.Queries) error) error {
	return o.as(ctx, "kindward_owner", func(tx pgx.Tx) error { return fn(shareddb.New(tx)) })
}
