package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/booking"
	"kindward/internal/offering"
	"kindward/queries/tenantdb"
)

// hoursRecord is what a row of hours makes, and the ids of what it has added.
type hoursRecord struct {
	Location     uuid.UUID   `json:"location"`
	Practitioner *uuid.UUID  `json:"practitioner"`
	Services     []uuid.UUID `json:"services"`
	Week         []weekly    `json:"week"`
	Rules        []uuid.UUID `json:"rules"`
}

func hoursOf(r imported) (h hoursRecord, err error) {
	raw, err := json.Marshal(r.record)
	if err != nil {
		return h, err
	}
	return h, json.Unmarshal(raw, &h)
}

// addHours adds hours as the page of hours does. Rows whose location, practitioner or services are gone add nothing.
func addHours(ctx context.Context, to target, rows []imported) (added []uuid.UUID, err error) {
	all := make([]hoursRecord, len(rows))
	for i, r := range rows {
		if all[i], err = hoursOf(r); err != nil {
			return nil, err
		}
	}
	there, err := to.standing(ctx, all)
	if err != nil {
		return nil, err
	}
	var records []map[string]any
	for i, h := range all {
		if !there.has(h) {
			continue
		}
		var rules []uuid.UUID
		for open, days := range daysByHours(h.Week) {
			fresh, err := offering.PutHours(ctx, to.q, to.t, offering.Hours{Location: h.Location,
				Practitioner: h.Practitioner, Services: h.Services, Weekdays: days, From: open.From, To: open.To}, there.rules)
			if err != nil {
				return nil, err
			}
			for _, r := range fresh {
				rules = append(rules, offering.RuleID(r))
			}
			there.rules = append(there.rules, fresh...)
		}
		if len(rules) > 0 {
			added = append(added, rows[i].id)
			records = append(records, map[string]any{"line": rows[i].line, "record": map[string]any{"rules": rules}})
		}
	}
	raw, err := json.Marshal(records)
	if err != nil || records == nil {
		return added, err
	}
	if err := offering.RequireFit(ctx, to.q, offering.RuleKind); err != nil {
		return nil, err
	}
	return added, to.q.AddToImportRecords(ctx, to.batch, raw)
}

// mostAdded is of how many single services hours are added in one transaction, but for those of one row.
const mostAdded = 300

// someHours are the first rows of hours of no more services than that.
func someHours(rows []tenantdb.ImportRowsRow) ([]tenantdb.ImportRowsRow, error) {
	services := 0
	for i, r := range rows {
		var h hoursRecord
		if err := json.Unmarshal(r.Record, &h); err != nil {
			return nil, fmt.Errorf("the record of line %d: %w", r.Line, err)
		}
		if services += len(h.Services) * len(daysByHours(h.Week)); i > 0 && services > mostAdded {
			return rows[:i], nil
		}
	}
	return rows, nil
}

func daysByHours(week []weekly) map[booking.Window][]time.Weekday {
	days := map[booking.Window][]time.Weekday{}
	for _, w := range week {
		days[w.Open] = append(days[w.Open], w.Day)
	}
	return days
}

// standing is what hours are added to.
type standing struct {
	ids   map[uuid.UUID]bool // of locations, practitioners and services
	rules []tenantdb.ScheduleRulesRow
}

func (s standing) has(h hoursRecord) bool {
	return s.ids[h.Location] && (h.Practitioner == nil || s.ids[*h.Practitioner]) &&
		!slices.ContainsFunc(h.Services, func(id uuid.UUID) bool { return !s.ids[id] })
}

// standing locks the locations, in the order of their ids, and reads what is there.
func (to target) standing(ctx context.Context, all []hoursRecord) (s standing, err error) {
	s.ids = map[uuid.UUID]bool{}
	var locations []uuid.UUID
	for _, h := range all {
		locations = append(locations, h.Location)
	}
	for _, id := range distinct(locations) {
		_, err := to.q.LockLocation(ctx, id)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return s, err
		}
		s.ids[id] = err == nil
	}
	people, err := to.q.KnownPractitioners(ctx)
	if err != nil {
		return s, err
	}
	services, err := to.q.Services(ctx)
	if err != nil {
		return s, err
	}
	for _, p := range people {
		s.ids[p.ID] = true
	}
	for _, v := range services {
		s.ids[v.ID] = true
	}
	s.rules, err = to.q.ScheduleRules(ctx)
	return s, err
}

// removeHours takes away what rows have added, unless something is booked in some of it.
func removeHours(ctx context.Context, from target, rows []imported) (gone []uuid.UUID, err error) {
	rules := map[uuid.UUID][]uuid.UUID{}
	var all, drop []uuid.UUID
	for _, r := range rows {
		h, err := hoursOf(r)
		if err != nil {
			return nil, err
		}
		rules[r.id] = h.Rules
		all = append(all, h.Rules...)
	}
	booked, err := from.q.BookedRules(ctx, all, from.now.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	for id, own := range rules {
		if slices.ContainsFunc(own, func(r uuid.UUID) bool { return slices.Contains(booked, r) }) {
			continue
		}
		gone, drop = append(gone, id), append(drop, own...)
	}
	return gone, from.drop(ctx, drop)
}

// drop takes rules away, and tells all offerings of their schedules.
func (from target) drop(ctx context.Context, rules []uuid.UUID) error {
	schedules, err := from.q.DropRules(ctx, rules)
	for _, id := range distinct(schedules) {
		if err == nil {
			err = from.q.ChangeSchedule(ctx, id)
		}
		if err == nil {
			err = from.q.AuditClosed(ctx, &id)
		}
	}
	return err
}
