package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/demo"
	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// visit is a page as somebody comes to see it.
type visit struct {
	name   string // of its picture
	route  string // in the table of routes; empty for faults
	path   string
	as     *sitetest.Person                   // who looks; somebody without a session when nil
	act    func(*browser.Tab)                 // what they do first, where a page is the answer to something
	served func(t testing.TB) sitetest.Answer // the same over HTTP, for act
	status int                                // 200 when zero
}

// get is the page over HTTP, exactly as it is served.
func (v visit) get(t testing.TB) sitetest.Answer {
	t.Helper()
	if v.served != nil {
		return v.served(t)
	}
	return v.as.Get(t, v.path)
}

var (
	arranged []visit
	arrange  sync.Once
)

// visits are all pages, and each in the states that look different. What they need is arranged once for all tests,
// which only look.
func visits(t *testing.T, site *sitetest.Site) []visit {
	t.Helper()
	arrange.Do(func() {
		f := arrangePatients(t, site)
		arranged = append(f.pages(t, site), accountPages(t, site)...)
		arranged = append(arranged, f.answers(site)...)
		arranged = append(arranged, joinPages(t, site)...)
		arranged = append(arranged, onboardingPages(t, site)...)
		arranged = append(arranged, formsPages(t, site)...)
	})
	if arranged == nil {
		t.Fatal("the pages were not arranged; an earlier test says why")
	}
	all := append(faults(t, site), arranged...)
	guest := site.Person(t)
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

const (
	maya = "maya@example.test"
	leo  = "leo@example.test"
)

// longEnough is how many seconds a hold lasts that all tests look at.
const longEnough = 30 * 60

// patients are people with holds and appointments, by the addresses of their pages.
type patients struct {
	holding, maya, leo                              *sitetest.Person
	flu, strep                                      string // times of two listings
	guestHold, held, lost, booking, cancelled, home string
}

func arrangePatients(t testing.TB, site *sitetest.Site) patients {
	t.Helper()
	f := patients{holding: site.Person(t), maya: site.SignedIn(t, maya), leo: site.SignedIn(t, leo)}
	f.flu = site.TimesAt(t, sitetest.FoxPoint, "Flu shot Paola Castro")
	f.strep = site.TimesAt(t, sitetest.Wickenden, "Strep swab")
	f.cancelled = f.maya.Book(t, f.maya.Hold(t, f.strep))
	f.maya.Post(t, f.cancelled+"/cancellation", url.Values{"sequence": {"0"}, "why": {"time"}})
	f.booking = f.maya.Book(t, f.maya.Hold(t, f.flu))
	f.home = f.maya.Book(t, f.maya.Hold(t, site.TimesAt(t, sitetest.Blackstone, "")))
	f.guestHold, f.lost, f.held = f.holding.Hold(t, f.strep), f.leo.Hold(t, f.flu), f.maya.Hold(t, f.strep)
	site.Expire(t, f.lost, -1)
	site.Expire(t, f.guestHold, longEnough)
	site.Expire(t, f.held, longEnough)
	return f
}

// asked is where the question stands whether to move the booking to another free time.
func (f patients) asked(t testing.TB) string {
	t.Helper()
	start := regexp.MustCompile(`name="start" value="([^"]+)"`).FindStringSubmatch(
		f.maya.Get(t, f.booking+"/reschedule").Body)
	if start == nil {
		t.Fatal("there is no other time")
	}
	return f.booking + "/reschedule/confirmation?sequence=0&start=" + start[1]
}

// holdingAt finds out about a time that nobody holds.
func (f patients) holdingAt() string {
	parts := strings.Split(f.strep, "/") // /places/ORGANIZATION/listings/LISTING/times
	return "/places/" + parts[2] + "/holding?listing=" + parts[4] + "&start=2026-01-01T12:00:00Z"
}

// ongoing makes a page that finds out how a request ended go on finding out.
func ongoing() string { return "&since=" + strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10) }

func (f patients) pages(t testing.TB, site *sitetest.Site) []visit {
	t.Helper()
	return []visit{
		{name: "home", route: "home", path: "/"},
		{name: "search", route: "search", path: site.CommonSearch(t)},
		{name: "search-strep", route: "search", path: "/search?reason=strep+swab&near=02906", as: f.holding},
		{name: "search-mean", route: "search", path: "/search?reason=skin&near=02906"},
		{name: "search-slip", route: "search", path: "/search?reason=blood+wrok&near=02906"},
		{name: "search-emergency", route: "search", path: "/search?reason=dolor+de+pecho&near=02906"},
		{name: "search-crisis", route: "search", path: "/search?reason=I+want+to+die&near=02906"},
		{name: "search-place", route: "search", path: "/search?reason=skn&near=providnce"},
		{name: "search-name", route: "search", path: "/search?reason=fox+point"},
		{name: "search-unknown", route: "search", path: "/search?reason=quux&near=02906"},
		{name: "search-nothing", route: "search", path: "/search?reason=sleep+study&near=02906&kind=home_care&language=km"},
		{name: "search-blank", route: "search", path: "/search"},
		{name: "search-notice", route: "search",
			path: "/search?reason=flu+shot&near=02906&within=7&time=noon&from=2020-01-01"},
		{name: "suggestions", route: "suggestions", path: "/suggestions?reason=blood&near=02906"},
		{name: "ranking", route: "ranking", path: "/how-we-rank"},
		{name: "privacy", route: "privacy", path: "/privacy"},
		{name: "accessibility", route: "accessibility", path: "/accessibility"},
		{name: "help", route: "help", path: "/help"},
		{name: "api documentation", route: "api documentation", path: "/api-documentation"},
		{name: "place-clinic", route: "place", path: "/places/" + sitetest.FoxPoint},
		{name: "place-laboratory", route: "place", path: "/places/" + sitetest.Wickenden},
		{name: "place-home-care", route: "place", path: "/places/" + sitetest.Blackstone},
		{name: "place-more", route: "place", path: place(t, site, "?after=")},
		{name: "clinicians", route: "clinicians", path: "/places/" + sitetest.FoxPoint + "/clinicians"},
		{name: "clinician", route: "clinician", path: place(t, site, "/clinicians/")},
		{name: "clinician-gone", route: "clinician", status: 404,
			path: "/places/" + sitetest.FoxPoint + "/clinicians/00000000-0000-0000-0000-000000000000"},
		{name: "times", route: "times", path: f.flu},
		{name: "times-own", route: "times", path: f.strep, as: f.holding},
		{name: "times-far", route: "times", path: f.flu + "?month=" + time.Now().AddDate(0, 0, 40).Format("2006-01")},
		{name: "hold-guest", route: "hold", path: f.guestHold, as: f.holding},
		{name: "hold", route: "hold", path: f.held, as: f.maya},
		{name: "hold-lost", route: "hold", path: f.lost, as: f.leo},
		{name: "checking-hold", route: "holding", path: f.holdingAt() + ongoing(), as: f.holding, status: 202},
		{name: "checking-booking", route: "confirmation", path: f.held + "/confirmation?key=lost" + ongoing(), as: f.maya,
			status: 202},
		{name: "checking-change", route: "change", path: f.booking + "/change?sequence=0" + ongoing(), as: f.maya,
			status: 202},
		{name: "bookings", route: "bookings", path: "/bookings", as: f.maya},
		{name: "bookings-none", route: "bookings", path: "/bookings", as: f.leo},
		{name: "booking", route: "booking", path: f.booking, as: f.maya},
		{name: "booking-at-home", route: "booking", path: f.home, as: f.maya},
		{name: "booking-cancelled", route: "booking", path: f.cancelled, as: f.maya},
		{name: "cancellation", route: "new cancellation", path: f.booking + "/cancellation", as: f.maya},
		{name: "reschedule-asked", route: "confirm reschedule", path: f.asked(t), as: f.maya},
		{name: "intake", route: "intake", path: f.booking + "/intake", as: f.maya},
		{name: "address", route: "new address", path: f.home + "/address", as: f.maya},
		{name: "reschedule", route: "new reschedule", path: f.booking + "/reschedule", as: f.maya},
		{name: "sign-in", route: "sign in", path: "/sign-in"},
		{name: "sign-in-holding", route: "sign in", path: "/sign-in?next=" + f.guestHold, as: f.holding},
		{name: "sign-up", route: "sign up", path: "/sign-up"},
		{name: "code", route: "code", path: "/sign-up/code", as: waiting(t, site)},
		{name: "password-reset", route: "password reset", path: "/password-reset"},
		{name: "new-password", route: "new password", path: resetLink(t, site)},
		{name: "account", route: "account", path: "/account", as: f.maya},
		{name: "styleguide", route: "styleguide", path: "/styleguide"},
		{name: "mails", route: "mails", path: "/demo/mail"},
		{name: "mail", route: "mail", path: "/demo/mail/" + site.Email(t, maya, "ooked").ID},
	}
}

// place is the first address on a clinic's page that has this in it.
func place(t testing.TB, site *sitetest.Site, part string) string {
	t.Helper()
	found := regexp.MustCompile(`href="(/places/` + sitetest.FoxPoint + regexp.QuoteMeta(part) + `[^"#]+)`).
		FindStringSubmatch(site.Person(t).Get(t, "/places/"+sitetest.FoxPoint).Body)
	if found == nil {
		t.Fatalf("the page of a clinic leads to no %s", part)
	}
	return found[1]
}

// answers are the pages that come back when something is wrong.
func (f patients) answers(site *sitetest.Site) []visit {
	send := func(p *sitetest.Person, path string, form url.Values) func(testing.TB) sitetest.Answer {
		return func(t testing.TB) sitetest.Answer {
			t.Helper()
			who := p
			if who == nil {
				who = site.Person(t)
			}
			return who.Post(t, path, form)
		}
	}
	nothing := func(v *browser.Tab) {
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("There is a problem")
	}
	return []visit{
		{name: "sign-in-wrong", route: "sign in", path: "/sign-in", status: 422, act: func(v *browser.Tab) {
			v.Type("Email address", "maya@example")
			nothing(v)
		}, served: send(nil, "/sign-in", url.Values{"email": {"maya@example"}})},
		{name: "sign-up-wrong", route: "sign up", path: "/sign-up", status: 422, act: nothing,
			served: send(nil, "/sign-up", nil)},
		{name: "hold-wrong", route: "hold", path: f.held, as: f.maya, status: 422, act: func(v *browser.Tab) {
			v.Type("Mobile number", "12")
			v.Press("Book ")
			v.Sees("There is a problem")
		}, served: send(f.maya, f.held+"/confirmation", url.Values{"phone": {"12"}})},
	}
}

// waiting is somebody who has asked for an account and not typed the code.
func waiting(t testing.TB, site *sitetest.Site) *sitetest.Person {
	t.Helper()
	p := site.Person(t)
	a := p.Post(t, "/sign-up", url.Values{"name": {"Rosa Teixeira"}, "email": {site.NewEmail("Rosa")},
		"password": {"three-ferries-at-dawn"}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("no code: %d\n%s", a.Status, a.Body)
	}
	return p
}

// resetLink is the address of an email that lets Leo choose a new password.
func resetLink(t testing.TB, site *sitetest.Site) string {
	t.Helper()
	site.Person(t).Post(t, "/password-reset", url.Values{"email": {leo}})
	return link(t, site, leo, "password", `/password-reset/\S+`)
}

// link is the one of an email that looks like this.
func link(t testing.TB, site *sitetest.Site, to, subject, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindString(site.Email(t, to, subject).Text)
	if found == "" {
		t.Fatalf("the email to %s has no link", to)
	}
	return found
}

// inProcess serves the same pages over the same database in this process, for what cannot be provoked from outside.
func inProcess(t testing.TB, site *sitetest.Site) *webtest.Site {
	t.Helper()
	s := webtest.OpenWith(t, webtest.Options{DB: site.DB, Demo: &demo.Handlers{}})
	s.Echo.GET("/fault/:code", fault)
	return s
}

// faults are the pages of what goes wrong, on either side.
func faults(t testing.TB, site *sitetest.Site) (all []visit) {
	t.Helper()
	home := inProcess(t, site).URL
	for _, code := range []int{403, 404, 405, 409, 410, 413, 422, 429, 500, 503} {
		name := strconv.Itoa(code)
		all = append(all, visit{name: "fault-" + name, path: home + "/fault/" + name, status: code})
	}
	return all
}

// fault fails as its address says.
func fault(c echo.Context) error {
	code, err := strconv.Atoi(c.Param("code"))
	switch {
	case err != nil:
		return err
	case code == http.StatusInternalServerError:
		panic("as asked")
	case code == http.StatusServiceUnavailable:
		return web.ErrUnavailable
	}
	return echo.NewHTTPError(code)
}
