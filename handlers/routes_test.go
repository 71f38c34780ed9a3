package handlers_test

import (
	"net/http"
	"strings"
	"testing"

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
