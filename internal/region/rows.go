package region

import (
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// rows are one organization's tables, in the shape in which they are written. A nil pointer is null.
type rows struct {
	locations     []location
	access        []locationAccess
	practitioners []practitioner
	resources     []resource
	services      []service
	schedules     []schedule
	weekly        []weeklyHours
	overrides     []override
	rules         []bookingRule
	offerings     []offering
}

type location struct {
	ID          uuid.UUID `json:"id"`
	Name        string    `json:"name"`
	Street      string    `json:"street"`
	City        string    `json:"city"`
	State       string    `json:"state"`
	ZIP         string    `json:"zip"`
	Lat         float64   `json:"lat"`
	Lon         float64   `json:"lon"`
	AreaKm      int       `json:"area_km"`
	Zone        string    `json:"zone"`
	Phone       string    `json:"phone"`
	Directions  string    `json:"directions"`
	Languages   []string  `json:"languages"`
	Interpreted []string  `json:"interpreted"`
}

// locationAccess is one feature about getting in and about at a location.
type locationAccess struct {
	LocationID uuid.UUID `json:"location_id"`
	Code       string    `json:"code"`
	Evidence   string    `json:"evidence"`
}

type practitioner struct {
	ID         uuid.UUID   `json:"id"`
	Name       string      `json:"name"`
	Specialty  string      `json:"specialty"`
	Gender     string      `json:"gender"`
	Languages  []string    `json:"languages"`
	About      string      `json:"about"`
	NPI        string      `json:"npi"`
	AgeFrom    *int16      `json:"age_from"`
	AgeTo      *int16      `json:"age_to"`
	ValidFrom  *civil.Date `json:"valid_from"`
	ValidUntil *civil.Date `json:"valid_until"`
}

type resource struct {
	ID             uuid.UUID  `json:"id"`
	Kind           string     `json:"kind"`
	Name           string     `json:"name"`
	PractitionerID *uuid.UUID `json:"practitioner_id"`
}

type service struct {
	ID         uuid.UUID `json:"id"`
	ReasonCode string    `json:"reason_code"`
	Name       string    `json:"name"`
	Minutes    int       `json:"minutes"`
	Prep       string    `json:"prep"`
	Bring      string    `json:"bring"`
	PriceCents *int64    `json:"price_cents"`
	Telehealth bool      `json:"telehealth"`
	VisitMode  string    `json:"visit_mode"`
}

type schedule struct {
	ID             uuid.UUID  `json:"id"`
	LocationID     uuid.UUID  `json:"location_id"`
	PractitionerID *uuid.UUID `json:"practitioner_id"`
	Name           string     `json:"name"`
}

type weeklyHours struct {
	ID         uuid.UUID `json:"id"`
	ScheduleID uuid.UUID `json:"schedule_id"`
	Weekday    int       `json:"weekday"`
	Kind       string    `json:"kind"`
	FromMinute int16     `json:"from_minute"`
	ToMinute   int16     `json:"to_minute"`
}

type override struct {
	ID         uuid.UUID  `json:"id"`
	ScheduleID uuid.UUID  `json:"schedule_id"`
	Day        civil.Date `json:"day"`
	FromMinute *int16     `json:"from_minute"`
	ToMinute   *int16     `json:"to_minute"`
	Why        string     `json:"why"`
}

type bookingRule struct {
	Scope               string    `json:"scope"`
	ScopeID             uuid.UUID `json:"scope_id"`
	BeforeMinutes       *int32    `json:"before_minutes"`
	AfterMinutes        *int32    `json:"after_minutes"`
	StepMinutes         *int32    `json:"step_minutes"`
	LeadMinutes         *int32    `json:"lead_minutes"`
	HorizonDays         *int32    `json:"horizon_days"`
	CancelCutoffMinutes *int32    `json:"cancel_cutoff_minutes"`
	MoveCutoffMinutes   *int32    `json:"move_cutoff_minutes"`
}

func (r bookingRule) set() booking.RuleSet {
	return booking.RuleSet{BeforeMinutes: r.BeforeMinutes, AfterMinutes: r.AfterMinutes, StepMinutes: r.StepMinutes,
		LeadMinutes: r.LeadMinutes,
		HorizonDays: r.HorizonDays, CancelCutoffMinutes: r.CancelCutoffMinutes, MoveCutoffMinutes: r.MoveCutoffMinutes}
}

type offering struct {
	ID              uuid.UUID   `json:"id"`
	ServiceID       uuid.UUID   `json:"service_id"`
	LocationID      uuid.UUID   `json:"location_id"`
	ScheduleID      uuid.UUID   `json:"schedule_id"`
	PractitionerID  *uuid.UUID  `json:"practitioner_id"`
	Resources       []uuid.UUID `json:"-"` // written as rows of their own
	AcceptsNew      bool        `json:"accepts_new"`
	PayersAccepted  []string    `json:"payers_accepted"`
	PayersRefused   []string    `json:"payers_refused"`
	PayersConfirmed *civil.Date `json:"payers_confirmed"`
	Rating          float32     `json:"rating"`
	Ratings         int         `json:"ratings"`
	ResponseMinutes int         `json:"response_minutes"`
	Live            bool        `json:"live"`
}

// offeringResource is one of the resources that do an offering's visits.
type offeringResource struct {
	OfferingID uuid.UUID `json:"offering_id"`
	ResourceID uuid.UUID `json:"resource_id"`
	Position   int       `json:"position"`
}

// offeringResources are those of all offerings, in the order in which they are tried.
func (r *rows) offeringResources() (all []offeringResource) {
	for _, o := range r.offerings {
		for i, resource := range o.Resources {
			all = append(all, offeringResource{o.ID, resource, i})
		}
	}
	return all
}

type patient struct {
	id, account        uuid.UUID
	name, phone, email string
	born               civil.Date // zero = not known
	since              time.Time
	busyUntil          int64 // end of the latest visit so far
}

// visit is one appointment, before it has a patient.
type visit struct {
	offering, resource int // indices
	start              int64
	claim              booking.Range
	minutes            int32
	account            uuid.UUID // of a demo login, else zero
}
