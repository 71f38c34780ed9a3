package provider

import (
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/consent"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ListPatients finds people on file by a part of their name or a booking's reference.
func (h *Handlers) ListPatients(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	query := f.Optional("q", 80, "The name or reference")
	part := namePart(query)
	if query != "" && part == "" {
		f.Wrong("q", "Type three letters of the name or more. A name of two letters is found when it is typed alone")
	}
	organization, status := web.Organization(c), http.StatusOK
	p := view.PatientsPage{Heading: "Whose record do you need?", Query: f.Raw("q"),
		Action:   home(organization) + "/patients",
		Problems: f.Problems}
	switch {
	case !f.OK():
		status = http.StatusUnprocessableEntity
	case query != "":
		rows, err := h.Gateway.Once(web.Scope(c, organization)).FindPatients(c.Request().Context(), part, reference(query),
			purpose(c))
		if err != nil {
			return err
		}
		p.Heading, p.Found = matches(len(rows)), found(rows, home(organization), civil.ZoneOrUTC(organization.Zone))
	}
	if p.Page, p.Work, err = h.frame(c, "Patients", "/patients", f.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.Patients(p), "")
}

// namePart is the part of a name that is looked for, or "" if it is too short: two letters would show one in ten of all
// people, and a few dozen such searches everybody with their dates of birth (A52). Two letters find names that are no
// longer than that.
func namePart(typed string) string {
	letters := 0
	for _, r := range typed {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters++
		}
	}
	switch {
	case letters < 2:
		return ""
	case letters == 2:
		return " " + typed + " "
	}
	return typed
}

// reference brings "kw 7qk4 m92" into the form in which references are kept; what is none matches none.
func reference(typed string) string {
	s := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(typed))
	if s = strings.TrimPrefix(s, "KW"); len(s) != 7 {
		return ""
	}
	return "KW-" + s[:4] + "-" + s[4:]
}

func matches(n int) string {
	switch n {
	case 0:
		return "Nobody on file here matches"
	case 20:
		return "The first 20 people who match"
	}
	return count(int64(n), "person matches", "people match")
}

func found(rows []tenantdb.FindPatientsRow, home string, zone *time.Location) (out []view.Found) {
	for _, r := range rows {
		one := view.Found{Name: r.Name, Href: home + "/patients/" + r.ID.String(), Last: "None yet", Born: "Not known"}
		if r.Born != nil {
			one.Born = day(*r.Born)
		}
		if r.LastAt.Unix() > 0 {
			one.Last = day(r.LastAt.In(zone))
		}
		out = append(out, one)
	}
	return out
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
	err = h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) (err error) {
		if chart, err = web.Found(q.PatientChart(ctx, id, purpose(c))); err != nil {
			return err
		}
		if visits, err = q.PatientAppointments(ctx, &id); err != nil {
			return err
		}
		consents, err = q.PatientConsents(ctx, id)
		return err
	})
	if err != nil {
		return err
	}
	p := view.ChartPage{Back: ui.Way{Text: "Find another patient", Href: home(organization) + "/patients"},
		Name:    chart.Name,
		Details: details(chart, civil.ZoneOrUTC(organization.Zone)),
		Line:    next(visits, web.Now(c)), Visits: past(visits), Consents: agreed(consents,
			civil.ZoneOrUTC(organization.Zone))}
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
	return append(rows, ui.Row{Name: "On file since", Value: day(r.CreatedAt.In(zone))})
}

// next is the finding on top of a record. Visits come latest first.
func next(visits []tenantdb.PatientAppointmentsRow, now time.Time) string {
	line := "Nothing more is booked."
	for _, v := range visits {
		// today's that nobody has marked too
		if v.Status == booking.StatusBooked && v.StartsAt.After(now.Add(-12*time.Hour)) {
			line = "Expected on " + v.StartsAt.In(civil.ZoneOrUTC(v.Zone)).Format("Monday 2 January, 3:04 pm") + "."
		}
	}
	return line
}

func past(visits []tenantdb.PatientAppointmentsRow) (out []view.PastVisit) {
	for _, v := range visits {
		one := view.PastVisit{When: v.StartsAt.In(civil.ZoneOrUTC(v.Zone)).Format("2 January 2006, 3:04 pm"),
			Service: v.Service, Practitioner: v.Practitioner, Ref: v.Ref, Note: v.Note}
		state := web.Named(states, v.Status, unclear)
		one.State, one.Tone = state.text, state.tone
		out = append(out, one)
	}
	return out
}

var (
	consentPurposes = map[string]string{consent.PurposeShare: "Share details with this organization"}
	consentStates   = map[string]string{consent.StateGranted: "Given", consent.StateWithdrawn: "Withdrawn",
		consent.StateExpired: "Run out"}
)

func agreed(all []tenantdb.PatientConsentsRow, zone *time.Location) (out ui.Summary) {
	for _, r := range all {
		out = append(out, ui.Row{Name: web.Named(consentPurposes, r.Purpose, "Another purpose"),
			Value: web.Named(consentStates, r.State, "Changed") + " on " + day(r.At.In(zone)), Small: "Text " + r.Version})
	}
	return out
}
