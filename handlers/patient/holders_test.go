package patient_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
)

// lostSignIn signs somebody in in a browser that does not get the answer: what it was to keep then never came.
func lostSignIn(browser, who *webtest.Person) {
	before := browser.Cookies()
	browser.SignInAs(who, 1)
	kept := map[string]bool{}
	for _, c := range before {
		kept[c.Name] = true
		browser.SetCookie(c.Name, c.Value)
	}
	if !kept["kindward"] {
		browser.SetCookie("kindward", "")
	}
}

func TestWhoeverHoldsATimeHasItWhenTheAnswerOfTheirSignInIsLost(t *testing.T) {
	site := webtest.Open(t)
	starts := freeTimes(t, site, site.Clinic(), 1)
	maya := site.Known(t, site.Account(t, "Maya"), "maya@example.test", "Maya")
	browser := site.Visitor(t)
	browser.Get(site.Times())
	browser.Get("/sign-up")
	hold := held(t, browser, site.Clinic(), starts[0])
	for range 2 {
		lostSignIn(browser, maya)
		browser.Get(hold).Has(http.StatusOK, "Sign in to book this time", "We are holding this time for you")
		browser.HoldAt(starts[0]).Goes(hold)
	}
	browser.SignInAs(maya, 1)
	browser.Get(hold).Has(http.StatusOK, "Who is this for", "We are holding this time for you")
	browser.HoldAt(starts[0]).Goes(hold)

	t.Run("control: a browser without its id has nothing", func(t *testing.T) {
		leo := site.Visitor(t)
		leo.Get(site.Times())
		leo.Get(hold).Has(http.StatusNotFound)
		leo.HoldAt(starts[0]).Has(http.StatusConflict, "Someone else has just taken")
	})
}

// endings are how a session ends while its person fills in a form.
var endings = map[string]func(*webtest.Site, *webtest.Person){
	"signed out in another tab": func(_ *webtest.Site, p *webtest.Person) { p.Post("/sign-out") },
	"signed out everywhere, on another device": func(s *webtest.Site, p *webtest.Person) {
		other := s.Known(p.T, p.ID, p.Email, p.Name)
		other.SignIn(1)
		other.Post("/account/sign-out-everywhere")
	},
}

func TestWhoeverIsSignedOutWhileTheyFillInAHoldComesBackToItWithWhatTheyTyped(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	n := 0
	for name, end := range endings {
		for _, over := range []bool{false, true} {
			maya := site.Person(t, "Maya")
			maya.Get(site.Times())
			hold := maya.Hold(n)
			n++
			form := append(webtest.Details(), "key", maya.Get(hold).Field("key"))
			end(site, maya)
			if over {
				site.Clinic().SQL(t, `update appointment set held_until = now() - interval '1 second' where id = $1`,
					webtest.IDOf(hold))
			}
			a := maya.Do(http.MethodPost, hold+"/confirmation", webtest.Form(form...), "Referer", site.URL+hold)
			a.Goes("/sign-in?next=" + url.QueryEscape(hold))
			maya.Get(a.Location).Has(http.StatusOK, "What you just sent was not done")
			maya.SignInAs(maya, 1)
			p := maya.Get(hold)
			p.Has(http.StatusOK, map[bool]string{false: "We are holding this time for you",
				true: "has gone back to everyone"}[over])
			if p.Field("name") != "Maya Okafor" || p.Field("note") != "Left arm, please" {
				t.Errorf("%s, over %v: name %q, note %q", name, over, p.Field("name"), p.Field("note"))
			}
			if !over {
				maya.Post(hold+"/confirmation", append(webtest.Details(), "key", p.Field("key"))...).
					Goes("/bookings/" + webtest.IDOf(hold).String())
			}
		}
	}
}

func TestTheNextPersonAtABrowserSeesNeitherAHoldNorWhatWasTyped(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	leo := site.Known(t, site.Account(t, "Leo"), "leo@example.test", "Leo")
	n := 0
	for name, end := range endings {
		browser, maya := site.Visitor(t), site.Known(t, site.Account(t, "Maya"), "maya@example.test", "Maya")
		browser.ID, browser.Email, browser.Name = maya.ID, maya.Email, maya.Name
		browser.Get(site.Times())
		hold := browser.Hold(n) // before signing in: the browser's
		week := browser.Get(hold).All("a", "class", "tag back")[0].Value("href")
		n++
		browser.SignInAs(maya, 1)
		form := append(webtest.Details(), "key", browser.Get(hold).Field("key"))
		end(site, browser)
		browser.Do(http.MethodPost, hold+"/confirmation", webtest.Form(form...), "Referer", site.URL+hold)
		browser.Get(hold).Goes("/sign-in?next=" + url.QueryEscape(hold))
		browser.SignInAs(leo, 1)
		for _, path := range []string{hold, hold + "/confirmation?key=1&since=1"} {
			browser.Get(path).Has(http.StatusNotFound)
		}
		for _, act := range []string{"/extension", "/release", "/confirmation"} {
			browser.Post(hold+act, form...).Has(http.StatusNotFound)
		}
		if p := browser.Get(week); len(p.All("a", "class", "slot mine")) != 0 {
			t.Errorf("%s: the time is shown as the next one's", name)
		}
		other := browser.Hold(n)
		n++
		browser.Get(other).Lacks("Maya Okafor", "Left arm")
		browser.SignInAs(maya, 1)
		p := browser.Get(hold) // the control: it is hers
		p.Has(http.StatusOK, "Maya Okafor")
	}
}

func TestAHoldThatWasTakenAfterSigningInIsThePersonsInEveryBrowser(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	hold := maya.Hold(0)
	phone := site.Known(t, maya.ID, maya.Email, maya.Name)
	phone.SignIn(1)
	p := phone.Get(hold)
	p.Has(http.StatusOK, "We are holding this time for you")
	leo.Get(hold).Has(http.StatusNotFound) // the control
	phone.Post(hold+"/confirmation", append(webtest.Details(), "key", p.Field("key"))...).
		Goes("/bookings/" + webtest.IDOf(hold).String())
	maya.Get(hold).Goes("/bookings/" + webtest.IDOf(hold).String())
}

func TestWhoeverKeepsTooManyIsLedToEachOfThem(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	at, starts := clinics(t, site, 4)
	known := site.Account(t, "Maya")
	for name, p := range map[string]*webtest.Person{"a visitor": site.Visitor(t),
		"somebody signed in":                     site.Person(t, "Maya"),
		"somebody signed in, in another browser": site.Known(t, known, "maya@example.test", "Maya")} {
		other := p
		if p.ID == known {
			p.SignIn(1)
			other = site.Known(t, known, p.Email, p.Name)
			other.SignIn(1)
		}
		p.Get(site.Times())
		var holds []string
		for n := range 3 {
			holds = append(holds, held(t, p, at[n], starts[n][0]))
		}
		pgtest.Value[int64](t, at[1], `with soon as (update market.busy set expires_at = now() + interval '3 minutes'
			where tenant_id = $1 and expires_at is not null returning 1) select count(*) from soon`, at[1].ID)
		a := holdAt(other, at[3], starts[3][0])
		a.Has(http.StatusTooManyRequests, "You keep 3 times already")
		for _, hold := range holds {
			if a.Has(http.StatusTooManyRequests, `href="`+hold+`"`); other.Get(hold).Status != http.StatusOK {
				t.Errorf("%s is led to %s, which is not there", name, hold)
			}
		}
		if wait := retryAfter(a); wait <= 2*time.Minute || wait > 3*time.Minute {
			t.Errorf("%s is to come back in %v: the first ends in three minutes", name, wait)
		}
		a = holdAt(site.Visitor(t), at[0], starts[0][0])
		if a.Lacks(holds[0]); a.Status != http.StatusConflict {
			t.Errorf("control: somebody else's time is %d", a.Status)
		}
		other.Post(holds[0] + "/release").Has(http.StatusSeeOther)
		last := held(t, other, at[3], starts[3][0])
		for _, hold := range append(holds[1:], last) {
			other.Post(hold + "/release").Has(http.StatusSeeOther)
		}
	}
}

func TestAVisitorsHoldThatIsOverAsksNobodyToSignInForIt(t *testing.T) {
	site := webtest.Open(t)
	asks := []string{"Create an account", "Let this time go", "Your time stays yours", "Sign in to book this time"}
	over := map[string]func(*webtest.Person, string){
		"let go":   func(p *webtest.Person, hold string) { p.Post(hold + "/release") },
		"replaced": func(p *webtest.Person, hold string) { p.Hold(9) },
		"run out": func(p *webtest.Person, hold string) {
			site.Clinic().SQL(t, `update appointment set held_until = now() - interval '1 second' where id = $1`, webtest.IDOf(hold))
		},
	}
	for name, end := range over {
		leo := site.Visitor(t)
		leo.Get(site.Times())
		hold := leo.Hold(1)
		leo.Get(hold).Has(http.StatusOK, asks...) // the control
		end(leo, hold)
		p := leo.Get(hold)
		p.Has(http.StatusOK, "has gone back to everyone", "See all times")
		if p.Lacks(asks...); strings.Contains(p.Text(), "What you typed") {
			t.Errorf("%s: they typed nothing", name)
		}
		if part := leo.HTMX().Get(hold); part.Header.Get("HX-Refresh") != "true" {
			t.Errorf("%s: with scripts the rest of the page stays", name)
		}
	}
}

func TestATimeThatIsLetGoForAnotherIsSaid(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	leo := site.Visitor(t)
	leo.Get(site.Times())
	first := leo.Hold(0)
	leo.Get(first).Lacks("has been let go") // the control: nothing was before
	second := leo.Hold(1)
	leo.Get(second).Has(http.StatusOK, "The time you kept here before, ", ", has been let go.")
	leo.Get(second).Lacks("has been let go")
}
