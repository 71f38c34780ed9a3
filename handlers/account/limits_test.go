package account_test

import (
	"net/http"
	"strings"
	"testing"

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
