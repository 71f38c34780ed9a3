package audit

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/tenantdb"
)

// The kinds of alerts: somebody opened many people's records without a relation to them (A36), or was shown many in
// lists, searches, records and exports together (A52).
const (
	ManyRecords = "many_records"
	ManyShown   = "many_shown"
)

// AlertCounts are what an alert keeps (its column facts): counts, no names.
type AlertCounts struct {
	People        int       `json:"people"`             // whose records were looked at, or who were shown
	Unrelated     int       `json:"unrelated"`          // of them, without a relation
	Exported      int       `json:"exported,omitempty"` // of them, only counted in exports
	Most          int       `json:"most"`               // how many are nothing to wonder about
	From          time.Time `json:"from"`
	To            time.Time `json:"to"`
	Organizations int       `json:"places"` // organizations; 0: as staff of the platform
}

// Watch looks for people who open too many records, or have themselves shown too many people. It finds candidates in
// the audit as the relay, and asks their organization, through its own wall, whom they had to do with.
type Watch struct {
	Queries    *relaydb.Queries // as the relay
	Gateway    *tenancy.Gateway
	MostOpened int // people whose records are opened within an hour: so many are nothing to wonder about
	MostShown  int // people who are shown within an hour in lists and records together
	Now        func() time.Time
	Log        *slog.Logger

	checked time.Time   // how far Check has come
	failed  []time.Time // ends of windows that could not be checked, oldest first
}

// What Check makes up for when nobody has checked for a while, or could not: this much of the past, in windows of an
// hour that overlap by half.
const (
	window  = time.Hour
	step    = window / 2
	backlog = 24 * time.Hour
)

// Check asks the rules about the time since it was called last, and gives how many alerts it raised. An alert is raised
// once for the same person and hour. What fails about one window or one person keeps no other from being looked at; it
// is an error, and asked again the next time. Not for two callers at a time.
func (w *Watch) Check(ctx context.Context) (raised int, err error) {
	now := w.Now()
	oldest := now.Add(-backlog)
	if w.checked.Before(oldest) {
		w.checked = oldest
	}
	var ends, failed []time.Time // what nobody has tried comes first
	for w.checked.Before(now) {
		if w.checked = w.checked.Add(step); w.checked.After(now) {
			w.checked = now
		}
		ends = append(ends, w.checked)
	}
	ends = append(ends, slices.DeleteFunc(w.failed, oldest.After)...)
	var failures []error
	for _, end := range ends {
		n, err := w.check(ctx, end)
		raised += n
		if err != nil {
			failed, failures = append(failed, end), append(failures, err)
		}
	}
	w.failed = halfOverlapping(failed)
	return raised, errors.Join(failures...)
}

// halfOverlapping leaves out windows that overlap one before them by more than half: however long nothing can be
// checked, there is one for each step of the backlog.
func halfOverlapping(ends []time.Time) (kept []time.Time) {
	slices.SortFunc(ends, time.Time.Compare)
	for _, end := range ends {
		if len(kept) == 0 || !end.Before(kept[len(kept)-1].Add(step)) {
			kept = append(kept, end)
		}
	}
	return kept
}

// check asks the rules about the hour before a time, person by person.
func (w *Watch) check(ctx context.Context, now time.Time) (raised int, err error) {
	found, err := w.Queries.ReadersOfMany(ctx, relaydb.ReadersOfManyParams{Since: now.Add(-window), Until: now,
		MostOpened: int64(w.MostOpened), MostShown: int64(w.MostShown)})
	if err != nil {
		return 0, err
	}
	var failures []error
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].Actor == found[0].Actor {
			n++
		}
		yes, err := w.judge(ctx, found[:n], now)
		raised += yes
		failures = append(failures, err)
		found = found[n:]
	}
	return raised, errors.Join(failures...)
}

// tally is whom one person looked at, all organizations together.
type tally struct {
	people, strangers map[uuid.UUID]bool
}

func newTally() tally { return tally{map[uuid.UUID]bool{}, map[uuid.UUID]bool{}} }

func (t tally) add(people, related []uuid.UUID) {
	known := map[uuid.UUID]bool{}
	for _, p := range related {
		known[p] = true
	}
	for _, p := range people {
		t.people[p] = true
		if !known[p] {
			t.strangers[p] = true
		}
	}
}

// judge counts whom one person had nothing to do with, all organizations together: whose records they opened, and who
// was shown to them in any way.
func (w *Watch) judge(ctx context.Context, all []relaydb.ReadersOfManyRow, now time.Time) (raised int, err error) {
	opened, shown, exported := newTally(), newTally(), 0
	counts := AlertCounts{From: all[0].FirstAt, To: all[0].LastAt}
	var tenant *uuid.UUID
	for _, b := range all {
		near, err := w.related(ctx, b, b.Opened, 1, 1)
		if err != nil {
			return 0, err
		}
		wide, err := w.related(ctx, b, b.Shown, daysBehind, daysAhead)
		if err != nil {
			return 0, err
		}
		opened.add(b.Opened, near)
		shown.add(b.Shown, wide)
		exported += int(b.Exported)
		if b.TenantID != nil && !b.AsStaff {
			counts.Organizations, tenant = counts.Organizations+1, b.TenantID
		}
		counts.From, counts.To = minTime(counts.From, b.FirstAt), maxTime(counts.To, b.LastAt)
	}
	if counts.Organizations != 1 {
		tenant = nil
	}
	first, second := counts, counts
	first.People, first.Unrelated, first.Most = len(opened.people), len(opened.strangers), w.MostOpened
	second.People, second.Unrelated, second.Most = len(shown.people)+exported, len(shown.strangers)+exported, w.MostShown
	second.Exported = exported
	for _, one := range []struct {
		kind string
		AlertCounts
	}{{ManyRecords, first}, {ManyShown, second}} {
		yes, err := w.raise(ctx, one.kind, all[0].Actor, tenant, one.AlertCounts, now)
		if err != nil {
			return raised, err
		}
		if yes {
			raised++
		}
	}
	return raised, nil
}

// raise keeps an alert if more people are unrelated than the measure, unless the hour has one of its kind about them.
func (w *Watch) raise(ctx context.Context, kind string, actor uuid.UUID, tenant *uuid.UUID, counts AlertCounts,
	now time.Time) (bool, error) {
	if counts.Unrelated <= counts.Most {
		return false, nil
	}
	raw, err := json.Marshal(counts)
	if err != nil {
		return false, err
	}
	added, err := w.Queries.RaiseAlert(ctx, relaydb.RaiseAlertParams{ID: uuid.Must(uuid.NewV7()), Kind: kind,
		Actor: actor, TenantID: tenant, At: now, Since: now.Truncate(time.Hour), Facts: raw})
	if err != nil || added == 0 {
		return false, err
	}
	w.Log.Warn("audit: somebody looked at many people without a relation", "kind", kind, "actor", actor,
		"unrelated", counts.Unrelated)
	return true, nil
}

// Whoever works at the desk turns the pages of the days around today, and finds there and in searches whom somebody
// will see this week or saw last: they are no strangers in a list. Whose record is opened has a nearer reason, or none.
const (
	daysBehind = 7
	daysAhead  = 14
)

// related are those of some people on the organization's lists of the days around the looks, and the reader's own
// patients. Staff of the platform have none, also where an emergency opens an organization to them.
func (w *Watch) related(ctx context.Context, b relaydb.ReadersOfManyRow, people []uuid.UUID,
	behind, ahead int) ([]uuid.UUID, error) {
	if b.TenantID == nil || b.AsStaff || len(people) == 0 {
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
		tenantdb.RelatedPatientsParams{Patients: people, Reader: b.Actor,
			DayFrom: civil.DateOf(b.FirstAt.In(zone)).AddDays(-behind).Start(zone),
			DayTo:   civil.DateOf(b.LastAt.In(zone)).AddDays(ahead + 1).Start(zone)})
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
