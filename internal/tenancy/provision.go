package tenancy

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// provisionLock is the advisory lock of the process that makes organizations of applications, in the same space as
// migrationLock: "kind", "prov". The query ProvisionerRuns looks for it.
const provisionLock = `select pg_advisory_lock(1802071652, 1886547830)`

// ErrTenantTaken means that an id names an organization that was there before.
var ErrTenantTaken = errors.New("tenancy: an organization of that id was there before")

// clocksApart is by how much the clocks of two machines may differ.
const clocksApart = time.Minute

// ProvisionOnce makes an organization, or finds that it was made already. One that is older than a time is somebody
// else's: ErrTenantTaken. Of several words for its address the first that is free is taken.
func (o *Owner) ProvisionOnce(ctx context.Context, t Tenant, slugs []string, since time.Time) error {
	var made time.Time
	err := o.pool.QueryRow(ctx, `select created_at from directory.tenant where id = $1`, t.ID).Scan(&made)
	switch {
	case err == nil && made.Before(since.Add(-clocksApart)):
		return ErrTenantTaken
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	for _, t.Slug = range slugs {
		if _, err = o.Provision(ctx, t); Constraint(err) != "tenant_slug_key" {
			return err
		}
	}
	return err
}

// Lead runs rounds, one after the other, as the only process that does so on this database; others wait for their turn.
// It ends with ctx, or when the connection that has the turn is lost. What a round cannot do the next one tries again.
func (o *Owner) Lead(ctx context.Context, every time.Duration, round func(context.Context)) error {
	pooled, err := o.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer conn.Close(context.WithoutCancel(ctx)) // which ends the turn too
	if _, err := conn.Exec(ctx, provisionLock); err != nil {
		return err
	}
	for {
		round(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
		if err := conn.Ping(ctx); err != nil {
			return err
		}
	}
}

// FirstID is the id of something that an organization has one of when it is made, the same each time.
func FirstID(tenant uuid.UUID, what string) uuid.UUID { return uuid.NewSHA1(tenant, []byte(what)) }
