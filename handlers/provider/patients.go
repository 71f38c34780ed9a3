package provider

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/consent"
	"kindward/internal/intake"
	"kindward/internal/policy"
	"kindward/internal/search"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// mostFound is how many people a page of those found has.
const mostFound = 20

// patientSearch is what somebody looks for at an organization, and behind whom of those who match.
type patientSearch struct {
	Organization, Typed string
	After               foundPlace
	Visit               visitQuestion // that is to be booked for whoever is found
}

var patientSearches = web.NewSearches[patientSearch]("patient_searches")

// ListPatients asks whom somebody looks for, or shows who was found for a search of theirs. What they looked for last
// stands in the field.
func (h *Handlers) ListPatients(c echo.Context) error {
	search, named, known := patientSearches.Asked(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	visit, err := readVisitQuestion(f)
	if err != nil {
		return err
	}
	if known && search.Organization == web.Organization(c).Slug {
		return h.foundPatients(c, search)
	}
	p := view.PatientsPage{Heading: "Whom are you looking for?"}
	if named {
		p.Heading = "That search is not kept any more. Whom are you looking for?"
	}
	if visit.Asked {
		p.Heading = "Whom is the visit for?"
	}
	if last := patientSearches.Last(c); !visit.Asked && last.Organization == web.Organization(c).Slug {
		p.Query = last.Typed
	}
	return h.patients(c, http.StatusOK, p, visit)
}

// FindPatients finds people on file by any part of what is known of them. It is a POST: names, numbers and addresses
// stand in no address, and so in no history and no log.
func (h *Handlers) FindPatients(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	search := patientSearch{Organization: web.Organization(c).Slug, Typed: f.Raw("q")}
	if _, wrong := readPatientQuery(f.Sought("q"), web.Now(c)); wrong != "" {
		f.Wrong("q", wrong)
	}
	if search.After, err = readPlace(f); err != nil {
		return err
	}
	if search.Visit, err = readVisitQuestion(f); err != nil {
		return err
	}
	if !f.OK() {
		return h.patients(c, http.StatusUnprocessableEntity, view.PatientsPage{Heading: "Whom are you looking for?",
			Query: search.Typed, Problems: f.Problems}, search.Visit)
	}
	key, err := patientSearches.Keep(c, search)
	if err != nil {
		return err
	}
	return web.ShowFound(c, home(web.Organization(c))+"/patients?"+web.SearchField+"="+key, func() error {
		return h.foundPatients(c, search)
	})
}

// foundPatients shows who is found, and audits the look.
func (h *Handlers) foundPatients(c echo.Context, search patientSearch) error {
	organization := web.Organization(c)
	asked, _ := readPatientQuery(web.Sought(search.Typed), web.Now(c))
	ctx, zone := c.Request().Context(), civil.ZoneOrUTC(organization.Zone)
	q := h.Gateway.Once(web.Scope(c, organization))
	ask := asked.params(search.After, purpose(c), today(c, organization).Start(zone))
	rows, err := q.FindPatients(ctx, ask)
	if err == nil && len(rows) == 0 && search.After.ID == uuid.Nil && asked.name != "" {
		rows, err = otherwiseSpelled(ctx, q, asked.name, ask)
	}
	if err != nil {
		return err
	}
	p := view.PatientsPage{Query: search.Typed, Asked: true, Later: search.After.ID != uuid.Nil}
	if p.Visit, err = h.visitAsked(c, asked.ref, len(rows)); err != nil {
		return err
	}
	p.Heading = matches(len(rows), p.Later)
	p.Found = found(rows, home(organization), zone, web.May(c, policy.ReadPatients))
	for i := range p.Found {
		if search.Visit.Asked {
			p.Found[i].Href = search.Visit.path(organization, rows[i].ID)
		}
	}
	if len(rows) == mostFound {
		last := rows[len(rows)-1]
		p.More = []ui.Hidden{{Name: "q", Value: p.Query}, {Name: "place", Value: strconv.Itoa(int(last.Place))},
			{Name: "name", Value: last.Name}, {Name: "id", Value: last.ID.String()}}
	}
	return h.patients(c, http.StatusOK, p, search.Visit)
}

// visitAsked is the visit whose reference was typed, however it stands: nil without somebody whose it is.
func (h *Handlers) visitAsked(c echo.Context, ref string, people int) (*view.AskedVisit, error) {
	if ref == "" || people == 0 {
		return nil, nil
	}
	organization := web.Organization(c)
	r, err := h.Gateway.Once(web.Scope(c, organization)).VisitByReference(c.Request().Context(), ref)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	at := r.StartsAt.In(civil.ZoneOrUTC(r.Zone))
	state := web.Named(states, r.Status, unclear)
	return &view.AskedVisit{Ref: r.Ref, When: civil.Dated(at),
		Location: venue.AtDesk(venue.Mode(r.VisitMode), r.Location), State: state.text, Tone: state.tone,
		Day: dayQuestion{date: civil.DateOf(at)}.row(home(organization), r.ID)}, nil
}

// patients is the page on which somebody is found, for whom a visit is to be booked if one is.
func (h *Handlers) patients(c echo.Context, status int, p view.PatientsPage, visit visitQuestion) (err error) {
	p.Action, p.Book = home(web.Organization(c))+"/patients", visit.hidden()
	if len(p.More) > 0 {
		p.More = append(p.More, p.Book...)
	}
	if web.May(c, policy.BookAppointments) {
		p.Add = p.Action + "/new?" + visit.values().Encode()
	}
	if p.Page, p.Work, err = h.frame(c, "Patients", "/patients", p.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.Patients(p), view.PatientsPart)
}

// ShowPatient is what this organization has on file about a person. Another organization's people are not found.
func (h *Handlers) ShowPatient(c echo.Context) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	id, err := web.ID(c, "patient")
	if err != nil {
		return err
	}
	var chart tenantdb.PatientChartRow
	var visits []tenantdb.PatientAppointmentsRow
	var consents []tenantdb.PatientConsentsRow
	var answered []tenantdb.PatientIntakeRow
	var where map[uuid.UUID]ui.VisitPlace
	err = h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) (err error) {
		if chart, err = web.Found(q.PatientChart(ctx, id, purpose(c))); err != nil {
			return err
		}
		if visits, err = q.PatientAppointments(ctx, &id); err != nil {
			return err
		}
		if where, err = places(ctx, q, modesOfPast(visits)); err != nil {
			return err
		}
		if answered, err = q.PatientIntake(ctx, &id); err != nil {
			return err
		}
		consents, err = q.PatientConsents(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	p := view.ChartPage{Contact: patientPath(home(organization), id, false),
		Back:    ui.Way{Text: "Find another patient", Href: home(organization) + "/patients"},
		Name:    chart.Name,
		Details: details(chart, civil.ZoneOrUTC(organization.Zone)),
		Line:    next(visits, web.Now(c)), Visits: past(visits, where), Consents: agreed(consents,
			civil.ZoneOrUTC(organization.Zone))}
	versions, err := intake.Load(c.Request().Context(), h.Gateway.Public())
	if err != nil {
		return err
	}
	if p.Intake, err = intakeOf(versions, visits, answered, chart.Born, web.Now(c)); err != nil {
		return err
	}
	if web.May(c, policy.ReadAccessLog) {
		p.Log = home(organization) + "/access-log?patient=" + id.String()
	}
	if p.Page, p.Work, err = h.frame(c, "Patient", "/patients", nil); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Chart(p), "")
}

func details(r tenantdb.PatientChartRow, zone *time.Location) ui.Summary {
	rows := ui.Summary{}
	if r.Born != nil {
		rows = append(rows, ui.Row{Name: "Date of birth", Value: day(*r.Born)})
	}
	if r.Phone != "" {
		rows = append(rows, ui.Row{Name: "Mobile number", Value: web.Phone(r.Phone)})
	}
	if r.Email != "" {
		rows = append(rows, ui.Row{Name: "Email address", Value: r.Email})
	}
	for _, one := range []ui.Row{{Name: "Address", Value: postal(r)},
		{Name: "Language", Value: search.LanguageName(r.Language)}, {Name: "Chart number", Value: r.ChartNumber}} {
		if one.Value != "" {
			rows = append(rows, one)
		}
	}
	return append(rows, ui.Row{Name: "On file since", Value: day(r.CreatedAt.In(zone))})
}

// postal is where somebody lives, as far as it is known.
func postal(r tenantdb.PatientChartRow) string {
	parts := slices.DeleteFunc([]string{r.Street, r.City, strings.TrimSpace(r.State + " " + r.ZIP)},
		func(part string) bool { return part == "" })
	return strings.Join(parts, ", ")
}

// next is the finding on top of a record. Visits come latest first.
func next(visits []tenantdb.PatientAppointmentsRow, now time.Time) string {
	line := "Nothing more is booked."
	for _, v := range visits {
		// today's that nobody has marked too
		if v.Status == booking.StatusBooked && v.StartsAt.After(now.Add(-12*time.Hour)) {
			line = "Expected on " + civil.TimeFormat{Now: now}.Full(v.StartsAt.In(civil.ZoneOrUTC(v.Zone))) + "."
		}
	}
	return line
}

func past(visits []tenantdb.PatientAppointmentsRow, places map[uuid.UUID]ui.VisitPlace) (out []view.PastVisit) {
	for _, v := range visits {
		one := view.PastVisit{When: civil.Dated(v.StartsAt.In(civil.ZoneOrUTC(v.Zone))),
			Service: v.Service, Practitioner: v.Practitioner, Ref: v.Ref, Note: v.Note, Place: places[v.ID]}
		state := web.Named(states, v.Status, unclear)
		one.State, one.Tone = state.text, state.tone
		out = append(out, one)
	}
	return out
}

var (
	consentPurposes = map[string]string{consent.PurposeShare: "Share details with this organization"}
	consentStates   = map[string]string{consent.StateGranted: "Given",
		consent.StateWithdrawn: "Ends with the visits to come, said", consent.StateExpired: "Run out"}
)

func agreed(all []tenantdb.PatientConsentsRow, zone *time.Location) (out ui.Summary) {
	for _, r := range all {
		out = append(out, ui.Row{Name: web.Named(consentPurposes, r.Purpose, "Another purpose"),
			Value: web.Named(consentStates, r.State, "Changed") + " on " + day(r.At.In(zone)), Small: "Text " + r.Version})
	}
	return out
}
