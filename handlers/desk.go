package handlers

import (
	"net/http"

	"kindward/internal/policy"
)

// desk are the lines of the table about what whoever works at an organization does for its patients: the day's visits,
// who is on file, and booking for somebody who calls.
func desk(p Pages) []Route {
	const home, get, post = "/organizations/:place", http.MethodGet, http.MethodPost
	const read, book, cancel = policy.ReadAppointments, policy.BookAppointments, policy.CancelAppointments
	const visit = home + "/appointments/:appointment"
	return []Route{
		{get, home + "/appointments", "appointments", p.Provider.ListAppointments, read, page},
		{get, home + "/availability", "availability", p.Provider.ShowAvailability, read, page},
		{get, home + "/appointments/changes", "day changes", p.Provider.ListChanges, read, asking},
		{post, visit + "/status", "update status", p.Provider.UpdateStatus, policy.ChangeAppointments, action},
		{get, visit, "visit", p.Provider.ShowVisit, read, page},
		{get, visit + "/cancellation", "new visit cancellation", p.Provider.NewCancellation, cancel, page},
		{post, visit + "/cancellation", "create visit cancellation", p.Provider.CreateCancellation, cancel, action},
		{get, visit + "/reschedule", "new visit reschedule", p.Provider.NewVisitReschedule, book, page},
		{post, visit + "/reschedule", "create visit reschedule", p.Provider.CreateVisitReschedule, book, action},
		{post, home + "/holds/:hold/release", "free hold", p.Provider.FreeHold, policy.ChangeAppointments, action},
		{get, home + "/patients", "patients", p.Provider.ListPatients, policy.FindPatients, page},
		{post, home + "/patients", "find patients", p.Provider.FindPatients, policy.FindPatients, action},
		{get, home + "/patients/new", "new patient", p.Provider.NewPatient, book, page},
		{post, home + "/patients/new", "create patient", p.Provider.CreatePatient, book, action},
		{get, home + "/patients/:patient/visits/new", "new visit", p.Provider.NewVisit, book, page},
		{post, home + "/patients/:patient/visits", "create visit", p.Provider.CreateVisit, book, action},
		{get, home + "/patients/:patient/contact", "contact", p.Provider.ShowContact, policy.FindPatients, page},
		{get, home + "/patients/:patient", "patient", p.Provider.ShowPatient, policy.ReadPatients, page},
	}
}
