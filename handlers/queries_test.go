package handlers_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

// TestA10WhatIsNoTextIsRefusedWhateverReadsTheQuery asks every address that is only read, in each of the ways that the
// console's search was asked when it failed.
func TestA10WhatIsNoTextIsRefusedWhateverReadsTheQuery(t *testing.T) {
	site := webtest.Open(t)
	place := regexp.MustCompile(`:\w+`)
	routes := 0
	for _, r := range site.Routes {
		if r.Method != http.MethodGet {
			continue
		}
		routes++
		path := place.ReplaceAllString(r.Path, uuid.NewString())
		for _, query := range []string{"q=%FF%FE%FF", "find=%ED%A0%80", "organization=a%00bc", "before=1&after=%C3",
			"%FF=a"} {
			if a := site.Visitor(t).Get(path + "?" + query); a.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s?%s: %d", r.Path, query, a.Status)
			}
		}
		if a := site.Visitor(t).Get(path + "?q=%C3%A9&before=%zz"); a.Status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", r.Path, a.Status)
		}
	}
	if routes < 50 {
		t.Error(routes, "addresses")
	}
}

// The console's search, which passes on what is typed: text is looked for, and all else would have been an error of
// the database.
func TestA10TheConsolesSearchTakesTextOnly(t *testing.T) {
	site := webtest.Open(t)
	support := site.Staff(t, "Sam", "support")
	for _, query := range []string{"\xff\xfe\xff", "\xed\xa0\x80"} {
		support.Find("/ops/people", "q", query).Has(http.StatusUnprocessableEntity)
	}
	for _, query := range []string{"éa\ufffd\x01", "a\x00bc"} {
		support.Find("/ops/people", "q", query).Has(http.StatusOK, "Nobody was found")
	}
	conn := site.Connect(t, site.AdminURL())
	for _, text := range []string{"\xff\xfe\xff", "\xed\xa0\x80", "a\x00bc"} {
		if _, err := conn.Exec(t.Context(), "select $1::text", text); err == nil {
			t.Errorf("control: the database takes %q", text)
		}
	}
}
