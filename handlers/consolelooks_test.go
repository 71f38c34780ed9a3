package handlers_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/policy"
)

// tellsOfPatients tells whether an answer of the console says something of a patient of the matrix: what only they
// have, or at which organization they are.
func (m *matrix) tellsOfPatients(page string, a webtest.Answer) bool {
	for _, x := range m.canaries {
		if x.kind != "team" && strings.Contains(a.Body, x.text) && !strings.Contains(page, url.QueryEscape(x.text)) {
			return true
		}
	}
	for _, o := range m.organizations {
		for _, p := range o.patient {
			if strings.Contains(a.Body, p.ID.String()) && !strings.Contains(page, p.ID.String()) {
				return true
			}
		}
		if strings.Contains(a.Location, o.Slug) && !strings.Contains(page, o.Slug) {
			return true
		}
	}
	return false
}

// untracked are pages that name people and leave nothing: whose acts run is about those who act.
var untracked = []string{"/ops"}

// TestA36WhateverTheConsoleTellsOfAPersonIsInTheAudit asks every page of the console as each of the staff who may, with
// every question that finds the patient; a redirect tells as well.
func TestA36WhateverTheConsoleTellsOfAPersonIsInTheAudit(t *testing.T) {
	m := newMatrix(t, nil)
	a := m.organizations[0]
	maya := a.patient[0].ID.String()
	asked := []string{"", "?q=mail-" + maya, "?patient=" + maya, "?person=" + maya}
	kept := func(p *person) int { return m.Count(t, `select count(*) from audit.event where actor = $1`, p.ID) }
	told := map[string]bool{}
	for _, p := range m.all {
		questions := asked
		if at := p.Post("/ops/people", "q", "mail-"+maya).Location; strings.HasPrefix(at, "/ops/people?") {
			questions = append(slices.Clone(asked), strings.TrimPrefix(at, "/ops/people"))
		}
		for _, r := range m.Routes {
			spec, _ := policy.SpecOf(r.Action)
			if r.Method != http.MethodGet || spec.Kind != policy.Platform || len(p.asker.Staff) == 0 ||
				slices.Contains(untracked, r.Path) ||
				!m.engine.Decide(policy.Question{Asker: p.asker, Action: r.Action}).Allowed {
				continue
			}
			for _, question := range questions {
				page := m.fill(t, r.Path, 0, 0) + question
				before := kept(p)
				if !m.tellsOfPatients(page, p.Get(page)) {
					continue
				}
				told[r.Path] = true
				seen := kept(p)
				p.Do(http.MethodHead, page, nil)
				if again := kept(p); seen == before || again == seen {
					t.Errorf("%s of %s: %d events, %d more for HEAD", page, p.name, seen-before, again-seen)
				}
			}
		}
	}
	for _, path := range []string{"/ops/people", "/ops/people/:account", "/ops/people/:account/bookings/:booking",
		"/ops/bookings/:place/:booking"} {
		if !told[path] {
			t.Error("control: nothing is told by", path)
		}
	}
	t.Log(told)
}
