package handlers

import (
	"net/http"

	"kindward/internal/policy"
)

// offered are the lines of the table about what patients can book, and about what of it waits for review.
func offered(p Pages) []Route {
	const home, get, post, may = "/organizations/:place", http.MethodGet, http.MethodPost, policy.ChangeListings
	return []Route{
		{get, home + "/listings", "bookable", p.Provider.ShowListings, may, page},
		{get, home + "/locations/new", "new location", p.Provider.NewLocation, may, page},
		{post, home + "/locations", "create location", p.Provider.CreateLocation, may, action},
		{get, home + "/locations/:location", "location", p.Provider.ShowLocation, may, page},
		{post, home + "/locations/:location", "update location", p.Provider.UpdateLocation, may, action},
		{get, home + "/practitioners/new", "new practitioner", p.Provider.NewPractitioner, may, page},
		{post, home + "/practitioners", "create practitioner", p.Provider.CreatePractitioner, may, action},
		{get, home + "/practitioners/:practitioner", "practitioner", p.Provider.ShowPractitioner, may, page},
		{post, home + "/practitioners/:practitioner", "update practitioner", p.Provider.UpdatePractitioner, may, action},
		{get, home + "/services/new", "new service", p.Provider.NewService, may, page},
		{post, home + "/services", "create service", p.Provider.CreateService, may, action},
		{get, home + "/services/:service", "service", p.Provider.ShowService, may, page},
		{post, home + "/services/:service", "update service", p.Provider.UpdateService, may, action},
		{post, home + "/changes/:change/withdrawal", "withdraw change", p.Provider.WithdrawChange, may, action},
		{get, home + "/hours/new", "new hours", p.Provider.NewHours, may, page},
		{post, home + "/hours", "create hours", p.Provider.CreateHours, may, action},
		{post, home + "/hours/:schedule/removal", "remove hours", p.Provider.RemoveHours, may, action},
		{get, "/ops/changes", "changes", p.Ops.ListChanges, policy.ReadOnboarding, page},
		{post, "/ops/changes/:change/acceptance", "accept change", p.Ops.AcceptChange, policy.ChangeOnboarding, action},
		{post, "/ops/changes/:change/refusal", "refuse change", p.Ops.RefuseChange, policy.ChangeOnboarding, action},
	}
}
