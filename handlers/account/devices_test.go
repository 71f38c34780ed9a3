package account_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/identity"
)

var endings = regexp.MustCompile(`action="(/account/devices/[0-9a-f]+/revocation)"`)

func TestADeviceIsSignedOutByItsOwnerFromAnother(t *testing.T) {
	h := open(t, false)
	phone, laptop, charlie := h.browser(t), h.browser(t), h.browser(t)
	email := phone.signUp("Maya Okafor")
	charlie.signUp("Charlie")
	laptop.agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
	if res := laptop.post("/sign-in", "email", email, "password", password); res.to() != "/bookings" {
		t.Fatal(res.StatusCode, res.body)
	}
	page := laptop.get("/account")
	has(t, page, 200, "signed in on 2 devices", "This device", "Safari on Mac", "Firefox on Windows", `aria-label="Sign out Firefox on Windows, Used just now"`, "Browsers we know")
	found := endings.FindAllStringSubmatch(page.body, -1)
	if len(found) != 1 {
		t.Fatal("buttons:", found)
	}
	end := found[0][1]
	has(t, charlie.post(end), 404)
	has(t, charlie.post("/account/devices/"+strings.Repeat("0", 24)+"/revocation"), 404)
	has(t, phone.get("/account"), 200)
	if res := h.browser(t).post(end); !strings.HasPrefix(res.to(), "/sign-in") {
		t.Error("nobody ends it:", res.StatusCode, res.to())
	}
	if res := laptop.post(end); res.to() != "/account" {
		t.Fatal(res.StatusCode, res.body)
	}
	if res := phone.get("/account"); !strings.HasPrefix(res.to(), "/sign-in") {
		t.Error("4.8: the phone is signed in still:", res.StatusCode)
	}
	has(t, laptop.get("/account"), 200, "That device is signed out.", "signed in on this device")
	has(t, laptop.post(end), 404)
	if res := laptop.htmx(end); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
}

func TestASignInFromANewBrowserSendsALetter(t *testing.T) {
	h := open(t, false)
	phone := h.browser(t)
	email := phone.signUp("Maya Okafor")
	phone.post("/sign-out")
	phone.post("/sign-in", "email", email, "password", password)
	if l := h.letter(email); l.Kind != identity.Code {
		t.Error("the same browser, signed out and in again, is news:", l.Kind)
	}
	thief := h.browser(t)
	if res := thief.post("/sign-in", "email", email, "password", "not my secret"); res.StatusCode != 422 || len(res.Cookies()) != 0 {
		t.Error("a refused sign-in marks the browser:", res.Cookies())
	}
	thief.post("/sign-in", "email", email, "password", password)
	l := h.letter(email)
	if l.Kind != identity.NewBrowser || l.Browser != "Firefox on Windows" || h.now().Sub(l.At).Abs() > time.Minute {
		t.Error(l.Kind, l.Browser, l.At)
	}
}

func TestTheCookieOfABrowserProvesNothing(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	res := b.post("/sign-in", "email", email, "password", password)
	for _, c := range res.Cookies() {
		if strings.Contains(c.Name, "device") && (!c.HttpOnly || strings.Contains(c.Value, email)) {
			t.Error(c)
		}
	}
	b.post("/sign-out")
	if res := b.get("/account"); !strings.HasPrefix(res.to(), "/sign-in") {
		t.Error("it opens the account:", res.StatusCode)
	}
}
