package account_test

import (
	"path/filepath"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/keys"
)

func TestF29WhoseSecondStepWasSealedWithALostKeyIsToldAndTheLogSaysSo(t *testing.T) {
	other, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.Open(t)
	hash, err := site.Passwords.Hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	const says = "a sealed value cannot be opened"
	for name, c := range map[string]struct {
		ring   *keys.Keyring
		status int
	}{"control: its own key": {site.Keys, 303}, "a lost key": {other, 424}} {
		id := site.Account(t, "Maya Okafor")
		site.Admin(t, `insert into directory.password (account_id, hash) values ($1, $2)`, id, hash)
		if err := identity.SeedSecondFactor(t.Context(), site.Gateway, c.ring, id, appSecret,
			site.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		code, err := identity.CodeAt(appSecret, site.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		maya := site.Known(t, id, id.String()+"@example.test", "Maya Okafor")
		maya.Post("/sign-in", "email", maya.Email, "password", password).Has(303)
		before := strings.Count(site.Log.Text(), says)
		a := maya.Post("/sign-in/second-step", "code", code)
		if a.Status != c.status || strings.Count(site.Log.Text(), says)-before != map[int]int{303: 0, 424: 1}[c.status] {
			t.Errorf("%s: %d, and the log says %d lines", name, a.Status, strings.Count(site.Log.Text(), says)-before)
		}
		if c.status == 424 && !strings.Contains(a.Body, "Nothing that you typed was wrong") {
			t.Errorf("%s: %s", name, a.Body)
		}
	}
}

func TestAnAppThatWasBeingSetUpWithALostKeyIsBegunAnewAndTheLogSaysSo(t *testing.T) {
	other, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.Open(t)
	id := site.Account(t, "Maya Okafor")
	maya := site.Known(t, id, id.String()+"@example.test", "Maya Okafor")
	maya.SignIn(1)
	const page, says = "/account/second-factor", "a sealed value cannot be opened"
	maya.Post(page).Goes(page)
	if !letters.MatchString(maya.Get(page).Body) || strings.Contains(site.Log.Text(), says) {
		t.Error("control: its own key")
	}
	site.Admin(t, `update directory.totp set secret = $2 where account_id = $1`, id,
		other.Seal("totp", []byte(appSecret), []byte("whatever")))
	maya.Get(page).Has(200, "Set up an app")
	if !strings.Contains(site.Log.Text(), says) {
		t.Error("nobody is told of the lost key")
	}
	maya.Post(page).Goes(page)
	if !letters.MatchString(maya.Get(page).Body) {
		t.Error("it is not begun anew")
	}
}
