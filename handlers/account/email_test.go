package account_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/notify"
	"kindward/internal/notify/notifytest"
)

func at(l notifytest.Email) string {
	u, err := url.Parse(l.Link)
	if err != nil {
		panic(err)
	}
	return u.Path
}

func TestAnAddressIsChangedByTheLinkInItsMailbox(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	next := uuid.NewString() + "@example.test"
	b.Get("/account").Has(200, `href="/account/email"`)
	b.Get("/account/email").Has(200, email, `autocomplete="email"`, `hx-target="#email-change"`)
	if res := b.Post("/account/email", "email", strings.ToUpper(next)); res.Location != "/account" {
		t.Fatal(res.Status, res.Body)
	}
	b.Get("/account").Has(200, "If nobody else uses "+next, email)
	l := site.Mailbox().Last(next)
	if l.Kind != notify.KindEmailChange {
		t.Fatal(l.Kind)
	}
	b.Get(at(l)).Has(200, "Use "+next+" from now on?", email, `action="`+at(l)+`"`)
	b.Get(at(l)).Has(200, "Use "+next) // looking uses nothing
	if res := b.Post(at(l)); res.Location != "/account" {
		t.Fatal(res.Status, res.Body)
	}
	b.Get("/account").Has(200, "Your address is "+next+" now.", next)
	if site.Mailbox().Last(email).Kind != notify.KindEmailChanged {
		t.Error("the old address was not told")
	}
	b.Get(at(l)).Has(410)
	b.Post(at(l)).Has(410)
	other := site.Visitor(t)
	other.Post("/sign-in", "email", email, "password", password).Has(422)
	if res := other.Post("/sign-in", "email", next, "password", password); res.Location != "/bookings" {
		t.Error(res.Status)
	}
}

func TestALinkToAnAddressIsItsOwnersOnly(t *testing.T) {
	site := webtest.Open(t)
	b, charlie := site.Visitor(t), site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	signUp(charlie, "Charlie")
	next := uuid.NewString() + "@example.test"
	b.Post("/account/email", "email", next)
	link := at(site.Mailbox().Last(next))
	charlie.Get(link).Has(410)
	charlie.Post(link).Has(410)
	if res := site.Visitor(t).Get(link); res.Location != "/sign-in?next="+url.QueryEscape(link) {
		t.Error("signed out:", res.Status, res.Location)
	}
	b.Get(link).Has(200, email)
	if res := b.HTMX().Post(link); res.Status != 204 || res.Header.Get("HX-Redirect") != "/account" {
		t.Error(res.Status)
	}
}

func TestAWrongAddressIsSaidAndStays(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	for typed, said := range map[string]string{"maya": "Enter your email address", "": "Enter your email address",
		email: "This is your address already"} {
		b.Post("/account/email", "email", typed).Has(422, said, "<title>Error: ", "There is a problem", `href="#email"`)
		part := b.HTMX().Post("/account/email", "email", typed)
		part.Has(422, said, `<div id="email-change"`)
		part.Lacks("<html")
	}
	b.Post("/account/email", "email", "maya@").Has(422, `value="maya@"`)
}

func TestA40AnAddressThatIsTakenGetsTheSameAnswer(t *testing.T) {
	site := webtest.Open(t)
	known := signUp(site.Visitor(t), "Theo")
	pages := map[string]string{}
	for _, email := range []string{known, "x" + known} {
		b := site.Visitor(t)
		own := signUp(b, "Maya Okafor")
		res := b.Post("/account/email", "email", email)
		page := b.Get(res.Location)
		text := endings.ReplaceAllString(page.Body, "")
		pages[email] = strings.NewReplacer(email, "", own, "").Replace(fmt.Sprint(res.Status, res.Location, text))
	}
	if pages[known] != pages["x"+known] {
		t.Error("the pages differ:\n", pages[known], "\n", pages["x"+known])
	}
	if site.Mailbox().Last(known).Kind != notify.KindEmailTaken ||
		site.Mailbox().Last("x"+known).Kind != notify.KindEmailChange {
		t.Error("the emails are wrong")
	}
}

func TestAnAddressIsChangedAfterAFreshProofOnly(t *testing.T) {
	site := webtest.Open(t)
	b := site.Visitor(t)
	email := signUp(b, "Maya Okafor")
	site.Clock.Forward(11 * time.Minute)
	if res := b.Get("/account/email"); res.Location != "/account/confirm?next=%2Faccount%2Femail" {
		t.Error(res.Status, res.Location)
	}
	next := uuid.NewString() + "@example.test"
	if res := b.Post("/account/email", "email", next); !strings.HasPrefix(res.Location, "/account/confirm") {
		t.Error(res.Status, res.Location)
	}
	if site.Mailbox().Last(next).Kind != "" {
		t.Error("an email went out")
	}
	if res := b.Post("/account/confirm", "password", password, "next",
		"/account/email"); res.Location != "/account/email" {
		t.Fatal(res.Status, res.Body)
	}
	if res := b.Post("/account/email", "email", next); res.Location != "/account" {
		t.Error(res.Status)
	}
	site.Clock.Forward(11 * time.Minute) // the email may take longer than the proof lasts
	if res := b.Post(at(site.Mailbox().Last(next))); res.Location != "/account" {
		t.Error(res.Status, res.Location)
	}
	if site.Mailbox().Last(email).Kind != notify.KindEmailChanged {
		t.Error("not changed")
	}
}
