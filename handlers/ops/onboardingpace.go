package ops

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
)

// pace is how long the steps of applications took over the last days, whose turn each was, and who of the staff did
// what. A part of the page that is asked for again does not show it.
func (h *Handlers) pace(c echo.Context, f *web.Form) (p view.Pace, err error) {
	if p.Days = 90; f.Raw("days") == "30" {
		p.Days = 30
	}
	if web.Partial(c) {
		return p, nil
	}
	since := web.Now(c).Add(-time.Duration(p.Days) * 24 * time.Hour)
	rows, err := h.Gateway.Shared(web.PublicScope(c)).OnboardingPace(c.Request().Context(), since, f.Raw("kind"))
	if err != nil {
		return p, err
	}
	var people []uuid.UUID
	for _, r := range rows {
		if r.Who != nil {
			people = append(people, *r.Who)
		}
	}
	names, err := h.names(c, people)
	p.Steps, p.Reviewers = paceOfSteps(rows), reviewers(rows, names)
	return p, err
}

// paceOfSteps are the steps in the order in which an organization takes them.
func paceOfSteps(rows []shareddb.OnboardingPaceRow) (all []view.StepPace) {
	measured := map[string]shareddb.OnboardingPaceRow{}
	for _, r := range rows {
		if r.What == "step" {
			measured[r.Step] = r
		}
	}
	for _, kind := range onboarding.Kinds {
		d, err := onboarding.Find(kind, onboarding.States[0], onboarding.Latest)
		if err != nil {
			continue // the program does not start without it
		}
		for _, s := range d.Steps {
			if r, ok := measured[s.Key]; ok {
				delete(measured, s.Key)
				all = append(all, view.StepPace{Name: s.Name, Who: waited[s.By], Hours: hoursOf(r.Hours), Times: r.Times})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y view.StepPace) int { return strings.Compare(x.Who, y.Who) })
	return all
}

// waited are who has the ball, in words.
var waited = map[onboarding.Actor]string{onboarding.Applicant: "The applicant", onboarding.Staff: "We",
	onboarding.Outside: "A register"}

// hoursOf is a number of hours as people say it.
func hoursOf(n float64) string {
	switch {
	case n < 1.0/60:
		return "Under a minute"
	case n < 1:
		return count(int64(n*60), "minute", "minutes")
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0") + " h"
}

// reviewers are who of the staff did what; nobody is the platform itself.
func reviewers(rows []shareddb.OnboardingPaceRow, names map[uuid.UUID]string) (all []view.Reviewer) {
	for _, r := range rows {
		if r.What == "step" {
			continue
		}
		name := "Nobody: by itself"
		if r.Who != nil {
			name = names[*r.Who]
		}
		at := slices.IndexFunc(all, func(have view.Reviewer) bool { return have.Name == name })
		if at < 0 {
			at, all = len(all), append(all, view.Reviewer{Name: name})
		}
		switch onboarding.EventKind(r.What) {
		case onboarding.Claimed:
			all[at].Claimed = r.Times
		case onboarding.Approval:
			all[at].Approved = r.Times
		case onboarding.Rejection:
			all[at].Rejected = r.Times
		case onboarding.Returned:
			all[at].Returned = r.Times
		}
	}
	slices.SortFunc(all, func(x, y view.Reviewer) int { return strings.Compare(x.Name, y.Name) })
	return all
}
