// Package region makes the demonstration: a region of invented organizations, practitioners and patients, with hours,
// prices and appointments that hang together as real ones do. All of it is synthetic: identifiers come from ranges of
// our own, phone numbers and mail domains from those that are reserved for invention. A tool, not product: no page and
// no job calls it.
package region

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// Publisher puts an organization's offerings on the market, in the transaction that made them.
type Publisher func(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant) error

// Options say which region is made. The same options give the same rows, ids included.
type Options struct {
	Organizations int // default 64, at most 1,000
	// 0 = as many as come by themselves, about 55 per organization; at most 100,000, for benchmarks
	Listings     int
	Seed         uint64       // another seed is another region
	Now          time.Time    // what is past and what is to come; required
	Say          func(string) // progress for a person; may be nil
	Appointments bool         // two past and four coming weeks; one coming week above 20,000 listings
	Publish      Publisher    // may be nil: then nothing is on the market

	// HashPassword turns the password of the demo logins into what is stored. Without it there are no logins.
	HashPassword func(string) (string, error)
	Password     string // of all demo logins
	// TOTPSecret is that of an employee's authenticator app: base32, 160 bits. Nobody else may come to know it.
	TOTPSecret func(email string) string
	// SecondFactor gives an account an authenticator with this secret. Without it the demo's employees have to set one up.
	SecondFactor func(ctx context.Context, account uuid.UUID, secret string) error
	// Consent is the version and the text that Maya agreed to when she booked. Without a version there is no consent on
	// file.
	ConsentVersion, ConsentText string
}

// Summary is what a run made, and what it found made already.
type Summary struct {
	Made, Found                                                 int // organizations
	Locations, Practitioners, Offerings, Patients, Appointments int // made
	Logins                                                      []Login
}

// String is the summary in one line for a person.
func (s Summary) String() string {
	if s.Made == 0 {
		return fmt.Sprintf("The region stands: %d organizations. Nothing was changed.", s.Found)
	}
	return fmt.Sprintf("Made %d organizations with %d locations, %d practitioners, %d offerings, %d patients and %d appointments. %d stood already.",
		s.Made, s.Locations, s.Practitioners, s.Offerings, s.Patients, s.Appointments, s.Found)
}

// atOnce is how many organizations are made at a time.
const atOnce = 2

// Seed makes the region, or what is missing of it: each organization in one transaction, so that a run that was ended
// half way is gone on with by the next. What stands is left alone, whatever became of it since.
func Seed(ctx context.Context, owner *tenancy.Owner, gateway *tenancy.Gateway, o Options) (Summary, error) {
	g, err := newGenerator(o)
	if err != nil {
		return Summary{}, err
	}
	if err := owner.WriteReference(ctx, g.writeReference(ctx)); err != nil {
		return Summary{}, fmt.Errorf("reasons, places and payers: %w", err)
	}
	if err := g.signUp(ctx, gateway); err != nil {
		return Summary{}, fmt.Errorf("demo logins: %w", err)
	}
	all := g.organizations()
	missing, err := g.missing(ctx, gateway, all)
	sum := Summary{Found: len(all) - len(missing)}
	if err != nil {
		return sum, err
	}
	if len(missing) > 0 {
		if err := g.build(all); err != nil {
			return sum, err
		}
		if sum, err = g.writeAll(ctx, owner, gateway, missing, sum); err != nil {
			return sum, err
		}
	}
	err = g.employ(ctx, gateway, all)
	sum.Logins = g.logins
	return sum, err
}

func (g *generator) writeReference(ctx context.Context) func(*shareddb.Queries) error {
	return func(q *shareddb.Queries) error {
		if err := q.WriteReasons(ctx, g.reasonRows()); err != nil {
			return err
		}
		if err := q.WriteZIPCodes(ctx, g.placeRows()); err != nil {
			return err
		}
		ids, names, kinds := g.payerRows()
		return q.WritePayers(ctx, ids, names, kinds)
	}
}

// missing are the organizations that are not there or were not filled.
func (g *generator) missing(ctx context.Context, gateway *tenancy.Gateway, all []*organization) ([]*organization,
	error) {
	there, err := gateway.Public().Tenants(ctx)
	if err != nil {
		return nil, err
	}
	bySlug := map[string]tenancy.Tenant{}
	for _, t := range there {
		bySlug[t.Slug] = tenancy.Tenant{ID: t.ID, Slug: t.Slug, Kind: t.Kind, Name: t.Name, About: t.About, Phone: t.Phone,
			Zone:   t.Zone,
			Schema: t.SchemaName, Version: int(t.SchemaVersion)}
	}
	var out []*organization
	for _, o := range all {
		t, registered := bySlug[o.tenant.Slug]
		if registered && t.ID != o.tenant.ID {
			if o.known != nil { // the names of the three are the same in every region
				g.options.Say("The database has a region of another seed. It is left as it is.")
				return nil, nil
			}
			return nil, fmt.Errorf("%s is the address of another organization", t.Slug)
		}
		if registered {
			o.tenant = t
			filled, err := gateway.Once(gateway.Admit(t, tenancy.Caller{})).HasLocations(ctx)
			if err != nil {
				return nil, err
			}
			if filled {
				continue
			}
		}
		out = append(out, o)
	}
	return out, nil
}

func (g *generator) writeAll(ctx context.Context, owner *tenancy.Owner, gateway *tenancy.Gateway,
	missing []*organization, sum Summary) (Summary, error) {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, o := range missing {
		group.Go(func() error {
			made, err := g.write(ctx, owner, gateway, o)
			if err != nil {
				return fmt.Errorf("%s: %w", o.tenant.Name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			sum.Made++
			sum.Locations += len(o.locations)
			sum.Practitioners += len(o.practitioners)
			sum.Offerings += len(o.offerings)
			sum.Patients += len(made.patients)
			sum.Appointments += len(made.appointments.Ids)
			if sum.Made%16 == 0 {
				g.options.Say(fmt.Sprintf("Made %d of %d organizations.", sum.Made, len(missing)))
			}
			o.rows = rows{}
			return nil
		})
	}
	err := group.Wait()
	return sum, err
}

// rowsOf is a table as the statements that add many rows take it, like AddLocations.
func rowsOf[T any](table []T) []byte {
	if len(table) == 0 {
		return []byte("[]")
	}
	raw, err := json.Marshal(table)
	if err != nil {
		panic(err) // plain values only
	}
	return raw
}
