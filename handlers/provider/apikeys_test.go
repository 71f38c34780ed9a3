package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
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
	made.Has(http.StatusOK, "Copy it before you leave this page", "data-copy")
	made.IsPart("new-key")
	key := keyForm.FindString(made.Body)
	if key == "" || made.Header.Get("Cache-Control") != "no-store" {
		t.Fatal(made.Body, made.Header)
	}
	secret := strings.Split(key, "_")[3]
	list := alice.Get(own)
	list.Has(http.StatusOK, "<h1 data-fresh>1 key works", "Yes, revoke Screen", "Screen", "Free times", "Never", "Alice")
	list.Lacks(secret)
	if n := site.Count(t, `select count(*) from directory.api_key k where k::text like '%' || $1 || '%'`, secret); n > 0 {
		t.Error("the secret is kept")
	}
	if _, err := site.APIKeys.Find(t.Context(), site.Clinic().Scope([16]byte{}), key); err != nil {
		t.Fatal(err)
	}
	id := strings.Split(key, "_")[2]
	alice.Get(webtest.Workplace(site.Clinic())+"/access-log").Has(http.StatusOK, "made an API key: Screen")
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

func TestTheTeamSaysWhichKeysSomebodyMadeAndWhoHasLeftToo(t *testing.T) {
	site := webtest.Open(t)
	alice, olga := site.Alice(t), site.WithTwoFactors(t, "Olga Owner")
	home := webtest.Workplace(site.Clinic())
	path := home + "/members/" + olga.Employ(site.Clinic(), "owner").String()
	for _, name := range []string{"Lab", "Billing"} {
		olga.Post(home+"/api-keys", "name", name, "life", "90", "scope", "appointments.read").Has(http.StatusOK)
	}
	const both, one = "2 API keys of theirs work: Billing, Lab", "1 API key of theirs works: Lab"
	alice.Get(home+"/members").Has(http.StatusOK, both, `href="`+home+`/api-keys"`)
	alice.Get(path).Has(http.StatusOK, both, "Ending their work ends no key")
	alice.Post(path + "/end").Has(http.StatusSeeOther)
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and resource = 'Membership'
		and action = 'end' and cardinality(fields) = 2 and fields[1] like 'key:%'`, site.Clinic().ID); n != 1 {
		t.Error("the audit does not say which keys work on")
	}
	alice.Get(home+"/members").Has(http.StatusOK, "What changed", both)
	id := pgtest.One[string](t, site.DB, `select id from directory.api_key where tenant_id = $1 and name = 'Billing'`,
		site.Clinic().ID)
	alice.Post(home + "/api-keys/" + id + "/revocation").Has(http.StatusSeeOther)
	left := alice.Get(home + "/members")
	left.Has(http.StatusOK, one)
	left.Lacks(both)
}
