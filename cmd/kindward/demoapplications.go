package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/region"
	"kindward/internal/tenancy"
)

// demoApplication is one of an organization that wants to join the demo region, by one of its people.
type demoApplication struct {
	email, kind, state, number string
	answers                    map[string]string
	returned                   string // why its licenses were given back; empty: it waits for the staff
}

var demoApplications = []demoApplication{
	{email: "lab-owner@example.test", kind: "laboratory", state: "RI", number: npi.Made("154231768"),
		answers: map[string]string{"name": "Quaboag Diagnostics LLC", "known_as": "Quaboag Diagnostics",
			"street": "18 Thayer Street", "city": "Providence", "zip": "02906", "contact": "Hana Sato, owner",
			"signer": "Hana Sato", "director": "Ana Medeiros MD", "director_born": "1972-04-11", "certificate": "compliance",
			"more_locations": "no", "home_draws": "no", "stations": "no"}},
	{email: "both@example.test", kind: "home_care", state: "RI", number: npi.Made("163920487"),
		answers: map[string]string{"name": "Seekonk Home Nurses LLC", "known_as": "Seekonk Home Nurses",
			"street": "1460 Broadway", "city": "East Providence", "zip": "02914", "contact": "Ines Carvalho, manager",
			"signer": "Ines Carvalho", "administrator": "Joana Medeiros RN", "area_zips": "02914 02915 02916",
			"visitors": "14", "administrator_born": "1975-09-02", "more_locations": "no", "medicare": "no"},
		returned: "It has expired: The license ended in March. Send the number of the new one."},
}

// seedApplications lets organizations of a demonstration apply, once, as their people would.
func (a *app) seedApplications(ctx context.Context, logins []region.Login) error {
	staff := tenancy.Caller{Staff: true}
	figures, err := a.gateway.Shared(a.gateway.Admit(tenancy.Tenant{}, staff)).OnboardingFigures(ctx, time.Now())
	if err != nil || figures.Events > 0 {
		return err
	}
	people := map[string]region.Login{}
	for _, l := range logins {
		people[l.Email] = l
	}
	if err := a.importExclusions(ctx); err != nil {
		return err
	}
	staff.Subject = people["reviewer@example.test"].ID
	for _, d := range demoApplications {
		who, known := people[d.email]
		if !known || staff.Subject == uuid.Nil {
			continue // a login has another address by now
		}
		if err := a.seedApplication(ctx, d, who, staff); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) seedApplication(ctx context.Context, d demoApplication, who region.Login, staff tenancy.Caller) error {
	id, by := uuid.New(), tenancy.Caller{Subject: who.ID}
	err := onboarding.Begin(ctx, a.gateway, by, id, who.Name, onboarding.Event{Kind: onboarding.Began, By: who.ID,
		At: time.Now(), Data: onboarding.Data{Kind: d.kind, State: d.state, Definition: onboarding.Latest,
			Answers: map[string]string{"npi": d.number, "name": d.answers["name"]}}})
	if err != nil {
		return err
	}
	scope := a.gateway.AdmitApplicant(id, by)
	for range 2 { // some registers are asked when all is answered
		if err := errors.Join(a.checks().Run(ctx), a.scans().Run(ctx)); err != nil {
			return err
		}
		// nobody is there to show a document
		_, err = onboarding.Hear(ctx, a.gateway, id, time.Now(), onboarding.Checked{Result: onboarding.Pass})
		if err != nil {
			return err
		}
		_, err = onboarding.FillWith(ctx, a.gateway, scope, who.ID, time.Now(), d.answers, a.demoDocument(id))
		if err != nil {
			return err
		}
	}
	if d.returned == "" {
		return nil
	}
	for _, e := range []onboarding.Event{{Kind: onboarding.Claimed}, {Kind: onboarding.Returned,
		Data: onboarding.Data{Steps: []string{"licenses"}, Reason: d.returned}}} {
		e.By, e.At = staff.Subject, time.Now()
		if _, _, err := onboarding.Act(ctx, a.gateway, a.gateway.AdmitApplicant(id, staff), e); err != nil {
			return err
		}
	}
	return nil
}
