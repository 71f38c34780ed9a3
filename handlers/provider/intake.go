package provider

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/form"
	"kindward/internal/intake"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// intakeOf are the answers before visits: of those to come whether there are any, of those of before what was answered.
func intakeOf(versions intake.Versions, visits []tenantdb.PatientAppointmentsRow, answered []tenantdb.PatientIntakeRow,
	born *time.Time, now time.Time) (all []view.Intake, err error) {
	by := map[uuid.UUID]*tenantdb.PatientIntakeRow{}
	for i := range answered {
		by[answered[i].AppointmentID] = &answered[i]
	}
	for _, v := range visits {
		row := by[v.ID]
		if row == nil && (v.Status != booking.StatusBooked || v.StartsAt.Before(now)) {
			continue
		}
		one, err := intakeBefore(versions, v, row, born)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func intakeBefore(versions intake.Versions, v tenantdb.PatientAppointmentsRow, row *tenantdb.PatientIntakeRow,
	born *time.Time) (one view.Intake, err error) {
	start := v.StartsAt.In(civil.ZoneOrUTC(v.Zone))
	one.Visit = v.Service + ", " + civil.Dated(start)
	version := 0
	if row != nil {
		version = int(row.FormVersion)
	}
	asked, _ := versions.Find(version, intake.Visit{Mode: venue.Mode(v.VisitMode), Reason: v.ReasonCode,
		New: v.IsNew == nil || *v.IsNew, Born: born, Start: start})
	switch {
	case row == nil && len(asked.Asked(nil)) == 0:
		one.State = "Not needed: nothing is asked before this visit."
		return one, nil
	case row == nil:
		one.State = "No answers yet."
		return one, nil
	}
	one.State = "As of " + civil.Dated(row.AnsweredAt.In(start.Location())) + "."
	if !row.Complete {
		one.State += " Not all is answered."
	}
	one.Rows, err = intakeRows(asked, row.Answers)
	return one, err
}

func intakeRows(asked *form.Form, raw []byte) (rows ui.Summary, err error) {
	answers := map[string]string{}
	if err := json.Unmarshal(raw, &answers); err != nil {
		return nil, err
	}
	for _, field := range asked.Asked(answers) {
		rows = append(rows, ui.Row{Name: field.Label, Value: field.Words(answers[field.Key])})
	}
	return rows, nil
}
