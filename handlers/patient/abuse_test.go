package patient_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// A row of the appointment as text, without what time alone changes.
const whole = `select (to_jsonb(a) - 'updated_at' - 'note' - 'is_new')::text from appointment a where id = $1`

func TestA04FieldsThatNoFormHasChangeNothing(t *testing.T) {
	site := webtest.Open(t)
	extra := []string{"provider_id", uuid.NewString(), "practitioner_id", uuid.NewString(), "tenant_id", uuid.NewString(),
		"account_id", uuid.NewString(), "patient_id", uuid.NewString(),
		"status", "fulfilled", "price_cents", "0", "price", "0", "role", "owner", "sequence", "7", "starts_at",
		"2030-01-01T10:00:00Z", "cancel_cutoff_minutes", "0", "is_new", "false", "ref", "MINE"}
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	plain := maya.Book(maya.Hold(1))
	hold := leo.Hold(5)
	key := leo.Get(hold).Field("key")
	p := leo.Post(hold+"/confirmation", append(append(webtest.Details(), "key", key), extra...)...)
	if p.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	differs := pgtest.Value[string](t, site.Clinic(), `select coalesce(string_agg(x.key, ' ' order by x.key), '') from jsonb_each((select to_jsonb(a) from appointment a where id = $1)) x
		join jsonb_each((select to_jsonb(a) from appointment a where id = $2)) y using (key) where x.value is distinct from y.value`, webtest.IDOf(plain), webtest.IDOf(p.Location))
	for field := range strings.FieldsSeq(differs) {
		switch field {
		case "id", "ref", "holder", "account_id", "patient_id", "starts_at", "ends_at", "resource_id", "booked_at",
			"created_at", "updated_at", "is_new":
		default:
			t.Errorf("a field that no form has changed %s", field)
		}
	}
	if n := pgtest.Value[int64](t, site.Clinic(),
		`select count(*) from appointment where id = $1 and ref <> 'MINE' and status = 'booked' and price_cents = 14000 and sequence = 0`, webtest.IDOf(p.Location)); n != 1 {
		t.Error("the booking is not what was offered")
	}
}

func TestA12ThePatientDoesNotSayWhatAVisitCostsOrBecomes(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(2))
	before := pgtest.Value[string](t, site.Clinic(), whole, webtest.IDOf(booking))
	for _, method := range []string{http.MethodPatch, http.MethodPut, http.MethodDelete, http.MethodPost} {
		if p := maya.Do(method, booking, map[string][]string{"price_cents": {"0"},
			"status": {"fulfilled"}}); p.Status != http.StatusMethodNotAllowed && p.Status != http.StatusForbidden {
			t.Errorf("%s: %d", method, p.Status)
		}
	}
	form := maya.Get(booking + "/cancellation")
	p := maya.Post(booking+"/cancellation", "sequence", form.Field("sequence"), "why", "fulfilled", "status", "arrived",
		"cancelled_by", "provider")
	if p.Status != http.StatusUnprocessableEntity {
		t.Errorf("a reason that is not offered: %d", p.Status)
	}
	if after := pgtest.Value[string](t, site.Clinic(), whole, webtest.IDOf(booking)); after != before {
		t.Errorf("it changed:\n%s\n%s", before, after)
	}
	site.Clinic().SQL(t, `update appointment set status = 'fulfilled' where id = $1`, webtest.IDOf(booking))
	for path, fields := range map[string][]string{"/cancellation": {"sequence", "0", "why", "better"},
		"/reschedule": {"sequence", "0", "start", site.Clock.Now().AddDate(0, 0, 10).UTC().Format(time.RFC3339)}} {
		maya.Post(booking+path, fields...)
		if s := pgtest.Value[string](t, site.Clinic(), `select status from appointment where id = $1`,
			webtest.IDOf(booking)); s != "fulfilled" {
			t.Errorf("%s makes a visit that was %s", path, s)
		}
	}
}

// payloads try to be more than text.
var payloads = []string{`<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onfocus='alert(1)`,
	`<div hx-get="/bookings" hx-trigger="load">`, `" hx-on:click="alert(1)`, `javascript:alert(1)`,
	"\u202Egnp.exe", strings.Repeat("e\u0301", 300), `{{.}}`, `</title><script>alert(1)</script>`}

func TestA10A11WhatPeopleTypeStaysTextOnEveryPageThatShowsIt(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	// What could act: elements and attributes that markup of a visitor would add. Messages about a field add others.
	count := func(p webtest.Answer) map[string]int {
		n := map[string]int{}
		for node := range p.Descendants() {
			if node.Type != html.ElementNode {
				continue
			}
			if slices.Contains([]string{"script", "img", "iframe", "object", "embed", "style", "base", "form"}, node.Data) {
				n[node.Data]++
			}
			for _, a := range node.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-") || a.Key == "src" ||
					strings.HasPrefix(strings.ToLower(a.Val), "javascript:") && a.Key == "href" {
					n["attribute "+a.Key]++
				}
			}
		}
		return n
	}
	hold := maya.Hold(4)
	page := func(typed string) webtest.Answer {
		return maya.Post(hold+"/confirmation", "name", typed, "note", typed, "phone", typed, "dob-month", typed, "dob-day",
			typed, "dob-year", typed, "payer", typed, "plan", typed, "key", typed)
	}
	plain := page("plain")
	for _, typed := range payloads {
		p := page(typed)
		if p.Status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, p.Status)
		}
		if was, is := count(plain), count(p); !maps.Equal(was, is) {
			t.Errorf("%q makes other elements: %v, not %v", typed, is, was)
		}
	}
	plain.Node = webtest.Parse(t, strings.Replace(plain.Body, "<main", payloads[0]+"<main", 1))
	if maps.Equal(count(plain), count(page("plain"))) {
		t.Error("control: an element that a visitor got into the page is not counted")
	}
}

func TestA03OnePatientFindsNothingOfAnother(t *testing.T) {
	site := webtest.Open(t)
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	mayas, leos := maya.Book(maya.Hold(1)), leo.Book(leo.Hold(3))
	for _, way := range []string{"", "/calendar.ics", "/cancellation", "/reschedule"} {
		if p := leo.Get(mayas + way); p.Status != http.StatusNotFound || strings.Contains(p.Body, "Left arm") ||
			len(p.Body) > 8<<10 {
			t.Errorf("%s: %d, %d bytes", way, p.Status, len(p.Body))
		}
	}
	if p := leo.Get(leos); p.Status != http.StatusOK {
		t.Errorf("after it Leo's own is %d", p.Status)
	}
	if text := leo.Get("/bookings").Body; strings.Contains(text, webtest.IDOf(mayas).String()) ||
		!strings.Contains(text, webtest.IDOf(leos).String()) {
		t.Error("the list shows the wrong person's")
	}
}
