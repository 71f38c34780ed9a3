package handlers_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kindward/handlers/demo"
	"kindward/handlers/web"
	"kindward/handlers/webtest"
)

// TestTheColumnsOfTheTableFit: people are sent back to pages only, API clients read problems, and nobody sends more
// than a form but where files are taken.
func TestTheColumnsOfTheTableFit(t *testing.T) {
	pages, clients := 0, 0
	for _, r := range webtest.Open(t).Routes {
		o := r.Options
		if o.Return != web.NoReturn {
			pages++
			if r.Method != http.MethodGet || o.NoSession || o.Errors != web.ErrorPage {
				t.Errorf("%s %s is no page to come back to", r.Method, r.Path)
			}
		}
		if client := strings.HasPrefix(r.Path, "/api/"); client != (o.Errors == web.ErrorProblem) {
			t.Errorf("%s %s: the format of its errors is another than its neighbors'", r.Method, r.Path)
		} else if client {
			clients++
		}
		if takesFiles := len(o.Accepts) > 0 &&
			o.Accepts[0] != "application/x-www-form-urlencoded"; o.BodyLimit > web.FormLimit && !takesFiles {
			t.Errorf("%s %s takes %d bytes of a form", r.Method, r.Path, o.BodyLimit)
		}
		if r.Method != http.MethodGet && len(o.Accepts) == 0 {
			t.Errorf("%s %s takes no body of any type", r.Method, r.Path)
		}
	}
	if pages < 50 || clients < 2 {
		t.Errorf("only %d pages and %d addresses of the API", pages, clients)
	}
}

// Whatever a view asks for again and again is Polled in the table, or a page left open would keep a worker signed in.
// A view that does so is added here with its addresses.
func TestWhatPagesAskForByThemselvesIsPolled(t *testing.T) {
	pages := map[string][]string{"views/demo/codes.templ": {"/demo/codes"},
		"views/join/tracker.templ":          {"/join/:application/progress"},
		"views/ops/onboarding.templ":        {"/ops/onboarding/changes"},
		"views/ops/health.templ":            {"/ops/health"},
		"views/provider/import.templ":       {"/organizations/:place/imports/:import/progress"},
		"views/provider/appointments.templ": {"/organizations/:place/appointments/changes"},
		"views/patient/checking.templ": {"/places/:place/holds/:hold/confirmation", "/bookings/:booking/change",
			"/places/:place/holding"}}
	files, err := filepath.Glob("../views/*/*.templ")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		asks := regexp.MustCompile(`hx-trigger"?[=:] ?["{][^}\n]*\b[eE]very\b`).Match(raw)
		if _, known := pages[strings.TrimPrefix(file, "../")]; asks != known {
			t.Errorf("%s asks by itself: %v. Whose address is it?", file, asks)
		}
	}
	polled := map[string]bool{}
	for _, r := range webtest.OpenWith(t, webtest.Options{Demo: &demo.Handlers{}}).Routes {
		polled[r.Path] = polled[r.Path] || r.Options.Polled
	}
	for file, paths := range pages {
		for _, path := range paths {
			if !polled[path] {
				t.Errorf("%s of %s keeps a session alive", path, file)
			}
		}
	}
}
