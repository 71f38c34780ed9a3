package twoprocess_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

// at is the browser of somebody who is signed in, at the servers of a deployment.
func at(t *testing.T, who *webtest.Person, server *process) *visitor {
	t.Helper()
	v := browser(t)
	home, err := url.Parse(server.address)
	if err != nil {
		t.Fatal(err)
	}
	v.http.Jar.SetCookies(home, who.Cookies())
	return v
}

// answered is what a server said to a form.
type answered struct {
	status         int
	location, body string
}

// atOnce lets two people send a form each, to a server each. It gives the answer that went through and the other one.
func atOnce(t *testing.T, send ...func() answered) (won, lost answered) {
	t.Helper()
	var all sync.WaitGroup
	got := make([]answered, len(send))
	for i, f := range send {
		all.Go(func() { got[i] = f() })
	}
	all.Wait()
	if won, lost = got[0], got[1]; won.status != http.StatusSeeOther {
		won, lost = lost, won
	}
	if won.status != http.StatusSeeOther || lost.status != http.StatusConflict {
		t.Fatalf("%d and %d: %.300s", won.status, lost.status, lost.body)
	}
	return won, lost
}

func (v *visitor) sends(server *process, path string, fields ...string) func() answered {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return func() (a answered) {
		a.status, a.location, a.body = v.do(http.MethodPost, server, path, form)
		return a
	}
}

// sees tells whether a page has words.
func (v *visitor) sees(server *process, path string, words ...string) {
	v.t.Helper()
	status, body := v.get(server, path)
	for _, w := range words {
		if status != http.StatusOK || !strings.Contains(body, w) {
			v.t.Errorf("%s: %d without %q", path, status, w)
		}
	}
}

func TestWhatStaffDecideAtOneServerTheOtherKnowsAndOfTwoAtOnceOneIsTold(t *testing.T) {
	d := deploy(t)
	c := d.Clinic(t, later)
	a, b := d.serve(), d.serve()
	site := webtest.OpenWith(t, webtest.Options{DB: d.DB})
	rita, otto := site.Staff(t, "Rita", "reviewer"), site.Staff(t, "Otto", "reviewer")
	ritaAtA, ottoAtB := at(t, rita, a), at(t, otto, b)

	t.Run("3.10 a change that an organization asks for", func(t *testing.T) {
		change := uuid.New()
		d.Admin(t, `insert into onboarding.change (id, tenant_id, kind, subject_id, name, was, becomes, by, at)
			values ($1, $2, 'location', $3, 'Main', '{"street": "1 Test St"}', '{"street": "2 Pier St"}', $4, now())`,
			change, c.ID, c.Location, uuid.New())
		path := "/ops/changes/" + change.String()
		ottoAtB.sees(b, "/ops/changes", "1 change waits for us.")
		_, lost := atOnce(t, ritaAtA.sends(a, path+"/acceptance"), ottoAtB.sends(b, path+"/acceptance"))
		if !strings.Contains(lost.body, " has accepted this change already. Nothing was done now.") {
			t.Errorf("who comes second reads %.600s", lost.body)
		}
		ritaAtA.sees(a, "/ops/changes", "No change waits for us.")
		ottoAtB.sees(b, "/ops/changes", "No change waits for us.")
		for _, server := range []*process{a, b} {
			eventually(t, "patients see it", patience, func() bool {
				_, body := ottoAtB.get(server, "/places/"+c.Slug)
				return strings.Contains(body, "2 Pier St")
			})
		}
	})
	t.Run("3.6 a countersignature", func(t *testing.T) {
		path := "/ops/onboarding/" + d.applies(site, rita).String()
		approval := []string{"because", "Tests have the same number.", "countersignature", "Rita"}
		ritaAtB := at(t, rita, b)
		ritaAtB.sees(b, path, "Signed")
		_, lost := atOnce(t, ritaAtA.sends(a, path+"/approval", approval...), ritaAtB.sends(b, path+"/approval", approval...))
		if !strings.Contains(lost.body, "meanwhile") {
			t.Errorf("who comes second reads %.600s", lost.body)
		}
		ritaAtA.sees(a, path, "Signed and countersigned")
		ritaAtB.sees(b, path, "Signed and countersigned")
		if n := d.Count(t, `select count(*) from onboarding.signature where side = 'platform'`); n != 1 {
			t.Errorf("%d countersignatures are kept", n)
		}
	})
	t.Run("3.4 an intake form", func(t *testing.T) {
		const form, says = "/ops/forms/intake", "What brings you here on this day?"
		text := field(ritaAtA, a, form+"/text", "text")
		status, _ := ritaAtA.post(a, form+"/text", "base", field(ritaAtA, a, form+"/text", "base"), "sequence",
			field(ritaAtA, a, form+"/text", "sequence"), "text", strings.Replace(text, "What brings you here?", says, 1))
		if status != http.StatusSeeOther {
			t.Fatalf("no draft: %d", status)
		}
		omar := site.Staff(t, "Omar", "operator")
		omarAtA, ottoAtB := at(t, omar, a), at(t, site.Staff(t, "Nina", "operator"), b)
		given := []string{"base", field(omarAtA, a, form, "base"), "sequence", field(omarAtA, a, form, "sequence"), "reason",
			"As the clinics asked"}
		atOnce(t, omarAtA.sends(a, form+"/publication", given...), ottoAtB.sends(b, form+"/publication", given...))
		omarAtA.sees(a, form, says)
		ottoAtB.sees(b, form, says)
		if n := d.Count(t, `select count(*) from form.version`); n != 1 {
			t.Errorf("%d versions are published", n)
		}
	})
}

// field is what a page has in a field.
func field(v *visitor, server *process, path, name string) string {
	v.t.Helper()
	_, body := v.get(server, path)
	area := regexp.MustCompile(`(?s)<textarea[^>]*name="` + name + `"[^>]*>(.*?)</textarea>`)
	if m := area.FindStringSubmatch(body); m != nil {
		return html.UnescapeString(m[1])
	}
	return html.UnescapeString(first(regexp.MustCompile(`name="`+name+`" value="([^"]*)"`), body))
}

// applies is an application that waits for a reviewer who has claimed it and accepted its documents.
func (d *deployment) applies(site *webtest.Site, reviewer *webtest.Person) (id uuid.UUID) {
	d.t.Helper()
	id = uuid.New()
	maya := d.Account(d.t, "Maya Okafor")
	who, now := tenancy.Caller{Subject: maya}, site.Clock.Now()
	check := func(err error) {
		d.t.Helper()
		if err != nil {
			d.t.Fatal(err)
		}
	}
	check(onboarding.Begin(d.t.Context(), d.Gateway, who, id, "Maya Okafor", onboarding.Event{Kind: onboarding.Began,
		By: maya, At: now, Data: onboarding.Data{Kind: "clinic", State: "RI", Definition: onboarding.Latest,
			Answers: map[string]string{"npi": "1234567893"}}}))
	for range 2 {
		_, err := onboarding.Hear(d.t.Context(), d.Gateway, id, now, onboarding.Checked{Result: onboarding.Pass})
		check(err)
		_, err = onboarding.Fill(d.t.Context(), d.Gateway, d.Gateway.AdmitApplicant(id, who), maya, now,
			map[string]string{"name": "Harbor Health", "zip": "02906"})
		check(err)
	}
	page := "/ops/onboarding/" + id.String()
	reviewer.Post(page + "/claim").Goes(page)
	check(onboarding.AcceptDocuments(d.t.Context(), d.Gateway,
		d.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: reviewer.ID, Staff: true}), reviewer.ID, now))
	return id
}
