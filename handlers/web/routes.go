package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/internal/policy"
)

// Route is one line of the table of routes, handlers.Routes. Action is what the policies are asked about; what is
// somebody's own is for the query to decide.
type Route struct {
	Method, Path, Name string
	Handler            echo.HandlerFunc
	Action             policy.Action
	Options            RouteOptions
}

// RouteOptions are the columns of the table that most routes of a group have in common.
type RouteOptions struct {
	Errors    ErrorFormat
	BodyLimit int64    // in bytes; a longer body is refused (413), as far as it is announced before any of it is read
	Accepts   []string // content types of bodies; others are refused (415), but not a body without a type
	Return    Return
	Guarded   bool // the page of this form is nobody's but its owner's, whoever is signed in: see keepTyped
	Polled    bool // a page asks for it by itself again and again: that is no use of a session
	Streamed  bool // a body is read by the handler itself, after whoever sends it was asked who they are
	NoSession bool // the visitor's session is not read, nobody is signed in
}

// ErrorFormat is how errors are answered.
type ErrorFormat uint8

const (
	ErrorPage    ErrorFormat = iota // for people: a page, or its part for htmx
	ErrorProblem                    // for API clients: application/problem+json, RFC 9457
)

// Return is from where a visitor may be sent to a page that they opened before (A21).
type Return uint8

const (
	NoReturn        Return = iota
	ReturnAfterward        // from a sign-in or another proof, and from the switch of colors
	ReturnFromTheme        // from the switch of colors only
)

// FormLimit is how many bytes a form may have.
const FormLimit = 64 << 10

// defaultOptions are those of an address that no line of the table describes.
var defaultOptions = RouteOptions{BodyLimit: FormLimit, Accepts: []string{echo.MIMEApplicationForm}}

// routeTable answers what the table has about an address.
type routeTable struct {
	echo   *echo.Echo
	lines  map[string]Route        // by method and path
	nearby map[string]RouteOptions // by the first part of the path
}

// mountRoutes adds the table to e. Nothing is reached but through the policies.
func mountRoutes(e *echo.Echo, table []Route) (*routeTable, error) {
	t := &routeTable{echo: e, lines: map[string]Route{}, nearby: map[string]RouteOptions{}}
	for _, r := range table {
		key := r.Method + " " + r.Path
		if _, twice := t.lines[key]; twice {
			return nil, fmt.Errorf("the table of routes has %s twice", key)
		}
		t.lines[key] = r
		handler := r.Handler
		if r.Options.Streamed {
			handler = taking(handler)
		}
		e.Add(r.Method, r.Path, Permit(r.Action, handler)).Name = r.Name
		t.addNearby(r)
	}
	return t, nil
}

// addNearby keeps the format of errors below the first part of a line's path: where people and API clients meet, people
// are answered.
func (t *routeTable) addNearby(r Route) {
	first := firstPart(r.Path)
	near := defaultOptions
	near.Errors = r.Options.Errors
	if before, known := t.nearby[first]; known && before.Errors != near.Errors {
		near.Errors = ErrorPage
	}
	t.nearby[first] = near
}

// find is the line that answers a method at a path.
func (t *routeTable) find(method, path string) (Route, bool) {
	c := t.echo.AcquireContext()
	defer t.echo.ReleaseContext(c)
	c.Reset(nil, nil)
	t.echo.Router().Find(method, path, c)
	r, ok := t.lines[method+" "+c.Path()]
	return r, ok
}

// options are the columns for a request. Where no line answers, errors have the format of the lines nearby: an API
// client that asks below /api/ for what is not there reads what it can read.
func (t *routeTable) options(r *http.Request) RouteOptions {
	if line, ok := t.find(r.Method, echo.GetPath(r)); ok {
		return line.Options
	}
	if near, ok := t.nearby[firstPart(r.URL.Path)]; ok {
		return near
	}
	return defaultOptions
}

// firstPart is the first part of a path: "api" of "/api/v1".
func firstPart(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}
