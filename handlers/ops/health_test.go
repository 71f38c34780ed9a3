package ops_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/health"
)

func TestTheHealthPageSaysHowEachPartStandsAndAsksForItselfAgain(t *testing.T) {
	site := webtest.Open(t)
	olga := site.Staff(t, "Olga", "operator")
	ages := map[string]time.Duration{"index": 2 * time.Second, "seal": 90 * time.Second, "outbox": 0, "jobs": 0}
	limits := map[string]time.Duration{"index": 30 * time.Second, "seal": 8 * time.Second, "outbox": time.Minute,
		"jobs": 3 * time.Minute}
	var parts []health.Part
	for _, name := range []string{"index", "seal", "outbox", "jobs"} {
		parts = append(parts, health.Part{Name: name, Limit: limits[name], Vital: name == "index",
			Age: func(context.Context) (time.Duration, error) {
				if ages[name] < 0 {
					return 0, errors.New("cannot be looked at: secret detail")
				}
				return ages[name], nil
			}})
	}
	watch := health.NewWatch(parts, health.Options{Now: site.Web.Now, Log: slog.New(slog.DiscardHandler)})
	site.Web.Health = watch
	watch.Look(t.Context())
	page := olga.Get("/ops/health")
	page.Has(200, `<h1 id="headline">1 part is behind`,
		"If it is behind: new and changed listings are found late.", "Sealing of the access log",
		"Behind, and the pages work", "of at most 8 seconds", "Search", "2 seconds of at most 30 seconds",
		"Messages to send", "Work that is due", "Database", "All processes", "This server", " EST.",
		`hx-get="/ops/health"`, `hx-trigger="every 5s"`)
	part := olga.HTMX().Get("/ops/health")
	part.Has(200, "Sealing of the access log")
	part.IsPart("health")
	part.Has(200, `<h1 id="headline" hx-swap-oob="true">1 part is behind`)
	page.Lacks("hx-swap-oob")

	ages["seal"], ages["index"] = 0, time.Minute
	watch.Look(t.Context())
	olga.Get("/ops/health").Has(200, "This server is not ready for visitors.", "1 part is behind", `class="bad"`)
	ages["index"] = 0
	watch.Look(t.Context())
	olga.Get("/ops/health").Has(200, "Everything is up to date")
	olga.Get("/ops/health").Lacks("not ready")
	ages["index"] = -1
	watch.Look(t.Context())
	olga.Get("/ops/health").Lacks("secret detail")

	for _, role := range []string{"support", "compliance", "administrator", "reviewer"} {
		if a := site.Staff(t, "Some", role).Get("/ops/health"); a.Status != 200 {
			t.Errorf("%s: %d", role, a.Status)
		}
	}
	if a := site.Person(t, "Charlie").Get("/ops/health"); a.Status != 404 {
		t.Error(a.Status)
	}
}
