// Package offering is what an organization lets patients book: where, by whom, which services and when; and what is
// left to say until they can.
package offering

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// ErrAdded means that the same form has added the same before.
var ErrAdded = errors.New("offering: it is there already")

// ErrMany means that an organization has as many of a kind as it may have.
var ErrMany = errors.New("offering: as many as an organization may have")

// RuleKind is that of weekly hours, each of one service on one day.
const RuleKind = "ScheduleRule"

// most is how many of each kind an organization may have: its own pages list them, and every process keeps what is
// offered.
var most = map[string]int64{"Location": 500, "Practitioner": 20_000, "Service": 1_000, "Offering": 10_000,
	RuleKind: 100_000}

func room(ctx context.Context, q *tenantdb.Queries, kind string) error {
	return roomFor(ctx, q, kind, 1)
}

// RequireFit is ErrMany if an organization has more of a kind than it may have, for whoever has added many.
func RequireFit(ctx context.Context, q *tenantdb.Queries, kind string) error {
	return roomFor(ctx, q, kind, 0)
}

func roomFor(ctx context.Context, q *tenantdb.Queries, kind string, more int64) error {
	err := q.RequireRoom(ctx, kind, most[kind]+1-more)
	if tenancy.Code(err) == "KW447" {
		return ErrMany
	}
	return err
}

// Hours are a stretch of some weekdays in which somebody gives services at a location.
type Hours struct {
	Location     uuid.UUID
	Practitioner *uuid.UUID // nil: the team, one visit at a time
	Services     []uuid.UUID
	Weekdays     []time.Weekday
	From, To     int16 // minutes of the location's day
}

// rows are what an Add query of many rows takes.
func rows(of ...map[string]any) []byte {
	text, err := json.Marshal(append([]map[string]any{}, of...)) // of none an empty list
	if err != nil {
		panic(err) // plain values have JSON
	}
	return text
}

// day is a date as JSON has it, or null.
func day(at *time.Time) any {
	if at == nil {
		return nil
	}
	return civil.DateOf(*at)
}

// once tells of a row whose id is there that it was added before.
func once(err error) error {
	if tenancy.Code(err) == "23505" {
		return ErrAdded
	}
	return err
}

// AddLocation adds a place at which patients are seen, with its event. What bounds the organization's first location,
// its license, bounds this one. ErrAdded: its id is there.
func AddLocation(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant, l tenantdb.AddLocationParams,
	areaKm float64) error {
	if err := room(ctx, q, "Location"); err != nil {
		return err
	}
	location, err := ValidityOfFirst(ctx, q, t)
	if err != nil {
		return err
	}
	maps.Copy(location, map[string]any{"id": l.ID, "name": l.Name, "street": l.Street, "city": l.City, "state": l.State,
		"zip": l.ZIP, "lat": l.Lat, "lon": l.Lon, "area_km": areaKm, "zone": l.Zone, "phone": l.Phone, "directions": "",
		"languages": []string{}, "interpreted": []string{}})
	if err := q.AddLocations(ctx, rows(location)); err != nil {
		return once(err)
	}
	return q.AuditAdded(ctx, "Location", &l.ID)
}

// ValidityOfFirst are the days that bound an organization's first location, as the row of another one has them.
func ValidityOfFirst(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant) (map[string]any, error) {
	first, err := q.LocationValidity(ctx, tenancy.FirstID(t.ID, "location"))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	return map[string]any{"valid_from": day(first.ValidFrom), "valid_until": day(first.ValidUntil),
		"insured_until": day(first.InsuredUntil)}, nil
}

// Practitioner is somebody who gives services.
type Practitioner struct {
	ID                     uuid.UUID
	Name, Specialty, About string
	NPI                    string // or empty
	Languages              []string
}

// AddPractitioner adds somebody and what is claimed of their time, with its event. ErrAdded: the id is there.
func AddPractitioner(ctx context.Context, q *tenantdb.Queries, p Practitioner) error {
	if err := room(ctx, q, "Practitioner"); err != nil {
		return err
	}
	err := q.AddPractitioners(ctx, rows(map[string]any{"id": p.ID, "name": p.Name, "specialty": p.Specialty, "gender": "",
		"languages": p.Languages, "about": p.About, "npi": p.NPI}))
	if err != nil {
		return once(err)
	}
	err = q.AddResources(ctx, rows(map[string]any{"id": uuid.NewSHA1(p.ID, []byte("resource")), "kind": "practitioner",
		"name": p.Name, "practitioner_id": p.ID}))
	if err != nil {
		return once(err)
	}
	return q.AuditAdded(ctx, "Practitioner", &p.ID)
}

// Service is what patients come for.
type Service struct {
	ID                 uuid.UUID
	Reason, Name, Prep string
	Minutes            int
	PriceCents         *int64 // nil: not said
	Telehealth         bool
	VisitMode          string
}

// AddService adds one, with its event. ErrAdded: its id is there.
func AddService(ctx context.Context, q *tenantdb.Queries, s Service) error {
	if err := room(ctx, q, "Service"); err != nil {
		return err
	}
	err := q.AddServices(ctx, rows(map[string]any{"id": s.ID, "reason_code": s.Reason, "name": s.Name,
		"minutes": s.Minutes, "prep": s.Prep, "bring": "", "price_cents": s.PriceCents, "telehealth": s.Telehealth,
		"visit_mode": s.VisitMode}))
	if err != nil {
		return once(err)
	}
	return q.AuditAdded(ctx, "Service", &s.ID)
}

// AddHours adds hours to the schedule of each of the services, makes and offers those that there are not yet, and
// publishes them, all in the caller's transaction. What is there already stays as it is. A schedule is of one service,
// so that hours of one let nobody book another.
func AddHours(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant, h Hours, now time.Time) error {
	if _, err := q.LockLocation(ctx, h.Location); err != nil {
		return err
	}
	there, err := q.ScheduleRules(ctx)
	if err != nil {
		return err
	}
	if _, err := PutHours(ctx, q, t, h, there); err != nil {
		return err
	}
	if err := RequireFit(ctx, q, RuleKind); err != nil {
		return err
	}
	return search.Publish(ctx, q, t, now)
}

// PutHours is AddHours without publishing, after LockLocation, for whoever adds many. There are the rules of all
// schedules; those that it adds come back.
func PutHours(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant, h Hours,
	there []tenantdb.ScheduleRulesRow) (added []tenantdb.ScheduleRulesRow, err error) {
	resource, err := resourceOf(ctx, q, t, h.Practitioner)
	if err != nil {
		return nil, err
	}
	for _, service := range h.Services {
		schedule, err := scheduleOf(ctx, q, h, service, resource)
		if err != nil {
			return nil, err
		}
		rules := newRules(schedule, h, there)
		if err := q.AddScheduleRules(ctx, rulesToAdd(rules)); err != nil {
			return nil, err
		}
		if err := q.ChangeSchedule(ctx, schedule); err != nil {
			return nil, err
		}
		if err := q.AuditAdded(ctx, "Schedule", &schedule); err != nil {
			return nil, err
		}
		added = append(added, rules...)
	}
	return added, nil
}

// scheduleOf finds the schedule in which a practitioner, or the team, gives a service at a location, or makes it and
// offers the service in it.
func scheduleOf(ctx context.Context, q *tenantdb.Queries, h Hours, service, resource uuid.UUID) (uuid.UUID, error) {
	id, err := q.ScheduleOf(ctx, h.Location, service, h.Practitioner)
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	if err := room(ctx, q, "Offering"); err != nil {
		return id, err
	}
	of := uuid.Nil
	if h.Practitioner != nil {
		of = *h.Practitioner
	}
	id = uuid.NewSHA1(h.Location, slices.Concat(of[:], service[:]))
	err = q.AddSchedules(ctx, rows(map[string]any{"id": id, "location_id": h.Location,
		"practitioner_id": h.Practitioner, "name": ""}))
	if err != nil {
		return id, err
	}
	offering := uuid.NewSHA1(id, service[:])
	err = q.AddOfferings(ctx, rows(map[string]any{"id": offering, "service_id": service, "location_id": h.Location,
		"schedule_id": id, "practitioner_id": h.Practitioner, "accepts_new": true, "payers_accepted": []string{},
		"payers_refused": []string{}, "rating": 0, "ratings": 0, "response_minutes": 0, "live": true}))
	if err != nil {
		return id, err
	}
	return id, q.AddOfferingResources(ctx, rows(map[string]any{"offering_id": offering, "resource_id": resource,
		"position": 0}))
}

// newRules are the hours that a schedule does not have among those that are there.
func newRules(schedule uuid.UUID, h Hours, there []tenantdb.ScheduleRulesRow) (add []tenantdb.ScheduleRulesRow) {
	for _, day := range h.Weekdays {
		one := tenantdb.ScheduleRulesRow{ScheduleID: schedule, Weekday: int16(day), Kind: "open", FromMinute: h.From,
			ToMinute: h.To}
		if !slices.Contains(there, one) {
			add = append(add, one)
		}
	}
	return add
}

// RuleID is the id under which hours of a schedule are added.
func RuleID(r tenantdb.ScheduleRulesRow) uuid.UUID {
	return uuid.NewSHA1(r.ScheduleID, fmt.Appendf(nil, "%d %d %d", r.Weekday, r.FromMinute, r.ToMinute))
}

func rulesToAdd(rules []tenantdb.ScheduleRulesRow) []byte {
	add := make([]map[string]any, 0, len(rules))
	for _, r := range rules {
		add = append(add, map[string]any{"id": RuleID(r), "schedule_id": r.ScheduleID, "weekday": r.Weekday,
			"kind": r.Kind, "from_minute": r.FromMinute, "to_minute": r.ToMinute})
	}
	return rows(add...)
}

// resourceOf finds whose time is claimed. A team's, and that of a practitioner who came in a file, is made when they
// first work.
func resourceOf(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant, who *uuid.UUID) (uuid.UUID, error) {
	id, err := q.ResourceOf(ctx, who)
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	if who == nil {
		id = tenancy.FirstID(t.ID, "team")
		return id, q.AddResources(ctx, rows(map[string]any{"id": id, "kind": "team", "name": "Team"}))
	}
	name, err := q.PractitionerName(ctx, *who)
	if err != nil {
		return id, err
	}
	id = uuid.NewSHA1(*who, []byte("resource"))
	return id, q.AddResources(ctx, rows(map[string]any{"id": id, "kind": "practitioner", "name": name,
		"practitioner_id": *who}))
}
