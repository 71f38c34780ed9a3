package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/audit"
	"kindward/internal/consent"
	"kindward/internal/events"
	"kindward/internal/identity"
	"kindward/internal/jobs"
	"kindward/internal/keys"
	"kindward/internal/region"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// migrate brings the database to this version, as open wants it to be. Organizations that stay behind are its error,
// once all else is done.
func (b *base) migrate(ctx context.Context,
	open func(context.Context, string) (*tenancy.Owner, error)) (*tenancy.Owner, error) {
	owner, err := open(ctx, b.admin)
	if err != nil {
		return nil, err
	}
	err = owner.Migrate(ctx, b.ring, say)
	if err == nil {
		err = b.bindTickets(ctx, owner)
	}
	behind, some := errors.AsType[*tenancy.BehindError](err)
	if err == nil || some { // the program may be started for all other organizations: their jobs and API keys come along
		if err = jobs.Migrate(ctx, b.admin); err != nil {
			err = fmt.Errorf("tables of jobs: %w", err)
		} else if err = b.vouchForAPIKeys(ctx); err != nil {
			err = fmt.Errorf("API keys from before: %w", err)
		}
	}
	if some {
		err = errors.Join(behind, err)
	}
	if err != nil {
		owner.Close()
		return nil, err
	}
	return owner, nil
}

// vouchForAPIKeys brings API keys over from before their rows had MACs.
func (b *base) vouchForAPIKeys(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.admin)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	n, err := identity.VouchForAPIKeys(ctx, conn, b.ring)
	if n > 0 {
		say(fmt.Sprintf("%d API keys from before were taken over.", n))
	}
	return err
}

// bindTickets follows whether a pooler stands before the database, and says so if that is new.
func (b *base) bindTickets(ctx context.Context, owner *tenancy.Owner) error {
	changed, err := owner.BindTickets(ctx, b.Pooler == "")
	switch {
	case err != nil:
		return fmt.Errorf("ticket keys: %w", err)
	case changed && b.Pooler == "":
		say("Tickets are bound to one connection each, as no pooler stands before the database.")
	case changed:
		say("Tickets are not bound to one connection each any more, as a pooler stands before the database.")
	}
	return nil
}

// seed makes the demo region, or what is missing of it, through a gateway of its own: nobody waits in front of it, so
// it may.
func (b *base) seed(ctx context.Context, owner *tenancy.Owner, organizations, listings int) (region.Summary, error) {
	gateway, err := b.gatewayWith(ctx, tenancy.Options{MaxConns: 8, Wait: time.Minute})
	if err != nil {
		return region.Summary{}, err
	}
	defer gateway.Close()
	text := consent.Share("the place")
	now := time.Now()
	return region.Seed(ctx, owner, gateway, region.Options{Organizations: organizations, Listings: listings, Now: now,
		Say: say, Appointments: true,
		Publish: func(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant) error {
			return search.Publish(ctx, q, t, now)
		},
		SecondFactor: func(ctx context.Context, account uuid.UUID, secret string) error {
			return identity.SeedSecondFactor(ctx, gateway, b.ring, account, secret, now)
		},
		HashPassword: identity.HashPassword, Password: b.demoPassword(), TOTPSecret: b.demoTOTPSecret,
		ConsentVersion: text.Version, ConsentText: text.Text})
}

type migrateCmd struct {
	Restored bool `help:"Once, after the database was restored from a backup: sessions and links of before are over, events that were told are not told again, and a new epoch of the audit begins."`
}

// Run migrates and says so.
func (m *migrateCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx, keys.Prepare)
	if err != nil {
		return err
	}
	defer b.close()
	owner, err := b.migrate(ctx, tenancy.OpenOwner)
	if err != nil {
		return err
	}
	owner.Close()
	if m.Restored {
		if err := b.fitRestored(ctx); err != nil {
			return err
		}
	}
	say("The database is at this version.")
	return nil
}

// fitRestored makes a database that was put back from a backup fit to go on.
func (b *base) fitRestored(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, b.admin)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := identity.EndAll(ctx, conn); err != nil {
		return fmt.Errorf("sessions: %w", err)
	}
	say("All sessions and the links in emails of before are over: everybody signs in anew, with what the backup knows.")
	restored, err := events.Reset(ctx, conn)
	switch {
	case err != nil:
		return fmt.Errorf("events: %w", err)
	case restored:
		say("Events of the other server are in the past now; what was not told there will be told here.")
	default:
		say("No event comes from another server.")
	}
	return b.beginEpoch(ctx, conn)
}

// beginEpoch lets the audit go on where the database was put back from a backup.
func (b *base) beginEpoch(ctx context.Context, conn *pgx.Conn) error {
	key, err := audit.KeyOf(b.ring.Vault())
	if err != nil {
		return err
	}
	within := func(ctx context.Context, fn func(*relaydb.Queries) error) error {
		return events.WithinAudit(ctx, conn, fn)
	}
	epoch, err := audit.Restore(ctx, within, key, b.checkpoints(), time.Now())
	if err != nil {
		return fmt.Errorf("the audit: %w", err)
	}
	if epoch == nil {
		say("The audit has all that the checkpoints outside of the database know of.")
		return nil
	}
	b.log.Error("audit: a new epoch began", "epoch", epoch.Epoch, "events_before", epoch.Size, "known_outside",
		epoch.Known.Size)
	say(epochLine(*epoch, max(0, epoch.Known.Size-epoch.Size)))
	return nil
}

type seedCmd struct {
	Scale    int `help:"Number of organizations, at most 1,000." default:"64"`
	Listings int `help:"Number of listings, at most 100,000; 0 for as many as come by themselves." default:"0"`
}

// Run makes an empty database a demonstration and fills it, or fills up one that is.
func (s *seedCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx, keys.Prepare)
	if err != nil {
		return err
	}
	defer b.close()
	owner, err := b.migrate(ctx, tenancy.OpenDemonstrationOwner)
	if err != nil {
		return err
	}
	defer owner.Close()
	sum, err := b.seed(ctx, owner, s.Scale, s.Listings)
	if err != nil {
		return err
	}
	say(sum.String())
	b.list(sum.Logins)
	return nil
}

type staffCmd struct {
	Grant  grantCmd  `cmd:"" help:"Give a role to somebody who has an account."`
	Revoke revokeCmd `cmd:"" help:"End a role; the last administrator's stays."`
}

type staffRole struct {
	Email string `arg:"" help:"Address of the account."`
	Role  string `arg:"" enum:"support,reviewer,compliance,operator,administrator" help:"support, reviewer, compliance, operator or administrator."`
}

type grantCmd struct{ staffRole }

// Run gives the role. From then on the account needs a second factor at the console.
func (g *grantCmd) Run(ctx context.Context) error {
	return g.change(ctx, "has the role now", func(q *shareddb.Queries, ring *keys.Keyring, email string) (string, error) {
		return identity.GrantStaff(ctx, q, ring, email, g.Role, time.Now())
	})
}

type revokeCmd struct{ staffRole }

// Run ends the role, from the next request on.
func (r *revokeCmd) Run(ctx context.Context) error {
	return r.change(ctx, "no longer has the role", func(q *shareddb.Queries, _ *keys.Keyring, email string) (string,
		error) {
		return identity.EndStaffOf(ctx, q, email, r.Role, time.Now())
	})
}

// change acts as the operator of the machine: on the staff, and nobody's account.
func (s staffRole) change(ctx context.Context, said string,
	do func(q *shareddb.Queries, ring *keys.Keyring, email string) (name string, err error)) error {
	b, err := openBase(ctx, keys.Read)
	if err != nil {
		return err
	}
	defer b.close()
	gateway, err := b.openGateway(ctx)
	if err != nil {
		return err
	}
	defer gateway.Close()
	operator := gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Staff: true, RequestID: "kindward staff"})
	name, err := do(gateway.Identity(operator), b.ring, strings.ToLower(s.Email))
	if err != nil {
		return err
	}
	say(name + " " + said + ": " + s.Role + ".")
	return nil
}
