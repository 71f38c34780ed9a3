package account_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/demo"
	"kindward/handlers/webtest"
	"kindward/internal/notify"
)

const password = "seven green bicycles"

// signUp makes a new account, with the code from its email, and leaves the browser signed in.
func signUp(b *webtest.Person, name string) (email string) {
	b.T.Helper()
	email = uuid.NewString() + "@example.test"
	b.Post("/sign-up", "name", name, "email", email, "password", password).Goes("/sign-up/code")
	b.Post("/sign-up/code", "code", b.Site.Mailbox().Last(email).Code).Goes("/bookings")
	return email
}

// mayConfirm checks that a hold is Maya's, who is signed in: its page asks for what is needed to book it.
func mayConfirm(b *webtest.Person, hold string) {
	b.T.Helper()
	a := b.Get(hold)
	a.Has(200, "Maya Okafor")
	if a.Field("key") == "" || a.H1() == "Sign in to book this time" {
		b.T.Errorf("the time cannot be confirmed: %s", a.Text())
	}
}

func TestSignUpInTheMiddleOfBookingKeepsTheTime(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	next := b.Hold(0)
	b.Get("/sign-up?next="+url.QueryEscape(next)).Has(200, "Create an account", "stays yours", `value="`+next+`"`,
		`autocomplete="new-password"`, `autocomplete="name"`)
	email := "maya-" + uuid.NewString() + "@example.test"
	res := b.Post("/sign-up", "name", "Maya Okafor", "email", email, "password", password, "next", next)
	if res.Status != 303 || res.Location != "/sign-up/code?next="+url.QueryEscape(next) {
		t.Fatal(res.Status, res.Location, res.Body)
	}
	b.Get(res.Location).Has(200, email, "stays yours", `autocomplete="one-time-code"`)
	res = b.Post("/sign-up/code", "code", site.Mailbox().Last(email).Code, "next", next)
	if res.Status != 303 || res.Location != next {
		t.Fatal(res.Status, res.Location, res.Body)
	}
	mayConfirm(b, next)
}

func TestAGoodPasswordBesideAnotherProblemIsAskedForOnceMoreInWordsAndStandsInNoPage(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	const again = "Type it once more: what is secret is never part of a page."
	for path, field := range map[string]string{"/sign-up": "That password is good. " + again, "/sign-in": again} {
		form := []string{"name", "", "email", "maya at example", "password", password}
		for _, p := range []webtest.Answer{b.Post(path, form...), b.HTMX().Post(path, form...)} {
			p.Has(422, field, `id="password-again"`, "data-again")
			p.Lacks(password, `id="password-error"`)
		}
		b.Get(path).Lacks(again)
		form[len(form)-1] = ""
		b.Post(path, form...).Lacks(again)
	}
	bad := b.Post("/sign-up", "name", "", "email", "maya@example.test", "password", "short")
	bad.Has(422, `id="password-error"`)
	bad.Lacks(again)
	b.Post("/sign-in", "email", "nobody@example.test", "password", password).Has(422, "do not belong together")
}

func TestSignInInTheMiddleOfBookingKeepsTheTime(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	b := site.Visitor(t)
	next := b.Hold(0)
	b.Get("/sign-in?next="+url.QueryEscape(next)).Has(200, "stays yours", `value="`+next+`"`, `href="/sign-up?next=`,
		`autocomplete="current-password"`, `autocomplete="username"`)
	if res := b.Post("/sign-in", "email", strings.ToUpper(email), "password", password, "next",
		next); res.Location != next {
		t.Fatal(res.Status, res.Body)
	}
	mayConfirm(b, next)
	if res := b.Get("/sign-in?next=" + url.QueryEscape(next)); res.Location != next {
		t.Error("signed in, and asked again:", res.Status)
	}
}

func TestWhatIsWrongIsSaidAndWhatWasTypedStays(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	cases := []struct {
		path   string
		fields []string
		words  []string
	}{
		{"/sign-in", []string{"email", "maya", "password", ""},
			[]string{`value="maya"`, "Enter your email address, like name@example.com", "Enter your password", `href="#email"`}},
		{"/sign-in", []string{"email", "nobody@example.test", "password", "not my secret"},
			[]string{`value="nobody@example.test"`, "do not belong together"}},
		{"/sign-up", []string{"name", "", "email", "maya@", "password", "short"},
			[]string{`value="maya@"`, "Enter your full name", "Enter your email address", "10 characters or more",
				`href="#password"`}},
		{"/sign-up", []string{"name", "Maya <script>", "email", "maya@example.test", "password", "Password123"},
			[]string{`value="Maya &lt;script&gt;"`, "Many people use this password"}},
		{"/password-reset", []string{"email", "maya"}, []string{`value="maya"`, "Enter your email address"}},
	}
	for _, c := range cases {
		page := b.Post(c.path, append(c.fields, "next", "/account")...)
		page.Has(422, append(c.words, "<title>Error: ", "There is a problem", `value="/account"`)...)
		page.Lacks("not my secret", "Password123", `value="short"`)
		part := b.HTMX().Post(c.path, c.fields...)
		part.Has(422, c.words...)
		part.Lacks("<html", "not my secret", "Password123")
		title, rest, found := strings.Cut(part.Body, "</title>")
		if !found || !strings.HasPrefix(title, "<title>Error: ") || strings.Contains(rest, "<title>") {
			t.Errorf("%s: the tab does not say that something is wrong: %.200s", c.path, part.Body)
		}
		id := strings.TrimPrefix(c.path, "/")
		id = strings.TrimSuffix(id, "word-reset") // the part of the page "password-reset" is called "reset"
		if id == "pass" {
			id = "reset"
		}
		if !strings.HasPrefix(strings.TrimSpace(rest), `<div id="`+id+`"`) ||
			!strings.Contains(part.Body, `hx-target="#`+id+`"`) {
			t.Errorf("%s: the part is not what it replaces:\n%s", c.path, part.Body)
		}
	}
}

func TestHtmxThatSucceedsChangesThePage(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	res := site.Visitor(t).HTMX().Post("/sign-in", "email", email, "password", password, "next", "/account")
	// the session's and the browser's
	if res.Status != 204 || res.Header.Get("HX-Redirect") != "/account" || len(res.Cookies()) != 2 {
		t.Error(res.Status, res.Header)
	}
}

func TestA40SigningUpLooksTheSameForAnAddressThatHasAnAccount(t *testing.T) {
	site := webtest.Open(t)
	known := signUp(site.Visitor(t), "Maya Okafor")
	pages := map[string]string{}
	for _, email := range []string{known, "x" + known} {
		b := site.Visitor(t)
		res := b.Post("/sign-up", "name", "Mallory", "email", email, "password", "nine blue umbrellas")
		code := b.Get("/sign-up/code")
		wrong := b.Post("/sign-up/code", "code", "12345")
		pages[email] = strings.ReplaceAll(res.Location+res.Body+code.Body+wrong.Body, email, "")
		if res.Status != 303 || code.Status != 200 || wrong.Status != 422 {
			t.Error(res.Status, code.Status, wrong.Status)
		}
	}
	if pages[known] != pages["x"+known] {
		t.Error("the pages differ")
	}
	if site.Mailbox().Last(known).Kind != notify.KindHaveAccount ||
		site.Mailbox().Last("x"+known).Kind != notify.KindSignUpCode {
		t.Error("the emails are wrong")
	}
}

func TestACodeIsAskedForAgainAndAnotherCanBeSent(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Demo: &demo.Handlers{}})
	b := site.Visitor(t)
	if res := b.Get("/sign-up/code?next=/account"); res.Location != "/sign-up?next=%2Faccount" {
		t.Error("without a sign-up:", res.Status, res.Location)
	}
	b.Hold(0)
	email := "again-" + uuid.NewString() + "@example.test"
	b.Post("/sign-up", "name", "Maya", "email", email, "password", password)
	b.Get("/sign-up/code").Has(200, "/demo/mail", "stays yours")
	code := site.Mailbox().Last(email).Code
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	b.Post("/sign-up/code", "code", wrong).Has(422, "not the code in our last email", `value="`+wrong+`"`)
	b.HTMX().Post("/sign-up/code", "code", "12").Has(422, "Enter the six digits from our email", `<div id="code-form"`)
	if res := b.Post("/sign-up/code", "again", "yes", "code", ""); res.Location != "/sign-up/code" {
		t.Error(res.Status)
	}
	b.Get("/sign-up/code").Has(200, "Another email is on its way")
	next := site.Mailbox().Last(email).Code
	if res := b.Post("/sign-up/code", "code", next[:3]+" "+next[3:]); res.Location != "/bookings" {
		t.Error(res.Status, res.Body)
	}
	b.Get("/account").Has(200, "Your account is ready.")
}

func TestACodeBelongsToTheBrowserThatAskedForIt(t *testing.T) {
	site := webtest.Open(t)
	b, other := site.Visitor(t), site.Visitor(t)
	email := "own-" + uuid.NewString() + "@example.test"
	b.Post("/sign-up", "name", "Maya", "email", email, "password", password)
	other.Post("/sign-up", "name", "Charlie", "email", "x"+email, "password", password)
	code := site.Mailbox().Last(email).Code
	if site.Mailbox().Last("x"+email).Code == code {
		t.Skip("one in a million: two equal codes")
	}
	other.Post("/sign-up/code", "code", code).Has(422, "not the code")
}

func TestSignOutEndsTheSessionHere(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	second := site.Visitor(t)
	second.Post("/sign-in", "email", email, "password", password)
	if res := b.Post("/sign-out"); res.Location != "/" {
		t.Error(res.Status)
	}
	if res := b.Get("/bookings"); res.Location != "/sign-in?next=%2Fbookings" {
		t.Error("still in")
	}
	b.Get("/sign-in").Has(200, "You are signed out.")
	second.Get("/bookings").Has(200, "Maya Okafor")
	if res := b.Post("/sign-out"); res.Location != "/" {
		t.Error("a second time:", res.Status)
	}
}

func TestTheAccountPageListsDevicesAndSignsThemAllOut(t *testing.T) {
	site := webtest.Open(t)
	b, phone, charlie := site.Visitor(t), site.Visitor(t), site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	signUp(charlie, "Charlie")
	phone.Agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
	phone.Post("/sign-in", "email", email, "password", password)
	site.Clock.Forward(3 * time.Hour)
	page := b.Get("/account")
	page.Has(200, "You are signed in on 2 devices", "Firefox on Windows", "This device", "Safari on iPhone", "3 hours ago",
		email)
	if strings.Index(page.Body, "Firefox on Windows") > strings.Index(page.Body, "Safari on iPhone") {
		t.Error("this device is not first")
	}
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be stored")
	}
	charlie.Get("/account").Has(200, "signed in on this device")
	charlie.Get("/account").Lacks(email, "Maya", "iPhone")
	if res := b.Post("/account/sign-out-everywhere"); res.Location != "/sign-in" {
		t.Error(res.Status)
	}
	b.Get("/sign-in").Has(200, "signed out on every device")
	for _, x := range []*webtest.Person{b, phone} {
		if res := x.Get("/account"); res.Location != "/sign-in?next=%2Faccount" {
			t.Error("still in:", res.Status)
		}
	}
	charlie.Get("/account").Has(200, "Charlie")
	if res := site.Visitor(t).Post("/account/sign-out-everywhere"); !strings.HasPrefix(res.Location, "/sign-in") {
		t.Error("a visitor:", res.Status)
	}
}

func TestAForgottenPasswordIsReplacedThroughALetter(t *testing.T) {
	site := webtest.Open(t)
	device := site.Visitor(t)
	email := signUp(device, "Maya Okafor")
	b := site.Visitor(t)
	b.Get("/password-reset?next=/account").Has(200, "Choose a new password", `value="/account"`)
	res := b.Do("POST", "/password-reset", url.Values{"email": {email}, "next": {"/account"}}, "X-Forwarded-Host",
		"evil.example", "Forwarded", "host=evil.example")
	if res.Location != "/sign-in?next=%2Faccount" {
		t.Fatal(res.Status, res.Body)
	}
	b.Get(res.Location).Has(200, "If "+email+" has an account, a link is on its way")
	link := site.Mailbox().Last(email).Link
	path, ok := strings.CutPrefix(link, site.URL)
	if !ok {
		t.Fatal("the link leads elsewhere:", link)
	}
	b.Get(path).Has(200, email, `autocomplete="new-password"`)
	where, _, _ := strings.Cut(path, "?")
	b.Post(where, "password", "short").Has(422, "10 characters")
	b.HTMX().Post(where, "password", email).Has(422, "not your name or email address", `<div id="new-password"`)
	if res := b.Post(where, "password", "nine blue umbrellas", "next",
		"/account"); res.Location != "/sign-in?next=%2Faccount" {
		t.Fatal(res.Status, res.Body)
	}
	b.Get("/sign-in").Has(200, "Your new password is saved")
	if device.Get("/account").Status != 303 {
		t.Error("a device is still signed in")
	}
	if site.Mailbox().Last(email).Kind != notify.KindPasswordChanged {
		t.Error("the owner was not told")
	}
	b.Get(path).Has(410, "This link has been used or has run out",
		"If you have just chosen a new password with it, it is in force: sign in with it.") // its answer may be lost
	b.Post(where, "password", "a third password").Has(410, "This link has been used")
	b.Post("/sign-in", "email", email, "password", password).Has(422)
	if res := b.Post("/sign-in", "email", email, "password", "nine blue umbrellas"); res.Location != "/bookings" {
		t.Error(res.Status)
	}
	if site.Mailbox().Last(email).Kind != notify.KindNewDevice {
		t.Error("the owner was not told of a browser that only had the link")
	}
}

func TestA20AForgedHostDoesNotReachTheEmail(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	site.Visitor(t).Do("POST", "/password-reset", url.Values{"email": {email}}, "Host", "evil.example", "X-Forwarded-Host",
		"evil.example", "Origin", "http://evil.example")
	if sent := site.Mailbox().Last(email); sent.Kind == notify.KindPasswordReset &&
		!strings.HasPrefix(sent.Link, site.URL+"/password-reset/") {
		t.Error(sent.Link)
	} else if sent.Kind != notify.KindPasswordReset {
		t.Error("no email:", sent.Kind)
	}
}

func TestA40AskingForALinkSaysTheSameForEveryAddress(t *testing.T) {
	site := webtest.Open(t)
	known := signUp(site.Visitor(t), "Maya Okafor")
	said := map[string]string{}
	for _, email := range []string{known, "x" + known} {
		b := site.Visitor(t)
		res := b.Post("/password-reset", "email", email)
		said[email] = res.Location + strings.ReplaceAll(b.Get(res.Location).Body, email, "")
	}
	if said[known] != said["x"+known] {
		t.Error("the answers differ")
	}
}

func TestA21SigningInLeadsToNoOtherSite(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	for _, next := range []string{"//evil.example", "https:evil.example", `/\evil.example`,
		"https://evil.example/bookings", "/sign-out", "javascript:alert(1)"} {
		b := site.Visitor(t)
		page := b.Get("/sign-in?next=" + url.QueryEscape(next))
		page.Has(200, `name="next" value=""`, `href="/sign-up"`, `href="/password-reset"`)
		page.Lacks(`href="`+next, `value="`+next)
		if res := b.Post("/sign-in", "email", email, "password", password, "next", next); res.Location != "/bookings" {
			t.Errorf("%q leads to %q", next, res.Location)
		}
	}
}

func TestA33TheEleventhTryInAQuarterOfAnHourWaits(t *testing.T) {
	site := webtest.Open(t)
	// a quarter begins, and does not end meanwhile
	site.Clock.Set(site.Clock.Now().Truncate(15 * time.Minute).Add(15 * time.Minute))
	b, home := site.Visitor(t), site.Visitor(t)
	email := signUp(home, "Maya Okafor")
	home.Post("/sign-out")
	for range 10 {
		b.Post("/sign-in", "email", email, "password", "guess after guess").Has(422)
	}
	res := b.Post("/sign-in", "email", email, "password", password)
	res.Has(429, "Too many tries in a short time. Try again in ", `value="`+email+`"`)
	if res.Header.Get("Retry-After") == "" {
		t.Error("it does not say when")
	}
	if res := site.Visitor(t).Post("/sign-in", "email", email, "password", password); res.Location != "/bookings" {
		t.Error("the owner, elsewhere, is locked out:", res.Status)
	}
	home.IP = b.IP
	if res := home.Post("/sign-in", "email", email, "password", password); res.Location != "/bookings" {
		t.Error("the owner, in the same network with a browser that was here before, is locked out:", res.Status)
	}
}

func TestADevicesNameIsInWords(t *testing.T) {
	site := webtest.Open(t)
	email := signUp(site.Visitor(t), "Maya Okafor")
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":         "Chrome on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":         "Safari on Mac",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1": "Chrome on iPad",
		"curl/8.0": "A device without a name", `<script>alert(1)</script>`: "A device without a name",
	} {
		b := site.Visitor(t)
		b.Agent = agent
		b.Post("/sign-in", "email", email, "password", password)
		page := b.Get("/account")
		page.Has(200, want)
		page.Lacks("<script>alert")
	}
}

func TestWhoeverBlocksCookiesIsToldSoAtTheSignIn(t *testing.T) {
	s := webtest.Open(t)
	email := signUp(s.Visitor(t), "Maya Okafor")
	for _, blocks := range []bool{false, true} {
		v := s.Visitor(t)
		field := v.Get("/sign-in").Field("offered")
		sender := v
		if blocks {
			sender = s.Visitor(t)
		}
		a := sender.Post("/sign-in", "email", email, "password", password, "offered", field)
		if said := strings.Contains(a.Body, "does not keep our cookie"); said != blocks || (a.Status == 422) != blocks {
			t.Errorf("cookies blocked %v: %d, and it is said: %v", blocks, a.Status, said)
		}
	}
}
