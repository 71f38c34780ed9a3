package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kindward/internal/browser"
	"kindward/static"
)

// sight is a page as somebody comes to see it.
type sight struct {
	name   string // of its picture
	route  string // in the table of routes; empty for faults
	path   string
	as     *someone           // who looks
	act    func(*browser.Tab) // what they do first, where a page is the answer to something
	served func() reply       // the same over HTTP, for act
	status int                // 200 when zero
}

// sights are all pages, and each in the states that look different.
func (h *house) sights(t *testing.T) []sight {
	t.Helper()
	guest, holding, maya, leo := h.someone(t), h.someone(t), h.maya(t), h.signedIn(t, "leo@example.test")
	flu := h.timesAt(t, foxPoint, "Flu shot Paola Castro")
	strep := h.timesAt(t, wickenden, "Strep swab")
	cancelled := maya.book(maya.hold(strep))
	maya.post(cancelled+"/cancellation", url.Values{"sequence": {"0"}, "why": {"time"}})
	booking := maya.book(maya.hold(flu))
	guestHold, lost := holding.hold(strep), leo.hold(flu)
	h.expire(t, lost, -1)
	held := maya.hold(strep)
	all := []sight{
		{name: "home", route: "home", path: "/"},
		{name: "search", route: "search", path: h.common(t)},
		{name: "search-strep", route: "search", path: "/search?reason=strep+swab&near=02906", as: holding},
		{name: "search-mean", route: "search", path: "/search?reason=blood+wrok&near=02906"},
		{name: "search-unknown", route: "search", path: "/search?reason=quux&near=02906"},
		{name: "search-nothing", route: "search", path: "/search?reason=sleep+study&near=02906&kind=home_care&language=km"},
		{name: "search-blank", route: "search", path: "/search"},
		{name: "search-notice", route: "search", path: "/search?reason=flu+shot&near=02906&within=7&time=noon&from=2020-01-01"},
		{name: "suggestions", route: "suggestions", path: "/suggestions?reason=blood&near=02906"},
		{name: "ranking", route: "ranking", path: "/how-we-rank"},
		{name: "privacy", route: "privacy", path: "/privacy"},
		{name: "accessibility", route: "accessibility", path: "/accessibility"},
		{name: "help", route: "help", path: "/help"},
		{name: "place-clinic", route: "place", path: "/places/" + foxPoint},
		{name: "place-laboratory", route: "place", path: "/places/" + wickenden},
		{name: "place-home-care", route: "place", path: "/places/" + blackstone},
		{name: "times", route: "times", path: flu},
		{name: "times-own", route: "times", path: strep, as: holding},
		{name: "times-far", route: "times", path: flu + "?month=2027-01"},
		{name: "hold-guest", route: "hold", path: guestHold, as: holding},
		{name: "hold", route: "hold", path: held, as: maya},
		{name: "hold-lost", route: "hold", path: lost, as: leo},
		{name: "bookings", route: "bookings", path: "/bookings", as: maya},
		{name: "bookings-none", route: "bookings", path: "/bookings", as: leo},
		{name: "booking", route: "booking", path: booking, as: maya},
		{name: "booking-cancelled", route: "booking", path: cancelled, as: maya},
		{name: "cancellation", route: "new cancellation", path: booking + "/cancellation", as: maya},
		{name: "reschedule", route: "new reschedule", path: booking + "/reschedule", as: maya},
		{name: "sign-in", route: "sign in", path: "/sign-in"},
		{name: "sign-in-holding", route: "sign in", path: "/sign-in?next=" + guestHold, as: holding},
		{name: "sign-up", route: "sign up", path: "/sign-up"},
		{name: "code", route: "code", path: "/sign-up/code", as: h.waiting(t)},
		{name: "password-reset", route: "password reset", path: "/password-reset"},
		{name: "new-password", route: "new password", path: h.resetLink(t)},
		{name: "account", route: "account", path: "/account", as: maya},
		{name: "styleguide", route: "styleguide", path: "/styleguide"},
		{name: "mails", route: "mails", path: "/demo/mail"},
		{name: "mail", route: "mail", path: h.someMail(t)},
	}
	all = append(all, h.accountSights(t)...)
	for _, code := range []string{"403", "404", "405", "409", "410", "413", "422", "429", "500", "503"} {
		all = append(all, sight{name: "fault-" + code, path: "/fault/" + code, status: atoi(t, code)})
	}
	all = append(all, h.answers(held, booking, maya)...)
	for i := range all {
		if all[i].as == nil {
			all[i].as = guest
		}
		if all[i].status == 0 {
			all[i].status = http.StatusOK
		}
	}
	return all
}

// answers are the pages that come back when something is wrong.
func (h *house) answers(held, booking string, maya *someone) []sight {
	return []sight{
		{name: "sign-in-wrong", route: "sign in", path: "/sign-in", status: 422, act: func(v *browser.Tab) {
			v.Type("E-mail address", "maya@example")
			v.PressAt("main form button")
			v.Sees("There is a problem")
		}, served: func() reply { return maya.fresh().post("/sign-in", url.Values{"email": {"maya@example"}}) }},
		{name: "sign-up-wrong", route: "sign up", path: "/sign-up", status: 422, act: func(v *browser.Tab) {
			v.PressAt("main form button")
			v.Sees("There is a problem")
		}, served: func() reply { return maya.fresh().post("/sign-up", url.Values{}) }},
		{name: "hold-wrong", route: "hold", path: held, as: maya, status: 422, act: func(v *browser.Tab) {
			v.Type("Mobile number", "12")
			v.Press("Book ")
			v.Sees("There is a problem")
		}, served: func() reply { return maya.post(held+"/confirmation", url.Values{"phone": {"12"}}) }},
		{name: "cancellation-wrong", route: "new cancellation", path: booking + "/cancellation", as: maya, status: 422, act: func(v *browser.Tab) {
			v.PressAt("main form button")
			v.Sees("There is a problem")
		}, served: func() reply { return maya.post(booking+"/cancellation", url.Values{"sequence": {"0"}}) }},
	}
}

// get is the page over HTTP, exactly as it is served.
func (s sight) get() reply {
	if s.served != nil {
		return s.served()
	}
	return s.as.get(s.path)
}

// noPage are the addresses of the table that answer with something else than a page.
var noPage = []string{"health", "ready", "static", "favicon", "calendar", "export access log", "export audit", "export sealed audit", "api slots", "api appointments"}

func TestEveryPageOfTheTableIsLookedAt(t *testing.T) {
	h := open(t)
	var seen []string
	for _, s := range h.sights(t) {
		seen = append(seen, s.route)
	}
	for _, r := range h.app.routes {
		if r.Method == http.MethodGet && !slices.Contains(noPage, r.Name) && !slices.Contains(seen, r.Name) && !elsewhere(r) {
			t.Errorf("nobody looks at %s (%s)", r.Path, r.Name)
		}
	}
}

// widths are a desk and a phone.
var widths = []int{1440, 390}

func TestEveryPageIsAccessibleInBothColorsAndWidths(t *testing.T) {
	browser.NeedTools(t)
	h := open(t)
	for i, s := range h.sights(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			v := h.visit(t, s.as.with)
			v.Go(s.path)
			if s.act != nil {
				s.act(v)
			} else if v.Status() != s.status {
				t.Errorf("answered with %d, not %d", v.Status(), s.status)
			}
			if n := browser.Eval[int](v, `document.querySelectorAll("h1").length`); n != 1 || v.Heading() == "" {
				t.Errorf("%d h1, the first %q", n, v.Heading())
			}
			if title := browser.Eval[string](v, "document.title"); !strings.Contains(title, "Kindward") {
				t.Errorf("title %q", title)
			}
			for n, width := range widths { // each width and each color once a page, the other way round on every second one
				scheme := []string{"light", "dark"}[(i+n)%2]
				v.Resize(width, 900)
				v.Prefer(scheme, "screen")
				for _, finding := range v.Axe() {
					t.Errorf("%d %s: %s", width, scheme, finding)
				}
			}
			for _, width := range []int{360, 768, 1920} {
				v.Resize(width, 800)
				if wide := v.Sideways(); wide != "" {
					t.Errorf("at %d px: %s", width, wide)
				}
			}
			silent(t, v)
		})
	}
}

func TestEveryPageWorksWithoutScripts(t *testing.T) {
	h := open(t)
	for _, s := range h.sights(t) {
		if s.act != nil { // the journeys do these without scripts
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			v := h.visit(t, s.as.with, noScript, func(o *browser.Options) { o.Width = 360 })
			v.Go(s.path)
			if v.Status() != s.status || v.Heading() == "" {
				t.Errorf("answered with %d, and says %q", v.Status(), v.Heading())
			}
			if wide := v.Sideways(); wide != "" {
				t.Errorf("at 360 px: %s", wide)
			}
			if dead := browser.Eval[int](v, `[...document.querySelectorAll("button, form")].filter(e => e.matches("button") ? !e.form : !e.getAttribute("action")).length`); dead > 0 && s.name != "styleguide" {
				t.Errorf("%d buttons or forms that do nothing without a script", dead)
			}
			silent(t, v)
		})
	}
}

func TestTheMarkupOfEveryPageIsValid(t *testing.T) {
	browser.NeedTools(t)
	h := open(t)
	dir := t.TempDir()
	for _, s := range h.sights(t) {
		if err := os.WriteFile(filepath.Join(dir, s.name+".html"), []byte(s.get().body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, finding := range browser.HTMLValidate(t, dir) {
		t.Error(finding)
	}
}

// policy is the one of the design language, word for word.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	h := open(t)
	check := func(name string, r reply, status int) {
		t.Helper()
		if r.status != status {
			t.Errorf("%s: answered with %d, not %d", name, r.status, status)
		}
		for header, want := range map[string]string{"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got := r.header.Values(header); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if r.header.Get("Permissions-Policy") == "" || r.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no Permissions-Policy, or no name for the request", name)
		}
	}
	for _, s := range h.sights(t) {
		r := s.get()
		check(s.name, r, s.status)
		if strings.Contains(r.body, " style=") || strings.Contains(r.body, "<style") || strings.Contains(r.body, "hx-on") || strings.Contains(r.body, "<script>") {
			t.Errorf("%s: a style, a script or a handler stands in the page", s.name)
		}
	}
	guest := h.someone(t)
	holds := "/places/" + wickenden + "/holds"
	check("no such page", guest.get("/no/such/page"), 404)
	check("two readings", guest.get("/places/%2e%2e/bookings"), 404)
	check("wrong method", guest.post("/help", nil), 405)
	check("no time", guest.post(holds, url.Values{"listing": {strings.Split(h.timesAt(t, wickenden, "Strep"), "/")[4]}, "start": {"noon"}}), 422)
	check("too much", guest.post("/sign-in", url.Values{"email": {strings.Repeat("x", 70_000)}}), 413)
	check("a file", guest.get(static.Path("app.js")), 200)
	check("no such file", guest.get("/static/app.js"), 404)
	check("health", guest.get("/healthz"), 200)
	check("to sign in", guest.get("/bookings"), 303)
	check("from elsewhere", guest.postFrom("https://elsewhere.example", "/sign-in", url.Values{}), 403)
	greedy := h.someone(t)
	for _, l := range []string{h.timesAt(t, wickenden, "Strep"), h.timesAt(t, foxPoint, "Strep"), h.timesAt(t, blackstone, "blood"), ""} {
		if l != "" {
			greedy.hold(l)
			continue
		}
		place, listing := h.fourth(t)
		check("a fourth time at once", greedy.post("/places/"+place+"/holds", url.Values{"listing": {listing}, "start": {"2027-01-04T15:00:00Z"}}), 429)
	}
}
