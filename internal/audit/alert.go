package audit

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// ManyRecords is the kind of alert that is raised for somebody who looked at many people's records without a relation to them (A36).
const ManyRecords = "many_records"

// Facts are what an alert keeps: counts, no names.
type Facts struct {
	People        int       `json:"people"`    // whose records were looked at
	Unrelated     int       `json:"unrelated"` // of them, without a relation
	Most          int       `json:"most"`      // how many are nothing to wonder about
	From          time.Time `json:"from"`
	To            time.Time `json:"to"`
	Organizations int       `json:"places"` // organizations; 0: as staff of the platform
}

// Watch looks for people who open too many records. Lists, such as the day's, count for nothing: they open none. It finds candidates in the audit as the relay, and asks their organization, through its
// own wall, whom they had to do with.
type Watch struct {
	Pool    *pgxpool.Pool // as the relay
	Gateway *tenancy.Gateway
	Most    int // people within an hour that are nothing to wonder about
	Now     func() time.Time
	Log     *slog.Logger
}

const (
	// The first condition is that of the index event_of_others: a look at somebody else's record. A person without an account is their chart.
	readBusy = `with look as (
			select e.actor, e.tenant_id, coalesce(e.patient, e.resource_id) as person, e.at from audit.event e
			where (e.patient <> e.actor or e.patient is null and e.resource = 'Patient' and e.actor is not null)
				and e.action <> 'list' and e.at > $1 and e.at <= $2 and e.outcome = 'success'
		)
		select l.actor, l.tenant_id, array_agg(distinct l.person), min(l.at), max(l.at) from look l
		where l.actor in (select b.actor from look b group by b.actor having count(distinct b.person) > $3)
		group by l.actor, l.tenant_id order by l.actor, l.tenant_id`
	addAlert = `insert into audit.alert (id, kind, actor, tenant_id, at, since, facts)
		select $1, $2, $3, $4, $5, $6, $7 where not exists (select from audit.alert a where a.kind = $2 and a.actor = $3 and a.at > $8)
		on conflict (kind, actor, since) do nothing`
)

// busy is somebody who looked at many records, at one organization or, without one, as staff.
type busy struct {
	Actor    uuid.UUID
	Tenant   *uuid.UUID
	Patients []uuid.UUID
	From, To time.Time
}

// Run looks once a minute until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := w.Look(ctx); err != nil && ctx.Err() == nil {
			w.Log.Error("audit: the rules could not be asked", "error", err)
		}
		rest(ctx, time.Minute)
	}
}

// Look asks the rules about the last hour and gives how many alerts it raised. An alert is raised once for the same person and hour.
func (w *Watch) Look(ctx context.Context) (raised int, err error) {
	now := w.Now()
	rows, err := w.Pool.Query(ctx, readBusy, now.Add(-time.Hour), now, w.Most)
	if err != nil {
		return 0, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[busy])
	if err != nil {
		return 0, err
	}
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].Actor == found[0].Actor {
			n++
		}
		yes, err := w.judge(ctx, found[:n], now)
		if err != nil {
			return raised, err
		}
		if yes {
			raised++
		}
		found = found[n:]
	}
	return raised, nil
}

// judge counts whom one person had nothing to do with, all organizations together.
func (w *Watch) judge(ctx context.Context, all []busy, now time.Time) (raised bool, err error) {
	people, strangers := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	facts := Facts{Most: w.Most, From: all[0].From, To: all[0].To}
	var tenant *uuid.UUID
	for _, b := range all {
		related, err := w.related(ctx, b)
		if err != nil {
			return false, err
		}
		for _, p := range b.Patients {
			people[p] = true
			if !slices.Contains(related, p) {
				strangers[p] = true
			}
		}
		if b.Tenant != nil {
			facts.Organizations, tenant = facts.Organizations+1, b.Tenant
		}
		facts.From, facts.To = minTime(facts.From, b.From), maxTime(facts.To, b.To)
	}
	facts.People, facts.Unrelated = len(people), len(strangers)
	if facts.Unrelated <= w.Most {
		return false, nil
	}
	if facts.Organizations != 1 {
		tenant = nil
	}
	raw, err := json.Marshal(facts)
	if err != nil {
		return false, err
	}
	tag, err := w.Pool.Exec(ctx, addAlert, uuid.Must(uuid.NewV7()), ManyRecords, all[0].Actor, tenant, now, now.Truncate(time.Hour), raw, now.Add(-time.Hour))
	if err != nil || tag.RowsAffected() == 0 {
		return false, err
	}
	w.Log.Warn("audit: somebody looked at many records without a relation", "kind", ManyRecords, "actor", all[0].Actor, "unrelated", facts.Unrelated)
	return true, nil
}

// related are the people on the organization's list of the day, from the day before to the day after, and the reader's own patients.
// Staff of the platform have none.
func (w *Watch) related(ctx context.Context, b busy) ([]uuid.UUID, error) {
	if b.Tenant == nil {
		return nil, nil
	}
	t, err := w.Gateway.TenantByID(ctx, *b.Tenant)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		return nil, err
	}
	return w.Gateway.Once(w.Gateway.Admit(t, tenancy.Caller{})).RelatedPatients(ctx, tenantdb.RelatedPatientsParams{Patients: b.Patients, Reader: b.Actor,
		DayFrom: midnight(b.From.In(zone), -1), DayTo: midnight(b.To.In(zone), 2)})
}

func midnight(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func maxTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
