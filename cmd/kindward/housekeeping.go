package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kindward/internal/audit"
	"kindward/internal/booking"
	"kindward/internal/contract"
	"kindward/internal/identity"
	"kindward/internal/jobs"
	"kindward/internal/offering"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// housekeeping is all that time alone asks for, once in a deployment. What each process keeps of the market in its own
// memory is swept by the process itself, and the sealer has a loop of its own.
func (a *app) housekeeping() []jobs.Periodic {
	watch := &audit.Watch{Queries: a.outbox.LongQueries(), Gateway: a.gateway, MostOpened: a.ManyRecords,
		MostShown: a.ManyShown, Now: time.Now, Log: a.log}
	const short, long = time.Minute, 10 * time.Minute
	return []jobs.Periodic{
		{Name: "holds.lapse", Every: 15 * time.Second, Timeout: short, Run: a.lapseDeadHolds},
		{Name: "alerts.check", Every: time.Minute, Timeout: short,
			Run: func(ctx context.Context) error { _, err := watch.Check(ctx); return err }},
		{Name: "answers.forget", Every: time.Hour, Timeout: long, Run: a.forgetAnswers},
		{Name: "imports.forget", Every: time.Hour, Timeout: long, Run: a.forgetImports},
		{Name: "accounts.sweep", Every: time.Hour, Timeout: long, Run: a.sweepAccounts},
		{Name: "emails.sweep", Every: time.Hour, Timeout: long,
			Run: func(ctx context.Context) error { return jobs.SweepEmails(ctx, a.outbox.LongQueries(), time.Now()) }},
		{Name: "applications.check", Every: 5 * time.Second, Timeout: short, Run: a.checks().Run},
		{Name: "documents.scan", Every: 5 * time.Second, Timeout: short, Run: a.scans().Run},
		{Name: "documents.sweep", Every: time.Hour, Timeout: long, Run: a.scans().Sweep},
		{Name: "exclusions.import", Every: 5 * time.Minute, Timeout: long, Run: a.importExclusions},
		{Name: "applications.tell", Every: 5 * time.Second, Timeout: short, Run: a.teller().Run},
		{Name: "contracts.reword", Every: time.Minute, Timeout: long, Run: a.rewording().Run},
		{Name: "changes.check", Every: 5 * time.Second, Timeout: short, Run: a.renewals().Run},
		{Name: "licenses.warn", Every: time.Hour, Timeout: long, Run: a.warnOfLicenses},
		{Name: "hints.forget", Every: time.Hour, Timeout: short,
			Run: func(ctx context.Context) error { return a.outbox.LongQueries().ForgetHints(ctx, time.Now()) }},
		{Name: "events.prune", Every: time.Hour, Timeout: long, Run: a.pruneEvents},
	}
}

// lapseDeadHolds ends holds that ran out in every organization that has some.
func (a *app) lapseDeadHolds(ctx context.Context) error {
	tenants, err := a.gateway.Public().TenantsWithDeadHolds(ctx)
	if err != nil {
		return err
	}
	err = a.inEach(ctx, tenants, func(ctx context.Context, in tenancy.Scoped) error {
		_, err := booking.LapseDeadHolds(ctx, in)
		return err
	})
	if len(tenants) > 0 {
		a.outbox.Notify()
	}
	return err
}

// sweepAccounts deletes sessions, tokens and counts of attempts that have run out.
func (a *app) sweepAccounts(ctx context.Context) error {
	return identity.Sweep(ctx, a.gateway.Anonymous(), time.Now())
}

// forgetAnswers drops the stored answers that are older than their seven days, organization by organization.
func (a *app) forgetAnswers(ctx context.Context) error {
	return a.inAll(ctx, func(ctx context.Context, in tenancy.Scoped) error {
		_, err := in.Once().DeleteOldAnswers(ctx)
		return err
	})
}

// forgetImports drops the files that organizations brought along long ago; what came of them stays.
func (a *app) forgetImports(ctx context.Context) error {
	return a.inAll(ctx, func(ctx context.Context, in tenancy.Scoped) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			if err := q.DeleteOldImportRows(ctx); err != nil {
				return err
			}
			return q.DeleteOldImports(ctx)
		})
	})
}

// warnOfLicenses tells every organization of licenses that end soon.
func (a *app) warnOfLicenses(ctx context.Context) error {
	warner := &offering.Warner{Gateway: a.gateway, Keys: a.ring, Now: time.Now}
	err := a.inAll(ctx, func(ctx context.Context, in tenancy.Scoped) error { return warner.Warn(ctx, in.Tenant()) })
	a.outbox.Notify()
	return err
}

// inAll does something in every organization there is.
func (a *app) inAll(ctx context.Context, run func(context.Context, tenancy.Scoped) error) error {
	tenants, err := a.gateway.Public().Tenants(ctx)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(tenants))
	for i, t := range tenants {
		ids[i] = t.ID
	}
	return a.inEach(ctx, ids, run)
}

// pruneEvents deletes what all consumers have had long ago.
func (a *app) pruneEvents(ctx context.Context) error {
	gone, err := a.outbox.Prune(ctx, time.Now())
	if gone > 0 {
		a.log.Info("old events are deleted", "events", gone)
	}
	return err
}

// inEach does something in every one of the organizations; one that fails does not keep it from the rest.
func (a *app) inEach(ctx context.Context, tenants []uuid.UUID,
	run func(context.Context, tenancy.Scoped) error) error {
	var failed error
	for _, id := range tenants {
		tenant, err := a.gateway.TenantByID(ctx, id)
		if err == nil {
			err = run(ctx, a.gateway.In(a.gateway.Admit(tenant, tenancy.Caller{})))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("organization %s: %w", id, err))
		}
	}
	return failed
}

// rewording asks for the newest text of the contract where an older one is signed.
func (a *app) rewording() *onboarding.Rewording {
	return &onboarding.Rewording{Gateway: a.gateway, Newest: contract.Latest, Now: time.Now, Log: a.log}
}

// teller tells applicants what became of their applications.
func (a *app) teller() *onboarding.Teller {
	return &onboarding.Teller{Due: a.outbox.LongQueries(), Gateway: a.gateway, Keys: a.ring, Now: time.Now,
		Notify: a.outbox.Notify, Log: a.log}
}
