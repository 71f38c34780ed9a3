package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/identity"
)

var keyForm = regexp.MustCompile(`kw_live_[a-z2-7]{12}_[a-z2-7]{52}_[0-9a-f]{8}`)

func TestAKeyIsShownOnceAndRevokedAtOnce(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	own := at(h.clinic) + "/api-keys"
	has(t, alice.get(own), http.StatusOK, "No key works here", "Authorization: Bearer")
	has(t, alice.post(own, "name", "Screen <1>", "life", "9999", "scope", "everything.write"), http.StatusUnprocessableEntity, "Choose what the key may read", "Choose how long", `value="Screen &lt;1&gt;"`)
	alice.htmx = true
	made := alice.post(own, "name", "Screen", "life", "90", "scope", "slots.read", "scope", "appointments.read")
	alice.htmx = false
	has(t, made, http.StatusOK, `id="new-key"`, "We show it this once")
	lacks(t, made, "<html")
	key := keyForm.FindString(made.body)
	if key == "" || made.header.Get("Cache-Control") != "no-store" {
		t.Fatal(made.body, made.header)
	}
	secret := strings.Split(key, "_")[3]
	list := alice.get(own)
	has(t, list, http.StatusOK, "1 key works", "Screen", "Free times", "Never", "Alice")
	lacks(t, list, secret)
	if n := h.count(t, `select count(*) from directory.api_key k where k::text like '%' || $1 || '%'`, secret); n > 0 {
		t.Error("the secret is kept")
	}
	if _, err := h.keys.Find(t.Context(), h.clinic.Scope([16]byte{}), key); err != nil {
		t.Fatal(err)
	}
	id := strings.Split(key, "_")[2]
	charlie := h.worker(t, h.other, "Charlie", "owner")
	has(t, charlie.post(at(h.other)+"/api-keys/"+id+"/revocation"), http.StatusNotFound)
	has(t, charlie.post(own+"/"+id+"/revocation"), http.StatusNotFound)
	lacks(t, charlie.get(at(h.other)+"/api-keys"), id, "Screen")
	has(t, alice.post(own+"/"+id+"/revocation"), http.StatusSeeOther)
	if _, err := h.keys.Find(t.Context(), h.clinic.Scope([16]byte{}), key); err == nil {
		t.Error("a revoked key opens")
	}
	has(t, alice.post(own+"/"+id+"/revocation"), http.StatusNotFound)
	has(t, alice.get(own), http.StatusOK, "Revoked on", "The key of Screen is revoked")
}

func TestTwoKeysOfANameWorkAndNoThird(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	own := at(h.clinic) + "/api-keys"
	fields := []string{"name", "Screen", "life", "30", "scope", "slots.read"}
	has(t, alice.post(own, fields...), http.StatusOK)
	has(t, alice.post(own, fields...), http.StatusOK)
	has(t, alice.post(own, fields...), http.StatusConflict, "Two keys of this name work already")
	h.ahead.Add(int64(30*24*time.Hour + time.Minute))
	if _, err := h.keys.Create(t.Context(), h.clinic.Scope(alice.ID), identity.NewKey{Name: "Screen", Scopes: []string{"slots.read"}, Life: time.Hour}); err != nil {
		t.Error("those that ran out count still:", err)
	}
}
