package api

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/queries/tenantdb"
)

type appointments struct {
	Day          string        `json:"day"`
	Appointments []appointment `json:"appointments"`
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
	Practitioner string    `json:"practitioner"`
	Location     string    `json:"location"`
	Patient      patient   `json:"patient"`
}

type patient struct {
	ID   *uuid.UUID `json:"id"`
	Name string     `json:"name"`
}

// ListAppointments are one day's visits at the key's organization, each location's day in its own zone.
func (h *Handlers) ListAppointments(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	var bad []web.ProblemField
	day := date(c, "day", &bad)
	if len(bad) > 0 {
		return wrong(c, bad...)
	}
	rows, err := h.Gateway.Once(web.Scope(c, web.Organization(c))).DayAppointmentsForAPI(c.Request().Context(),
		day.Start(time.UTC), web.KeyOf(c).ID)
	if err != nil {
		return err
	}
	out := appointments{Day: day.String(), Appointments: []appointment{}}
	for _, r := range rows {
		out.Appointments = append(out.Appointments, appointmentOf(r))
	}
	return answer(c, out)
}

// appointmentOf speaks FHIR's words for the status.
func appointmentOf(r tenantdb.DayAppointmentsForAPIRow) appointment {
	zone := civil.ZoneOrUTC(r.Zone)
	return appointment{ID: r.ID, Reference: r.Ref, Status: r.Status, Start: stamp(r.StartsAt, zone),
		End: stamp(r.EndsAt, zone), Zone: zone.String(), Updated: stamp(r.UpdatedAt, time.UTC),
		Service: r.Service, ServiceCode: r.ReasonCode, Practitioner: r.Practitioner, Location: r.Location,
		Patient: patient{r.PatientID, r.Patient}}
}
