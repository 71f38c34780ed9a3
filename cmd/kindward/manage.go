package main

import (
	"context"
	"fmt"
	"time"

	"kindward/internal/consent"
	"kindward/internal/identity"
	"kindward/internal/jobs"
	"kindward/internal/keys"
	"kindward/internal/region"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// migrate brings the database to this version.
func (b *base) migrate(ctx context.Context) (*tenancy.Owner, error) {
	owner, err := tenancy.OpenOwner(ctx, b.admin)
	if err != nil {
		return nil, err
	}
	if err := owner.Migrate(ctx, b.ring, say); err != nil {
		owner.Close()
		return nil, err
	}
	if err := jobs.Migrate(ctx, b.admin); err != nil {
		owner.Close()
		return nil, fmt.Errorf("tables of jobs: %w", err)
	}
	return owner, nil
}

// seed makes the demo region, or what is missing of it, through a door of its own: nobody waits in front of it, so it may.
func (b *base) seed(ctx context.Context, owner *tenancy.Owner, organisations, listings int) (region.Summary, error) {
	address, err := b.as("kindward_app")
	if err != nil {
		return region.Summary{}, err
	}
	door, err := tenancy.Open(ctx, address, b.ring, tenancy.Options{MaxConns: 4, Wait: time.Minute})
	if err != nil {
		return region.Summary{}, err
	}
	defer door.Close()
	text := consent.Share("the place")
	now := time.Now()
	return region.Seed(ctx, owner, door, region.Options{Organisations: organisations, Listings: listings, Now: now, Say: say, Appointments: true,
		Publish: func(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant) error {
			return search.Publish(ctx, q, t, now)
		},
		HashPassword: identity.HashPassword, ConsentVersion: text.Version, ConsentText: text.Text})
}

type migrateCmd struct{}

// Run migrates and says so.
func (*migrateCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	owner, err := b.migrate(ctx)
	if err != nil {
		return err
	}
	owner.Close()
	say("The database is at this version.")
	return nil
}

type seedCmd struct {
	Scale    int `help:"Number of organisations, at most 1,000." default:"64"`
	Listings int `help:"Number of listings, at most 100,000; 0 for as many as come by themselves." default:"0"`
}

// Run seeds a migrated database.
func (s *seedCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	owner, err := b.migrate(ctx)
	if err != nil {
		return err
	}
	defer owner.Close()
	sum, err := b.seed(ctx, owner, s.Scale, s.Listings)
	if err != nil {
		return err
	}
	say(sum.String())
	return nil
}

type rotateCmd struct{}

// Run rotates the keys: the database learns the new one before anything is signed with it.
func (*rotateCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	owner, err := tenancy.OpenOwner(ctx, b.admin)
	if err != nil {
		return err
	}
	defer owner.Close()
	if err := b.ring.Rotate(func(k keys.Key) error { return owner.InstallKey(ctx, k) }); err != nil {
		return err
	}
	say("A fresh key signs now; running processes take it up within a second.")
	return nil
}
