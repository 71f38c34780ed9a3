package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

type listed struct {
	ID      uuid.UUID
	Service string
	Price   *struct{ Amount int64 }
}

func TestAnAPIClientFindsTheListingsWhoseTimesItMayAskFor(t *testing.T) {
	site := webtest.Open(t)
	clinic, path := site.Clinic(), addresses(site.Clinic())+"/listings"
	key := newKey(t, site, clinic, "slots.read")
	read := func(path string) (all []listed) {
		a := ask(t, site, "GET", path, key)
		var list struct{ Listings []listed }
		if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != http.StatusOK {
			t.Fatal(err, a.Status, a.Body)
		}
		return list.Listings
	}
	all := read(path)
	if len(all) == 0 || all[0].Service == "" {
		t.Fatal(all)
	}
	own := false
	for i, l := range all {
		own = own || l.ID == clinic.OfferingID
		if i > 0 && bytes.Compare(all[i-1].ID[:], l.ID[:]) >= 0 {
			t.Error("they are in no order")
		}
	}
	if !own {
		t.Error("the clinic's own listing is not among them")
	}
	if rest := read(path + "?after=" + all[0].ID.String()); len(rest) != len(all)-1 {
		t.Errorf("%d of %d follow the first", len(rest), len(all))
	}
	if a := ask(t, site, "GET", path+"?after=x", key); a.Status != http.StatusUnprocessableEntity {
		t.Error("a wrong cursor:", a.Status)
	}
	other := newKey(t, site, clinic, "appointments.read")
	if a := ask(t, site, "GET", path, other); a.Status != http.StatusNotFound {
		t.Error("without the scope:", a.Status)
	}
	if a := ask(t, site, "GET", addresses(site.Other())+"/listings", key); a.Status != http.StatusUnauthorized {
		t.Error("of another organization:", a.Status)
	}
}

// documented are the addresses of which the documentation speaks.
var documented = regexp.MustCompile(`GET (/api/v1/[a-z:/]+)`)

func TestTheDocumentationIsAPageAndNamesEveryAddress(t *testing.T) {
	site := webtest.Open(t)
	page := site.Visitor(t).Get("/api-documentation")
	page.Has(http.StatusOK, "The API of an organization", "Retry-After", `<table class="data" aria-label="Table 1">`, `<td data-label="status">`)
	said := map[string]bool{}
	for _, m := range documented.FindAllStringSubmatch(page.Body, -1) {
		said[m[1]] = true
	}
	for _, r := range site.Echo.Routes() {
		if strings.HasPrefix(r.Path, "/api/v1/organizations/") && !said[r.Path] && r.Method == http.MethodGet {
			t.Errorf("%s is not documented", r.Path)
		}
	}
	if len(said) < 3 {
		t.Error(said)
	}
}
