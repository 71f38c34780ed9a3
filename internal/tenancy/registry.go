package tenancy

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/queries/shareddb"
)

// ErrNoTenant means that there is no such organization.
var ErrNoTenant = errors.New("no such organization")

// ErrTenantBehind means that an organization's tables are older than this program: it was left out when the others were
// migrated, or its turn has not come. No statement is sent there until it is migrated; all others go on.
var ErrTenantBehind = errors.New("the organization is behind this version: run kindward migrate")

// newest is the version of an organization's tables that this program's statements are written for.
var newest = sync.OnceValue(func() int {
	all, err := steps()
	if err != nil {
		panic(err) // the files are part of the program
	}
	return len(all)
})

// registryLife is how long a registry row is believed without asking again.
const registryLife = 10 * time.Second

// Tenant is an organization as the registry knows it.
type Tenant struct {
	ID                             uuid.UUID
	Slug, Kind, Name, About, Phone string
	Zone                           string // IANA
	Schema                         string
	Version                        int
}

// Behind tells whether this program's statements are not meant for the organization's tables.
func (t Tenant) Behind() bool { return t.ID != uuid.Nil && t.Version < newest() }

type registry struct {
	mu     sync.Mutex
	bySlug map[string]registryEntry
	byID   map[uuid.UUID]registryEntry
}

type registryEntry struct {
	tenant Tenant
	read   time.Time
}

// Tenant finds an organization by the word in its address.
func (g *Gateway) Tenant(ctx context.Context, slug string) (Tenant, error) {
	g.registry.mu.Lock()
	e, ok := g.registry.bySlug[slug]
	g.registry.mu.Unlock()
	if ok && time.Since(e.read) < registryLife {
		return e.tenant, nil
	}
	row, err := g.Public().TenantBySlug(ctx, slug)
	return g.remember(shareddb.TenantByIDRow(row), err)
}

// TenantByID finds an organization by its id.
func (g *Gateway) TenantByID(ctx context.Context, id uuid.UUID) (Tenant, error) {
	g.registry.mu.Lock()
	e, ok := g.registry.byID[id]
	g.registry.mu.Unlock()
	if ok && time.Since(e.read) < registryLife {
		return e.tenant, nil
	}
	return g.remember(g.Public().TenantByID(ctx, id))
}

func (g *Gateway) remember(row shareddb.TenantByIDRow, err error) (Tenant, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return Tenant{}, ErrNoTenant
	}
	if err != nil {
		return Tenant{}, err
	}
	t := Tenant{ID: row.ID, Slug: row.Slug, Kind: row.Kind, Name: row.Name, About: row.About, Phone: row.Phone,
		Zone: row.Zone, Schema: row.SchemaName, Version: int(row.SchemaVersion)}
	g.registry.mu.Lock()
	defer g.registry.mu.Unlock()
	if g.registry.byID == nil {
		g.registry.bySlug, g.registry.byID = map[string]registryEntry{}, map[uuid.UUID]registryEntry{}
	}
	e := registryEntry{tenant: t, read: time.Now()}
	g.registry.bySlug[t.Slug], g.registry.byID[t.ID] = e, e
	return t, nil
}
