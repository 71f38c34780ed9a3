package account_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/notify"
)

// phone is a device with one passkey for this site.
type phone struct {
	party virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func newPhone(site *webtest.Site) *phone {
	origin := site.URL
	return &phone{party: virtualwebauthn.RelyingParty{ID: "localhost", Name: "Kindward", Origin: origin},
		Authenticator: virtualwebauthn.NewAuthenticator(), key: wholeKey()}
}

// wholeKey is a key whose coordinates have their full length, as all real ones do: the virtual device drops leading
// zeros of one in 128.
func wholeKey() virtualwebauthn.Credential {
	for {
		key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if _, err := webauthncose.ParsePublicKey(key.Key.AttestationData()); err == nil {
			return key
		}
	}
}

// make answers the challenge for a new passkey, as the page's script does.
func (p *phone) make(b *webtest.Person) string {
	b.T.Helper()
	res := b.Post("/account/passkeys/challenge", "next", "", "name", "Phone")
	if res.Status != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") ||
		res.Header.Get("Cache-Control") != "no-store" {
		b.T.Fatal(res.Status, res.Location, res.Header)
	}
	var challenge struct{ User struct{ ID string } }
	if err := json.Unmarshal([]byte(res.Body), &challenge); err != nil {
		b.T.Fatal(err)
	}
	var err error
	if p.Options.UserHandle, err = base64.RawURLEncoding.DecodeString(challenge.User.ID); err != nil {
		b.T.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAttestationOptions(res.Body)
	if err != nil {
		b.T.Fatal(err)
	}
	return virtualwebauthn.CreateAttestationResponse(p.party, p.Authenticator, p.key, *options)
}

// show answers the challenge that stands at an address.
func (p *phone) show(b *webtest.Person, challenge, next string) string {
	b.T.Helper()
	res := b.Post(challenge, "next", next)
	options, err := virtualwebauthn.ParseAssertionOptions(res.Body)
	if err != nil {
		b.T.Fatal(res.Status, err)
	}
	p.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(p.party, p.Authenticator, p.key, *options)
}

// withPasskey is somebody new, signed in, with a phone.
func withPasskey(t *testing.T, site *webtest.Site, name string) (b *webtest.Person, p *phone, email string) {
	t.Helper()
	b, p = site.Visitor(t), newPhone(site)
	email = signUp(b, name)
	if res := b.Post("/account/passkeys", "name", "My phone", "answer", p.make(b)); res.Location != "/account/passkeys" {
		t.Fatal(res.Status, res.Body)
	}
	return b, p, email
}

func TestAPasskeyIsNamedMadeListedUsedAndRemoved(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	b, p := site.Visitor(t), newPhone(site)
	email := signUp(b, "Maya Okafor")
	b.Get("/account/passkeys").Has(200, "Sign in without a password", "A passkey is a key that your phone",
		`href="/account/passkeys/new"`)
	b.Get("/account/passkeys/new").Has(200, `data-passkey="create"`, "<noscript>", "/static/passkey.")
	answer := p.make(b)
	b.Post("/account/passkeys", "name", "", "answer", answer).Has(422, "Name the device", "<title>Error: ")
	b.Post("/account/passkeys", "name", "Phone <1>", "answer", "{").Has(422, "could not read", `value="Phone &lt;1&gt;"`)
	// a challenge has one answer
	b.Post("/account/passkeys", "name", "Phone", "answer", answer).Has(422, "did not answer in time")
	if res := b.Post("/account/passkeys", "name", "My phone", "answer", p.make(b)); res.Location != "/account/passkeys" {
		t.Fatal(res.Status, res.Body)
	}
	b.Get("/account/passkeys").Has(200, "One passkey signs you in", "My phone", "Not used yet",
		"You can sign in with My phone from now on")
	if l := site.Mailbox().Last(email); l.Kind != notify.KindPasskeyAdded {
		t.Error("the owner was not told:", l.Kind)
	}

	elsewhere := site.Visitor(t)
	next := elsewhere.Hold(0)
	newcomer := site.Visitor(t)
	signUp(newcomer, "Ben Reis")
	newcomer.Get("/bookings").Has(200, "Your account is ready.", `href="/account/passkeys/new?next=%2Fbookings"`)
	signIn := elsewhere.Get("/sign-in?next=" + next).Body
	if strings.Index(signIn, `data-passkey="get"`) > strings.Index(signIn, `action="/sign-in"`) {
		t.Error("the passkey is not the first way in")
	}
	elsewhere.Get("/sign-in?next="+next).Has(200, `data-passkey="get"`, "Use a passkey", `value="`+next+`"`)
	if res := elsewhere.Post("/sign-in/passkey", "answer", p.show(elsewhere, "/sign-in/passkey/challenge", next), "next",
		next); res.Location != next {
		t.Fatal(res.Status, res.Location, res.Body)
	}
	mayConfirm(elsewhere, next)

	charlie := site.Visitor(t)
	signUp(charlie, "Charlie")
	page := b.Get("/account/passkeys")
	remove := regexp.MustCompile(`/account/passkeys/[0-9a-f-]{36}/removal`).FindString(page.Body)
	page.Has(200, "Used ", remove)
	charlie.Get("/account/passkeys").Lacks("My phone", remove)
	charlie.Post(remove).Has(404)
	if res := b.Post(remove); !strings.HasPrefix(res.Location, "/account/confirm") {
		t.Error("the password alone removes a passkey:", res.Status, res.Location)
	}
	if res := elsewhere.Post(remove); res.Location != "/account/passkeys" {
		t.Fatal(res.Status, res.Location)
	}
	elsewhere.Get("/account/passkeys").Has(200, "Sign in without a password", "is removed")
	again := site.Visitor(t)
	again.Post("/sign-in/passkey", "answer", p.show(again, "/sign-in/passkey/challenge", "")).Has(422,
		"opens no account here", `name="password"`)
}

func TestABrowserWithoutAPasskeyIsToldAndGoesOnWithThePassword(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	b := site.Visitor(t)
	b.Post("/sign-in/passkey", "next", "/account", "answer", "").Has(422, "There is a problem", "go on without it",
		`value="/account"`, `name="password"`)
	b.Post("/sign-in/passkey", "answer", "{}").Has(422, "There is a problem")
	if res := b.Post("/account/passkeys/challenge"); !strings.HasPrefix(res.Location, "/sign-in") {
		t.Error(res.Status)
	}
	if res := b.Get("/account/passkeys"); res.Location != "/sign-in?next=%2Faccount%2Fpasskeys" {
		t.Error(res.Status)
	}
	numbered := webtest.Open(t).Visitor(t) // reached by a number: no browser makes passkeys for it
	numbered.Get("/sign-in").Lacks("data-passkey", "passkey.js")
	numbered.Post("/sign-in/passkey/challenge").Has(404)
	signUp(numbered, "Leo")
	numbered.Get("/account/passkeys").Has(200, "Passkeys need a site with a name")
}

func TestAChallengeBelongsToItsBrowserAndItsTimeAndHasOneAnswer(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	_, p, _ := withPasskey(t, site, "Maya Okafor")
	mine, other := site.Visitor(t), site.Visitor(t)
	answer := p.show(mine, "/sign-in/passkey/challenge", "")
	p.show(other, "/sign-in/passkey/challenge", "")
	other.Post("/sign-in/passkey", "answer", answer).Has(422, "opens no account here")
	if res := mine.Post("/sign-in/passkey", "answer", answer); res.Location != "/bookings" {
		t.Fatal(res.Status, res.Body)
	}
	mine.Post("/sign-out")
	mine.Post("/sign-in/passkey", "answer", answer).Has(422, "in time")
	guess := site.Visitor(t)
	answer = p.show(guess, "/sign-in/passkey/challenge", "")
	guess.Post("/sign-in/passkey", "answer", "{}").Has(422, "opens no account here")
	guess.Post("/sign-in/passkey", "answer", answer).Has(422, "in time") // a wrong answer spends the challenge too
	again := site.Visitor(t)
	if res := again.Post("/sign-in/passkey", "answer",
		p.show(again, "/sign-in/passkey/challenge", "")); res.Location != "/bookings" {
		t.Fatal(res.Status, res.Body)
	}
	answer = p.show(again, "/account/confirm/passkey/challenge", "")
	if res := again.Post("/account/confirm/passkey", "answer", answer); res.Location != "/account" {
		t.Fatal(res.Status, res.Body)
	}
	again.Post("/account/confirm/passkey", "answer", answer).Has(422, "in time")
	late := site.Visitor(t)
	answer = p.show(late, "/sign-in/passkey/challenge", "")
	site.Clock.Forward(identity.PasskeyLife + time.Second)
	late.Post("/sign-in/passkey", "answer", answer).Has(422, "in time")
}

func TestAPasskeyIsTheSecondStepAndTheProofOfWhoAsks(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	b, p, email := withPasskey(t, site, "Maya Okafor")
	if res := b.Post("/account/second-factor", "next", ""); !strings.HasPrefix(res.Location, "/account/confirm") {
		t.Error("who has shown the password only adds a way in that counts for more:", res.Status, res.Location)
	}
	b.Get("/account/confirm?next=/account/second-factor").Has(200, "Use a passkey",
		"Your password alone changes nothing here")
	if res := b.Post("/account/confirm/passkey", "next", "/account/second-factor", "answer",
		p.show(b, "/account/confirm/passkey/challenge", "")); res.Location != "/account/second-factor" {
		t.Fatal(res.Status, res.Body)
	}
	setUpApp(b)

	desk := site.Visitor(t)
	if res := desk.Post("/sign-in", "email", email, "password", password, "next",
		"/account"); res.Location != "/sign-in/second-step" {
		t.Fatal(res.Status, res.Location)
	}
	desk.Get("/sign-in/second-step").Has(200, "Use a passkey")
	_, theirs, _ := withPasskey(t, site, "Charlie")
	res := desk.Post("/sign-in/passkey/challenge", "next", "")
	options, err := virtualwebauthn.ParseAssertionOptions(res.Body)
	if err != nil || len(options.AllowCredentials) != 1 {
		t.Fatal(options, err)
	}
	theirs.key.Counter++
	desk.Post("/sign-in/passkey", "answer", virtualwebauthn.CreateAssertionResponse(theirs.party, theirs.Authenticator,
		theirs.key, *options)).Has(422, "opens no account here", "What does your app show?")
	if res := desk.Get("/account"); res.Status != http.StatusSeeOther {
		t.Error("somebody else's passkey opens it")
	}
	if res := desk.Post("/sign-in/passkey", "answer",
		p.show(desk, "/sign-in/passkey/challenge", "")); res.Location != "/account" {
		t.Fatal(res.Status, res.Body)
	}
	site.Clock.Forward(11 * time.Minute)
	if res := desk.Get("/account/passkeys/new"); res.Location != "/account/confirm?next=%2Faccount%2Fpasskeys%2Fnew" {
		t.Error("an old proof is good:", res.Status, res.Location)
	}
	desk.Post("/account/confirm/passkey", "answer", theirs.show(desk, "/account/confirm/passkey/challenge", "")).Has(422,
		"opens no account here", "Is it you?")
	if res := desk.Post("/account/confirm/passkey", "next", "/account/passkeys/new", "answer",
		p.show(desk, "/account/confirm/passkey/challenge", "")); res.Location != "/account/passkeys/new" {
		t.Fatal(res.Status, res.Body)
	}
	desk.Get("/account/passkeys/new").Has(200, "Which device is it on?")
}

func TestAnotherPersonsPasskeyIsNoProofWhateverWasAsked(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	maya, mine, _ := withPasskey(t, site, "Maya Okafor")
	_, theirs, _ := withPasskey(t, site, "Charlie")
	answer := theirs.show(maya, "/sign-in/passkey/challenge", "") // any passkey answers this challenge, and rightly
	maya.Post("/account/confirm/passkey", "answer", answer).Has(422, "in time", "Is it you?")
	if res := maya.Post("/account/confirm/passkey", "answer",
		mine.show(maya, "/account/confirm/passkey/challenge", "")); res.Location != "/account" {
		t.Fatal("control: her own is refused too:", res.Status, res.Body)
	}
	maya.Get("/account").Has(200, "Maya Okafor")
}

func TestACopiedPasskeyIsRefusedOnThePageToo(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	_, p, email := withPasskey(t, site, "Maya Okafor")
	b := site.Visitor(t)
	p.key.Counter = 9
	if res := b.Post("/sign-in/passkey", "answer", p.show(b, "/sign-in/passkey/challenge",
		"")); res.Location != "/bookings" {
		t.Fatal(res.Status, res.Body)
	}
	p.key.Counter = 3
	thief := site.Visitor(t)
	thief.Post("/sign-in/passkey", "answer", p.show(thief, "/sign-in/passkey/challenge", "")).Has(422,
		"there may be a copy of it")
	if l := site.Mailbox().Last(email); l.Kind != notify.KindPasskeyCopied {
		t.Error("the owner was not told:", l.Kind)
	}
	thief.Get("/account").Has(303)
}

func TestADeviceIsAskedForAPasskeyOnlyOnceItHasAName(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{Host: "localhost"})
	b := site.Visitor(t)
	signUp(b, "Maya Okafor")
	for _, name := range []string{"", "  ", strings.Repeat("a", 61)} {
		a := b.Post("/account/passkeys/challenge", "next", "", "name", name)
		if a.Status != 422 || strings.Contains(a.Body, "challenge") {
			t.Errorf("%q: %d %s", name, a.Status, a.Body)
		}
		b.Post("/account/passkeys", "name", name).Has(422, "Name the device")
	}
	b.Post("/account/passkeys/challenge", "name", "Phone").Has(200, "challenge") // control
}
