package account_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/identity"
)

func at(l identity.Letter) string {
	u, err := url.Parse(l.URL)
	if err != nil {
		panic(err)
	}
	return u.Path
}

func TestAnAddressIsChangedByTheLinkInItsLetterBox(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	next := uuid.NewString() + "@example.test"
	has(t, b.get("/account"), 200, `href="/account/email"`)
	has(t, b.get("/account/email"), 200, email, `autocomplete="email"`, `hx-target="#email-change"`)
	if res := b.post("/account/email", "email", strings.ToUpper(next)); res.to() != "/account" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, b.get("/account"), 200, "If nobody else uses "+next, email)
	l := h.letter(next)
	if l.Kind != identity.EmailChange {
		t.Fatal(l.Kind)
	}
	has(t, b.get(at(l)), 200, "Use "+next+" from now on?", email, `action="`+at(l)+`"`)
	has(t, b.get(at(l)), 200, "Use "+next) // looking uses nothing
	if res := b.post(at(l)); res.to() != "/account" {
		t.Fatal(res.StatusCode, res.body)
	}
	has(t, b.get("/account"), 200, "Your address is "+next+" now.", next)
	if h.letter(email).Kind != identity.EmailChanged {
		t.Error("the old address was not told")
	}
	has(t, b.get(at(l)), 410)
	has(t, b.post(at(l)), 410)
	other := h.browser(t)
	has(t, other.post("/sign-in", "email", email, "password", password), 422)
	if res := other.post("/sign-in", "email", next, "password", password); res.to() != "/bookings" {
		t.Error(res.StatusCode)
	}
}

func TestALinkToAnAddressIsItsOwnersOnly(t *testing.T) {
	h := open(t, false)
	b, charlie := h.browser(t), h.browser(t)
	email := b.signUp("Maya Okafor")
	charlie.signUp("Charlie")
	next := uuid.NewString() + "@example.test"
	b.post("/account/email", "email", next)
	link := at(h.letter(next))
	has(t, charlie.get(link), 410)
	has(t, charlie.post(link), 410)
	if res := h.browser(t).get(link); res.to() != "/sign-in?next="+url.QueryEscape(link) {
		t.Error("signed out:", res.StatusCode, res.to())
	}
	has(t, b.get(link), 200, email)
	if res := b.htmx(link); res.StatusCode != 204 || res.Header.Get("HX-Redirect") != "/account" {
		t.Error(res.StatusCode)
	}
}

func TestAWrongAddressIsSaidAndStays(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	for typed, said := range map[string]string{"maya": "Enter your e-mail address", "": "Enter your e-mail address", email: "This is your address already"} {
		has(t, b.post("/account/email", "email", typed), 422, said, "<title>Error: ", "There is a problem", `href="#email"`)
		part := b.htmx("/account/email", "email", typed)
		has(t, part, 422, said, `<div id="email-change"`)
		lacks(t, part, "<html")
	}
	has(t, b.post("/account/email", "email", "maya@"), 422, `value="maya@"`)
}

func TestA40AnAddressThatIsTakenGetsTheSameAnswer(t *testing.T) {
	h := open(t, false)
	known := h.browser(t).signUp("Theo")
	pages := map[string]string{}
	for _, email := range []string{known, "x" + known} {
		b := h.browser(t)
		own := b.signUp("Maya Okafor")
		res := b.post("/account/email", "email", email)
		page := b.get(res.to())
		text := endings.ReplaceAllString(page.body, "")
		pages[email] = strings.NewReplacer(email, "", own, "").Replace(res.Status + res.to() + text)
	}
	if pages[known] != pages["x"+known] {
		t.Error("the pages differ:\n", pages[known], "\n", pages["x"+known])
	}
	if h.letter(known).Kind != identity.EmailTaken || h.letter("x"+known).Kind != identity.EmailChange {
		t.Error("the letters are wrong")
	}
}

func TestAnAddressIsChangedAfterAFreshProofOnly(t *testing.T) {
	h := open(t, false)
	b := h.browser(t)
	email := b.signUp("Maya Okafor")
	h.ahead.Add(int64(11 * time.Minute))
	if res := b.get("/account/email"); res.to() != "/account/confirm?next=%2Faccount%2Femail" {
		t.Error(res.StatusCode, res.to())
	}
	next := uuid.NewString() + "@example.test"
	if res := b.post("/account/email", "email", next); !strings.HasPrefix(res.to(), "/account/confirm") {
		t.Error(res.StatusCode, res.to())
	}
	if h.letter(next).Kind != "" {
		t.Error("a letter went out")
	}
	if res := b.post("/account/confirm", "password", password, "next", "/account/email"); res.to() != "/account/email" {
		t.Fatal(res.StatusCode, res.body)
	}
	if res := b.post("/account/email", "email", next); res.to() != "/account" {
		t.Error(res.StatusCode)
	}
	h.ahead.Add(int64(11 * time.Minute)) // the letter box may take longer than the proof lasts
	if res := b.post(at(h.letter(next))); res.to() != "/account" {
		t.Error(res.StatusCode, res.to())
	}
	if h.letter(email).Kind != identity.EmailChanged {
		t.Error("not changed")
	}
}
