package account_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/notify"
)

var endings = regexp.MustCompile(`action="(/account/devices/[0-9a-f-]+/revocation)"`)

func TestADeviceIsSignedOutByItsOwnerFromAnother(t *testing.T) {
	site := webtest.Open(t)
	phone, laptop, charlie := site.Visitor(t), site.Visitor(t), site.Visitor(t)
	email := signUp(phone, "Maya Okafor")
	signUp(charlie, "Charlie")
	laptop.Agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
	if res := laptop.Post("/sign-in", "email", email, "password", password); res.Location != "/bookings" {
		t.Fatal(res.Status, res.Body)
	}
	page := laptop.Get("/account")
	page.Has(200, "signed in on 2 devices", "This device", "Safari on Mac", "Firefox on Windows",
		`aria-label="Sign out Firefox on Windows, Used just now"`, "Browsers we know")
	found := endings.FindAllStringSubmatch(page.Body, -1)
	if len(found) != 1 {
		t.Fatal("buttons:", found)
	}
	end := found[0][1]
	charlie.Post(end).Has(404)
	charlie.Post("/account/devices/" + uuid.NewString() + "/revocation").Has(404)
	phone.Get("/account").Has(200)
	if res := site.Visitor(t).Post(end); !strings.HasPrefix(res.Location, "/sign-in") {
		t.Error("nobody ends it:", res.Status, res.Location)
	}
	if res := laptop.Post(end); res.Location != "/account" {
		t.Fatal(res.Status, res.Body)
	}
	if res := phone.Get("/account"); !strings.HasPrefix(res.Location, "/sign-in") {
		t.Error("4.8: the phone is signed in still:", res.Status)
	}
	laptop.Get("/account").Has(200, "That device is signed out.", "signed in on this device")
	laptop.Post(end).Has(404)
	if res := laptop.HTMX().Post(end); res.Status != 404 {
		t.Error(res.Status)
	}
}

func TestASignInFromANewBrowserSendsAnEmail(t *testing.T) {
	site := webtest.Open(t)
	phone := site.Visitor(t)
	email := signUp(phone, "Maya Okafor")
	phone.Post("/sign-out")
	phone.Post("/sign-in", "email", email, "password", password)
	if l := site.Mailbox().Last(email); l.Kind != notify.KindSignUpCode {
		t.Error("the same browser, signed out and in again, is news:", l.Kind)
	}
	thief := site.Visitor(t)
	res := thief.Post("/sign-in", "email", email, "password", "not my secret")
	if marked := func(c *http.Cookie) bool { return c.Name == "kindward-device" }; res.Status != 422 ||
		slices.ContainsFunc(res.Cookies(), marked) {
		t.Error("a refused sign-in marks the browser:", res.Cookies())
	}
	thief.Post("/sign-in", "email", email, "password", password)
	l := site.Mailbox().Last(email)
	if l.Kind != notify.KindNewDevice || !strings.Contains(l.Text, "Browser: Firefox on Windows\n") ||
		!strings.Contains(l.Text, "When: ") {
		t.Error(l.Kind, l.Text)
	}
}

func TestTheCookieOfABrowserProvesNothing(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	res := b.Post("/sign-in", "email", email, "password", password)
	for _, c := range res.Cookies() {
		if strings.Contains(c.Name, "device") && (!c.HttpOnly || strings.Contains(c.Value, email)) {
			t.Error(c)
		}
	}
	b.Post("/sign-out")
	if res := b.Get("/account"); !strings.HasPrefix(res.Location, "/sign-in") {
		t.Error("it opens the account:", res.Status)
	}
}
