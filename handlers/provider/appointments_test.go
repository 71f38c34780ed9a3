package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestWhoMayDoWhatAtAWorkplace(t *testing.T) {
	h := open(t)
	_, patient, _ := h.visit(t, h.clinic, 0)
	own := at(h.clinic)
	paths := []string{own, own + "/appointments", own + "/patients", own + "/patients/" + patient.String(), own + "/members", own + "/invitations", own + "/api-keys", own + "/api-keys/new"}
	for _, row := range []struct{ role, may string }{
		{"owner", "yyyyyyyy"},
		{"manager", "yyyyyynn"},
		{"clinician", "yyyynnnn"},
		{"front_desk", "yynnnnnn"},
		{"billing", "ynnnynnn"},
	} {
		p := h.worker(t, h.clinic, "Alice "+row.role, row.role)
		for i, path := range paths {
			a, want := p.get(path), http.StatusOK
			if row.may[i] == 'n' {
				want = http.StatusForbidden
				lacks(t, a, canary(h.clinic))
			}
			if a.status != want {
				t.Errorf("%s at %s: %d, not %d", row.role, path, a.status, want)
			}
			if a.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be kept: %s", path, a.header.Get("Cache-Control"))
			}
		}
	}
}

func TestA01CharlieFindsNothingOfAnotherOrganization(t *testing.T) {
	h := open(t)
	appointment, patient, account := h.visit(t, h.clinic, 0)
	_, theirs, _ := h.visit(t, h.other, 0)
	charlie := h.worker(t, h.other, "Charlie", "owner")
	for _, path := range []string{"", "/appointments", "/patients?q=Canary", "/patients/" + patient.String(), "/members", "/api-keys"} {
		a := charlie.get(at(h.clinic) + path)
		has(t, a, http.StatusNotFound)
		lacks(t, a, canary(h.clinic), "Test clinic")
	}
	has(t, charlie.post(at(h.clinic)+"/appointments/"+appointment.String()+"/status", "status", "arrived", "was", "booked"), http.StatusNotFound)
	// The record of A under the address of B, where Charlie works.
	for _, path := range []string{"/patients/" + patient.String(), "/members/" + uuid.NewString()} {
		a := charlie.get(at(h.other) + path)
		has(t, a, http.StatusNotFound)
		lacks(t, a, canary(h.clinic))
	}
	a := charlie.post(at(h.other)+"/appointments/"+appointment.String()+"/status", "status", "arrived", "was", "booked")
	has(t, a, http.StatusNotFound)
	lacks(t, a, canary(h.clinic))
	lacks(t, charlie.get(at(h.other)+"/patients?q=Canary"), canary(h.clinic))
	if n := h.count(t, `select count(*) from audit.event where patient = $1 and actor = $2`, account, charlie.ID); n > 0 {
		t.Error("something about the patient was read or written", n)
	}
	if n := h.count(t, `select count(*) from audit.event where actor = $1 and outcome = 'denied'`, charlie.ID); n == 0 {
		t.Error("no denial was kept")
	}
	has(t, charlie.get(at(h.other)+"/patients/"+theirs.String()), http.StatusOK, canary(h.other)) // the control: such a page shows canaries
}

func TestTheDayIsKeptInTheAuditAndMarkedOnce(t *testing.T) {
	h := open(t)
	appointment, patient, account := h.visit(t, h.clinic, 0)
	bob := h.worker(t, h.clinic, "Bob", "front_desk")
	day := bob.get(at(h.clinic) + "/appointments")
	has(t, day, http.StatusOK, "1 visit today", canary(h.clinic), "12:00 pm", "Skin check", "Dr. Test", "Arrived", "First visit", `hx-target="#visit-`+appointment.String())
	lacks(t, day, "/patients/"+patient.String(), "canary note") // the front desk sees the day, not the records
	if n := h.audited(t, account, "list", "success"); n != 1 {
		t.Error("the look was kept", n, "times")
	}
	path := at(h.clinic) + "/appointments/" + appointment.String() + "/status"
	if a := bob.post(path, "status", "arrived", "was", "booked"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, at(h.clinic)+"/appointments?day=") {
		t.Fatal(a.status, a.to)
	}
	has(t, bob.post(path, "status", "noshow", "was", "booked"), http.StatusConflict, "changed meanwhile", "Here")
	bob.htmx = true
	part := bob.post(path, "status", "fulfilled", "was", "arrived")
	has(t, part, http.StatusOK, `<tr id="visit-`+appointment.String(), "Done", "Undo", `hx-swap-oob="true">1 done.`)
	lacks(t, part, "<html", `id="day"`)
	has(t, bob.post(path, "status", "cancelled", "was", "fulfilled"), http.StatusUnprocessableEntity, `id="day"`, "Choose arrived")
	bob.htmx = false
	if a := bob.post(path, "status", "booked", "was", "fulfilled"); a.status != http.StatusSeeOther {
		t.Error("no undo", a.status)
	}
	if n := h.audited(t, account, "mark", "success"); n != 3 {
		t.Error("marks were kept", n, "times")
	}
}

func TestWhatIsToComeCannotBeMarked(t *testing.T) {
	h := open(t)
	appointment, _, _ := h.visit(t, h.clinic, 3)
	bob := h.worker(t, h.clinic, "Bob", "front_desk")
	has(t, bob.post(at(h.clinic)+"/appointments/"+appointment.String()+"/status", "status", "noshow", "was", "booked"), http.StatusConflict, "day to come")
	a := bob.get(at(h.clinic) + "/appointments?day=" + h.now().AddDate(0, 0, 3).Format("2006-01-02"))
	lacks(t, a, "Arrived")
	has(t, bob.get(at(h.clinic)+"/appointments?day=2026-13-99"), http.StatusNotFound)
}

func TestA12AVisitTakesOnlyTheWaysThereAre(t *testing.T) {
	h := open(t)
	appointment, _, _ := h.visit(t, h.clinic, 0)
	bob := h.worker(t, h.clinic, "Bob", "owner")
	path := at(h.clinic) + "/appointments/" + appointment.String() + "/status"
	for _, status := range []string{"held", "lapsed", "cancelled", "", "booked; drop table"} {
		has(t, bob.post(path, "status", status, "was", "booked", "price_cents", "0", "patient_id", uuid.NewString()), http.StatusUnprocessableEntity)
	}
	if n := h.count(t, `select count(*) from `+h.clinic.Schema+`.appointment where id = $1 and status = 'booked'`, appointment); n != 1 {
		t.Error("it was changed")
	}
}

func TestARecordIsFoundOpenedAndKeptInTheAudit(t *testing.T) {
	h := open(t)
	_, patient, account := h.visit(t, h.clinic, 2)
	alice := h.worker(t, h.clinic, "Alice", "clinician")
	own := at(h.clinic) + "/patients"
	has(t, alice.get(own), http.StatusOK, "Whose record do you need?")
	has(t, alice.get(own+"?q=c"), http.StatusUnprocessableEntity, "Type two letters", `value="c"`)
	has(t, alice.get(own+"?q=canary"), http.StatusOK, "1 person matches", canary(h.clinic), "27 March 1988", own+"/"+patient.String())
	has(t, alice.get(own+"?q=%25%25"), http.StatusOK, "Nobody on file here matches")
	has(t, alice.get(own+"/"+patient.String()), http.StatusOK, canary(h.clinic), "(401) 555-0134", "canary note", "Expected", "None is on file")
	if h.audited(t, account, "list", "success") != 1 || h.audited(t, account, "read", "success") != 1 {
		t.Error("looks:", h.audited(t, account, "list", "success"), h.audited(t, account, "read", "success"))
	}
	has(t, alice.get(own+"/"+uuid.NewString()), http.StatusNotFound)
	has(t, alice.get(own+"/nobody"), http.StatusNotFound)
}

func TestWorkNeedsASecondFactor(t *testing.T) {
	h := open(t)
	p := h.somebody(t, "Alice", "one", "yes")
	p.employ(h.clinic, "owner")
	if a := p.get(at(h.clinic) + "/appointments"); a.status != http.StatusSeeOther || !strings.Contains(a.to, "second") {
		t.Error(a.status, a.to)
	}
}

func TestOneWorkplaceIsGoneToAndTwoAreChosenFrom(t *testing.T) {
	h := open(t)
	p := h.somebody(t, "Alice")
	has(t, p.get("/organizations"), http.StatusOK, "You work at no organization")
	p.employ(h.clinic, "manager")
	if a := p.get("/organizations"); a.to != at(h.clinic) {
		t.Error(a.status, a.to)
	}
	has(t, p.get(at(h.clinic)), http.StatusOK, "Nobody is expected today", "Your role here: manager")
	p.employ(h.other, "billing")
	has(t, p.get("/organizations"), http.StatusOK, "You work at 2 organizations", "Manager", "Billing")
	u := p.cookie()
	if a := p.post(at(h.other) + "/switch"); a.to != at(h.other) {
		t.Error(a.status, a.to)
	}
	if p.cookie() == u {
		t.Error("the token stayed")
	}
	has(t, p.get("/organizations"), http.StatusOK, "You were here last")
	has(t, p.get(at(h.other)), http.StatusOK, "Other workplaces")
	stranger := h.worker(t, h.other, "Charlie", "owner")
	has(t, stranger.post(at(h.clinic)+"/switch"), http.StatusNotFound)
}

func (p *person) cookie() string {
	r, err := http.NewRequest(http.MethodGet, p.h.URL, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range p.http.Jar.Cookies(r.URL) {
		if c.Name == "kindward" {
			return c.Value
		}
	}
	return ""
}
