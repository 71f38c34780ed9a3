package search

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/venue"
	"kindward/queries/shareddb"
)

// listingRow is a published row; the two queries that read them give the same columns.
type listingRow = shareddb.ListingsRow

// stock is what the index does not hold: schedules and pools, by listing, resource and tenant. Immutable once shown.
type stock struct {
	entries    *idMap[entry]
	ofResource *idMap[[]uuid.UUID]
	ofTenant   *idMap[[]uuid.UUID] // in order of id
	leftOut    []LeftOut           // what cannot be read
}

// entry is a published offering. Whether searches find it is the index's to say.
type entry struct {
	offering booking.Offering
	listing  *Listing
}

// LeftOut is a published listing that cannot be shown. It concerns nobody but its own organization: everything else is
// searched.
type LeftOut struct {
	Listing, Tenant uuid.UUID
	Why             string // for the log
}

func newStock() *stock {
	return &stock{entries: newIDMap[entry](), ofResource: newIDMap[[]uuid.UUID](), ofTenant: newIDMap[[]uuid.UUID]()}
}

// fork is a copy that may be changed.
func (s *stock) fork() *stock {
	return &stock{entries: s.entries.fork(), ofResource: s.ofResource.fork(), ofTenant: s.ofTenant.fork(),
		leftOut: slices.Clone(s.leftOut)}
}

func (s *stock) add(e entry) {
	id := e.listing.ID
	s.entries.set(id, e)
	addTo(s.ofTenant, e.listing.Tenant, id)
	for _, r := range e.offering.Resources {
		addTo(s.ofResource, r, id)
	}
}

// addTo appends behind what others see of the list: of all forks only the last one is changed.
func addTo(m *idMap[[]uuid.UUID], key, id uuid.UUID) {
	list, _ := m.get(key)
	m.set(key, append(list, id))
}

// takeOut forgets what an organization has published.
func (s *stock) takeOut(tenant uuid.UUID) {
	ids, _ := s.ofTenant.get(tenant)
	gone := map[uuid.UUID]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	for _, id := range ids {
		e, _ := s.entries.get(id)
		s.entries.remove(id)
		for _, r := range e.offering.Resources {
			list, _ := s.ofResource.get(r)
			if list = slices.DeleteFunc(slices.Clone(list), func(id uuid.UUID) bool { return gone[id] }); len(list) == 0 {
				s.ofResource.remove(r)
			} else {
				s.ofResource.set(r, list)
			}
		}
	}
	s.ofTenant.remove(tenant)
	s.leftOut = slices.DeleteFunc(s.leftOut, func(l LeftOut) bool { return l.Tenant == tenant })
}

// rowReader reads rows. What many listings have word for word, like the hours of a location, it keeps once.
type rowReader struct {
	schedules map[string]*booking.Schedule
	texts     map[string]string
	lists     map[string][]string
}

func newRowReader() *rowReader {
	return &rowReader{map[string]*booking.Schedule{}, map[string]string{}, map[string][]string{}}
}

// read takes a row in, or leaves it out if it cannot be read.
func (rd *rowReader) read(r listingRow, into *stock) {
	schedule, err := rd.schedule(r.Schedule)
	if err != nil {
		into.leftOut = append(into.leftOut, LeftOut{r.ID, r.TenantID, err.Error()})
		return
	}
	l := fromRow(r, schedule.Zone)
	rd.share(l)
	into.add(entry{booking.Offering{ID: r.ID, Tenant: r.TenantID, Resources: r.Resources, Schedule: schedule,
		ScheduleVersion: r.ScheduleVersion, PriceCents: r.PriceCents, Currency: l.Currency}, l})
}

func (rd *rowReader) schedule(raw []byte) (*booking.Schedule, error) {
	if s, known := rd.schedules[string(raw)]; known {
		return s, nil
	}
	s := new(booking.Schedule)
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, err
	}
	rd.schedules[string(raw)] = s
	return s, nil
}

// share lets a listing have the texts and lists that others have.
func (rd *rowReader) share(l *Listing) {
	for _, s := range []*string{&l.Slug, &l.OrgName, &l.Kind, &l.LocationName, &l.Street, &l.City, &l.State, &l.ZIP,
		&l.Zone, &l.Reason, &l.Service, &l.Practitioner, &l.Specialty, &l.Gender, &l.Currency} {
		*s = rd.text(*s)
	}
	for _, list := range []*[]string{&l.Languages, &l.Interpreted, &l.TelehealthStates, &l.PayersAccepted,
		&l.PayersRefused, &l.Access, &l.AccessEvidence} {
		*list = rd.list(*list)
	}
}

func (rd *rowReader) text(s string) string {
	if known, ok := rd.texts[s]; ok {
		return known
	}
	rd.texts[s] = s
	return s
}

func (rd *rowReader) list(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	key := strings.Join(list, "\x00")
	if known, ok := rd.lists[key]; ok {
		return known
	}
	for i, s := range list {
		list[i] = rd.text(s)
	}
	rd.lists[key] = list
	return list
}

func fromRow(r listingRow, zone string) *Listing {
	l := &Listing{ID: r.ID, Tenant: r.TenantID, Slug: r.Slug, OrgName: r.Organization, Kind: r.Kind,
		LocationID: r.LocationID, LocationName: r.LocationName,
		Street: r.Street, City: r.City, State: r.State, ZIP: r.ZIP, Lat: r.Lat, Lon: r.Lon, Zone: zone,
		ServiceID: r.ServiceID, Reason: r.ReasonCode, Service: r.Service,
		Practitioner: r.Practitioner, Specialty: r.Specialty, Gender: r.Gender, Languages: r.Languages,
		Interpreted: r.Interpreted, Ages: AgesOf(r.AgeFrom, r.AgeTo),
		Mode: venue.ModeOf(nil, r.VisitMode), Telehealth: len(r.TelehealthStates) > 0,
		TelehealthStates: r.TelehealthStates, AreaKm: r.AreaKm,
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

// partOf is the bit of a start's part of the day, in the location's wall time.
func partOf(local time.Time) uint8 { return 1 << partIndex(local.Hour()) }

// PartAt is the part of the day of a wall time.
func PartAt(local time.Time) PartOfDay { return partsInOrder[partIndex(local.Hour())] }
