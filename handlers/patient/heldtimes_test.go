package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/ratelimit"
)

func TestF30AHoldIsItsOwnersAgainAfterTheirSessionEndedWhileTheyTyped(t *testing.T) {
	site := webtest.Open(t)
	everywhere := func(maya *webtest.Person) {
		site.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, maya.ID)
	}
	here := func(maya *webtest.Person) { maya.Post("/sign-out") }
	for what, c := range map[string]struct {
		end  func(*webtest.Person)
		htmx bool
		late time.Duration
	}{
		"ended elsewhere":                    {end: everywhere},
		"signed out in another tab":          {end: here},
		"ended elsewhere, with scripts":      {end: everywhere, htmx: true},
		"ended elsewhere, and the hold over": {end: everywhere, late: 20 * time.Minute},
	} {
		maya := site.Person(t, "Maya")
		hold := maya.Hold(0)
		form := append(webtest.Details(), "key", maya.Get(hold).Field("key"))
		c.end(maya)
		browser := maya
		if c.htmx {
			browser = maya.HTMX()
		}
		sent := browser.Do(http.MethodPost, hold+"/confirmation", webtest.Form(form...), "Referer", site.URL+hold,
			"HX-Current-URL", site.URL+hold)
		to := sent.Location + sent.Header.Get("HX-Redirect")
		if !strings.HasPrefix(to, "/sign-in?next=") {
			t.Fatalf("%s: %d, %q", what, sent.Status, to)
		}
		maya.Get(to).Has(http.StatusOK, "What you just sent was not done")
		if p := maya.Get(hold); !strings.HasPrefix(p.Location, "/sign-in?next=") {
			t.Errorf("%s: opened before signing in: %d %q", what, p.Status, p.H1())
		}
		if c.late > 0 {
			site.Clinic().SQL(t, `update appointment set held_until = now() - interval '1 minute' where id = $1`,
				webtest.IDOf(hold))
			site.Clock.Forward(c.late)
		}
		maya.SignInAs(maya, 1)
		p := maya.Get(hold)
		p.Has(http.StatusOK)
		if p.Field("note") != "Left arm, please" || maya.Get(hold).Field("note") != "Left arm, please" {
			t.Errorf("%s: what was typed is lost: %q", what, p.Field("note"))
		}
		if c.late > 0 {
			p.Has(http.StatusOK, "has gone back to everyone", "nearest free times")
			site.Clock.Forward(-c.late)
			continue
		}
		p.Has(http.StatusOK, "We are holding this time for you")
		if p := maya.Post(hold+"/confirmation", append(webtest.Details(), "key",
			p.Field("key"))...); !strings.HasPrefix(p.Location, "/bookings/") {
			t.Errorf("%s: %d %q", what, p.Status, p.Location)
		}
	}
}

func TestAnotherAccountInTheSameBrowserFindsNeitherTheHoldNorWhatWasTyped(t *testing.T) {
	site := webtest.Open(t)
	maya, ben := site.Person(t, "Maya"), site.Person(t, "Ben")
	hold := maya.Hold(0)
	form := append(webtest.Details(), "key", maya.Get(hold).Field("key"))
	site.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, maya.ID)
	maya.Do(http.MethodPost, hold+"/confirmation", webtest.Form(form...), "Referer", site.URL+hold)
	maya.SignInAs(ben, 1) // Maya's browser
	for _, path := range []string{hold, hold + "/confirmation"} {
		if p := maya.Get(path); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Left arm") {
			t.Errorf("%s: %d", path, p.Status)
		}
	}
	for _, path := range []string{"/", "/bookings", site.Times() + "?week=" + site.Day(9)} {
		if p := maya.Get(path); strings.Contains(p.Body, hold) || strings.Contains(p.Body, "A time is held for you") {
			t.Errorf("%s shows Maya's time", path)
		}
	}
	his := maya.Hold(4)
	if p := maya.Get(his); p.Status != http.StatusOK || p.Field("note") != "" {
		t.Errorf("Ben's own hold: %d, note %q", p.Status, p.Field("note"))
	}
}

func TestWhoKeepsTooManyTimesIsLedToThemAndFindsTheFirstAgainOnOtherPages(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	at, starts := clinics(t, site, 4)
	maya := site.Person(t, "Maya")
	var holds []string
	for n := range 3 {
		holds = append(holds, held(t, maya, at[n], starts[n][0]))
	}
	refused := holdAt(maya, at[3], starts[3][0])
	refused.Has(http.StatusTooManyRequests, "You keep 3 times already")
	for _, path := range []string{"/", "/bookings"} {
		maya.Get(path).Has(http.StatusOK, "A time is held for you", holds[0])
	}
	for _, hold := range holds {
		if !strings.Contains(refused.Body, hold) {
			t.Errorf("no link to %s", hold)
		}
	}
	other := site.Known(t, maya.ID, maya.Email, "Maya")
	other.SignIn(1) // in another browser
	holdAt(other, at[3], starts[3][0]).Has(http.StatusTooManyRequests, holds[0])
	stranger := site.Visitor(t)
	stranger.Get("/").Lacks("A time is held for you")
}

func TestTheHoldOfAVisitorThatIsOverAsksNobodyToSignIn(t *testing.T) {
	site := webtest.Open(t)
	leo := site.Visitor(t)
	hold := leo.Hold(0)
	leo.Get(hold).Has(http.StatusOK, "Sign in to book this time", "Create an account")
	site.Clinic().SQL(t, `update appointment set held_until = now() - interval '1 minute' where id = $1`,
		webtest.IDOf(hold))
	p := leo.Get(hold)
	p.Has(http.StatusOK, "has gone back to everyone", "See all times")
	p.Lacks("Sign in to book this time", "Create an account", "Let this time go")
}

func TestAPageThatAnswersAFormLeadsBackToWhereTheFormStood(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(0)
	wrong := append([]string{"phone", "12"}, webtest.Details()...)
	for _, from := range []string{hold, hold + "/confirmation"} {
		p := maya.Do(http.MethodPost, hold+"/confirmation", webtest.Form(append(wrong, "key",
			maya.Get(hold).Field("key"))...), "Referer", site.URL+from)
		if p.Status != http.StatusUnprocessableEntity || p.Field("return") != from {
			t.Errorf("%d: the switch of colors leads to %q", p.Status, p.Field("return"))
		}
	}
	maya.Get(hold + "/confirmation").Goes(hold)
	if p := maya.Get(hold); p.Field("note") != "Left arm, please" {
		t.Errorf("what was typed is lost: %q", p.Field("note"))
	}
}
