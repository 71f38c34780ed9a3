package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/internal/region"
	"kindward/internal/tenancy"
)

// demoStage is how far an application of a demonstration has come.
type demoStage int

const (
	begun      demoStage = iota
	checking             // all is answered, and a check takes its time
	guestAsked           // a guest's link is open, to the documents
	failing              // all is answered, and a check has failed
	sent
	returned // one of its documents is rejected
	rejected
	approved
)

// demoApplication is one of an organization that wants to join the demo region, by one of its people.
type demoApplication struct {
	email, kind, state, number string
	stage                      demoStage
	answers                    map[string]string
	reason                     string // of what the staff decided
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
	if err != nil || d.stage == begun {
		return err
	}
	if err := a.fillDemo(ctx, d, id, by); err != nil {
		return err
	}
	if d.stage == guestAsked {
		links := onboarding.GuestLinks{Gateway: a.gateway, Keys: a.ring, Log: a.log}
		_, err = links.Create(ctx, a.gateway.AdmitApplicant(id, by), id, "documents", "", uuid.New(), time.Now())
		return err
	}
	if d.stage <= sent {
		return nil
	}
	return a.decideDemo(ctx, d, a.gateway.AdmitApplicant(id, staff), staff.Subject)
}

// fillDemo answers everything, and sends it where all checks have passed.
func (a *app) fillDemo(ctx context.Context, d demoApplication, id uuid.UUID, by tenancy.Caller) error {
	scope := a.gateway.AdmitApplicant(id, by)
	var without []string
	if d.stage == guestAsked {
		without = []string{"documents"}
	}
	for range 2 { // some registers are asked when all is answered
		if err := errors.Join(a.checks().Run(ctx), a.scans().Run(ctx)); err != nil {
			return err
		}
		if d.stage != checking && d.stage != guestAsked { // nobody is there to show a document
			_, err := onboarding.Hear(ctx, a.gateway, id, time.Now(), onboarding.Checked{Result: onboarding.Pass})
			if err != nil {
				return err
			}
		}
		_, err := onboarding.FillWith(ctx, a.gateway, scope, by.Subject, time.Now(), d.answers, a.demoDocument(id),
			without...)
		if err != nil {
			return err
		}
	}
	return nil
}

// decideDemo is what one of the staff decides.
func (a *app) decideDemo(ctx context.Context, d demoApplication, s tenancy.Scope, reviewer uuid.UUID) error {
	_, at, err := onboarding.Load(ctx, a.gateway, s)
	if err != nil {
		return err
	}
	insurance := at.Documents["insurance"].ID
	events := map[demoStage][]onboarding.Event{
		approved: {{Kind: onboarding.Approval, Data: onboarding.Data{Reason: d.reason,
			Signature: &onboarding.Signature{Name: "Rita Amato", Proof: "totp"}}}},
		rejected: {{Kind: onboarding.Rejection, Data: onboarding.Data{Reason: d.reason}}},
		returned: {{Kind: onboarding.Refused, Data: onboarding.Data{Document: &onboarding.Document{ID: insurance},
			Reason: "It is another organization's. Send the page that names yours."}},
			{Kind: onboarding.Returned, Data: onboarding.Data{Steps: []string{"licenses"}, Reason: d.reason}}},
	}[d.stage]
	if err := a.actDemo(ctx, s, onboarding.Event{Kind: onboarding.Claimed, By: reviewer}); err != nil {
		return err
	}
	if d.stage == approved {
		if err := onboarding.AcceptDocuments(ctx, a.gateway, s, reviewer, time.Now()); err != nil {
			return err
		}
	}
	for _, e := range events {
		e.By = reviewer
		if err := a.actDemo(ctx, s, e); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) actDemo(ctx context.Context, s tenancy.Scope, e onboarding.Event) error {
	e.At = time.Now()
	_, _, err := onboarding.Act(ctx, a.gateway, s, e)
	return err
}
