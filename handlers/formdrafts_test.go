package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/policy"
)

// typedForm is a form of a page into which people type.
type typedForm struct {
	page, action string
	values       url.Values // all that is sent
	typed        []string   // the fields into which a text was typed
}

const marked = "typed before the end"

// formsOf are those of a page that act, and have a field for text, filled in.
func formsOf(page string, a webtest.Answer) (all []typedForm) {
	for _, form := range a.All("form", "action") {
		if form.Value("method") != "post" || strings.HasPrefix(form.Value("action"), "/sign-") {
			continue
		}
		f := typedForm{page: page, action: form.Value("action"), values: url.Values{}}
		for _, in := range append(form.All("input", "name"), form.All("textarea", "name")...) {
			switch name := in.Value("name"); in.Value("type") {
			case "hidden":
				f.values.Set(name, in.Value("value"))
			case "password":
				f.values.Set(name, "never kept")
			case "", "text", "email", "tel", "search":
				f.values.Set(name, marked)
				if !strings.Contains(name, "code") {
					f.typed = append(f.typed, name)
				}
			}
		}
		if len(f.typed) > 0 {
			all = append(all, f)
		}
	}
	return all
}

// stillTyped are the fields of a page's form that have the text in them; two forms of one action are one.
func stillTyped(a webtest.Answer, f typedForm) (names []string) {
	for _, form := range a.All("form", "action") {
		if form.Value("action") != f.action {
			continue
		}
		for _, in := range append(form.All("input", "name"), form.All("textarea", "name")...) {
			if name := in.Value("name"); strings.TrimSpace(in.Value("value")+in.Text()) == marked &&
				!slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// TestWhatWasTypedIntoAFormStandsThereAgainAfterTheSessionEnded visits all pages of the table as those who may use
// them, lets their sessions end, and sends each form.
func TestWhatWasTypedIntoAFormStandsThereAgainAfterTheSessionEnded(t *testing.T) {
	m := newMatrix(t, nil)
	owner, staff := m.organizations[0].member["owner"], []*person{}
	for _, p := range m.all {
		if len(p.asker.Staff) > 0 {
			staff = append(staff, p)
		}
	}
	seen, other := map[string]bool{}, m.organizations[0].patient[1]
	for _, p := range append([]*person{owner}, staff...) { // an emergency's pages are gone once its session has ended
		for _, r := range m.Routes {
			spec, _ := policy.SpecOf(r.Action)
			if r.Method != http.MethodGet || !slices.Contains([]policy.Kind{policy.Own, policy.Organization, policy.Platform},
				spec.Kind) || r.Options.Return == 0 {
				continue
			}
			page := m.fill(t, r.Path, 0, 0)
			for _, f := range formsOf(page, p.Get(page)) {
				if key := parameter.ReplaceAllString(r.Path, "") + " " + strings.Join(f.typed, " "); !seen[key] {
					seen[key] = true
					typedAgain(t, m, p, other, f)
				}
			}
		}
	}
	if len(seen) < 8 {
		t.Errorf("only %d forms: %v", len(seen), seen)
	}
	t.Log(len(seen), "forms")
}

func typedAgain(t *testing.T, m *matrix, p, other *person, f typedForm) {
	t.Helper()
	send := func() webtest.Answer {
		// A page of work makes it a session that ends.
		m.Admin(t, `update directory.session set last_seen_at = last_seen_at - $2::interval where account_id = $1`, p.ID,
			identity.SessionIdle+time.Minute)
		return p.Do(http.MethodPost, f.action, f.values, "Referer", m.URL+f.page)
	}
	if a := send(); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Fatalf("%s after the end: %d %s", f.action, a.Status, a.Location)
	}
	p.SignInAs(p.Person, 2)
	a := p.Get(f.page)
	again := func(a webtest.Answer) {
		t.Helper()
		names := slices.Sorted(slices.Values(stillTyped(a, f)))
		if !slices.Equal(names, slices.Sorted(slices.Values(f.typed))) {
			t.Errorf("%s: %v of %v stand in the form of %s again", f.page, names, f.typed, f.action)
		}
	}
	again(a)
	a.Lacks("never kept")
	if names := stillTyped(p.Get(f.page), f); len(names) > 0 {
		t.Errorf("%s: a second time as well: %v", f.page, names)
	}
	send()
	p.SignInAs(other.Person, 2) // somebody else at this browser
	p.Get(f.page).Lacks(marked)
	p.SignInAs(p.Person, 2)
	again(p.Get(f.page)) // the control: it was there
}

// TestNoFieldThatProvesWhoSomebodyIsIsKept reads the views: what hides what is typed, or takes a code, is in no draft.
func TestNoFieldThatProvesWhoSomebodyIsIsKept(t *testing.T) {
	files, err := filepath.Glob("../views/*/*.templ")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("web/formdrafts.go")
	if err != nil {
		t.Fatal(err)
	}
	unkept := regexp.MustCompile(regexp.MustCompile("unkept = regexp.MustCompile\\(`([^`]+)`").FindStringSubmatch(string(raw))[1])
	proves := regexp.MustCompile(`(?s)ui\.Field\{[^}]*?Name: "([^"]+)"[^}]*\}`)
	found := 0
	for _, file := range files {
		view, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range proves.FindAllStringSubmatch(string(view), -1) {
			if strings.Contains(field[0], `Type: "password"`) || strings.Contains(field[0], "one-time-code") {
				found++
				if !unkept.MatchString(field[1]) {
					t.Errorf("%s: what is typed into %q would be kept", file, field[1])
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d fields that prove who somebody is", found)
	}
}

func TestATextThatIsTooLongToKeepIsSaidToBeLostAndTheRestStandsAgain(t *testing.T) {
	s := webtest.Open(t)
	for length, lost := range map[int]bool{300: false, 3000: true} {
		ada, page := s.Staff(t, "Ada", "operator"), "/ops/emergency-access"
		ada.Get(page).Has(http.StatusOK)
		s.Clock.Forward(identity.WorkIdle + time.Minute)
		a := ada.Do(http.MethodPost, page, webtest.Form("organization", "north clinic", "reason",
			strings.Repeat("a", length)), "Referer", s.URL+page)
		a.Goes("/sign-in?next=" + url.QueryEscape(page))
		if said := strings.Contains(ada.Get(a.Location).Body, "too long to be kept"); said != lost {
			t.Errorf("of %d letters it is said that they are lost: %v", length, said)
		}
		ada.SignInAs(ada, 2)
		a = ada.Get(page)
		kept := strings.Contains(a.Body, strings.Repeat("a", length))
		if kept == lost || a.Field("organization") != "north clinic" {
			t.Errorf("of %d letters: kept %v, and the organization %q", length, kept, a.Field("organization"))
		}
	}
}
