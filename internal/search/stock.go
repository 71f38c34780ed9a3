package search

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/queries/shareddb"
)

// listingRow is a published row; the two queries that read them give the same columns.
type listingRow = shareddb.ListingsRow

// stock is what the index does not hold: schedules and pools, by listing, resource and tenant. Immutable once shown.
type stock struct {
	listings   []Listing // as read, with the availability of that moment
	offerings  map[uuid.UUID]booking.Offering
	ofResource map[uuid.UUID][]uuid.UUID
	ofTenant   map[uuid.UUID][]uuid.UUID
	leftOut    []LeftOut
}

// LeftOut is a published listing that cannot be shown. It concerns nobody but its own organization: everything else is
// searched.
type LeftOut struct {
	Listing, Tenant uuid.UUID
	Why             string // for the log
}

func newStock(n int) *stock {
	return &stock{listings: make([]Listing, 0, n), offerings: make(map[uuid.UUID]booking.Offering, n),
		ofResource: map[uuid.UUID][]uuid.UUID{}, ofTenant: map[uuid.UUID][]uuid.UUID{}}
}

func (s *stock) add(l Listing, o booking.Offering) {
	s.listings = append(s.listings, l)
	s.offerings[l.ID] = o
	s.ofTenant[l.Tenant] = append(s.ofTenant[l.Tenant], l.ID)
	for _, r := range o.Resources {
		s.ofResource[r] = append(s.ofResource[r], l.ID)
	}
}

// addRow takes a row in, or leaves it out if it cannot be read.
func (s *stock) addRow(r listingRow) {
	schedule := new(booking.Schedule)
	if err := json.Unmarshal(r.Schedule, schedule); err != nil {
		s.leftOut = append(s.leftOut, LeftOut{r.ID, r.TenantID, err.Error()})
		return
	}
	s.add(fromRow(r), booking.Offering{ID: r.ID, Tenant: r.TenantID, Resources: r.Resources, Schedule: schedule,
		ScheduleVersion: r.ScheduleVersion, PriceCents: r.PriceCents, Currency: r.Currency})
}

func fromRow(r listingRow) Listing {
	l := Listing{ID: r.ID, Tenant: r.TenantID, Slug: r.Slug, OrgName: r.Organization, Kind: r.Kind,
		LocationID: r.LocationID, LocationName: r.LocationName,
		Street: r.Street, City: r.City, State: r.State, ZIP: r.ZIP, Lat: r.Lat, Lon: r.Lon, Zone: zoneOf(r.Schedule),
		ServiceID: r.ServiceID, Reason: r.ReasonCode, Service: r.Service,
		Practitioner: r.Practitioner, Specialty: r.Specialty, Gender: r.Gender, Languages: r.Languages,
		Interpreted: r.Interpreted,
		Telehealth:  len(r.TelehealthStates) > 0, TelehealthStates: r.TelehealthStates, AreaKm: r.AreaKm,
		AcceptsNew:     r.AcceptsNew,
		PayersAccepted: r.PayersAccepted, PayersRefused: r.PayersRefused, Currency: r.Currency, Rating: r.Rating,
		Ratings: int(r.Ratings), ResponseMinutes: int(r.ResponseMinutes)}
	if r.PractitionerID != nil {
		l.PractitionerID = *r.PractitionerID
	}
	if r.PayersConfirmed != nil {
		l.PayersConfirmed = civil.NumberOf(*r.PayersConfirmed)
	}
	if r.PriceCents != nil {
		l.PriceCents = *r.PriceCents
	}
	// a program from before wrote it
	if l.Access, l.AccessEvidence = r.Access, r.AccessEvidence; len(l.AccessEvidence) != len(l.Access) {
		l.AccessEvidence = make([]string, len(l.Access))
	}
	l.Availability = Availability{Listing: r.ID}
	if r.BaseDay != nil && len(r.Parts) == DaysKnown {
		l.Availability.BaseDay = civil.NumberOf(*r.BaseDay)
		copy(l.Availability.Parts[:], r.Parts)
		if r.NextAt != nil {
			l.Availability.NextAt = r.NextAt.Unix()
		}
	}
	return l
}

func zoneOf(schedule []byte) string {
	var p struct {
		Zone string `json:"zone"`
	}
	_ = json.Unmarshal(schedule, &p) // read in full, and checked, beside it
	return p.Zone
}

// partOf is the bit of a start's part of the day, in the location's wall time.
func partOf(local time.Time) uint8 { return 1 << partIndex(local.Hour()) }

// PartAt is the part of the day of a wall time.
func PartAt(local time.Time) PartOfDay { return partsInOrder[partIndex(local.Hour())] }
