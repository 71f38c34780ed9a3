package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"kindward/internal/browser"
)

var _ = httptest.NewServer

func TestZZLook(t *testing.T) {
	dir := "/tmp/kc-shots"
	os.MkdirAll(dir, 0o755)
	b, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Stop()
	h := open(t)
	_, patient, _ := h.visit(t, h.clinic, 0)
	for range 3 {
		h.clinic.SQL(t, "delete from appointment where false")
	}
	h.visit(t, h.clinic, 2)
	alice := h.worker(t, h.clinic, "Alice Owner", "owner")
	bob := h.somebody(t, "Bob Desk")
	member := bob.employ(h.clinic, "front_desk")
	both := h.somebody(t, "Ines Both")
	both.employ(h.clinic, "manager")
	both.employ(h.other, "billing")
	link := h.invite(t, alice, "someone@example.test", "clinician")
	alice.post(at(h.clinic)+"/api-keys", "name", "Waiting room", "life", "90", "scope", "slots.read")
	alice.post(at(h.clinic)+"/members/"+member.String()+"/role", "role", "clinician")
	own := at(h.clinic)
	h.visit(t, h.clinic, 0)
	pages := []struct {
		name, path string
		as         *person
	}{
		{"home", own, alice}, {"day", own + "/appointments", alice}, {"patients", own + "/patients?q=canary", alice}, {"chart", own + "/patients/" + patient.String(), alice},
		{"members", own + "/members", alice}, {"invite", own + "/invitations", alice}, {"keys", own + "/api-keys", alice}, {"newkey", own + "/api-keys/new", alice},
		{"where", "/organizations", both}, {"invitation", link, nil}, {"member", own + "/members/" + h.membership(t, both), alice},
	}
	html := t.TempDir()
	for _, p := range pages {
		v := b.Visit(t, browser.Options{Home: h.URL})
		if p.as != nil {
			r, _ := http.NewRequest("GET", h.URL, nil)
			v.Cookies(p.as.http.Jar.Cookies(r.URL))
		}
		v.Go(p.path)
		for _, width := range []int{1440, 390} {
			v.Resize(width, 900)
			for _, scheme := range []string{"light", "dark"} {
				v.Prefer(scheme, "screen")
				for _, a := range v.Axe() {
					t.Error(p.name, width, scheme, a)
				}
				if scheme == "light" || p.name == "day" {
					v.Shot(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", p.name, width, scheme)))
				}
			}
			if s := v.Sideways(); s != "" {
				t.Error(p.name, width, s)
			}
		}
		for _, c := range v.Console() {
			t.Error(p.name, c)
		}
		if p.name == "day" {
			v.Prefer("light", "print")
			v.Resize(794, 1123)
			v.Shot(filepath.Join(dir, "day-print.png"))
		}
		who := p.as
		if who == nil {
			who = h.visitor(t)
		}
		os.WriteFile(filepath.Join(html, p.name+".html"), []byte(who.get(p.path).body), 0o644)
	}
	for _, l := range browser.HTMLValidate(t, html) {
		t.Error(l)
	}
}

func (h *house) membership(t *testing.T, p *person) (id string) {
	h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select id::text from directory.membership where account_id = $1 and ended_at is null limit 1", p.ID).Scan(&id)
	return id
}
