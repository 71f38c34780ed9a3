package account_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/internal/identity"
)

func TestSignUpInTheMiddleOfBookingKeepsTheTime(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	holder := b.post("/places/wickenden-diagnostics/holds").body
	next := "/places/wickenden-diagnostics/holds/1"
	has(t, b.get("/sign-up?next="+url.QueryEscape(next)), 200, "Create an account", "stays yours", `value="`+next+`"`, `autocomplete="new-password"`, `autocomplete="name"`)
	email := "maya-" + holder[:8] + "@example.test"
	res := b.post("/sign-up", "name", "Maya Okafor", "email", email, "password", password, "next", next)
	if res.StatusCode != 303 || res.to() != "/sign-up/code?next="+url.QueryEscape(next) {
		t.Fatal(res.StatusCode, res.to(), res.body)
	}
	has(t, b.get(res.to()), 200, email, "stays yours", `autocomplete="one-time-code"`)
	res = b.post("/sign-up/code", "code", h.letter(email).Code, "next", next)
	if res.StatusCode != 303 || res.to() != next {
		t.Fatal(res.StatusCode, res.to(), res.body)
	}
	has(t, b.get(next), 200, "held by "+holder+" for Maya Okafor")
}

func TestSignInInTheMiddleOfBookingKeepsTheTime(t *testing.T) {
	h := open(t, false)
	email := h.browser(t).signUp("Maya Okafor")
	b := h.browser(t)
	holder := b.post("/places/wickenden-diagnostics/holds").body
	next := "/places/wickenden-diagnostics/holds/1"
	has(t, b.get("/sign-in?next="+url.QueryEscape(next)), 200, "stays yours", `value="`+next+`"`, `href="/sign-up?next=`, `autocomplete="current-password"`, `autocomplete="username"`)
	if res := b.post("/sign-in", "email", strings.ToUpper(email), "password", password, "next", next); res.to() != next {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, b.get(next), 200, "held by "+holder+" for Maya Okafor")
	if res := b.get("/sign-in?next=" + url.QueryEscape(next)); res.to() != next {
		t.Error("signed in, and asked again:", res.StatusCode)
	}
}

func TestWhatIsWrongIsSaidAndWhatWasTypedStays(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	cases := []struct {
		path   string
		fields []string
		words  []string
	}{
		{"/sign-in", []string{"email", "maya", "password", ""}, []string{`value="maya"`, "Enter your e-mail address, like name@example.com", "Enter your password", `href="#email"`}},
		{"/sign-in", []string{"email", "nobody@example.test", "password", "not my secret"}, []string{`value="nobody@example.test"`, "do not belong together"}},
		{"/sign-up", []string{"name", "", "email", "maya@", "password", "short"}, []string{`value="maya@"`, "Enter your full name", "Enter your e-mail address", "10 characters or more", `href="#password"`}},
		{"/sign-up", []string{"name", "Maya <script>", "email", "maya@example.test", "password", "Password123"}, []string{`value="Maya &lt;script&gt;"`, "Many people use this password"}},
		{"/password-reset", []string{"email", "maya"}, []string{`value="maya"`, "Enter your e-mail address"}},
	}
	for _, c := range cases {
		page := b.post(c.path, append(c.fields, "next", "/account")...)
		has(t, page, 422, append(c.words, "<title>Error: ", "There is a problem", `value="/account"`)...)
		lacks(t, page, "not my secret", "Password123", `value="short"`)
		part := b.htmx(c.path, c.fields...)
		has(t, part, 422, c.words...)
		lacks(t, part, "<html", "not my secret", "Password123")
		title, rest, found := strings.Cut(part.body, "</title>")
		if !found || !strings.HasPrefix(title, "<title>Error: ") || strings.Contains(rest, "<title>") {
			t.Errorf("%s: the tab does not say that something is wrong: %.200s", c.path, part.body)
		}
		id := strings.TrimPrefix(c.path, "/")
		id = strings.TrimSuffix(id, "word-reset") // the part of the page "password-reset" is called "reset"
		if id == "pass" {
			id = "reset"
		}
		if !strings.HasPrefix(strings.TrimSpace(rest), `<div id="`+id+`"`) || !strings.Contains(part.body, `hx-target="#`+id+`"`) {
			t.Errorf("%s: the part is not what it replaces:\n%s", c.path, part.body)
		}
	}
}

func TestHtmxThatSucceedsChangesThePage(t *testing.T) {
	h := open(t, false)
	email := h.browser(t).signUp("Maya Okafor")
	res := h.browser(t).htmx("/sign-in", "email", email, "password", password, "next", "/account")
	if res.StatusCode != 204 || res.Header.Get("HX-Redirect") != "/account" || len(res.Cookies()) != 2 { // the session's and the browser's
		t.Error(res.StatusCode, res.Header)
	}
}

func TestA40SigningUpLooksTheSameForAnAddressThatHasAnAccount(t *testing.T) {
	h := open(t, false)
	known := h.browser(t).signUp("Maya Okafor")
	pages := map[string]string{}
	for _, email := range []string{known, "x" + known} {
		b := h.browser(t)
		res := b.post("/sign-up", "name", "Mallory", "email", email, "password", "nine blue umbrellas")
		code := b.get("/sign-up/code")
		wrong := b.post("/sign-up/code", "code", "12345")
		pages[email] = strings.ReplaceAll(res.to()+res.body+code.body+wrong.body, email, "")
		if res.StatusCode != 303 || code.StatusCode != 200 || wrong.StatusCode != 422 {
			t.Error(res.StatusCode, code.StatusCode, wrong.StatusCode)
		}
	}
	if pages[known] != pages["x"+known] {
		t.Error("the pages differ")
	}
	if h.letter(known).Kind != identity.HaveAccount || h.letter("x"+known).Kind != identity.Code {
		t.Error("the letters are wrong")
	}
}

func TestACodeIsAskedForAgainAndAnotherCanBeSent(t *testing.T) {
	h := open(t, true)
	b := h.browser(t)
	if res := b.get("/sign-up/code?next=/account"); res.to() != "/sign-up?next=%2Faccount" {
		t.Error("without a sign-up:", res.StatusCode, res.to())
	}
	email := "again-" + b.post("/places/x/holds").body[:8] + "@example.test"
	b.post("/sign-up", "name", "Maya", "email", email, "password", password)
	has(t, b.get("/sign-up/code"), 200, "/demo/mail", "stays yours")
	code := h.letter(email).Code
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	has(t, b.post("/sign-up/code", "code", wrong), 422, "not the code in our last e-mail", `value="`+wrong+`"`)
	has(t, b.htmx("/sign-up/code", "code", "12"), 422, "Enter the six digits from our e-mail", `<div id="code-form"`)
	if res := b.post("/sign-up/code", "again", "yes", "code", ""); res.to() != "/sign-up/code" {
		t.Error(res.StatusCode)
	}
	has(t, b.get("/sign-up/code"), 200, "Another e-mail is on its way")
	next := h.letter(email).Code
	if res := b.post("/sign-up/code", "code", next[:3]+" "+next[3:]); res.to() != "/bookings" {
		t.Error(res.StatusCode, res.body)
	}
	has(t, b.get("/account"), 200, "Your account is ready.")
}

func TestACodeBelongsToTheBrowserThatAskedForIt(t *testing.T) {
	h := open(t, false)
	b, other := h.browser(t), h.browser(t)
	email := "own-" + b.post("/places/x/holds").body[:8] + "@example.test"
	b.post("/sign-up", "name", "Maya", "email", email, "password", password)
	other.post("/sign-up", "name", "Charlie", "email", "x"+email, "password", password)
	code := h.letter(email).Code
	if h.letter("x"+email).Code == code {
		t.Skip("one in a million: two equal codes")
	}
	has(t, other.post("/sign-up/code", "code", code), 422, "not the code")
}

func TestSignOutEndsTheSessionHere(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	second := h.browser(t)
	second.post("/sign-in", "email", email, "password", password)
	if res := b.post("/sign-out"); res.to() != "/" {
		t.Error(res.StatusCode)
	}
	if res := b.get("/bookings"); res.to() != "/sign-in?next=%2Fbookings" {
		t.Error("still in")
	}
	has(t, b.get("/sign-in"), 200, "You are signed out.")
	has(t, second.get("/bookings"), 200, "appointments of Maya Okafor")
	if res := b.post("/sign-out"); res.to() != "/" {
		t.Error("a second time:", res.StatusCode)
	}
}

func TestTheAccountPageListsDevicesAndSignsThemAllOut(t *testing.T) {
	h := open(t, false)
	b, phone, charlie := h.browser(t), h.browser(t), h.browser(t)
	email := b.signUp("Maya Okafor")
	charlie.signUp("Charlie")
	phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
	phone.post("/sign-in", "email", email, "password", password)
	h.ahead.Store(int64(3 * time.Hour))
	page := b.get("/account")
	has(t, page, 200, "You are signed in on 2 devices", "Firefox on Windows", "This device", "Safari on iPhone", "3 hours ago", email)
	if strings.Index(page.body, "Firefox on Windows") > strings.Index(page.body, "Safari on iPhone") {
		t.Error("this device is not first")
	}
	if page.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page may be stored")
	}
	has(t, charlie.get("/account"), 200, "signed in on this device")
	lacks(t, charlie.get("/account"), email, "Maya", "iPhone")
	if res := b.post("/account/sign-out-everywhere"); res.to() != "/sign-in" {
		t.Error(res.StatusCode)
	}
	has(t, b.get("/sign-in"), 200, "signed out on every device")
	for _, x := range []*browser{b, phone} {
		if res := x.get("/account"); res.to() != "/sign-in?next=%2Faccount" {
			t.Error("still in:", res.StatusCode)
		}
	}
	has(t, charlie.get("/account"), 200, "Charlie")
	if res := h.browser(t).post("/account/sign-out-everywhere"); !strings.HasPrefix(res.to(), "/sign-in") {
		t.Error("a visitor:", res.StatusCode)
	}
}

func TestAForgottenPasswordIsReplacedThroughALetter(t *testing.T) {
	h := open(t, false)
	device := h.browser(t)
	email := device.signUp("Maya Okafor")
	b := h.browser(t)
	has(t, b.get("/password-reset?next=/account"), 200, "Choose a new password", `value="/account"`)
	res := b.do("POST", "/password-reset", url.Values{"email": {email}, "next": {"/account"}}, "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example")
	if res.to() != "/sign-in?next=%2Faccount" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, b.get(res.to()), 200, "If "+email+" has an account, a link is on its way")
	link := h.letter(email).URL
	path, ok := strings.CutPrefix(link, h.server.URL)
	if !ok {
		t.Fatal("the link leads elsewhere:", link)
	}
	has(t, b.get(path), 200, email, `autocomplete="new-password"`)
	where, _, _ := strings.Cut(path, "?")
	has(t, b.post(where, "password", "short"), 422, "10 characters")
	has(t, b.htmx(where, "password", email), 422, "not your name or e-mail address", `<div id="new-password"`)
	if res := b.post(where, "password", "nine blue umbrellas", "next", "/account"); res.to() != "/sign-in?next=%2Faccount" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, b.get("/sign-in"), 200, "Your new password is saved")
	if device.get("/account").StatusCode != 303 {
		t.Error("a device is still signed in")
	}
	if h.letter(email).Kind != identity.PasswordChanged {
		t.Error("the owner was not told")
	}
	has(t, b.get(path), 410, "This link has been used or has run out")
	has(t, b.post(where, "password", "a third password"), 410, "This link has been used")
	has(t, b.post("/sign-in", "email", email, "password", password), 422)
	if res := b.post("/sign-in", "email", email, "password", "nine blue umbrellas"); res.to() != "/bookings" {
		t.Error(res.StatusCode)
	}
	if h.letter(email).Kind != identity.NewBrowser {
		t.Error("the owner was not told of a browser that only had the link")
	}
}

func TestA20AForgedHostDoesNotReachTheLetter(t *testing.T) {
	h := open(t, false)
	email := h.browser(t).signUp("Maya Okafor")
	h.browser(t).do("POST", "/password-reset", url.Values{"email": {email}}, "Host", "evil.example", "X-Forwarded-Host", "evil.example", "Origin", "http://evil.example")
	if letter := h.letter(email); letter.Kind == identity.Reset && !strings.HasPrefix(letter.URL, h.server.URL+"/password-reset/") {
		t.Error(letter.URL)
	} else if letter.Kind != identity.Reset {
		t.Error("no letter:", letter.Kind)
	}
}

func TestA40AskingForALinkSaysTheSameForEveryAddress(t *testing.T) {
	h := open(t, false)
	known := h.browser(t).signUp("Maya Okafor")
	said := map[string]string{}
	for _, email := range []string{known, "x" + known} {
		b := h.browser(t)
		res := b.post("/password-reset", "email", email)
		said[email] = res.to() + strings.ReplaceAll(b.get(res.to()).body, email, "")
	}
	if said[known] != said["x"+known] {
		t.Error("the answers differ")
	}
}

func TestA21SigningInLeadsToNoOtherSite(t *testing.T) {
	h := open(t, false)
	email := h.browser(t).signUp("Maya Okafor")
	for _, next := range []string{"//evil.example", "https:evil.example", `/\evil.example`, "https://evil.example/bookings", "/sign-out", "javascript:alert(1)"} {
		b := h.browser(t)
		page := b.get("/sign-in?next=" + url.QueryEscape(next))
		has(t, page, 200, `name="next" value=""`, `href="/sign-up"`, `href="/password-reset"`)
		lacks(t, page, `href="`+next, `value="`+next)
		if res := b.post("/sign-in", "email", email, "password", password, "next", next); res.to() != "/bookings" {
			t.Errorf("%q leads to %q", next, res.to())
		}
	}
}

func TestA33TheEleventhTryInAQuarterOfAnHourWaits(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	b.post("/sign-out")
	for range 10 {
		has(t, b.post("/sign-in", "email", email, "password", "guess after guess"), 422)
	}
	res := b.post("/sign-in", "email", email, "password", password)
	has(t, res, 429, "That was often, in a short time. Try again in ", `value="`+email+`"`)
	if res.Header.Get("Retry-After") == "" {
		t.Error("it does not say when")
	}
	if res := h.browser(t).post("/sign-in", "email", email, "password", password); res.to() != "/bookings" {
		t.Error("the owner, elsewhere, is locked out:", res.StatusCode)
	}
}

func TestADevicesNameIsInWords(t *testing.T) {
	h := open(t, false)
	email := h.browser(t).signUp("Maya Okafor")
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0": "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36":         "Chrome on Android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":         "Safari on Mac",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1": "Chrome on iPad",
		"curl/8.0": "A device without a name", `<script>alert(1)</script>`: "A device without a name",
	} {
		b := h.browser(t)
		b.agent = agent
		b.post("/sign-in", "email", email, "password", password)
		page := b.get("/account")
		has(t, page, 200, want)
		lacks(t, page, "<script>alert")
	}
}
