package provider_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/browser"
)

// look opens a page as somebody sees it.
func look(t *testing.T, b *browser.Browser, h *house, as *person, path string) *browser.Tab {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := b.Visit(t, browser.Options{Home: h.URL, Cookies: as.http.Jar.Cookies(r.URL)})
	v.Go(path)
	return v
}

func chromium(t *testing.T) *browser.Browser {
	t.Helper()
	browser.Need(t)
	b, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	return b
}

func TestThePagesOfAWorkplaceAreSound(t *testing.T) {
	b := chromium(t)
	browser.NeedTools(t)
	h := open(t)
	_, patient, _ := h.visit(t, h.clinic, 0)
	alice := h.worker(t, h.clinic, "Alice Owner", "owner")
	bob := h.somebody(t, "Bob Desk")
	member := bob.employ(h.clinic, "front_desk")
	both := h.somebody(t, "Ines Both")
	both.employ(h.clinic, "manager")
	other := both.employ(h.other, "billing")
	own := at(h.clinic)
	link := h.invite(t, alice, "someone@example.test", "clinician")
	alice.post(own+"/api-keys", "name", "Waiting room", "life", "90", "scope", "slots.read")
	alice.post(own+"/members/"+member.String()+"/role", "role", "clinician")
	files := t.TempDir()
	for name, page := range map[string]struct {
		as   *person
		path string
	}{
		"home": {alice, own}, "day": {alice, own + "/appointments"}, "patients": {alice, own + "/patients?q=canary"}, "chart": {alice, own + "/patients/" + patient.String()},
		"members": {alice, own + "/members"}, "invite": {alice, own + "/invitations"}, "keys": {alice, own + "/api-keys"}, "new key": {alice, own + "/api-keys/new"},
		"workplaces": {both, "/organizations"}, "invitation": {h.visitor(t), link}, "member": {alice, own + "/members/" + h.membership(t, both, other).String()},
	} {
		v := look(t, b, h, page.as, page.path)
		for width, scheme := range map[int]string{1440: "light", 390: "dark"} {
			v.Resize(width, 900)
			v.Prefer(scheme, "screen")
			for _, a := range append(v.Axe(), v.Console()...) {
				t.Error(name, width, a)
			}
			if s := v.Sideways(); s != "" {
				t.Error(name, width, s)
			}
		}
		if err := os.WriteFile(filepath.Join(files, name+".html"), []byte(page.as.get(page.path).body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range browser.HTMLValidate(t, files) {
		t.Error(line)
	}
}

// membership is somebody's living one that is not another.
func (h *house) membership(t *testing.T, p *person, not uuid.UUID) (id uuid.UUID) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select id from directory.membership where account_id = $1 and ended_at is null and id <> $2`, p.ID, not).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAMarkChangesItsRowAndTheKeyboardStaysThere(t *testing.T) {
	b := chromium(t)
	h := open(t)
	appointment, _, _ := h.visit(t, h.clinic, 0)
	h.visit(t, h.clinic, 0)
	v := look(t, b, h, h.worker(t, h.clinic, "Bob", "front_desk"), at(h.clinic)+"/appointments")
	mark := "mark-" + appointment.String()
	v.PressAt("#" + mark)
	v.Sees("1 expected, 1 here.", "Undo")
	if at := browser.Eval[string](v, `document.activeElement.id`); at != mark {
		t.Error("the keyboard is at", at)
	}
	h.Admin(t, `update `+h.clinic.Schema+`.appointment set status = 'noshow' where id = $1`, appointment) // somebody else was faster
	v.PressAt("#" + mark)
	v.Sees("That visit was changed meanwhile", "1 expected, 1 missed.")
}
