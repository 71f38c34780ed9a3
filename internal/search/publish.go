package search

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// overridesSince is how far back exceptions of the calendar are still published: yesterday may still be today
// somewhere.
const overridesSince = 48 * time.Hour

// Publish brings the market's listings of one organization up to date with its own tables, in the caller's transaction,
// and tells it.
func Publish(ctx context.Context, q *tenantdb.Queries, tenant tenancy.Tenant, now time.Time) error {
	offerings, err := q.OfferingsToPublish(ctx)
	if err != nil {
		return err
	}
	schedules, err := readSchedules(ctx, q, now)
	if err != nil {
		return err
	}
	for _, o := range offerings {
		schedule, err := json.Marshal(schedules.of(o))
		if err != nil {
			return fmt.Errorf("offering %s: %w", o.ID, err)
		}
		if err := q.PublishListing(ctx, listing(o, tenant.ID, schedule)); err != nil {
			return err
		}
	}
	return q.WritePublishedEvent(ctx, tenant.ID)
}

func listing(o tenantdb.OfferingsToPublishRow, tenant uuid.UUID, schedule []byte) tenantdb.PublishListingParams {
	p := tenantdb.PublishListingParams{
		ID: o.ID, TenantID: tenant, LocationID: o.LocationID, LocationName: o.Location, Street: o.Street, City: o.City,
		State: o.State, ZIP: o.ZIP,
		Lat: o.Lat, Lon: o.Lon, AreaKm: o.AreaKm, ServiceID: o.ServiceID, ReasonCode: o.ReasonCode,
		PractitionerID: o.PractitionerID,
		Practitioner:   o.Practitioner, Specialty: o.Specialty, Gender: o.Gender, Languages: o.Languages,
		Interpreted: o.Interpreted, TelehealthStates: []string{},
		AcceptsNew: o.AcceptsNew, PayersAccepted: o.PayersAccepted, PayersRefused: o.PayersRefused,
		PayersConfirmed: o.PayersConfirmed, Access: o.Access, AccessEvidence: o.AccessEvidence,
		PriceCents: o.PriceCents, Currency: o.Currency, Rating: o.Rating, Ratings: o.Ratings,
		ResponseMinutes: o.ResponseMinutes,
		Resources:       o.Resources, Schedule: schedule, ScheduleVersion: o.ScheduleVersion, Live: o.Live,
		VisitMode: o.VisitMode, AgeFrom: o.AgeFrom, AgeTo: o.AgeTo,
	}
	if o.Telehealth {
		p.TelehealthStates = []string{o.State}
	}
	return p
}

// schedules are the parts of all schedules of one organization, by what they belong to.
type schedules struct {
	open, breaks map[uuid.UUID]*[7][]booking.Window
	special      map[uuid.UUID]map[civil.Date][]booking.Window
	rules        map[string]map[uuid.UUID]booking.RuleSet
}

func readSchedules(ctx context.Context, q *tenantdb.Queries, now time.Time) (schedules, error) {
	p := schedules{open: map[uuid.UUID]*[7][]booking.Window{}, breaks: map[uuid.UUID]*[7][]booking.Window{},
		special: map[uuid.UUID]map[civil.Date][]booking.Window{},
		rules:   map[string]map[uuid.UUID]booking.RuleSet{"organization": {}, "service": {}, "practitioner": {}}}
	weekly, err := q.ScheduleRules(ctx)
	if err != nil {
		return p, err
	}
	for _, r := range weekly {
		into := p.open
		if r.Kind == "break" {
			into = p.breaks
		}
		week := into[r.ScheduleID]
		if week == nil {
			week = new([7][]booking.Window)
			into[r.ScheduleID] = week
		}
		week[r.Weekday] = append(week[r.Weekday], booking.Window{From: r.FromMinute, To: r.ToMinute})
	}
	if err := p.readOverrides(ctx, q, now); err != nil {
		return p, err
	}
	rules, err := q.BookingRules(ctx)
	for _, r := range rules {
		p.rules[r.Scope][r.ScopeID] = booking.RuleSet{BeforeMinutes: r.BeforeMinutes, AfterMinutes: r.AfterMinutes,
			StepMinutes: r.StepMinutes,
			LeadMinutes: r.LeadMinutes, HorizonDays: r.HorizonDays, CancelCutoffMinutes: r.CancelCutoffMinutes,
			MoveCutoffMinutes: r.MoveCutoffMinutes}
	}
	return p, err
}

func (p schedules) readOverrides(ctx context.Context, q *tenantdb.Queries, now time.Time) error {
	overrides, err := q.ScheduleOverrides(ctx, now.Add(-overridesSince))
	for _, o := range overrides {
		days := p.special[o.ScheduleID]
		if days == nil {
			days = map[civil.Date][]booking.Window{}
			p.special[o.ScheduleID] = days
		}
		day := civil.DateOf(o.Day)
		if o.FromMinute == nil || o.ToMinute == nil {
			days[day] = append([]booking.Window{}, days[day]...) // closed, unless another row opens it
			continue
		}
		days[day] = booking.Hours(append(days[day], booking.Window{From: *o.FromMinute, To: *o.ToMinute}), nil)
	}
	return err
}

func (p schedules) of(o tenantdb.OfferingsToPublishRow) *booking.Schedule {
	schedule := &booking.Schedule{Zone: o.Zone, VisitMinutes: o.Minutes, Special: p.special[o.ScheduleID]}
	for day := range schedule.Week {
		var open, breaks []booking.Window
		if week := p.open[o.ScheduleID]; week != nil {
			open = week[day]
		}
		if week := p.breaks[o.ScheduleID]; week != nil {
			breaks = week[day]
		}
		schedule.Week[day] = booking.Hours(open, breaks)
	}
	var practitioner booking.RuleSet
	if o.PractitionerID != nil {
		practitioner = p.rules["practitioner"][*o.PractitionerID]
	}
	var organization booking.RuleSet
	for _, r := range p.rules["organization"] {
		organization = r // there is one organization in a schema
	}
	schedule.Rules, _ = booking.Resolve(organization, p.rules["service"][o.ServiceID], practitioner)
	schedule.ValidFrom, schedule.ValidUntil = validity(o)
	return schedule
}

// validity are the first and the last day on which both whoever gives the service and the location may; zero: without a
// bound.
func validity(o tenantdb.OfferingsToPublishRow) (from, until civil.Date) {
	for _, at := range []*time.Time{o.ValidFrom, o.LocationValidFrom} {
		if at != nil && (from.IsZero() || civil.DateOf(*at).After(from)) {
			from = civil.DateOf(*at)
		}
	}
	for _, at := range []*time.Time{o.ValidUntil, o.LocationValidUntil, o.InsuredUntil} {
		if at != nil && (until.IsZero() || civil.DateOf(*at).Before(until)) {
			until = civil.DateOf(*at)
		}
	}
	if !until.IsZero() && until.Before(from) {
		return longAgo, longAgo // they never may at once
	}
	return from, until
}

var longAgo = civil.Date{Year: 2000, Month: 1, Day: 1}
