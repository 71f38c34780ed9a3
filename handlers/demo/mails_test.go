package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"

	"kindward/handlers/demo"
	"kindward/handlers/webtest"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
	"kindward/internal/venue"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// open serves a demonstration with two logins; its mailbox is empty.
func open(t *testing.T) (site *webtest.Site, dir string, w notify.Composer) {
	t.Helper()
	dir = t.TempDir()
	h := &demo.Handlers{Mailbox: notify.Mailbox{Dir: dir}, Everywhere: true,
		Password: "fox-point", Code: totp.GenerateCode,
		Logins: []demo.Login{
			{Name: "Maya", Email: "maya@example.test", Role: "patient"},
			{Name: "Dana", Email: "desk@example.test", Role: "front_desk", Organization: "Fox Point",
				Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}}
	site = webtest.OpenWith(t, webtest.Options{Demo: h})
	h.Zone = site.Zone
	return site, dir, notify.Composer{Base: site.Web.BaseURL, From: "Kindward <care@kindward.example>"}
}

// links are the addresses of all links of a page.
func links(a webtest.Answer) (out []string) {
	for _, link := range a.All("a") {
		out = append(out, link.Value("href"))
	}
	return out
}

func send(t *testing.T, dir string, m notify.Message, err error) {
	t.Helper()
	files, open := notify.NewFileSender(dir, "Kindward <care@kindward.example>")
	if err != nil || open != nil {
		t.Fatal(err, open)
	}
	if err := files.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestFromTheListToTheLinkInAMail(t *testing.T) {
	site, dir, w := open(t)
	visitor := site.Visitor(t)
	visitor.Get("/demo/mail").Has(200, "No mail yet")
	reset := site.URL + "/password-reset/" + strings.Repeat("a", 43)
	m, err := w.Compose("reset-1", time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), "maya@example.test",
		notify.Email{Subject: "Choose a new password", Action: "Choose one here", Link: reset,
			After: []string{"http://evil.example/x"}})
	send(t, dir, m, err)
	list := visitor.Get("/demo/mail")
	list.Has(200, "To maya@example.test, Sunday 22 November, 1:00 pm")
	var at string
	for _, l := range links(list) {
		if strings.HasPrefix(l, "/demo/mail/") {
			at = l
		}
	}
	mail := visitor.Get(at)
	mail.Has(200)
	var found, foreign bool
	for _, l := range links(mail) {
		found = found || l == reset
		foreign = foreign || strings.Contains(l, "evil")
	}
	if !found || foreign {
		t.Errorf("own link %v, foreign link %v", found, foreign)
	}
}

func TestAMailOfMarkupIsText(t *testing.T) {
	site, dir, w := open(t)
	bad := `<img src=x onerror=alert(1)><script>alert(1)</script>"><svg onload=x>`
	m, err := w.Booking("booked", notify.Appointment{ID: uuid.New(), Ref: bad, Start: time.Now(), End: time.Now(),
		Changed: time.Now(), Practitioner: bad,
		Where: venue.Where{Organization: bad, Street: bad}, Email: "maya@example.test"})
	m.Subject = bad
	send(t, dir, m, err)
	list, err := notify.Mailbox{Dir: dir}.List(1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	for _, path := range []string{"/demo/mail", "/demo/mail/" + list[0].ID} {
		page := site.Visitor(t).Get(path)
		page.Has(200, "&lt;img")
		if n := len(page.All("img")); n != 0 {
			t.Errorf("%s: markup of a mail became %d images of the page", path, n)
		}
		for _, script := range page.All("script") {
			if script.Value("src") == "" {
				t.Errorf("%s: markup of a mail became a script of the page", path)
			}
		}
	}
}

func TestA47EveryPageOfADemonstrationAsksWhereItsVisitorIs(t *testing.T) {
	h := &demo.Handlers{Mailbox: notify.Mailbox{Dir: t.TempDir()}, Password: "fox-point", Code: totp.GenerateCode}
	site := webtest.OpenWith(t, webtest.Options{Demo: h})
	asked := 0
	for _, r := range site.Routes {
		if r.Action != policy.Demo {
			continue
		}
		path := strings.ReplaceAll(r.Path, ":mail", "none")
		asked++
		if a := site.Visitor(t).Get(path); a.Status != 404 || strings.Contains(a.Body, "fox-point") {
			t.Errorf("%s answers %d to who comes through a proxy", path, a.Status)
		}
	}
	if asked < 3 {
		t.Errorf("only %d pages of a demonstration are in the table", asked)
	}
	site.Visitor(t).Get("/demo/mail", "X-Forwarded-For", "").Has(200)
	site.Visitor(t).Get("/demo/codes", "X-Forwarded-For", "").Has(200, "fox-point")
	site.Visitor(t).Get("/demo/codes", "X-Forwarded-For", "", "Host", "care.example.org").Has(404)
}

func TestNoSuchMailIsNotFound(t *testing.T) {
	site, _, _ := open(t)
	for _, path := range []string{"/demo/mail/none", "/demo/mail/..", "/demo/mail/%2e%2e%2fsecrets", "/demo/mail/x.eml"} {
		site.Visitor(t).Get(path).Has(404)
	}
}
