package patient_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"kindward/internal/pgtest"
)

// A row of the appointment as text, without what time alone changes.
const whole = `select (to_jsonb(a) - 'updated_at' - 'note' - 'is_new')::text from appointment a where id = $1`

func TestA04FieldsThatNoFormHasChangeNothing(t *testing.T) {
	h := open(t)
	extra := []string{"provider_id", uuid.NewString(), "practitioner_id", uuid.NewString(), "tenant_id", uuid.NewString(), "account_id", uuid.NewString(), "patient_id", uuid.NewString(),
		"status", "fulfilled", "price_cents", "0", "price", "0", "role", "owner", "sequence", "7", "starts_at", "2030-01-01T10:00:00Z", "cancel_cutoff_minutes", "0", "is_new", "false", "ref", "MINE"}
	maya, leo := h.member(t, "Maya"), h.member(t, "Leo")
	plain := maya.book(maya.hold(1))
	hold := leo.hold(5)
	key := leo.get(hold).input("key")
	p := leo.post(hold+"/confirmation", append(append(details(), "key", key), extra...)...)
	if p.status != http.StatusSeeOther {
		t.Fatalf("%d %s", p.status, p.text())
	}
	differs := pgtest.Value[string](t, h.clinic, `select coalesce(string_agg(x.key, ' ' order by x.key), '') from jsonb_each((select to_jsonb(a) from appointment a where id = $1)) x
		join jsonb_each((select to_jsonb(a) from appointment a where id = $2)) y using (key) where x.value is distinct from y.value`, idOf(plain), idOf(p.location))
	for field := range strings.FieldsSeq(differs) {
		switch field {
		case "id", "ref", "holder", "account_id", "patient_id", "starts_at", "ends_at", "resource_id", "booked_at", "created_at", "updated_at", "is_new":
		default:
			t.Errorf("a field that no form has changed %s", field)
		}
	}
	if n := pgtest.Value[int64](t, h.clinic, `select count(*) from appointment where id = $1 and ref <> 'MINE' and status = 'booked' and price_cents = 14000 and sequence = 0`, idOf(p.location)); n != 1 {
		t.Error("the booking is not what was offered")
	}
}

func TestA12ThePatientDoesNotSayWhatAVisitCostsOrBecomes(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	booking := maya.book(maya.hold(2))
	before := pgtest.Value[string](t, h.clinic, whole, idOf(booking))
	for _, method := range []string{http.MethodPatch, http.MethodPut, http.MethodDelete, http.MethodPost} {
		if p := maya.do(method, booking, map[string][]string{"price_cents": {"0"}, "status": {"fulfilled"}}); p.status != http.StatusMethodNotAllowed && p.status != http.StatusForbidden {
			t.Errorf("%s: %d", method, p.status)
		}
	}
	form := maya.get(booking + "/cancellation")
	p := maya.post(booking+"/cancellation", "sequence", form.input("sequence"), "why", "fulfilled", "status", "arrived", "cancelled_by", "provider")
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("a reason that is not offered: %d", p.status)
	}
	if after := pgtest.Value[string](t, h.clinic, whole, idOf(booking)); after != before {
		t.Errorf("it changed:\n%s\n%s", before, after)
	}
	h.clinic.SQL(t, `update appointment set status = 'fulfilled' where id = $1`, idOf(booking))
	for path, fields := range map[string][]string{"/cancellation": {"sequence", "0", "why", "better"}, "/reschedule": {"sequence", "0", "start", "2026-12-07T15:00:00Z"}} {
		maya.post(booking+path, fields...)
		if s := pgtest.Value[string](t, h.clinic, `select status from appointment where id = $1`, idOf(booking)); s != "fulfilled" {
			t.Errorf("%s makes a visit that was %s", path, s)
		}
	}
}

// payloads try to be more than text.
var payloads = []string{`<img src=x onerror=alert(1)>`, `"><svg onload=alert(1)>`, `' onfocus='alert(1)`, `<div hx-get="/bookings" hx-trigger="load">`, `" hx-on:click="alert(1)`, `javascript:alert(1)`,
	"\u202Egnp.exe", strings.Repeat("e\u0301", 300), `{{.}}`, `</title><script>alert(1)</script>`}

func TestA10A11WhatPeopleTypeStaysTextOnEveryPageThatShowsIt(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	// What could act: elements and attributes that markup of a visitor would add. Messages about a field add others.
	count := func(p page) map[string]int {
		n := map[string]int{}
		for node := range p.root.Descendants() {
			if node.Type != html.ElementNode {
				continue
			}
			if slices.Contains([]string{"script", "img", "iframe", "object", "embed", "style", "base", "form"}, node.Data) {
				n[node.Data]++
			}
			for _, a := range node.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-") || a.Key == "src" || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") && a.Key == "href" {
					n["attribute "+a.Key]++
				}
			}
		}
		return n
	}
	hold := maya.hold(4)
	page := func(typed string) page {
		return maya.post(hold+"/confirmation", "name", typed, "note", typed, "phone", typed, "dob-month", typed, "dob-day", typed, "dob-year", typed, "payer", typed, "plan", typed, "key", typed)
	}
	plain := page("plain")
	for _, typed := range payloads {
		p := page(typed)
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d", typed, p.status)
		}
		if was, is := count(plain), count(p); !maps.Equal(was, is) {
			t.Errorf("%q makes other elements: %v, not %v", typed, is, was)
		}
	}
	root, err := html.Parse(strings.NewReader(strings.Replace(plain.body, "<main", payloads[0]+"<main", 1)))
	if err != nil {
		t.Fatal(err)
	}
	plain.root = root
	if maps.Equal(count(plain), count(page("plain"))) {
		t.Error("control: an element that a visitor got into the page is not counted")
	}
}

func TestA03OnePatientFindsNothingOfAnother(t *testing.T) {
	h := open(t)
	maya, leo := h.member(t, "Maya"), h.member(t, "Leo")
	mayas, leos := maya.book(maya.hold(1)), leo.book(leo.hold(3))
	for _, way := range []string{"", "/calendar.ics", "/cancellation", "/reschedule"} {
		if p := leo.get(mayas + way); p.status != http.StatusNotFound || strings.Contains(p.body, "Left arm") || len(p.body) > 8<<10 {
			t.Errorf("%s: %d, %d bytes", way, p.status, len(p.body))
		}
	}
	if p := leo.get(leos); p.status != http.StatusOK {
		t.Errorf("after it Leo's own is %d", p.status)
	}
	if text := leo.get("/bookings").body; strings.Contains(text, idOf(mayas).String()) || !strings.Contains(text, idOf(leos).String()) {
		t.Error("the list shows the wrong person's")
	}
}
