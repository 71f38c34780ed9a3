package account_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// endedSite serves the whole product, in which one request can be made to wait.
type endedSite struct {
	*webtest.Site
	t       *testing.T
	support *webtest.Person
	hash    string

	halt chan halted
}

type halted struct{ goOn chan struct{} }

// The two places where a request waits, by the header or the browser's name that asks for it.
const (
	haltLoaded = "X-Halt"  // its session is loaded, nothing else was done
	haltProved = "Halting" // whoever signs in has proved who they are, nothing was written
)

func openEnded(t *testing.T, db *pgtest.DB) *endedSite { t.Helper(); return openEndedAt(t, db, "") }

// openEndedAt serves it at a host: browsers make passkeys for "localhost".
func openEndedAt(t *testing.T, db *pgtest.DB, host string) *endedSite {
	t.Helper()
	s := &endedSite{t: t, halt: make(chan halted)}
	s.Site = webtest.OpenWith(t, webtest.Options{Host: host, DB: db, Web: func(w *web.Site) {
		usual := w.SignedIn
		w.SignedIn = func(ctx context.Context, by tenancy.Caller, who identity.Account, from identity.Browser) error {
			if from.Agent == haltProved {
				s.wait()
			}
			return usual(ctx, by, who, from)
		}
	}})
	s.Echo.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().Header.Get(haltLoaded) != "" {
				s.wait()
			}
			return next(c)
		}
	})
	s.support = s.Staff(t, "Ada", "support", "administrator")
	var err error
	if s.hash, err = s.Passwords.Hash(t.Context(), password); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *endedSite) wait() {
	h := halted{make(chan struct{})}
	s.halt <- h
	<-h.goOn
}

const appSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// maya has a password. If she is secured, she has an app as well, works at the clinic, and is on the staff.
func (s *endedSite) maya(secured bool) *webtest.Person {
	s.t.Helper()
	id := s.Account(s.t, "Maya Okafor")
	s.Admin(s.t, `insert into directory.password (account_id, hash) values ($1, $2)`, id, s.hash)
	p := s.Known(s.t, id, id.String()+"@example.test", "Maya Okafor")
	if !secured {
		return p
	}
	err := identity.SeedSecondFactor(s.t.Context(), s.Gateway, s.Keys, id, appSecret, s.Clock.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	p.Employ(s.Clinic(), "owner")
	s.Admin(s.t, `insert into directory.staff (id, account_id, role, created_at) values ($1, $2, 'support', now() - interval '30 days')`, uuid.New(), id)
	return p
}

// browserOf is another browser of hers, with a session.
func (s *endedSite) browserOf(maya *webtest.Person, secured bool) *webtest.Person {
	s.t.Helper()
	b := s.Visitor(s.t)
	b.ID, b.Email = maya.ID, maya.Email
	b.SignInAs(maya, map[bool]int{false: 1, true: 2}[secured])
	return b
}

// ender is a way in which sessions end.
type ender struct {
	name    string
	secured []bool // for whom: with an app or without
	one     bool   // it ends one session, not all of the account
	end     func(s *endedSite, maya, session *webtest.Person)
}

var both = []bool{false, true}

func enders() []ender {
	return []ender{
		{"signed out everywhere", both, false, func(s *endedSite, maya, _ *webtest.Person) {
			s.browserOf(maya, true).Post("/account/sign-out-everywhere").Goes("/sign-in")
		}},
		{"a new password", both, false, func(s *endedSite, maya, _ *webtest.Person) {
			s.Visitor(s.t).Post("/password-reset", "email", maya.Email)
			_, path, _ := strings.Cut(s.Mailbox().Last(maya.Email).Link, s.URL)
			s.Visitor(s.t).Post(path, "password", "nine blue umbrellas").Goes("/sign-in")
		}},
		{"signed out by support", []bool{false}, false, func(s *endedSite, maya, _ *webtest.Person) {
			s.support.Post("/ops/people/" + maya.ID.String() + "/sign-out").Goes("/ops/people/" + maya.ID.String())
		}},
		{"signed out by an administrator", []bool{true}, false, func(s *endedSite, maya, _ *webtest.Person) {
			s.support.Post("/ops/staff/people/" + maya.ID.String() + "/sign-out").Goes("/ops/people/" + maya.ID.String())
		}},
		{"factors removed by an administrator", []bool{true}, false, func(s *endedSite, maya, _ *webtest.Person) {
			removal := "/ops/staff/people/" + maya.ID.String() + "/second-factor-removal"
			s.support.Post(removal, "case", "her phone was stolen, seen on video").Goes("/ops/people/" + maya.ID.String())
			s.Staff(s.t, "Ben", "administrator").Post(removal+"/approval", "request", pgtest.One[string](s.t, s.DB,
				`select id::text from directory.factor_removal where account_id = $1`,
				maya.ID)).Goes("/ops/people/" + maya.ID.String())
		}},
		{"the second step turned on elsewhere", []bool{false}, false, func(s *endedSite, maya, _ *webtest.Person) {
			b := s.browserOf(maya, false)
			s.turnOn(b)
			b.Get("/account").Has(200, "On, by an app")
		}},
		{"ended from another device", both, true, func(s *endedSite, maya, _ *webtest.Person) {
			found := endings.FindStringSubmatch(s.browserOf(maya, true).Get("/account").Body)
			s.browserOf(maya, true).Post(found[1]).Goes("/account")
		}},
		{"signed out here", both, true, func(s *endedSite, _, session *webtest.Person) {
			same := s.Visitor(s.t)
			same.SetCookie("kindward", session.Token())
			same.Post("/sign-out").Goes("/")
		}},
	}
}

// turnOn sets up an app and confirms it.
func (s *endedSite) turnOn(b *webtest.Person, headers ...string) webtest.Answer {
	b.Post("/account/second-factor")
	secret := strings.ReplaceAll(letters.FindStringSubmatch(b.Get("/account/second-factor").Body)[1], " ", "")
	return b.Do(http.MethodPost, "/account/second-factor/confirmation", webtest.Form("code", shown(b, secret)), headers...)
}

// renewer is a way in which a session gets another token. It waits in the middle of it.
type renewer struct {
	name    string
	secured bool
	fresh   bool // it signs in: what ended the session before is nothing to it, what ended all of them is
	renew   func(s *endedSite, b *webtest.Person)
}

func renewers() []renewer {
	halted := func(path string, fields ...string) func(*endedSite, *webtest.Person) {
		return func(_ *endedSite, b *webtest.Person) {
			b.Do(http.MethodPost, path, webtest.Form(fields...), haltLoaded, "1")
		}
	}
	return []renewer{
		{"confirming by password", false, false, halted("/account/confirm", "password", password)},
		{"turning the second step on", false, false, func(s *endedSite, b *webtest.Person) {
			s.turnOn(b, haltLoaded, "1")
		}},
		{"signing in by password", false, true, func(_ *endedSite, b *webtest.Person) {
			b.Agent = haltProved
			b.Post("/sign-out")
			b.Post("/sign-in", "email", b.Email, "password", password)
		}},
		{"confirming by a code", true, false, func(s *endedSite, b *webtest.Person) {
			b.Do(http.MethodPost, "/account/confirm", webtest.Form("code", shown(b, appSecret)), haltLoaded, "1")
		}},
		{"going to an organization", true, false, func(s *endedSite, b *webtest.Person) {
			b.Do(http.MethodPost, webtest.Workplace(s.Clinic())+"/switch", nil, haltLoaded, "1")
		}},
		{"seeing the site as a person", true, false, func(s *endedSite, b *webtest.Person) {
			b.Do(http.MethodPost, "/ops/impersonations", webtest.Form("person", s.Account(s.t, "Leo").String(),
				"reason", "case 4711, asked by phone"), haltLoaded, "1")
		}},
		{"signing in with a code", true, true, func(_ *endedSite, b *webtest.Person) {
			b.Agent = haltProved
			b.Post("/sign-out")
			b.Post("/sign-in", "email", b.Email, "password", password)
			b.Post("/sign-in/second-step", "code", shown(b, appSecret))
		}},
	}
}

// survives renews a session of hers, ends it in the middle of that, and tells whether the browser is signed in
// afterward.
func (s *endedSite) survives(r renewer, e *ender) bool {
	s.t.Helper()
	maya := s.maya(r.secured)
	b := s.browserOf(maya, r.secured)
	done := make(chan struct{})
	go func() { defer close(done); r.renew(s, b) }()
	select {
	case h := <-s.halt:
		if e != nil {
			e.end(s, maya, b)
		}
		close(h.goOn)
	case <-done:
		s.t.Fatal("it does not wait:", r.name)
	}
	<-done
	a := b.Get("/account")
	if a.Status != http.StatusOK && !strings.HasPrefix(a.Location, "/sign-in") {
		s.t.Fatal(a.Status, a.Location)
	}
	return a.Status == http.StatusOK
}

func TestA18NoWayToRenewASessionOutlivesAWayToEndIt(t *testing.T) {
	s := openEnded(t, pgtest.Open(t))
	for _, r := range renewers() {
		if !s.survives(r, nil) {
			t.Errorf("%s, and nothing ends: signed out", r.name)
		}
		for _, e := range enders() {
			if e.one && r.fresh || e.secured[0] != r.secured && len(e.secured) < 2 {
				continue
			}
			if s.survives(r, &e) {
				t.Errorf("%s, and meanwhile %s: signed in", r.name, e.name)
			}
		}
	}
}

// A program that counts a session as one of the epoch in which it is written, and not of that in which it was read, is
// the one that this test finds.
func TestA18NegativeControlWithTheEpochOfTheWritingItIsSignedIn(t *testing.T) {
	s := openEnded(t, pgtest.Fresh(t, tenancy.Options{}))
	inner, outer := pads(s.Keys.Vault().Derive("mac session", 32))
	s.Admin(t, fmt.Sprintf(`create function directory.late() returns trigger language plpgsql security definer as $$
	declare
		fact bytea;
		all_facts bytea := '';
	begin
		if new.revoked_at is not null then
			return new;
		end if;
		select session_epoch into new.epoch from directory.account where id = new.account_id;
		new.epoch := coalesce(new.epoch, 0);
		new.data := convert_to(jsonb_set(convert_from(new.data, 'UTF8')::jsonb, '{epoch}', to_jsonb(new.epoch))::text, 'UTF8');
		-- such a program vouches for what it writes
		foreach fact in array array[convert_to(new.id::text, 'UTF8'), convert_to(new.token, 'UTF8'),
			convert_to(coalesce(new.account_id::text, ''), 'UTF8'), convert_to(new.epoch::text, 'UTF8'),
			convert_to(new.work::text, 'UTF8'), new.data,
			convert_to((extract(epoch from new.created_at) * 1000000)::bigint::text, 'UTF8'),
			convert_to((extract(epoch from new.expires_at) * 1000000)::bigint::text, 'UTF8')] loop
			all_facts := all_facts || int8send(octet_length(fact)) || fact;
		end loop;
		new.mac := sha256('\x%x'::bytea || sha256('\x%x'::bytea || all_facts));
		return new;
	end $$`, outer, inner))
	s.Admin(t, `create trigger late before insert or update on directory.session for each row execute function directory.late()`)
	everywhere := enders()[0]
	for _, r := range renewers() {
		if r.name != "turning the second step on" && !s.survives(r, &everywhere) { // that one is refused by its statement
			t.Errorf("%s: the test would not find it", r.name)
		}
	}
}

// pads are the blocks of HMAC-SHA-256 with a key, so that SQL can make one.
func pads(key []byte) (inner, outer []byte) {
	inner, outer = bytes.Repeat([]byte{0x36}, 64), bytes.Repeat([]byte{0x5c}, 64)
	for i, b := range key {
		inner[i] ^= b
		outer[i] ^= b
	}
	return inner, outer
}

func TestASecondStepThatWaitsEndsWithAllSessions(t *testing.T) {
	s := openEnded(t, pgtest.Open(t))
	for _, e := range enders() {
		if e.one || !e.secured[len(e.secured)-1] {
			continue
		}
		maya, b := s.maya(true), s.Visitor(t)
		b.Post("/sign-in", "email", maya.Email, "password", password).Goes("/sign-in/second-step")
		e.end(s, maya, b)
		b.Post("/sign-in/second-step", "code", shown(b, appSecret)).Goes("/sign-in")
		if a := b.Get("/account"); a.Status == http.StatusOK {
			t.Errorf("the password was right before %s: signed in", e.name)
		}
		b.Get("/sign-in").Has(200, "signed out everywhere meanwhile")
	}
	maya, b := s.maya(true), s.Visitor(t)
	b.Post("/sign-in", "email", maya.Email, "password", password)
	b.Post("/sign-in/second-step", "code", shown(b, appSecret)).Goes("/ops")
}

func TestTurningTheSecondStepOnSignsOutWhoeverHasThePasswordAlone(t *testing.T) {
	s := openEnded(t, pgtest.Open(t))
	maya := s.maya(false)
	thief, own := s.browserOf(maya, false), s.browserOf(maya, false)
	s.turnOn(own).Has(200, "Everywhere else you are signed out")
	own.Get("/account").Has(200, "signed in on this device")
	if a := thief.Get("/account"); a.Status == http.StatusOK {
		t.Error("the password alone is in still")
	}
	thief.Post("/sign-in", "email", maya.Email, "password", password).Goes("/sign-in/second-step")
}

func TestASessionEndsSixtyDaysAfterItsSignInHoweverOftenItIsRenewed(t *testing.T) {
	s := openEnded(t, pgtest.Open(t))
	maya := s.maya(true)
	b := s.browserOf(maya, true)
	for day := 0; day <= 60; day += 10 {
		a := b.Post("/account/confirm", "code", shown(b, appSecret)) // a session of work would end sooner
		if in := !strings.HasPrefix(a.Location, "/sign-in"); in != (day < 60) {
			t.Fatalf("day %d: %d %s", day, a.Status, a.Location)
		}
		s.Clock.Forward(10 * 24 * time.Hour)
	}
}
