package account_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// change is a change of how an account signs in, done in the browser b, which shows two factors.
type change struct {
	name         string
	app, passkey bool // what the account has before
	elsewhere    bool // not done in a session of the account: none goes on
	do           func(s *endedSite, maya, b *webtest.Person)
}

var changes = []change{
	{name: "an app turned on", do: func(s *endedSite, _, b *webtest.Person) {
		s.turnOn(b).Has(http.StatusOK, "Everywhere else you are signed out")
	}},
	{name: "an app turned off", app: true, do: func(_ *endedSite, _, b *webtest.Person) {
		b.Post("/account/second-factor/removal").Goes("/account")
		b.Get("/account").Has(http.StatusOK, "Everywhere else you are signed out")
	}},
	{name: "new recovery codes", app: true, do: func(_ *endedSite, _, b *webtest.Person) {
		b.Post("/account/second-factor/recovery-codes").Has(http.StatusOK, "Everywhere else you are signed out")
	}},
	{name: "a passkey added", app: true, do: func(s *endedSite, _, b *webtest.Person) {
		b.Post("/account/passkeys", "name", "Phone", "answer", newPhone(s.Site).make(b)).Goes("/account/passkeys")
	}},
	{name: "the first passkey added", do: func(s *endedSite, _, b *webtest.Person) {
		b.Post("/account/passkeys", "name", "Phone", "answer", newPhone(s.Site).make(b)).Goes("/account/passkeys")
	}},
	{name: "a passkey removed", passkey: true, do: func(_ *endedSite, maya, b *webtest.Person) {
		b.Post("/account/passkeys/" + maya.ID.String() + "/removal").Goes("/account/passkeys")
	}},
	{name: "another address", app: true, do: func(s *endedSite, maya, b *webtest.Person) {
		b.Post("/account/email/" + s.changeToken(maya)).Goes("/account")
	}},
	{name: "a new password", app: true, elsewhere: true, do: func(s *endedSite, maya, _ *webtest.Person) {
		s.Visitor(s.t).Post("/password-reset/"+s.resetToken(maya), "password", "nine blue umbrellas").Goes("/sign-in")
	}},
	{name: "factors removed by support", app: true, elsewhere: true, do: func(s *endedSite, maya, _ *webtest.Person) {
		s.support.Post("/ops/people/"+maya.ID.String()+"/second-factor-removal", "case",
			"her phone was stolen, seen on video").Goes("/ops/people/" + maya.ID.String())
	}},
}

// holder has a password and what else is said. Her passkey has her own id.
func (s *endedSite) holder(app, passkey bool) *webtest.Person {
	s.t.Helper()
	maya := s.maya(false)
	if app {
		err := identity.SeedSecondFactor(s.t.Context(), s.Gateway, s.Keys, maya.ID, appSecret, s.Clock.Now())
		if err != nil {
			s.t.Fatal(err)
		}
	}
	if passkey {
		s.Admin(s.t, `insert into directory.passkey (id, account_id, credential_id, credential, name, created_at)
			values ($1, $1, $2, '{}', 'Phone', now())`, maya.ID, maya.ID[:])
	}
	return maya
}

// token is one that lies in an email of hers, unused.
func (s *endedSite) token(sql string, maya *webtest.Person, more ...any) string {
	s.t.Helper()
	raw := sha256.Sum256(append([]byte(sql), []byte(uuid.NewString())...))
	hash := sha256.Sum256(raw[:])
	until := s.Clock.Now().Add(20 * time.Minute)
	purpose, facts := "password reset", []string{hex.EncodeToString(hash[:]), maya.ID.String()}
	for _, email := range more {
		purpose, facts = "email change", append(facts, email.(string))
	}
	mac := s.Keys.MAC(purpose, append(facts, strconv.FormatInt(until.UnixMicro(), 10))...)
	s.Admin(s.t, sql, append([]any{hash[:], maya.ID, until, mac}, more...)...)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

func (s *endedSite) changeToken(maya *webtest.Person) string {
	s.t.Helper()
	return s.token(`insert into directory.email_change (token_hash, account_id, expires_at, mac, email)
		values ($1, $2, $3, $4, $5)`,
		maya, uuid.NewString()+"@example.test")
}

func (s *endedSite) resetToken(maya *webtest.Person) string {
	s.t.Helper()
	return s.token(`insert into directory.password_reset (token_hash, account_id, expires_at, mac)
		values ($1, $2, $3, $4)`, maya)
}

// waits is what another may have of an account. begin gives a question that is asked afterward: is it good for anything
// still?
type waits struct {
	name  string
	needs func(c change) bool
	begin func(s *endedSite, maya *webtest.Person) (stillGood func() bool)
}

func always(change) bool { return true }

func (s *endedSite) inSession(maya *webtest.Person, factors int, fields ...string) func() bool {
	b := s.Visitor(s.t)
	b.SignInAs(maya, factors, fields...)
	return func() bool {
		a := b.Post("/account/confirm", "code", "x")
		return !strings.HasPrefix(a.Location, "/sign-in")
	}
}

func (s *endedSite) open(table string, maya *webtest.Person) func() bool {
	return func() bool {
		return s.Count(s.t, `select count(*) from directory.`+table+` where account_id = $1 and used_at is null`, maya.ID) > 0
	}
}

var waiting = []waits{
	{"a session with the password", always, func(s *endedSite, maya *webtest.Person) func() bool {
		return s.inSession(maya, 1)
	}},
	{"a session with two factors", always, func(s *endedSite, maya *webtest.Person) func() bool {
		return s.inSession(maya, 2)
	}},
	{"a session by single sign-on", always, func(s *endedSite, maya *webtest.Person) func() bool {
		return s.inSession(maya, 1, "organization", s.Clinic().ID.String())
	}},
	{"a sign-in that waits for its second step", func(c change) bool { return c.app },
		func(s *endedSite, maya *webtest.Person) func() bool {
			b := s.Visitor(s.t)
			b.Post("/sign-in", "email", maya.Email, "password", password).Goes("/sign-in/second-step")
			return func() bool {
				b.Post("/sign-in/second-step", "code", shown(b, appSecret))
				return b.Get("/account").Status == http.StatusOK
			}
		}},
	{"an open change of address", always, func(s *endedSite, maya *webtest.Person) func() bool {
		s.changeToken(maya)
		return s.open("email_change", maya)
	}},
	{"an open password reset", always, func(s *endedSite, maya *webtest.Person) func() bool {
		s.resetToken(maya)
		return s.open("password_reset", maya)
	}},
}

// survives does a change while something waits, and tells whether that is good for anything still. It fails if the
// session that did it has ended, or if anything of a bystander has.
func (c change) survives(s *endedSite, w waits) bool {
	s.t.Helper()
	maya, leo := s.holder(c.app, c.passkey), s.holder(c.app, c.passkey)
	stillGood, bystander := w.begin(s, maya), w.begin(s, leo)
	b := s.browserOf(maya, true)
	c.do(s, maya, b)
	if in := b.Get("/account").Status == http.StatusOK; in == c.elsewhere {
		s.t.Errorf("%s: the session that did it is signed in: %v", c.name, in)
	}
	if !bystander() {
		s.t.Errorf("%s, %s: a bystander's is over too", c.name, w.name)
	}
	return stillGood()
}

func TestA41AChangeOfHowOneSignsInEndsAllElseAndSpendsWhatWaits(t *testing.T) {
	s := openEndedAt(t, pgtest.Open(t), "localhost")
	for _, c := range changes {
		for _, w := range waiting {
			if w.needs(c) && c.survives(s, w) {
				t.Errorf("%s: %s is good still", c.name, w.name)
			}
		}
	}
}

func TestA41NegativeControlWithoutEndingAndSpendingTheySurvive(t *testing.T) {
	s := openEndedAt(t, pgtest.Fresh(t, tenancy.Options{}), "localhost")
	s.Admin(t, `create function directory.stay() returns trigger language plpgsql as $$ begin
		new.session_epoch := old.session_epoch; return new; end $$`)
	s.Admin(t, `create trigger stay before update on directory.account for each row execute function directory.stay()`)
	s.Admin(t, `create function directory.unspent() returns trigger language plpgsql as $$ begin return null; end $$`)
	for _, table := range []string{"email_change", "password_reset"} {
		s.Admin(t, `create trigger unspent before update on directory.`+table+
			` for each row when (new.used_at is not null) execute function directory.unspent()`)
	}
	s.Admin(t, `create trigger vouched before update on directory.session for each row
		when (new.mac = '' and new.revoked_at is null) execute function directory.unspent()`)
	for _, w := range waiting {
		c := changes[1] // an app turned off
		if w.name == "a sign-in that waits for its second step" {
			c = changes[2] // that leaves the app
		}
		if !c.survives(s, w) {
			t.Errorf("%s, %s: the test would not find it", c.name, w.name)
		}
	}
}

// A request of a session that has ended meanwhile changes nothing of how its account signs in.
func TestA41WhatASessionAsksAfterItsEndIsNotDone(t *testing.T) {
	s := openEndedAt(t, pgtest.Open(t), "localhost")
	for _, c := range changes {
		if c.elsewhere || c.name == "an app turned on" { // that one: TestA18
			continue
		}
		maya := s.holder(c.app, c.passkey)
		b := s.browserOf(maya, true)
		before := s.credentials(maya)
		fields := []string{}
		path := map[string]string{"an app turned off": "/account/second-factor/removal",
			"new recovery codes": "/account/second-factor/recovery-codes",
			"a passkey added":    "/account/passkeys", "the first passkey added": "/account/passkeys",
			"a passkey removed": "/account/passkeys/" + maya.ID.String() + "/removal",
			"another address":   "/account/email/" + s.changeToken(maya)}[c.name]
		if path == "/account/passkeys" {
			fields = append(fields, "name", "Phone", "answer", newPhone(s.Site).make(b))
		}
		done := make(chan struct{})
		go func() { defer close(done); b.Do(http.MethodPost, path, webtest.Form(fields...), haltLoaded, "1") }()
		h := <-s.halt
		s.browserOf(maya, true).Post("/account/sign-out-everywhere").Goes("/sign-in")
		close(h.goOn)
		<-done
		if after := s.credentials(maya); after != before {
			t.Errorf("%s: done all the same: %s, %s", c.name, before, after)
		}
	}
}

func (s *endedSite) credentials(maya *webtest.Person) (sum string) {
	s.t.Helper()
	err := s.Connect(s.t, s.AdminURL()).QueryRow(s.t.Context(), `select concat_ws(' ',
		(select a.email from directory.account a where a.id = $1),
		(select count(*) from directory.totp x where x.account_id = $1),
		(select string_agg(r.hash::text, ' ') from directory.recovery_code r where r.account_id = $1),
		(select count(*) from directory.passkey k where k.account_id = $1))`, maya.ID).Scan(&sum)
	if err != nil {
		s.t.Fatal(err)
	}
	return sum
}

// Whoever knows the password as well neither reads the secret of an app that its owner sets up, nor gives them theirs.
func TestA41TheSecretOfANewAppIsOneSessionsOnly(t *testing.T) {
	s := openEndedAt(t, pgtest.Open(t), "localhost")
	maya := s.maya(false)
	owner, thief := s.browserOf(maya, false), s.browserOf(maya, false)
	owner.Post("/account/second-factor")
	if page := thief.Get("/account/second-factor"); letters.MatchString(page.Body) {
		t.Error("another session reads the owner's secret")
	}
	thief.Post("/account/second-factor")
	if !letters.MatchString(thief.Get("/account/second-factor").Body) {
		t.Error("control: whoever begins it sees it")
	}
	if page := owner.Get("/account/second-factor"); letters.MatchString(page.Body) {
		t.Error("the owner is given the secret of another session")
	}
	s.turnOn(owner).Has(http.StatusOK, "Everywhere else you are signed out")
}

func TestWhatWasTypedStandsAgainAfterAProof(t *testing.T) {
	s := openEndedAt(t, pgtest.Open(t), "localhost")
	b := s.browserOf(s.maya(false), false)
	b.Get("/account/email").Has(http.StatusOK, "Use another address")
	s.Clock.Forward(11 * time.Minute)
	ask := func(path, from string, fields ...string) {
		t.Helper()
		a := b.Do(http.MethodPost, path, webtest.Form(fields...), "Referer", s.URL+from)
		if !strings.HasPrefix(a.Location, "/account/confirm?next=") {
			t.Fatal(a.Status, a.Location)
		}
	}
	ask("/account/email", "/account/email", "email", "new-maya@example.test", "password", "never kept")
	ask("/account/passkeys", "/account/passkeys/new", "name", "My <phone>", "answer", "{}")
	b.Post("/account/confirm", "password", password, "next", "/account/email").Goes("/account/email")
	b.Get("/account/email").Has(http.StatusOK, `value="new-maya@example.test"`)
	b.Get("/account/email").Lacks("new-maya@example.test") // once
	b.Get("/account/passkeys/new").Has(http.StatusOK, `value="My &lt;phone&gt;"`)
}
