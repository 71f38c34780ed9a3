package ops

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/health"
	view "kindward/views/ops"
)

// healthEvery is how often the page asks again: the watch looks every two seconds.
const healthEvery = "5s"

// partWords are what a part is, what people notice when it is behind, and whose age it is. What is the same wherever it
// is asked is all processes'; of other servers this one knows nothing.
type partWords struct {
	what, does string
	all        bool
}

var parts = map[string]partWords{
	"index":    {"Search", "If it is behind: new and changed listings are found late.", false},
	"events":   {"News of other processes", "If it is behind: what others change is shown late.", false},
	"sessions": {"Sessions", "If they cannot be read: nobody is signed in.", false},
	"clock":    {"Clock", "If it is far from the database's: this server can let nobody in.", false},
	"outbox":   {"Messages to send", "If it is behind: emails and reminders wait.", true},
	"seal":     {"Sealing of the access log", "If it is behind: what was done last is not proved yet.", true},
	"jobs":     {"Work that is due", "If it is behind: holds, reminders and cleaning wait.", true},
	"database": {"Database", "If it is away: no page works.", true},
	"disk":     {"Disk of the database", "If it is full: nothing can be written.", true},
	"secrets":  {"File of the secrets", "If it cannot be read: the keys in memory are good.", false},
	"stopping": {"This server", "If it stops: it takes nobody new.", false},
}

// ShowHealth says how this server and what all processes share stand. It asks for itself again.
func (h *Handlers) ShowHealth(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
	defer cancel()
	r := web.Readiness(ctx, c)
	p := view.HealthPage{At: civil.Second(web.Now(c).In(h.zone())), Every: healthEvery,
		Again: web.Partial(c)}
	bad := int64(0)
	for _, line := range r.Parts {
		one := partOf(line)
		if one.Tone != "good" {
			bad++
		}
		p.Parts = append(p.Parts, one)
	}
	p.Says = "Everything is up to date."
	if bad > 0 {
		p.Says = count(bad, "part is behind.", "parts are behind.")
	}
	if !r.Ready {
		p.Says += " This server is not ready for visitors."
	}
	p.Page, p.Console = h.page(c, "/ops/health", "Health", p.Says)
	p.Line = "Each server and worker answers /readyz about itself; here is the one that served this page."
	return web.Render(c, http.StatusOK, view.Health(p), view.HealthPart)
}

func partOf(line health.PartLine) view.Part {
	words, known := parts[line.Name]
	if !known {
		words.what = line.Name
	}
	one := view.Part{What: words.what, Does: words.does, Where: "This server", State: "Up to date", Tone: "good"}
	if words.all {
		one.Where = "All processes"
	}
	switch line.State {
	case "degraded":
		one.State, one.Tone = "Behind, and the pages work", "warn"
	case "failing":
		one.State, one.Tone = "Behind", "bad"
	}
	if line.Limit > 0 {
		one.Age = age(line.Age) + " of at most " + lasting(time.Duration(line.Limit*float64(time.Second)))
	}
	return one
}

// age is one of a part, in whole seconds; what is younger is now.
func age(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second)).Truncate(time.Second)
	if d < time.Second {
		return "Under a second"
	}
	return lasting(d)
}

// lasting tells up to two minutes by the second, and more by the whole minute.
func lasting(d time.Duration) string {
	if d < 2*time.Minute {
		return count(int64(d/time.Second), "second", "seconds")
	}
	return civil.Duration(d.Truncate(time.Minute))
}
