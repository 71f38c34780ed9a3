package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
)

var keyForm = regexp.MustCompile(`kw_live_[a-z2-7]{12}_[a-z2-7]{52}_[0-9a-f]{8}`)

func TestAKeyIsShownOnceAndRevokedAtOnce(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/api-keys"
	alice.Get(own).Has(http.StatusOK, "No key works here", "Authorization: Bearer")
	alice.Post(own, "name", "Screen <1>", "life", "9999", "scope", "everything.write").Has(http.StatusUnprocessableEntity,
		"Choose what the key may read", "Choose how long", `value="Screen &lt;1&gt;"`)
	made := alice.HTMX().Post(own, "name", "Screen", "life", "90", "scope", "slots.read", "scope", "appointments.read")
	made.Has(http.StatusOK, "We show it this once")
	made.IsPart("new-key")
	key := keyForm.FindString(made.Body)
	if key == "" || made.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(made.Body, made.Header)
	}
	secret := strings.Split(key, "_")[3]
	list := alice.Get(own)
	list.Has(http.StatusOK, "1 key works", "Screen", "Free times", "Never", "Alice")
	list.Lacks(secret)
	if n := site.Count(t, `select count(*) from directory.api_key k where k::text like '%' || $1 || '%'`, secret); n > 0 {
		t.Error("the secret is kept")
	}
	if _, err := site.APIKeys.Find(t.Context(), site.Clinic().Scope([16]byte{}), key); err != nil {
		t.Fatal(err)
	}
	id := strings.Split(key, "_")[2]
	charlie := site.Charlie(t)
	charlie.Post(webtest.Workplace(site.Other()) + "/api-keys/" + id + "/revocation").Has(http.StatusNotFound)
	charlie.Post(own + "/" + id + "/revocation").Has(http.StatusNotFound)
	charlie.Get(webtest.Workplace(site.Other())+"/api-keys").Lacks(id, "Screen")
	alice.Post(own + "/" + id + "/revocation").Has(http.StatusSeeOther)
	if _, err := site.APIKeys.Find(t.Context(), site.Clinic().Scope([16]byte{}), key); err == nil {
		t.Error("a revoked key opens")
	}
	alice.Post(own + "/" + id + "/revocation").Has(http.StatusNotFound)
	alice.Get(own).Has(http.StatusOK, "Revoked on", "The key of Screen is revoked")
}

func TestTheTitleSaysWhatIsWrongAndNoLongerWhenTheKeyIsMade(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t).HTMX()
	own := webtest.Workplace(site.Clinic()) + "/api-keys"
	at := site.URL + own + "/new"
	alice.Do("POST", own, webtest.Form("life", "30", "scope", "slots.read"), "HX-Current-URL", at).
		Has(http.StatusUnprocessableEntity, "<title>Error: ")
	part := alice.Do("POST", own, webtest.Form("name", "Screen", "life", "30", "scope", "slots.read"), "HX-Current-URL",
		at)
	part.Has(http.StatusOK, "<title>API keys")
	part.Lacks("Error: ", "<html")
}

func TestTwoKeysOfANameWorkAndNoThird(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	own := webtest.Workplace(site.Clinic()) + "/api-keys"
	fields := []string{"name", "Screen", "life", "30", "scope", "slots.read"}
	alice.Post(own, fields...).Has(http.StatusOK)
	alice.Post(own, fields...).Has(http.StatusOK)
	alice.Post(own, fields...).Has(http.StatusConflict, "Two keys of this name work already")
	site.Clock.Forward(30*24*time.Hour + time.Minute)
	if _, err := site.APIKeys.Create(t.Context(), site.Clinic().Scope(alice.ID),
		identity.NewKey{Name: "Screen", Scopes: []string{"slots.read"}, Life: time.Hour}); err != nil {
		t.Error("those that ran out count still:", err)
	}
}
