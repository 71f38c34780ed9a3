package audit

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/tenantdb"
)

// ManyRecords is the kind of alert that is raised for somebody who looked at many people's records without a relation
// to them (A36).
const ManyRecords = "many_records"

// AlertCounts are what an alert keeps (its column facts): counts, no names.
type AlertCounts struct {
	People        int       `json:"people"`    // whose records were looked at
	Unrelated     int       `json:"unrelated"` // of them, without a relation
	Most          int       `json:"most"`      // how many are nothing to wonder about
	From          time.Time `json:"from"`
	To            time.Time `json:"to"`
	Organizations int       `json:"places"` // organizations; 0: as staff of the platform
}

// Watch looks for people who open too many records. It finds candidates in the audit as the relay, and asks their
// organization, through its own wall, whom they had to do with.
type Watch struct {
	Queries *relaydb.Queries // as the relay
	Gateway *tenancy.Gateway
	Most    int // people within an hour that are nothing to wonder about
	Now     func() time.Time
	Log     *slog.Logger

	checked time.Time // how far Check has come
}

// What Check makes up for when nobody has checked for a while: this much of the past, in windows of an hour that
// overlap by half.
const (
	window  = time.Hour
	step    = window / 2
	backlog = 24 * time.Hour
)

// Check asks the rules about the time since it was called last, and gives how many alerts it raised. An alert is raised
// once for the same person and hour. Not for two callers at a time.
func (w *Watch) Check(ctx context.Context) (raised int, err error) {
	now := w.Now()
	at := w.checked
	if oldest := now.Add(-backlog); at.Before(oldest) {
		at = oldest
	}
	for at.Before(now) {
		if at = at.Add(step); at.After(now) {
			at = now
		}
		n, err := w.check(ctx, at)
		raised += n
		if err != nil {
			return raised, err
		}
		w.checked = at
	}
	return raised, nil
}

// check asks the rules about the hour before a time.
func (w *Watch) check(ctx context.Context, now time.Time) (raised int, err error) {
	found, err := w.Queries.ReadersOfMany(ctx, int64(w.Most), now.Add(-window), now)
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
func (w *Watch) judge(ctx context.Context, all []relaydb.ReadersOfManyRow, now time.Time) (raised bool, err error) {
	people, strangers := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	counts := AlertCounts{Most: w.Most, From: all[0].FirstAt, To: all[0].LastAt}
	var tenant *uuid.UUID
	for _, b := range all {
		related, err := w.related(ctx, b)
		if err != nil {
			return false, err
		}
		for _, p := range b.People {
			people[p] = true
			if !slices.Contains(related, p) {
				strangers[p] = true
			}
		}
		if b.TenantID != nil {
			counts.Organizations, tenant = counts.Organizations+1, b.TenantID
		}
		counts.From, counts.To = minTime(counts.From, b.FirstAt), maxTime(counts.To, b.LastAt)
	}
	counts.People, counts.Unrelated = len(people), len(strangers)
	if counts.Unrelated <= w.Most {
		return false, nil
	}
	if counts.Organizations != 1 {
		tenant = nil
	}
	raw, err := json.Marshal(counts)
	if err != nil {
		return false, err
	}
	added, err := w.Queries.RaiseAlert(ctx, relaydb.RaiseAlertParams{ID: uuid.Must(uuid.NewV7()), Kind: ManyRecords,
		Actor: all[0].Actor, TenantID: tenant, At: now,
		Since: now.Truncate(time.Hour), Facts: raw, NotSince: now.Add(-time.Hour)})
	if err != nil || added == 0 {
		return false, err
	}
	w.Log.Warn("audit: somebody looked at many records without a relation", "kind", ManyRecords, "actor", all[0].Actor,
		"unrelated", counts.Unrelated)
	return true, nil
}

// related are the people on the organization's list of the day, from the day before to the day after, and the reader's
// own patients. Staff of the platform have none.
func (w *Watch) related(ctx context.Context, b relaydb.ReadersOfManyRow) ([]uuid.UUID, error) {
	if b.TenantID == nil {
		return nil, nil
	}
	t, err := w.Gateway.TenantByID(ctx, *b.TenantID)
	if err != nil {
		return nil, err
	}
	zone, err := civil.Zone(t.Zone)
	if err != nil {
		return nil, err
	}
	return w.Gateway.Once(w.Gateway.Admit(t, tenancy.Caller{})).RelatedPatients(ctx,
		tenantdb.RelatedPatientsParams{Patients: b.People, Reader: b.Actor,
			DayFrom: civil.DateOf(b.FirstAt.In(zone)).AddDays(-1).Start(zone),
			DayTo:   civil.DateOf(b.LastAt.In(zone)).AddDays(2).Start(zone)})
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
