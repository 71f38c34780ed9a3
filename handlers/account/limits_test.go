package account_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
)

func TestA44AFreshResetOpensTheWayPastStrangersGuessesInItsOwnBrowser(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	maya := site.Visitor(t)
	maya.Post("/password-reset", "email", email)
	link, _, _ := strings.Cut(strings.TrimPrefix(site.Mailbox().Last(email).Link, site.URL), "?")
	const fresh = "eleven quiet harbors"
	if a := maya.Post(link, "password", fresh); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	for range 60 { // each from a network of its own
		site.Visitor(t).Post("/sign-in", "email", email, "password", "guess after guess")
	}
	stranger := site.Visitor(t)
	if a := stranger.Post("/sign-in", "email", email, "password", fresh); a.Status != http.StatusTooManyRequests {
		t.Errorf("control: a browser that nobody knows gets %d", a.Status)
	}
	if a := maya.Post("/sign-in", "email", email, "password", fresh); a.Status != http.StatusSeeOther {
		t.Errorf("where the password was changed: %d %s", a.Status, a.Text())
	}
}

// One account could make as many browsers known as it likes.
func TestA46TheBrowsersOfOnePersonBeginNoMoreVisitsThanOne(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	maya := site.Visitor(t)
	email := signUp(maya, "Maya")
	begun := 0
	for range 3 {
		b := site.Visitor(t)
		signedIn := b.Post("/sign-in", "email", email, "password", password).Cookies()
		device := signedIn[slices.IndexFunc(signedIn,
			func(c *http.Cookie) bool { return strings.HasSuffix(c.Name, "kindward-device") })]
		for range 60 {
			again := site.Visitor(t) // a script keeps no session
			again.SetCookie(device.Name, device.Value)
			if again.Post("/sign-in/passkey/challenge").Status == http.StatusOK {
				begun++
			}
		}
	}
	if begun < 50 || begun > 70 {
		t.Errorf("%d visits are begun, not about 60", begun)
	}
}

func TestA43WhoeverBeginsVisitsWithoutEndKeepsNobodyOfTheNetworkOut(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	desk := site.Visitor(t)
	email := signUp(desk, "Desk")
	secret, _ := setUpApp(desk)
	desk.Post("/sign-out").Has(http.StatusSeeOther)
	script := func(path string) webtest.Answer {
		b := site.Visitor(t) // keeps no cookie
		b.IP = desk.IP
		return b.Post(path)
	}
	refused := false
	for n := 0; n < 200 && !refused; n++ {
		refused = script("/sign-in/passkey/challenge").Status == http.StatusTooManyRequests
	}
	if !refused {
		t.Fatal("the flood is not refused")
	}
	newcomer, stranger := site.Visitor(t), site.Visitor(t)
	newcomer.IP, stranger.IP = desk.IP, desk.IP
	for who, b := range map[string]*webtest.Person{"a browser that the account knows": desk, "another": stranger} {
		b.Post("/sign-in", "email", email, "password", password).Goes("/sign-in/second-step")
		if a := b.Post("/sign-in/second-step", "code", shown(b, secret)); a.Status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", who, a.Status, a.Text())
		}
		site.Clock.Forward(time.Minute)
	}
	signUp(newcomer, "Somebody new")
	desk.Post("/sign-out").Has(http.StatusSeeOther)
	if a := desk.Post("/sign-in/passkey/challenge"); a.Status != http.StatusOK {
		t.Errorf("a passkey in a browser in which somebody has signed in: %d %s", a.Status, a.Text())
	}
}
