package account_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

var (
	letters  = regexp.MustCompile(`<span class="ref">((?:[A-Z2-7]{4} ?){8})</span>`)
	recovery = regexp.MustCompile(`<span class="ref">([2-9A-Z]{4}-[2-9A-Z]{4})</span>`)
)

// secure sets up an app for whoever is signed in here and gives its secret and the recovery codes.
func setUpApp(b *webtest.Person) (secret string, codes []string) {
	b.T.Helper()
	if res := b.Post("/account/second-factor", "next",
		"/bookings"); res.Location != "/account/second-factor?next=%2Fbookings" {
		b.T.Fatal(res.Status, res.Location, res.Body)
	}
	page := b.Get("/account/second-factor?next=/bookings")
	found := letters.FindStringSubmatch(page.Body)
	if found == nil {
		b.T.Fatal("no secret:", page.Body)
	}
	secret = strings.ReplaceAll(found[1], " ", "")
	page.Has(200, `href="otpauth://totp/Kindward:`, "secret="+secret)
	page = b.Post("/account/second-factor/confirmation", "code", shown(b, secret), "next", "/bookings")
	for _, m := range recovery.FindAllStringSubmatch(page.Body, -1) {
		codes = append(codes, m[1])
	}
	page.Has(200, "Keep these where your phone is not", `href="/bookings"`)
	b.Site.Clock.Forward(time.Minute) // the next code
	return secret, codes
}

func shown(b *webtest.Person, secret string) string {
	b.T.Helper()
	code, err := identity.CodeAt(secret, b.Site.Clock.Now())
	if err != nil {
		b.T.Fatal(err)
	}
	return code
}

func TestAnAppIsSetUpAndAskedForAfterThePassword(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	b.Get("/account/second-factor").Has(200, "Sign in with a second step", "Set up an app")
	secret, codes := setUpApp(b)
	if len(codes) != identity.RecoveryCodes {
		t.Fatal(codes)
	}
	b.Get("/account/second-factor").Has(200, "Your second step is on", "10 recovery codes are left")
	b.Get("/account").Has(200, "On, by an app")

	phone := site.Visitor(t)
	next := phone.Hold(0)
	if res := phone.Post("/sign-in", "email", email, "password", password, "next",
		next); res.Location != "/sign-in/second-step" {
		t.Fatal(res.Status, res.Location)
	}
	if res := phone.Get("/bookings"); res.Location != "/sign-in?next=%2Fbookings" {
		t.Error("the password alone opens:", res.Status)
	}
	phone.Get("/sign-in/second-step").Has(200, "What does your app show?", "Your phone is not with you?", "stays yours",
		`autocomplete="one-time-code"`)
	phone.Post("/sign-in/second-step", "code", "12").Has(422, "<title>Error: ", `value="12"`, "There is a problem")
	part := phone.HTMX().Post("/sign-in/second-step", "code", "000 000")
	part.Has(422, "This is not the code", `value="000 000"`, `<div id="second-step"`)
	part.Lacks("<html")
	code := shown(phone, secret)
	if res := phone.Post("/sign-in/second-step", "code", code[:3]+" "+code[3:]); res.Location != next {
		t.Fatal(res.Status, res.Location, res.Body)
	}
	mayConfirm(phone, next)
	phone.Get("/sign-in/second-step").Has(303)
	maya := pgtest.One[string](t, site.DB, `select id::text from directory.account where email = $1`, email)
	site.Staff(t, "Sam", "support").Get("/ops/people/"+maya).Has(200, "Refused: second step", "Second step<")
}

func TestTheTitleSaysWhatIsWrongAndNoLongerWhenTheAppIsSetUp(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	signUp(b, "Maya Okafor")
	b.Post("/account/second-factor")
	secret := strings.ReplaceAll(letters.FindStringSubmatch(b.Get("/account/second-factor").Body)[1], " ", "")
	const confirmation, open = "/account/second-factor/confirmation", "/account/second-factor"
	b.HTMX().Do("POST", confirmation, webtest.Form("code", "12"), "HX-Current-URL", site.URL+open).
		Has(422, "<title>Error: The second step")
	part := b.HTMX().Do("POST", confirmation, webtest.Form("code", shown(b, secret)), "HX-Current-URL", site.URL+open)
	part.Has(200, "<title>Your recovery codes")
	part.Lacks("Error: ", "<html")
}

func TestARecoveryCodeSignsInWithoutTheApp(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	_, codes := setUpApp(b)
	other := site.Visitor(t)
	other.Post("/sign-in", "email", email, "password", password)
	if res := other.Post("/sign-in/second-step", "code",
		strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))); res.Location != "/bookings" {
		t.Fatal(res.Status, res.Body)
	}
	other.Get("/account").Has(200, "You used a recovery code. 9 are left.")
	again := site.Visitor(t)
	again.Post("/sign-in", "email", email, "password", password)
	again.Post("/sign-in/second-step", "code", codes[0]).Has(422, "not one of your recovery codes, or it was used before")
	site.Clock.Forward(11 * time.Minute)
	if res := other.Post("/account/second-factor/removal"); res.Location != "/account/confirm?next=%2F" &&
		!strings.HasPrefix(res.Location, "/account/confirm") {
		t.Error("without a fresh proof:", res.Status, res.Location)
	}
}

func TestAPasswordResetDoesNotGoRoundTheSecondStep(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	setUpApp(b)
	thief := site.Visitor(t)
	thief.Post("/password-reset", "email", email)
	_, path, _ := strings.Cut(site.Mailbox().Last(email).Link, site.URL)
	where, _, _ := strings.Cut(path, "?")
	thief.Post(where, "password", "nine blue umbrellas")
	if res := thief.Post("/sign-in", "email", email, "password",
		"nine blue umbrellas"); res.Location != "/sign-in/second-step" {
		t.Error(res.Status, res.Location)
	}
	if res := thief.Get("/account"); res.Location != "/sign-in?next=%2Faccount" {
		t.Error("in without the app:", res.Status)
	}
}

func TestASecondStepWaitsTenMinutesAndInItsOwnBrowser(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	secret, _ := setUpApp(b)
	other, charlie := site.Visitor(t), site.Visitor(t)
	other.Post("/sign-in", "email", email, "password", password)
	if res := charlie.Post("/sign-in/second-step", "code", shown(charlie, secret)); res.Location != "/sign-in" {
		t.Error("Charlie goes on with Maya's sign-in:", res.Status, res.Location)
	}
	site.Clock.Forward(11 * time.Minute)
	if res := other.Post("/sign-in/second-step", "code", shown(other, secret)); res.Location != "/sign-in" {
		t.Error("after eleven minutes:", res.Status, res.Location)
	}
	other.Get("/sign-in").Has(200, "longer than 10 minutes")
}

func TestWhatMattersAsksOnceMore(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	signUp(b, "Maya Okafor")
	site.Clock.Forward(11 * time.Minute)
	if res := b.Do("POST", "/account/second-factor", url.Values{}, "Referer",
		site.URL+"/account/second-factor"); res.Location != "/account/confirm?next=%2Faccount%2Fsecond-factor" {
		t.Fatal(res.Status, res.Location)
	}
	b.Get("/account/confirm?next=/account/second-factor").Has(200, "Is it you?", `autocomplete="current-password"`,
		`value="/account/second-factor"`)
	b.Post("/account/confirm", "password", "").Has(422, "Enter your password")
	part := b.HTMX().Post("/account/confirm", "password", "not it", "next", "/account/second-factor")
	part.Has(422, "This is not your password", `<div id="confirm"`)
	part.Lacks("not it\"")
	if res := b.Post("/account/confirm", "password", password, "next",
		"/account/second-factor"); res.Location != "/account/second-factor" {
		t.Fatal(res.Status, res.Body)
	}
	secret, _ := setUpApp(b)
	site.Clock.Forward(11 * time.Minute)
	b.Get("/account/confirm").Has(200, "authenticator app")
	if res := b.Post("/account/confirm", "code", shown(b, secret), "next", "//evil.example"); res.Location != "/account" {
		t.Error(res.Status, res.Location)
	}
	if res := b.Post("/account/second-factor/recovery-codes"); res.Status != 200 ||
		len(recovery.FindAllString(res.Body, -1)) != 10 {
		t.Error(res.Status)
	}
	if res := b.Post("/account/second-factor/removal"); res.Location != "/account" {
		t.Error(res.Status)
	}
	b.Get("/account").Has(200, "Your password alone signs you in now.")
	site.Visitor(t).Get("/account/second-factor").Has(303)
}

func TestA41WhoeverHasThePasswordAlonePlantsNoRecoveryCodes(t *testing.T) {
	s := openEnded(t, pgtest.Open(t))
	maya := s.maya(false)
	thief, owner := s.browserOf(maya, false), s.browserOf(maya, false)
	thief.Post("/account/confirm", "password", password).Goes("/account")
	a := thief.Post("/account/second-factor/recovery-codes")
	a.Goes("/account/second-factor")
	s.turnOn(owner).Has(200, "Everywhere else you are signed out")
	if n := s.Count(t, `select count(*) from directory.recovery_code where account_id = $1`, maya.ID); n != 10 {
		t.Error("codes:", n)
	}
	before := s.Count(t, `select count(*) from outbox.email where kind = 'recovery-codes-made'`)
	owner.Post("/account/second-factor/recovery-codes").Has(200, "Everywhere else you are signed out")
	if n := s.Count(t, `select count(*) from outbox.email where kind = 'recovery-codes-made'`); n != before+1 {
		t.Error("emails that tell of new codes:", n-before)
	}
}
