package main

import (
	"kindward/internal/kyc/simulator"
	"kindward/internal/npi"
)

// demoApplications are one in each state in which an application may be.
var demoApplications = []demoApplication{
	{email: "lab-owner@example.test", kind: "laboratory", state: "RI", number: npi.Made("154231768"), stage: sent,
		answers: map[string]string{"name": "Quaboag Diagnostics LLC", "known_as": "Quaboag Diagnostics",
			"street": "18 Thayer Street", "city": "Providence", "zip": "02906", "contact": "Hana Sato, owner",
			"signer": "Hana Sato", "director": "Ana Medeiros MD", "director_born": "1972-04-11", "certificate": "compliance",
			"more_locations": "no", "home_draws": "no", "stations": "no"}},
	{email: "both@example.test", kind: "home_care", state: "RI", number: npi.Made("163920487"), stage: returned,
		answers: map[string]string{"name": "Seekonk Home Nurses LLC", "known_as": "Seekonk Home Nurses",
			"street": "1460 Broadway", "city": "East Providence", "zip": "02914", "contact": "Ines Carvalho, manager",
			"signer": "Ines Carvalho", "administrator": "Joana Medeiros RN", "area_zips": "02914 02915 02916",
			"visitors": "14", "administrator_born": "1975-09-02", "more_locations": "no", "medicare": "no"},
		reason: "It has expired: The license ended in March. Send the number of the new one."},
	{email: "manager@example.test", kind: "clinic", state: "MA", number: npi.Made("171532840"), stage: begun,
		answers: map[string]string{"name": "Blackstone Family Practice PC"}},
	{email: "both@example.test", kind: "home_care", state: "CT", number: npi.Made("182640915"), stage: checking,
		answers: map[string]string{"name": "Thames Home Care Inc", "known_as": "Thames Home Care",
			"email": simulator.Slow + "@example.test", "street": "225 State Street", "city": "New London", "zip": "06320",
			"contact": "Ines Carvalho, manager", "signer": "Ines Carvalho", "administrator": "Lucia Ferreira RN",
			"administrator_born": "1979-02-17",
			"area_zips":          "06320 06385", "visitors": "9", "more_locations": "no", "skilled": "yes", "medicare": "no",
			"license": "HHA-02250"}},
	{email: "owner@example.test", kind: "clinic", state: "CT", number: npi.Made("193751026"), stage: guestAsked,
		answers: map[string]string{"name": "Pomperaug Pediatrics LLC", "known_as": "Pomperaug Pediatrics",
			"street": "22 Main Street South", "city": "Southbury", "zip": "06488", "contact": "Grace Ellery, owner",
			"signer":   "Grace Ellery",
			"director": "Joel Brandt MD", "director_born": "1968-11-30", "practitioner_owned": "yes", "tests": "no",
			"more_locations": "no"}},
	{email: "lab-owner@example.test", kind: "laboratory", state: "MA", number: npi.Made("104862137"), stage: failing,
		answers: map[string]string{"name": "Merrimack Reference Laboratory Inc", "known_as": "Merrimack Reference Laboratory",
			"street": "40 Jackson Street", "city": "Lowell", "zip": "01852", "contact": "Hana Sato, owner",
			"signer":   "Hana Sato",
			"director": "Peter Lowell MD", "director_born": "1965-06-08", "certificate": "compliance",
			"license": simulator.LicenseExpired, "more_locations": "no", "home_draws": "no"}},
	{email: "both@example.test", kind: "clinic", state: "RI", number: npi.Made("115973248"), stage: approved,
		answers: map[string]string{"name": "Pettaquamscutt Family Medicine PC", "known_as": "Pettaquamscutt Family Medicine",
			"street": "360 Main Street", "city": "Wakefield", "zip": "02879", "contact": "Ines Carvalho, manager",
			"signer": "Ines Carvalho", "director": "Rosa Pell MD", "director_born": "1974-01-25",
			"practitioner_owned": "yes", "tests": "no", "more_locations": "no"},
		reason: "All answers stand in the registers."},
	{email: "manager@example.test", kind: "home_care", state: "MA", number: npi.Made("126084359"), stage: rejected,
		answers: map[string]string{"name": "Wachusett Companions LLC", "known_as": "Wachusett Companions",
			"street": "12 Elm Street", "city": "Leominster", "zip": "01453", "contact": "Manuel Ortiz, manager",
			"signer": "Manuel Ortiz", "administrator": "Mark Doyle", "administrator_born": "1983-10-03",
			"area_zips": "01453 01420", "visitors": "6", "more_locations": "no", "skilled": "no"},
		reason: "We list agencies that give nursing or therapy at home. Begin again when you do."},
}
