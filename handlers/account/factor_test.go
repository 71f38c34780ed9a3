package account_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/identity"
)

var (
	letters  = regexp.MustCompile(`<span class="ref">((?:[A-Z2-7]{4} ?){8})</span>`)
	recovery = regexp.MustCompile(`<span class="ref">([2-9A-Z]{4}-[2-9A-Z]{4})</span>`)
)

// secure sets up an app for whoever is signed in here and gives its secret and the recovery codes.
func (b *browser) secure() (secret string, codes []string) {
	b.t.Helper()
	if res := b.post("/account/second-factor", "next", "/bookings"); res.to() != "/account/second-factor?next=%2Fbookings" {
		b.t.Fatal(res.StatusCode, res.to(), res.body)
	}
	page := b.get("/account/second-factor?next=/bookings")
	found := letters.FindStringSubmatch(page.body)
	if found == nil {
		b.t.Fatal("no secret:", page.body)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	page = b.post("/account/second-factor/confirmation", "code", b.shown(secret), "next", "/bookings")
	for _, m := range recovery.FindAllStringSubmatch(page.body, -1) {
		codes = append(codes, m[1])
	}
	has(b.t, page, 200, "Keep these where your phone is not", `href="/bookings"`)
	b.house.ahead.Add(int64(time.Minute)) // the next code
	return secret, codes
}

func (b *browser) shown(secret string) string {
	b.t.Helper()
	code, err := identity.CodeAt(secret, b.house.now())
	if err != nil {
		b.t.Fatal(err)
	}
	return code
}

func TestAnAppIsSetUpAndAskedForAfterThePassword(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	has(t, b.get("/account/second-factor"), 200, "Sign in with a second step", "Set up an app")
	secret, codes := b.secure()
	if len(codes) != identity.RecoveryCodes {
		t.Fatal(codes)
	}
	has(t, b.get("/account/second-factor"), 200, "Your second step is on", "10 recovery codes are left")
	has(t, b.get("/account"), 200, "On, by an app")

	phone := h.browser(t)
	holder := phone.post("/places/wickenden-diagnostics/holds").body
	next := "/places/wickenden-diagnostics/holds/1"
	if res := phone.post("/sign-in", "email", email, "password", password, "next", next); res.to() != "/sign-in/second-step" {
		t.Fatal(res.StatusCode, res.to())
	}
	if res := phone.get("/bookings"); res.to() != "/sign-in?next=%2Fbookings" {
		t.Error("the password alone opens:", res.StatusCode)
	}
	has(t, phone.get("/sign-in/second-step"), 200, "What does your app show?", "stays yours", `autocomplete="one-time-code"`)
	has(t, phone.post("/sign-in/second-step", "code", "12"), 422, "<title>Error: ", `value="12"`, "There is a problem")
	part := phone.htmx("/sign-in/second-step", "code", "000 000")
	has(t, part, 422, "This is not the code", `value="000 000"`, `<div id="second-step"`)
	lacks(t, part, "<html")
	code := phone.shown(secret)
	if res := phone.post("/sign-in/second-step", "code", code[:3]+" "+code[3:]); res.to() != next {
		t.Fatal(res.StatusCode, res.to(), res.body)
	}
	has(t, phone.get(next), 200, "held by "+holder+" for Maya Okafor")
	has(t, phone.get("/sign-in/second-step"), 303)
}

func TestARecoveryCodeSignsInWithoutTheApp(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	_, codes := b.secure()
	other := h.browser(t)
	other.post("/sign-in", "email", email, "password", password)
	if res := other.post("/sign-in/second-step", "code", strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))); res.to() != "/bookings" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, other.get("/account"), 200, "You used a recovery code. 9 are left.")
	h.ahead.Add(int64(11 * time.Minute))
	if res := other.post("/account/second-factor/removal"); res.to() != "/account/confirm?next=%2F" && !strings.HasPrefix(res.to(), "/account/confirm") {
		t.Error("without a fresh proof:", res.StatusCode, res.to())
	}
}

func TestAPasswordResetDoesNotGoRoundTheSecondStep(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	b.secure()
	thief := h.browser(t)
	thief.post("/password-reset", "email", email)
	_, path, _ := strings.Cut(h.letter(email).URL, h.server.URL)
	where, _, _ := strings.Cut(path, "?")
	thief.post(where, "password", "nine blue umbrellas")
	if res := thief.post("/sign-in", "email", email, "password", "nine blue umbrellas"); res.to() != "/sign-in/second-step" {
		t.Error(res.StatusCode, res.to())
	}
	if res := thief.get("/account"); res.to() != "/sign-in?next=%2Faccount" {
		t.Error("in without the app:", res.StatusCode)
	}
}

func TestASecondStepWaitsTenMinutesAndInItsOwnBrowser(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	secret, _ := b.secure()
	other, charlie := h.browser(t), h.browser(t)
	other.post("/sign-in", "email", email, "password", password)
	if res := charlie.post("/sign-in/second-step", "code", charlie.shown(secret)); res.to() != "/sign-in" {
		t.Error("Charlie goes on with Maya's sign-in:", res.StatusCode, res.to())
	}
	h.ahead.Add(int64(11 * time.Minute))
	if res := other.post("/sign-in/second-step", "code", other.shown(secret)); res.to() != "/sign-in" {
		t.Error("after eleven minutes:", res.StatusCode, res.to())
	}
	has(t, other.get("/sign-in"), 200, "longer than ten minutes")
}

func TestWhatMattersAsksOnceMore(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	b.signUp("Maya Okafor")
	h.ahead.Add(int64(11 * time.Minute))
	if res := b.do("POST", "/account/second-factor", url.Values{}, "Referer", h.server.URL+"/account/second-factor"); res.to() != "/account/confirm?next=%2Faccount%2Fsecond-factor" {
		t.Fatal(res.StatusCode, res.to())
	}
	has(t, b.get("/account/confirm?next=/account/second-factor"), 200, "Is it you?", `autocomplete="current-password"`, `value="/account/second-factor"`)
	has(t, b.post("/account/confirm", "password", ""), 422, "Enter your password")
	part := b.htmx("/account/confirm", "password", "not it", "next", "/account/second-factor")
	has(t, part, 422, "This is not your password", `<div id="confirm"`)
	lacks(t, part, "not it\"")
	if res := b.post("/account/confirm", "password", password, "next", "/account/second-factor"); res.to() != "/account/second-factor" {
		t.Fatal(res.StatusCode, res.body)
	}
	secret, _ := b.secure()
	h.ahead.Add(int64(11 * time.Minute))
	has(t, b.get("/account/confirm"), 200, "authenticator app")
	if res := b.post("/account/confirm", "code", b.shown(secret), "next", "//evil.example"); res.to() != "/account" {
		t.Error(res.StatusCode, res.to())
	}
	if res := b.post("/account/second-factor/recovery-codes"); res.StatusCode != 200 || len(recovery.FindAllString(res.body, -1)) != 10 {
		t.Error(res.StatusCode)
	}
	if res := b.post("/account/second-factor/removal"); res.to() != "/account" {
		t.Error(res.StatusCode)
	}
	has(t, b.get("/account"), 200, "Your password alone signs you in now.")
	has(t, h.browser(t).get("/account/second-factor"), 303)
}
