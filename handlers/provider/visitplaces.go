package provider

import (
	"context"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	"kindward/views/ui"
)

// places are where visits happen that are not at a location, by visit: the homes are read together. The look at them is
// in the audit with that at the visits, in whose transaction they are read.
func places(ctx context.Context, q *tenantdb.Queries, modes map[uuid.UUID]string) (map[uuid.UUID]ui.VisitPlace, error) {
	var atHome []uuid.UUID
	for id, mode := range modes {
		if venue.Mode(mode) == venue.AtHome {
			atHome = append(atHome, id)
		}
	}
	homes, err := booking.HomesOf(ctx, q, atHome...)
	all := make(map[uuid.UUID]ui.VisitPlace, len(modes))
	for id, mode := range modes {
		var home *venue.Address
		if a, known := homes[id]; known {
			home = &a
		}
		text, lines := venue.ForStaff(venue.Mode(mode), home)
		all[id] = ui.VisitPlace{Text: text, Lines: lines}
	}
	return all, err
}

func modesOf(rows []tenantdb.DayAppointmentsRow) map[uuid.UUID]string {
	modes := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		modes[r.ID] = r.VisitMode
	}
	return modes
}

func modesOfPast(rows []tenantdb.PatientAppointmentsRow) map[uuid.UUID]string {
	modes := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		modes[r.ID] = r.VisitMode
	}
	return modes
}

func modesOfNext(rows []tenantdb.NextVisitsRow) map[uuid.UUID]string {
	modes := make(map[uuid.UUID]string, len(rows))
	for _, r := range rows {
		modes[r.ID] = r.VisitMode
	}
	return modes
}

// hasHome tells whether one of these visits is at home.
func hasHome(modes map[uuid.UUID]string) bool {
	for _, mode := range modes {
		if venue.Mode(mode) == venue.AtHome {
			return true
		}
	}
	return false
}
