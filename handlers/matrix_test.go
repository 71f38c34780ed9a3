package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/policy"
)

// ask sends one request as a browser or an API client would.
func ask(p *person, method, path string, htmx bool) webtest.Answer {
	switch {
	case htmx:
		return p.HTMX().Do(method, path, nil)
	case strings.HasPrefix(path, "/api/") && method != http.MethodGet:
		return p.DoBody(method, path, "[]", "Content-Type", "application/json")
	}
	return p.Do(method, path, nil)
}

var parameter = regexp.MustCompile(`:([a-z]+)|\*`)

// fill writes an address with the objects of one organization, at the place of another if they differ.
func (m *matrix) fill(t *testing.T, path string, place, objects int) string {
	t.Helper()
	return parameter.ReplaceAllStringFunc(path, func(name string) string {
		name = strings.TrimPrefix(name, ":")
		from := objects
		if name == "place" {
			from = place
		}
		id, known := m.organizations[from].ids[name]
		if !known {
			t.Errorf("%s: what is a %q? Say so in matrix_people_test.go", path, name)
		}
		return url.PathEscape(id)
	})
}

// asks is what a page asks with, by the name of its route, where nothing is to be seen without.
var asks = map[string]string{"change": "?sequence=0&since=0"}

// verdict says what is wrong with an webtest.Answer, or "".
func (m *matrix) verdict(p *person, r handlers.Route, spec policy.ActionSpec, place, objects int,
	a webtest.Answer) string {
	q := policy.Question{Asker: p.asker, Action: r.Action, Changes: r.Method != http.MethodGet}
	stranger := spec.Kind == policy.Platform && len(p.asker.Staff) == 0
	if spec.Kind == policy.Organization || spec.Kind == policy.API {
		q.Tenant = m.organizations[place].ID
		if p.at != place {
			q.Roles = nil
		}
		stranger = len(q.Roles) == 0
	}
	anonymous := p.asker.Account == uuid.Nil
	switch {
	case a.Status >= 500:
		return "a fault"
	case spec.Kind == policy.Site:
		return ""
	case spec.Kind == policy.API:
		allowed := p.key != "" && m.engine.Decide(q).Allowed
		if allowed && place != objects {
			return permitted(r, true, a)
		} else if allowed != (a.Status == 200 || a.Status == 422) {
			return fmt.Sprintf("allowed: %v", allowed)
		} else if !allowed && a.Status != 401 && a.Status != 403 && a.Status != 404 {
			return "neither 401, 403 nor 404"
		}
	case anonymous:
		if !strings.HasPrefix(leads(a), "/sign-in") {
			return "nobody is not sent to sign in"
		}
	case m.engine.Decide(q).Allowed:
		return permitted(r, place != objects || spec.Kind == policy.Own && foreign(r, p, objects), a)
	case stranger && !p.asker.AsOther && a.Status != 404:
		return "not 404 for a stranger"
	case (!stranger || p.asker.AsOther) && a.Status != 403:
		return "not 403 where a role is missing"
	case len(a.Body) > 8<<10:
		return "A05: a refusal of more than 8 KiB"
	}
	return ""
}

// leads is where a browser goes on, with scripts or without.
func leads(a webtest.Answer) string { return a.Location + a.Header.Get("HX-Redirect") }

// permitted is for what the policies let through: one's own is there, another's is not.
func permitted(r handlers.Route, foreign bool, a webtest.Answer) string {
	switch {
	case a.Status == 403 || strings.HasPrefix(leads(a), "/sign-in") || strings.HasPrefix(leads(a), "/account/confirm") ||
		strings.HasPrefix(leads(a), "/account/second-factor"):
		return "refused, and should not be"
	case foreign && a.Status != 404 && a.Status != 410 && a.Status != 422:
		return "A01: another's object is there"
	case !foreign && r.Method == http.MethodGet && a.Status != 200 && a.Status != 303 && a.Status != 204 &&
		!strings.Contains(r.Path, ":token"):
		return "one's own is not there"
	}
	return ""
}

// foreign tells whether a route about one's own names an object that is somebody else's.
func foreign(r handlers.Route, p *person, objects int) bool {
	return (strings.Contains(r.Path, ":booking") || strings.Contains(r.Path, ":application")) && !(objects == 0 &&
		strings.HasSuffix(p.name, "patient 0 of A") || objects == 1 && p.name == "patient 0 of B")
}

// runs tells whether a request is sent. What somebody may do to their own is not done here: the pages' own tests do it,
// and here nothing may change.
func (m *matrix) runs(p *person, r handlers.Route, spec policy.ActionSpec, place, objects int) bool {
	if r.Method == http.MethodGet {
		return !strings.HasPrefix(r.Path, "/static")
	}
	if spec.Kind == policy.Site {
		return false
	}
	q := policy.Question{Asker: p.asker, Action: r.Action, Changes: true, Tenant: m.organizations[place].ID}
	if p.at != place {
		q.Roles = nil
	}
	if spec.Kind == policy.Own {
		return !m.engine.Decide(q).Allowed || p.asker.Account == uuid.Nil || foreign(r, p, objects)
	}
	return !m.engine.Decide(q).Allowed || place != objects && strings.Count(r.Path, ":") > 1
}

// TestTheMatrix asks for everything as everybody: each route of the table, each role here and there, nobody, a patient,
// staff, staff who act for somebody, keys; with one's own objects, with another organization's, and with theirs under
// one's own address (A01-A03, A05, A06, A09).
func TestTheMatrix(t *testing.T) {
	m := newMatrix(t, nil)
	before := m.everything(t)
	asked, refused := m.walk(t, func(handlers.Route) bool { return true }, func(wrong string) { t.Error(wrong) })
	t.Logf("%d requests, %d of them refused, %d routes, %d people and API clients, %d canaries", asked, refused,
		len(m.Routes), len(m.all), len(m.canaries))
	if after := m.everything(t); after != before {
		t.Errorf("something was changed by reading and by what is refused:\n%s", difference(before, after))
	}
	m.quiet(t)
}

// TestTheMatrixFindsAWeakenedPolicy is its negative control, with the real pages behind policies that let more people
// in.
func TestTheMatrixFindsAWeakenedPolicy(t *testing.T) {
	for from, to := range map[string]string{
		"when { principal in resource.owner };": ";",
		`action in Action::"chart", resource is Organization)` + "\n" +
			`when { context has emergency_access && context.emergency_access == resource };`: `action in Action::"chart", resource is Organization) when { context has emergency_access };`,
		"when { principal.organization == resource && principal.scopes.contains(context.scope) };":                     ";",
		"when { context.as_other && context.changes && !context.may_change }\nunless { action in Action::\"frame\" };": "when { false };",
	} {
		m := newMatrix(t, weakened(t, from, to))
		found := 0
		m.walk(t, func(r handlers.Route) bool {
			return found == 0 && (strings.Contains(r.Path, "organizations/:place") || strings.HasSuffix(r.Path, "/cancellation"))
		}, func(string) { found++ })
		if found == 0 {
			t.Errorf("nothing is found without %q", from)
		}
	}
}

// walk sends every request that a choice of routes stands for and says what is wrong with the answers.
func (m *matrix) walk(t *testing.T, choose func(handlers.Route) bool, say func(string)) (asked, refused int) {
	t.Helper()
	for _, r := range m.Routes {
		spec, known := policy.SpecOf(r.Action)
		if !known {
			say("A06: " + r.Method + " " + r.Path + " has no action that the policies know")
		}
		if !known || !choose(r) {
			continue
		}
		for _, p := range m.all {
			for _, at := range [][2]int{{0, 0}, {1, 1}, {0, 1}, {1, 0}} {
				place, objects := at[0], at[1]
				if place != objects && (!strings.Contains(r.Path, ":place") || strings.Count(r.Path, ":") < 2) ||
					place == 1 && !strings.Contains(r.Path, ":") {
					continue // no other object to name
				}
				if !m.runs(p, r, spec, place, objects) {
					continue
				}
				path := m.fill(t, r.Path, place, objects) + asks[r.Name]
				for _, htmx := range []bool{false, true} {
					if htmx && (r.Method != http.MethodGet || spec.Kind == policy.API) {
						continue
					}
					a := ask(p, r.Method, path, htmx)
					asked++
					if a.Status >= 400 {
						refused++
					}
					if wrong := m.verdict(p, r, spec, place, objects, a); wrong != "" {
						say(fmt.Sprintf("%s %s (%s) as %s, htmx %v: %d %s: %s", r.Method, path, r.Name, p.name, htmx, a.Status, leads(a),
							wrong))
					}
					if wrong := ending(p, spec, a); wrong != "" {
						say(fmt.Sprintf("%s %s as %s: %s", r.Method, path, p.name, wrong))
					}
					m.search(p, r, a, say)
				}
			}
		}
	}
	return asked, refused
}

// ending says what is wrong with what a page says of the end of its session: each page of work says it, to scripts and
// to browsers without, and none to people who do not work.
func ending(p *person, spec policy.ActionSpec, a webtest.Answer) string {
	if !strings.Contains(a.Body, "</html>") {
		return ""
	}
	work := spec.Kind == policy.Organization || spec.Kind == policy.Platform
	seconds := 0
	for _, said := range a.All("aside", "data-seconds") {
		seconds, _ = strconv.Atoi(said.Value("data-seconds"))
	}
	script := strings.Contains(a.Body, "/static/signoff.")
	without := signsOff.MatchString(a.Body)
	switch {
	case work && a.Status == http.StatusOK &&
		(seconds <= 0 || seconds > int(identity.WorkIdle.Seconds()) || !script || !without):
		return fmt.Sprintf("a page of work does not say when it ends: %d seconds, a script %v, without scripts %v", seconds,
			script, without)
	case (p.asker.Account == uuid.Nil || strings.HasPrefix(p.name, "patient ")) && (seconds != 0 || script || without):
		return "a page of somebody who does not work says that their work ends"
	}
	return ""
}

// signsOff is how a browser without scripts leaves a page of work; others are asked for again at their own address.
var signsOff = regexp.MustCompile(`<noscript><meta http-equiv="refresh" content="\d+;url=`)

func TestAPageThatSaysNothingOfItsEndIsFound(t *testing.T) {
	works := &person{name: "owner of A", asker: policy.Asker{Account: uuid.New()}}
	patient := &person{name: "patient 0 of A"}
	says := `<html><head><noscript><meta http-equiv="refresh" content="9;url=/"/></noscript><script src="/static/signoff.1.js"></script></head><body><aside data-seconds="%s"></aside></body></html>`
	for _, c := range []struct {
		who   *person
		kind  policy.Kind
		body  string
		found bool
	}{
		{works, policy.Organization, fmt.Sprintf(says, "1800"), false},
		{works, policy.Platform, fmt.Sprintf(says, "1801"), true},
		{works, policy.Platform, fmt.Sprintf(says, "0"), true},
		{works, policy.Organization, strings.Replace(fmt.Sprintf(says, "90"), "noscript", "template", 1), true},
		{works, policy.Organization, strings.Replace(fmt.Sprintf(says, "90"), "signoff", "app", 1), true},
		{works, policy.Own, `<html></html>`, false},
		{patient, policy.Own, `<html></html>`, false},
		{patient, policy.Own, fmt.Sprintf(says, "90"), true},
	} {
		a := webtest.Answer{Node: webtest.Parse(t, c.body), Status: http.StatusOK, Body: c.body}
		if wrong := ending(c.who, policy.ActionSpec{Kind: c.kind}, a); (wrong != "") != c.found {
			t.Errorf("%s, %s: %q", c.who.name, c.body, wrong)
		}
	}
}

// search looks for what this person may not see.
func (m *matrix) search(p *person, r handlers.Route, a webtest.Answer, say func(string)) {
	for _, x := range m.canaries {
		if !m.may(p, x) && (strings.Contains(a.Body, x.text) || strings.Contains(fmt.Sprint(a.Header), x.text)) {
			say(fmt.Sprintf("LEAK: %s sees the %s of %c in %s %s (%d)", p.name, x.kind, 'A'+x.at, r.Method, r.Path, a.Status))
		}
	}
}
