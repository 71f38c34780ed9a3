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

	"kindward/internal/identity"
)

// phone is a device with one passkey of this house.
type phone struct {
	party virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func (h *house) phone() *phone {
	origin := strings.Replace(h.server.URL, "127.0.0.1", "localhost", 1)
	return &phone{party: virtualwebauthn.RelyingParty{ID: "localhost", Name: "Kindward", Origin: origin}, Authenticator: virtualwebauthn.NewAuthenticator(), key: wholeKey()}
}

// wholeKey is a key whose coordinates have their full length, as all real ones do: the virtual device drops leading zeros of one in 128.
func wholeKey() virtualwebauthn.Credential {
	for {
		key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if _, err := webauthncose.ParsePublicKey(key.Key.AttestationData()); err == nil {
			return key
		}
	}
}

// make answers the question for a new passkey, as the page's script does.
func (p *phone) make(b *browser) string {
	b.t.Helper()
	res := b.post("/account/passkeys/question", "next", "")
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") || res.Header.Get("Cache-Control") != "no-store" {
		b.t.Fatal(res.StatusCode, res.to(), res.Header)
	}
	var question struct{ User struct{ ID string } }
	if err := json.Unmarshal([]byte(res.body), &question); err != nil {
		b.t.Fatal(err)
	}
	var err error
	if p.Options.UserHandle, err = base64.RawURLEncoding.DecodeString(question.User.ID); err != nil {
		b.t.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAttestationOptions(res.body)
	if err != nil {
		b.t.Fatal(err)
	}
	return virtualwebauthn.CreateAttestationResponse(p.party, p.Authenticator, p.key, *options)
}

// show answers the question that stands at an address.
func (p *phone) show(b *browser, question, next string) string {
	b.t.Helper()
	res := b.post(question, "next", next)
	options, err := virtualwebauthn.ParseAssertionOptions(res.body)
	if err != nil {
		b.t.Fatal(res.StatusCode, err)
	}
	p.key.Counter++
	return virtualwebauthn.CreateAssertionResponse(p.party, p.Authenticator, p.key, *options)
}

// withPasskey is somebody new, signed in, with a phone.
func (h *house) withPasskey(t *testing.T, name string) (b *browser, p *phone, email string) {
	t.Helper()
	b, p = h.browser(t), h.phone()
	email = b.signUp(name)
	if res := b.post("/account/passkeys", "name", "My phone", "answer", p.make(b)); res.to() != "/account/passkeys" {
		t.Fatal(res.StatusCode, res.body)
	}
	return b, p, email
}

func TestAPasskeyIsNamedMadeListedUsedAndRemoved(t *testing.T) {
	h := openAt(t, false, "localhost")
	b, p := h.browser(t), h.phone()
	email := b.signUp("Maya Okafor")
	has(t, b.get("/account/passkeys"), 200, "Sign in without a password", "A passkey is a key that your phone", `href="/account/passkeys/new"`)
	has(t, b.get("/account/passkeys/new"), 200, `data-passkey="create"`, "<noscript>", "/static/passkey.")
	answer := p.make(b)
	has(t, b.post("/account/passkeys", "name", "", "answer", answer), 422, "Name the device", "<title>Error: ")
	has(t, b.post("/account/passkeys", "name", "Phone <1>", "answer", "{"), 422, "could not read", `value="Phone &lt;1&gt;"`)
	has(t, b.post("/account/passkeys", "name", "Phone", "answer", answer), 422, "did not answer in time") // a question has one answer
	if res := b.post("/account/passkeys", "name", "My phone", "answer", p.make(b)); res.to() != "/account/passkeys" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, b.get("/account/passkeys"), 200, "One passkey signs you in", "My phone", "Not used yet", "You can sign in with My phone from now on")
	if l := h.letter(email); l.Kind != identity.PasskeyAdded {
		t.Error("the owner was not told:", l.Kind)
	}

	elsewhere := h.browser(t)
	holder := elsewhere.post("/places/wickenden-diagnostics/holds").body
	next := "/places/wickenden-diagnostics/holds/1"
	has(t, elsewhere.get("/sign-in?next="+next), 200, `data-passkey="get"`, "Use a passkey", `value="`+next+`"`)
	if res := elsewhere.post("/sign-in/passkey", "answer", p.show(elsewhere, "/sign-in/passkey/question", next), "next", next); res.to() != next {
		t.Fatal(res.StatusCode, res.to(), res.body)
	}
	has(t, elsewhere.get(next), 200, "held by "+holder+" for Maya Okafor")

	charlie := h.browser(t)
	charlie.signUp("Charlie")
	page := b.get("/account/passkeys")
	remove := regexp.MustCompile(`/account/passkeys/[0-9a-f-]{36}/removal`).FindString(page.body)
	has(t, page, 200, "Used ", remove)
	lacks(t, charlie.get("/account/passkeys"), "My phone", remove)
	has(t, charlie.post(remove), 404)
	if res := b.post(remove); !strings.HasPrefix(res.to(), "/account/confirm") {
		t.Error("the password alone removes a passkey:", res.StatusCode, res.to())
	}
	if res := elsewhere.post(remove); res.to() != "/account/passkeys" {
		t.Fatal(res.StatusCode, res.to())
	}
	has(t, elsewhere.get("/account/passkeys"), 200, "Sign in without a password", "is removed")
	again := h.browser(t)
	has(t, again.post("/sign-in/passkey", "answer", p.show(again, "/sign-in/passkey/question", "")), 422, "opens no account here", `name="password"`)
}

func TestABrowserWithoutAPasskeyIsToldAndGoesOnWithThePassword(t *testing.T) {
	h := openAt(t, false, "localhost")
	b := h.browser(t)
	has(t, b.post("/sign-in/passkey", "next", "/account", "answer", ""), 422, "There is a problem", "go on without it", `value="/account"`, `name="password"`)
	has(t, b.post("/sign-in/passkey", "answer", "{}"), 422, "There is a problem")
	if res := b.post("/account/passkeys/question"); !strings.HasPrefix(res.to(), "/sign-in") {
		t.Error(res.StatusCode)
	}
	if res := b.get("/account/passkeys"); res.to() != "/sign-in?next=%2Faccount%2Fpasskeys" {
		t.Error(res.StatusCode)
	}
	numbered := open(t, false).browser(t) // reached by a number: no browser makes passkeys for it
	lacks(t, numbered.get("/sign-in"), "data-passkey", "passkey.js")
	has(t, numbered.post("/sign-in/passkey/question"), 404)
	numbered.signUp("Leo")
	has(t, numbered.get("/account/passkeys"), 200, "Passkeys need a site with a name")
}

func TestAQuestionBelongsToItsBrowserAndItsTimeAndHasOneAnswer(t *testing.T) {
	h := openAt(t, false, "localhost")
	_, p, _ := h.withPasskey(t, "Maya Okafor")
	mine, other := h.browser(t), h.browser(t)
	answer := p.show(mine, "/sign-in/passkey/question", "")
	p.show(other, "/sign-in/passkey/question", "")
	has(t, other.post("/sign-in/passkey", "answer", answer), 422, "opens no account here")
	if res := mine.post("/sign-in/passkey", "answer", answer); res.to() != "/bookings" {
		t.Fatal(res.StatusCode, res.body)
	}
	mine.post("/sign-out")
	has(t, mine.post("/sign-in/passkey", "answer", answer), 422, "in time")
	guess := h.browser(t)
	answer = p.show(guess, "/sign-in/passkey/question", "")
	has(t, guess.post("/sign-in/passkey", "answer", "{}"), 422, "opens no account here")
	has(t, guess.post("/sign-in/passkey", "answer", answer), 422, "in time") // a wrong answer spends the question too
	again := h.browser(t)
	if res := again.post("/sign-in/passkey", "answer", p.show(again, "/sign-in/passkey/question", "")); res.to() != "/bookings" {
		t.Fatal(res.StatusCode, res.body)
	}
	answer = p.show(again, "/account/confirm/passkey/question", "")
	if res := again.post("/account/confirm/passkey", "answer", answer); res.to() != "/account" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, again.post("/account/confirm/passkey", "answer", answer), 422, "in time")
	late := h.browser(t)
	answer = p.show(late, "/sign-in/passkey/question", "")
	h.ahead.Add(int64(identity.PasskeyLife + time.Second))
	has(t, late.post("/sign-in/passkey", "answer", answer), 422, "in time")
}

func TestAPasskeyIsTheSecondStepAndTheProofOfWhoAsks(t *testing.T) {
	h := openAt(t, false, "localhost")
	b, p, email := h.withPasskey(t, "Maya Okafor")
	if res := b.post("/account/second-factor", "next", ""); !strings.HasPrefix(res.to(), "/account/confirm") {
		t.Error("who has shown the password only adds a way in that counts for more:", res.StatusCode, res.to())
	}
	has(t, b.get("/account/confirm?next=/account/second-factor"), 200, "Use a passkey", "Your password alone changes nothing here")
	if res := b.post("/account/confirm/passkey", "next", "/account/second-factor", "answer", p.show(b, "/account/confirm/passkey/question", "")); res.to() != "/account/second-factor" {
		t.Fatal(res.StatusCode, res.body)
	}
	secret, _ := b.secure()

	desk := h.browser(t)
	if res := desk.post("/sign-in", "email", email, "password", password, "next", "/account"); res.to() != "/sign-in/second-step" {
		t.Fatal(res.StatusCode, res.to())
	}
	has(t, desk.get("/sign-in/second-step"), 200, "Use a passkey")
	_, theirs, _ := h.withPasskey(t, "Charlie")
	res := desk.post("/sign-in/passkey/question", "next", "")
	options, err := virtualwebauthn.ParseAssertionOptions(res.body)
	if err != nil || len(options.AllowCredentials) != 1 {
		t.Fatal(options, err)
	}
	theirs.key.Counter++
	has(t, desk.post("/sign-in/passkey", "answer", virtualwebauthn.CreateAssertionResponse(theirs.party, theirs.Authenticator, theirs.key, *options)), 422, "opens no account here", "What does your app show?")
	if res := desk.get("/account"); res.StatusCode != http.StatusSeeOther {
		t.Error("somebody else's passkey opens it")
	}
	if res := desk.post("/sign-in/passkey", "answer", p.show(desk, "/sign-in/passkey/question", "")); res.to() != "/account" {
		t.Fatal(res.StatusCode, res.body)
	}
	h.ahead.Add(int64(11 * time.Minute))
	if res := desk.get("/account/passkeys/new"); res.to() != "/account/confirm?next=%2Faccount%2Fpasskeys%2Fnew" {
		t.Error("an old proof is good:", res.StatusCode, res.to())
	}
	has(t, desk.post("/account/confirm/passkey", "answer", theirs.show(desk, "/account/confirm/passkey/question", "")), 422, "opens no account here", "Is it you?")
	if res := desk.post("/account/confirm/passkey", "next", "/account/passkeys/new", "answer", p.show(desk, "/account/confirm/passkey/question", "")); res.to() != "/account/passkeys/new" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, desk.get("/account/passkeys/new"), 200, "Which device is it on?")
	_ = secret
}

func TestAnotherPersonsPasskeyIsNoProofWhateverWasAsked(t *testing.T) {
	h := openAt(t, false, "localhost")
	maya, mine, _ := h.withPasskey(t, "Maya Okafor")
	_, theirs, _ := h.withPasskey(t, "Charlie")
	answer := theirs.show(maya, "/sign-in/passkey/question", "") // any passkey answers this question, and rightly
	has(t, maya.post("/account/confirm/passkey", "answer", answer), 422, "in time", "Is it you?")
	if res := maya.post("/account/confirm/passkey", "answer", mine.show(maya, "/account/confirm/passkey/question", "")); res.to() != "/account" {
		t.Fatal("control: her own is refused too:", res.StatusCode, res.body)
	}
	has(t, maya.get("/account"), 200, "Maya Okafor")
}

func TestACopiedPasskeyIsRefusedOnThePageToo(t *testing.T) {
	h := openAt(t, false, "localhost")
	_, p, email := h.withPasskey(t, "Maya Okafor")
	b := h.browser(t)
	p.key.Counter = 9
	if res := b.post("/sign-in/passkey", "answer", p.show(b, "/sign-in/passkey/question", "")); res.to() != "/bookings" {
		t.Fatal(res.StatusCode, res.body)
	}
	p.key.Counter = 3
	thief := h.browser(t)
	has(t, thief.post("/sign-in/passkey", "answer", p.show(thief, "/sign-in/passkey/question", "")), 422, "there may be a copy of it")
	if l := h.letter(email); l.Kind != identity.PasskeyCopied {
		t.Error("the owner was not told:", l.Kind)
	}
	has(t, thief.get("/account"), 303)
}
