package identity

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
)

func TestAKeyIsWhatItLooksLike(t *testing.T) {
	id, secret, err := APIKeys{Random: bytes.NewReader(bytes.Repeat([]byte{7}, idBytes+keySecret))}.draw(NewKey{})
	if err != nil {
		t.Fatal(err)
	}
	key := writeKey(id, secret)
	gotID, gotSecret, ok := readKey(key)
	if !ok || gotID != id || gotSecret != secret || len(key) != len("kw_live_")+12+1+52+1+8 {
		t.Error(key, gotID, gotSecret, ok)
	}
	body := key[:len(key)-9]
	for name, wrong := range map[string]string{
		"nothing": "", "only the name": "kw_live_", "one letter other": "kw_live_b" + key[9:],
		"capitals": strings.ToUpper(key), "cut": key[:len(key)-1],
		"longer": key + "0", "no checksum": body, "another kind": "kw_test_" + key[8:], "a space": key + " ",
		"letters that are none": withCheck(strings.Replace(body, id, "0123456789ab", 1)),
		"an id too short":       withCheck(strings.Replace(body, id, id[:11], 1)),
		"a secret too short":    withCheck(body[:len(body)-1]),
	} {
		if _, _, ok := readKey(wrong); ok {
			t.Error(name, "is a key:", wrong)
		}
	}
}

func withCheck(body string) string { return body + "_" + KeyChecksum(body) }

func FuzzReadKey(f *testing.F) {
	f.Add(withCheck(keyPrefix + strings.Repeat("a", 12) + "_" + strings.Repeat("b", 52)))
	f.Fuzz(func(t *testing.T, s string) {
		if id, secret, ok := readKey(s); ok && writeKey(id, secret) != s {
			t.Error("one key has two spellings:", s)
		}
	})
}

// owner makes somebody the owner of a clinic.
func owner(t *testing.T, db *pgtest.DB, at *pgtest.Clinic, who uuid.UUID) uuid.UUID {
	t.Helper()
	db.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, 'owner')`,
		uuid.New(), at.ID, who)
	return who
}

func TestAKeyOfOneOrganizationIsUnknownToAnother(t *testing.T) {
	h := open(t)
	a, b := h.Clinic(t), h.Clinic(t)
	keys := APIKeys{Gateway: h.Gateway, Keys: h.Keys, Now: h.now}
	key, err := keys.Create(t.Context(), a.Scope(owner(t, h.DB, a, h.person(t, "Alice").ID)),
		NewKey{Name: "Screen", Scopes: []string{"slots.read"}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	found, err := keys.Find(t.Context(), a.Scope([16]byte{}), key)
	if err != nil || found.Tenant != a.ID || len(found.Scopes) != 1 {
		t.Fatal(found, err)
	}
	if _, err := keys.Find(t.Context(), b.Scope([16]byte{}), key); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
	for _, n := range []NewKey{{Name: "x", Scopes: []string{"slots.write"}, Life: time.Hour}, {Name: "x", Life: time.Hour},
		{Name: "x", Scopes: KeyScopes()}, {Name: "x", Scopes: KeyScopes(), Life: 2 * LongestKeyLife}} {
		if _, err := keys.Create(t.Context(), a.Scope([16]byte{}), n); err == nil {
			t.Errorf("%+v was made", n)
		}
	}
}

func TestTheLastUseOfAKeyIsNotedOnceAMinute(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	keys := APIKeys{Gateway: h.Gateway, Keys: h.Keys, Now: h.now}
	key, err := keys.Create(t.Context(), a.Scope(owner(t, h.DB, a, h.person(t, "Alice").ID)),
		NewKey{Name: "Screen", Scopes: KeyScopes(), Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	used := func() (at time.Time) {
		t.Helper()
		if _, err := keys.Find(t.Context(), a.Scope([16]byte{}), key); err != nil {
			t.Fatal(err)
		}
		id, _, _ := readKey(key)
		if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select last_used_at from directory.api_key where id = $1",
			id).Scan(&at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	first := used()
	h.forward(30 * time.Second)
	if !used().Equal(first) {
		t.Error("written twice in a minute")
	}
	h.forward(31 * time.Second)
	if used().Equal(first) {
		t.Error("not written after a minute")
	}
}

func TestAFormMakesTheSameKeyAcrossARotationAndNoOtherFormDoes(t *testing.T) {
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	form := NewKey{Name: "kiosk", Scopes: []string{"slots.read", "appointments.read"}, Life: time.Hour, Form: "ada 1"}
	draw := func(n NewKey) string {
		t.Helper()
		id, secret, err := APIKeys{Keys: ring}.draw(n)
		if err != nil || len(id) != 12 || len(secret) != 52 || strings.HasPrefix(secret, id) {
			t.Fatal(id, secret, err)
		}
		return writeKey(id, secret)
	}
	first := draw(form)
	if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if draw(form) != first {
		t.Error("a second press across a rotation makes a second key")
	}
	for name, change := range map[string]func(*NewKey){
		"another form":                  func(n *NewKey) { n.Form = "ada 2" },
		"another name":                  func(n *NewKey) { n.Name = "desk" },
		"a name that ends in the next":  func(n *NewKey) { n.Form, n.Name = "ada 1k", "iosk" },
		"fewer scopes":                  func(n *NewKey) { n.Scopes = n.Scopes[:1] },
		"scopes that are cut elsewhere": func(n *NewKey) { n.Scopes = []string{"slots.readappointments.read"} },
		"another life":                  func(n *NewKey) { n.Life = 2 * time.Hour },
	} {
		other := form
		if change(&other); draw(other) == first {
			t.Errorf("%s makes the same key", name)
		}
	}
}

func TestA55AKeyIsShownAgainForTenMinutesWhileItWorksAndEachTimeIsKept(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	keys := APIKeys{Gateway: h.Gateway, Keys: h.Keys, Now: h.now}
	scope := a.Scope(owner(t, h.DB, a, h.person(t, "Alice").ID))
	press := func(form string) (key string, err error) {
		return keys.Create(t.Context(), scope, NewKey{Name: form, Scopes: KeyScopes(), Life: time.Hour, Form: form})
	}
	admin := h.Connect(t, h.AdminURL())
	kept := func(key, action string) (n int) {
		t.Helper()
		id, _, _ := readKey(key)
		if err := admin.QueryRow(t.Context(), `select count(*) from audit.event where resource = 'ApiKey' and action = $1
			and fields = array['key:' || $2]`, action, id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	again := func(form string, key string, shown bool) {
		t.Helper()
		before := kept(key, "show")
		got, err := press(form)
		if shown && (err != nil || got != key) || !shown && (!errors.Is(err, ErrKeyMade) || got != "") {
			t.Errorf("%s: %q, not %v: %v", form, got, shown, err)
		}
		if more := kept(key, "show") - before; shown != (more == 1) || kept(key, "create") != 1 {
			t.Errorf("%s: shown %v, and %d events say so", form, shown, more)
		}
	}
	revoked, err := press("revoked")
	if err != nil {
		t.Fatal(err)
	}
	old, err := press("old")
	if err != nil {
		t.Fatal(err)
	}
	again("revoked", revoked, true) // the control: until it is revoked
	again("revoked", revoked, true)
	id, _, _ := readKey(revoked)
	if _, err := h.Gateway.Identity(scope).RevokeAPIKey(t.Context(), h.now(), id); err != nil {
		t.Fatal(err)
	}
	again("revoked", revoked, false)
	h.forward(KeyShown - time.Minute)
	again("old", old, true)
	h.forward(2 * time.Minute)
	again("old", old, false)
}
