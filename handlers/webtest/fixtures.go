package webtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// Clinic is Alice's, made when it is first asked for: one practitioner whose times are published.
func (s *Site) Clinic() *pgtest.Clinic {
	s.t.Helper()
	if s.clinic == nil {
		s.clinic = s.NewClinic(s.t)
	}
	return s.clinic
}

// Other is Charlie's.
func (s *Site) Other() *pgtest.Clinic {
	s.t.Helper()
	if s.other == nil {
		s.other = s.NewClinic(s.t)
	}
	return s.other
}

// NewClinic makes one more, which searches find.
func (s *Site) NewClinic(t testing.TB) *pgtest.Clinic {
	t.Helper()
	var change []func(*pgtest.Clinic)
	if s.arrange != nil {
		change = append(change, s.arrange)
	}
	c := s.DB.Clinic(t, change...)
	if err := s.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Market.Refresh(t.Context(), []uuid.UUID{c.OfferingID}); err != nil {
		t.Fatal(err)
	}
	return c
}

// Workplace is a clinic's address for those who work there.
func Workplace(c *pgtest.Clinic) string { return "/organizations/" + c.Slug }

// PatientName is the name of the patients of a clinic's visits; it stands nowhere else.
func PatientName(c *pgtest.Clinic) string { return "Canary " + c.Slug }

// Visit is an appointment on file.
type Visit struct {
	ID, Patient, Account uuid.UUID
	Ref, Day             string // Day is its date where the clinic is
}

// Visit puts a patient and their appointment on file, so many days from today at noon.
func (s *Site) Visit(t testing.TB, c *pgtest.Clinic, days int) Visit {
	t.Helper()
	return s.VisitOf(t, c, s.Account(t, PatientName(c)), PatientName(c), days)
}

// VisitOf is one of somebody who has an account.
func (s *Site) VisitOf(t testing.TB, c *pgtest.Clinic, account uuid.UUID, name string, days int) Visit {
	t.Helper()
	zone := s.must(civil.Zone(c.Zone))
	local := s.Clock.Now().In(zone)
	noon := time.Date(local.Year(), local.Month(), local.Day()+days, 12, 0, 0, 0, zone)
	v := Visit{ID: uuid.Must(uuid.NewV7()), Patient: uuid.Must(uuid.NewV7()), Account: account,
		Day: noon.Format(time.DateOnly)}
	v.Ref = booking.NewRef()
	c.SQL(t, `insert into patient (id, account_id, name, born, phone, email) values ($1, $2, $3, '1988-03-27', '+14015550134', 'canary@example.test')`, v.Patient, account, name)
	c.SQL(t, `insert into appointment (id, ref, offering_id, status, holder, account_id, patient_id, resource_id, starts_at, ends_at, note, booked_at, is_new)
		values ($1, $2, $3, 'booked', $4, $5, $6, $7, $8, $9, 'canary note', now(), true)`,
		v.ID, v.Ref, c.OfferingID, uuid.New(), account, v.Patient, c.Resources[0], noon, noon.Add(20*time.Minute))
	s.Admin(t, `insert into market.appointment_index (appointment_id, tenant_id, account_id, starts_at) values ($1, $2, $3, $4)`, v.ID, c.ID, account, noon)
	s.Admin(t, `insert into market.appointment_reference (ref, tenant_id, appointment_id) values ($1, $2, $3)`, v.Ref, c.ID, v.ID)
	return v
}

// Place is the clinic's address for patients.
func (s *Site) Place() string { s.t.Helper(); return "/places/" + s.Clinic().Slug }

// Times is the calendar of its offering.
func (s *Site) Times() string {
	s.t.Helper()
	return s.Place() + "/listings/" + s.Clinic().OfferingID.String() + "/times"
}

// Hold takes the nth free time of the week after next and gives the hold's address.
func (p *Person) Hold(n int) string {
	p.T.Helper()
	starts := p.Get(p.Site.Times() + "?week=" + p.Site.Day(9)).Starts()
	if len(starts) <= n {
		p.T.Fatalf("only %d free times", len(starts))
	}
	a := p.HoldAt(starts[n])
	if a.Status != http.StatusSeeOther {
		p.T.Fatalf("hold: %d %s", a.Status, a.Text())
	}
	return a.Location
}

// HoldAt asks for a time of the clinic.
func (p *Person) HoldAt(start string) Answer {
	p.T.Helper()
	return p.Post(p.Site.Place()+"/holds", "listing", p.Site.Clinic().OfferingID.String(), "start", start)
}

// Book confirms a hold and gives the appointment's address.
func (p *Person) Book(hold string) string {
	p.T.Helper()
	a := p.Post(hold+"/confirmation", append(Details(), "key", p.Get(hold).Field("key"))...)
	if a.Status != http.StatusSeeOther {
		p.T.Fatalf("confirmation: %d %s", a.Status, a.Text())
	}
	return a.Location
}

// Details are the fields of a confirmation that is in order.
func Details() []string {
	return []string{"name", "Maya Okafor", "dob-month", "3", "dob-day", "27", "dob-year", "1988", "phone", "401 555 0134",
		"payer", "self", "share", "on",
		"note", "Left arm, please"}
}

// IDOf is the id at the end of an address.
func IDOf(path string) uuid.UUID { return uuid.MustParse(path[strings.LastIndexByte(path, '/')+1:]) }
