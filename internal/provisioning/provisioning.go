// Package provisioning makes organizations of approved applications, step by step. It knows the administrator's
// connection, which pages and workers do not have. Each step finds what it did before and each is noted in the
// application's log, so that it goes on wherever it was stopped.
package provisioning

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/kyc"
	"kindward/internal/onboarding"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// ErrNotApproved means that an id names no application that is approved.
var ErrNotApproved = errors.New("provisioning: no approved application has this id")

// Provisioner makes organizations.
type Provisioner struct {
	Owner   *tenancy.Owner
	Gateway *tenancy.Gateway
	Now     func() time.Time
	Log     *slog.Logger

	failed map[uuid.UUID]failure
	stop   func(at string) error // of tests: what ends it at a boundary
}

// failure is how often making an organization has failed in a row, and until when it is left alone.
type failure struct {
	times int
	until time.Time
}

// every is how often it looks for applications; mostAtOnce how many it takes in one look.
const (
	every      = 2 * time.Second
	mostAtOnce = 20
)

// Run makes organizations until ctx ends, as the only process of the deployment that does.
func (p *Provisioner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := p.Owner.Lead(ctx, every, func(ctx context.Context) { p.Round(ctx) })
		if ctx.Err() != nil {
			return
		}
		p.Log.Error("provisioning: the turn is lost, and asked for again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(every):
		}
	}
}

// Round makes organizations of those that wait, the oldest first. One that fails keeps no other from its turn.
func (p *Provisioner) Round(ctx context.Context) {
	staff := p.Gateway.Shared(p.Gateway.Admit(tenancy.Tenant{}, caller))
	ids, err := staff.ApprovedApplications(ctx, int32(mostAtOnce+len(p.failed)))
	if err != nil && ctx.Err() == nil {
		p.Log.Error("provisioning: applications cannot be read", "error", err)
	}
	maps.DeleteFunc(p.failed, func(id uuid.UUID, _ failure) bool { return err == nil && !slices.Contains(ids, id) })
	for _, id := range ids {
		last := p.failed[id]
		if p.Now().Before(last.until) {
			continue
		}
		if err := p.Provision(ctx, id); err != nil && ctx.Err() == nil {
			p.Log.Error("provisioning: an organization is not made", "application", id, "error", err)
			p.postpone(id, last.times+1)
		}
	}
}

// postpone leaves alone what has failed: two seconds, twice as long each time, an hour at most.
func (p *Provisioner) postpone(id uuid.UUID, times int) {
	if p.failed == nil {
		p.failed = map[uuid.UUID]failure{}
	}
	p.failed[id] = failure{times, p.Now().Add(min(every<<min(times-1, 11), time.Hour))}
}

// caller is as whom it acts: nobody's account, with the right of staff to write what was decided.
var caller = tenancy.Caller{Staff: true, RequestID: "kindward provision"}

// one is an application that becomes an organization.
type one struct {
	onboarding.Application
	id         uuid.UUID
	definition *onboarding.Definition
	scope      tenancy.Scope
	answers    map[string]string // that apply
}

// Provision makes an organization of one application. It is told an id and nothing else: what it makes it reads from
// the application's log. ErrNotApproved: the log says otherwise.
func (p *Provisioner) Provision(ctx context.Context, id uuid.UUID) error {
	o := one{id: id, scope: p.Gateway.AdmitApplicant(id, caller)}
	var err error
	o.definition, o.Application, err = onboarding.Load(ctx, p.Gateway, o.scope)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotApproved
	}
	if err != nil {
		return err
	}
	o.answers = o.definition.Applied(o.Current())
	for o.Status == onboarding.Approved {
		step := onboarding.Provisioning[len(o.Provisioned)]
		if o.Application, err = p.take(ctx, o, step); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	if o.Status != onboarding.Live {
		return ErrNotApproved
	}
	return nil
}

// take does one step and notes it. If somebody else has noted it meanwhile, it goes on from there.
func (p *Provisioner) take(ctx context.Context, o one, step string) (onboarding.Application, error) {
	if err := p.reach(step, "begun"); err != nil {
		return o.Application, err
	}
	do := map[string]func(context.Context, one) error{onboarding.MakeSchema: p.makeSchema,
		onboarding.MakeOwner: p.makeOwner, onboarding.MakeLocation: p.makeLocation, onboarding.Announce: p.announce}[step]
	if err := do(ctx, o); err != nil {
		return o.Application, err
	}
	if err := p.reach(step, "done"); err != nil {
		return o.Application, err
	}
	a, _, err := onboarding.Act(ctx, p.Gateway, o.scope, onboarding.Event{Kind: onboarding.Provision, Step: step,
		At: p.Now()})
	if errors.Is(err, onboarding.ErrNotNow) {
		var loading error
		if _, a, loading = onboarding.Load(ctx, p.Gateway, o.scope); loading == nil && a.Version > o.Version {
			err = nil
		}
	}
	if err != nil {
		return o.Application, err
	}
	return a, p.reach(step, "noted")
}

func (p *Provisioner) reach(step, where string) error {
	if p.stop == nil {
		return nil
	}
	return p.stop(step + " " + where)
}

func (p *Provisioner) makeSchema(ctx context.Context, o one) error {
	return p.Owner.ProvisionOnce(ctx, tenancy.Tenant{ID: o.id, Kind: o.Kind, Name: o.known(),
		Phone: phone(o.answers["phone"]), Zone: onboarding.Zones[o.State]},
		slugs(o.known(), o.answers["city"], o.id), o.ApprovedAt)
}

// known is the name that patients know.
func (o one) known() string {
	if o.answers["known_as"] != "" {
		return o.answers["known_as"]
	}
	return o.answers["name"]
}

// makeOwner lets the owner do everything there.
func (p *Provisioner) makeOwner(ctx context.Context, o one) error {
	return p.Gateway.Identity(o.scope).AddMembership(ctx, shareddb.AddMembershipParams{
		ID: tenancy.FirstID(o.id, "owner"), AccountID: o.Owner(), Role: "owner"})
}

func (p *Provisioner) makeLocation(ctx context.Context, o one) error {
	near, err := p.Gateway.Public().NearZIPCode(ctx, o.answers["zip"], o.State, o.answers["city"])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil // nobody could find it: its owner adds it, and the organization's page says that
	}
	if err != nil {
		return err
	}
	from, until := o.licensed()
	insured := o.insured()
	return p.within(ctx, o, func(q *tenantdb.Queries, t tenancy.Tenant) error {
		return q.AddLocation(ctx, tenantdb.AddLocationParams{ID: tenancy.FirstID(o.id, "location"), Name: t.Name,
			Street: o.street(), City: o.answers["city"], State: o.State, ZIP: o.answers["zip"], Lat: near.Lat,
			Lon: near.Lon, Zone: t.Zone, Phone: t.Phone, ValidFrom: from, ValidUntil: until, InsuredUntil: insured})
	})
}

// licensed are the days of the license as its register told them; nil: it told none, or not of one that counts.
func (o one) licensed() (from, until *time.Time) {
	for _, said := range o.Checks {
		if said.Result != onboarding.Pass && said.Result != onboarding.Review {
			continue
		}
		if day, err := civil.ParseDate(said.Facts[kyc.FactFrom]); err == nil {
			from = new(day.Start(time.UTC))
		}
		if day, err := civil.ParseDate(said.Facts[kyc.FactUntil]); err == nil {
			until = new(day.Start(time.UTC))
		}
	}
	return from, until
}

// street is the street with the suite behind it.
func (o one) street() string {
	if o.answers["suite"] == "" {
		return o.answers["street"]
	}
	return o.answers["street"] + ", " + o.answers["suite"]
}

// insured is the last day that the documents show which whoever reviewed has accepted; nil: they show none.
func (o one) insured() (until *time.Time) {
	for _, doc := range o.Documents {
		day, err := civil.ParseDate(doc.Expires)
		if err != nil || doc.State != onboarding.DocumentAccepted {
			continue
		}
		if at := day.Start(time.UTC); until == nil || at.Before(*until) {
			until = &at
		}
	}
	return until
}

// announce publishes what there is, so that every process which keeps a copy of the market looks.
func (p *Provisioner) announce(ctx context.Context, o one) error {
	return p.within(ctx, o, func(q *tenantdb.Queries, t tenancy.Tenant) error {
		return search.Publish(ctx, q, t, p.Now())
	})
}

func (p *Provisioner) within(ctx context.Context, o one, do func(*tenantdb.Queries, tenancy.Tenant) error) error {
	t, err := p.Gateway.TenantByID(ctx, o.id)
	if err != nil {
		return err
	}
	return p.Gateway.Within(ctx, p.Gateway.Admit(t, caller), func(q *tenantdb.Queries) error { return do(q, t) })
}
