package api

import (
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/queries/tenantdb"
)

// mostAppointments is how many one answer has.
const mostAppointments = 1000

type appointments struct {
	Day          string        `json:"day"`
	Appointments []appointment `json:"appointments"`
	Next         string        `json:"next,omitempty"` // the address of those that follow
}

type appointment struct {
	ID           uuid.UUID `json:"id"`
	Reference    string    `json:"reference"`
	Status       string    `json:"status"`
	Start        string    `json:"start"`
	End          string    `json:"end"`
	Zone         string    `json:"zone"`
	Updated      string    `json:"updated"`
	Service      string    `json:"service"`
	ServiceCode  string    `json:"service_code"`
	VisitMode    string    `json:"visit_mode"`
	Practitioner string    `json:"practitioner"`
	Location     string    `json:"location"`
	Patient      patient   `json:"patient"`
}

type patient struct {
	ID   *uuid.UUID `json:"id"`
	Name string     `json:"name"`
}

// ListAppointments are one day's visits at the key's organization, each location's day in its own zone; those after a
// cursor, if one is given.
func (h *Handlers) ListAppointments(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	var bad []web.ProblemField
	day := date(c, "day", &bad)
	after := afterAppointment(c, day, &bad)
	if len(bad) > 0 {
		return wrong(c, bad...)
	}
	rows, err := h.Gateway.Once(web.Scope(c, web.Organization(c))).DayAppointmentsForAPI(c.Request().Context(),
		tenantdb.DayAppointmentsForAPIParams{Day: day.Start(time.UTC), AfterStart: after.start, AfterID: after.id,
			Most: mostAppointments, Key: web.KeyOf(c).ID})
	if err != nil {
		return err
	}
	out := appointments{Day: day.String(), Appointments: []appointment{}}
	for _, r := range rows {
		out.Appointments = append(out.Appointments, appointmentOf(r))
	}
	if n := len(rows); n == mostAppointments {
		last := cursor{rows[n-1].StartsAt, rows[n-1].ID}
		out.Next = c.Request().URL.Path + "?" + url.Values{"day": {out.Day}, "after": {last.String()}}.Encode()
	}
	return answer(c, out)
}

// afterAppointment is where a page of a day's visits begins.
func afterAppointment(c echo.Context, day civil.Date, bad *[]web.ProblemField) cursor {
	text := c.QueryParam("after")
	if text == "" {
		return cursor{start: day.AddDays(-2).Start(time.UTC)} // before all visits of the day in every zone
	}
	after, ok := parseCursor(text)
	if !ok {
		*bad = append(*bad, web.ProblemField{Field: "after", Detail: "must be as it stands in next"})
	}
	return after
}

// appointmentOf speaks FHIR's words for the status.
func appointmentOf(r tenantdb.DayAppointmentsForAPIRow) appointment {
	zone := civil.ZoneOrUTC(r.Zone)
	return appointment{ID: r.ID, Reference: r.Ref, Status: r.Status, Start: stamp(r.StartsAt, zone),
		End: stamp(r.EndsAt, zone), Zone: zone.String(), Updated: stamp(r.UpdatedAt, time.UTC),
		Service: r.Service, ServiceCode: r.ReasonCode, VisitMode: r.VisitMode,
		Practitioner: r.Practitioner, Location: r.Location,
		Patient: patient{r.PatientID, r.Patient}}
}
