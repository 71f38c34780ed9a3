package provider

import (
	"net/url"
	"time"

	"kindward/internal/civil"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
)

// risksShown are how many visits at risk a page lists.
const risksShown = 20

// risks are visits after the last day of a license, the first ones: no patient is named.
func risks(rows []tenantdb.VisitsAtRiskRow, home string, now time.Time) (all []view.Risk) {
	for _, r := range rows[:min(risksShown, len(rows))] {
		at := r.StartsAt.In(civil.ZoneOrUTC(r.Zone))
		one := view.Risk{When: civil.TimeFormat{Now: now}.Full(at), What: r.Service,
			Why: r.Practitioner + "’s license ends before.",
			Day: home + "/appointments?" + url.Values{"day": {civil.DateOf(at).String()}}.Encode()}
		if r.Practitioner != "" {
			one.What += " with " + r.Practitioner
		}
		if one.What += " at " + r.Location; r.ByLocation {
			one.Why = "The license or the insurance of " + r.Location + " ends before."
		}
		all = append(all, one)
	}
	return all
}
