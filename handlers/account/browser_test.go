package account_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	chrome "kindward/internal/browser"
)

func TestTheTabSaysThatSomethingIsWrongWithAForm(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	b := chrome.Shared(t)
	for _, noScript := range []bool{false, true} {
		v := b.Visit(t, chrome.Options{Home: site.URL, NoScript: noScript})
		v.Go("/sign-in")
		v.Type("Email address", email)
		v.Type("Password", "not my secret")
		v.PressAt("#sign-in form button[type=submit]")
		v.Sees("do not belong together")
		if title := chrome.Eval[string](v, `document.title`); title != "Error: Sign in – Kindward" {
			t.Errorf("without scripts: %v, the tab says %q", noScript, title)
		}
		if n := chrome.Eval[int](v, `document.querySelectorAll("title").length`); n != 1 {
			t.Errorf("without scripts: %v, %d titles", noScript, n)
		}
		for _, line := range v.Console() {
			if !strings.Contains(line, "422") { // which browsers report as an error
				t.Error(line)
			}
		}
	}
}

func TestTheAccountsPagesAreSound(t *testing.T) {
	site := webtest.Open(t)
	person, phone := site.Visitor(t), site.Visitor(t)
	email := signUp(person, "Maya Okafor")
	phone.Agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
	phone.Post("/sign-in", "email", email, "password", password)
	next := uuid.NewString() + "@example.test"
	person.Post("/account/email", "email", next)
	person.Get("/account") // takes the notice
	b := chrome.Shared(t)
	chrome.NeedTools(t)
	v := b.Visit(t, chrome.Options{Home: site.URL, Cookies: person.Cookies()})
	files := t.TempDir()
	for name, path := range map[string]string{"account": "/account", "email": "/account/email",
		"new email": at(site.Mailbox().Last(next)), "confirm": "/account/confirm",
		"second factor": "/account/second-factor"} {
		v.Go(path)
		for width, scheme := range map[int]string{1440: "light", 390: "dark"} {
			v.Resize(width, 900)
			v.Prefer(scheme, "screen")
			for _, a := range append(v.Axe(), v.Console()...) {
				t.Error(name, width, a)
			}
			if s := v.Sideways(); s != "" {
				t.Error(name, width, s)
			}
		}
		if err := os.WriteFile(filepath.Join(files, name+".html"), []byte(person.Get(path).Body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range chrome.HTMLValidate(t, files) {
		t.Error(line)
	}
}

func TestColorsChangeOnAFormThatWasRefusedAndBackSendsNothingAgain(t *testing.T) {
	site := webtest.Open(t)
	person := site.Visitor(t)
	signUp(person, "Maya Okafor")
	b := chrome.Shared(t)
	v := b.Visit(t, chrome.Options{Home: site.URL, Cookies: person.Cookies()})
	v.Go("/account/email")
	// as where htmx did not come through
	chrome.Eval[bool](v, `(() => { const f = document.querySelector("main form"); f.email.value = "nobody"; f.submit(); return true })()`)
	v.Sees("Enter your email address")
	v.Type("New email address", "typed@example.test")
	chrome.Eval[bool](v, `(() => { document.querySelector(".theme [value=dark]").click(); return true })()`)
	v.Until("the colors change", `document.documentElement.dataset.theme === "dark"`)
	if got := v.Value("New email address"); !strings.Contains(got, "typed@example.test") {
		t.Errorf("after the colors changed the field has %q", got)
	}
	v.Go("/help")
	v.Until("the colors stay", `document.documentElement.dataset.theme === "dark"`)
	v.Forget()
	v.Back()
	v.Until("it is the form's own page", `location.pathname === "/account/email"`)
	for _, a := range v.Answers() {
		if a.Method == "POST" {
			t.Errorf("back has sent the form again: %+v", a)
		}
	}
}
