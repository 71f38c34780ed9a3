package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/internal/browser"
	"kindward/internal/region"
)

// The organizations made by hand.
const (
	wickenden  = "wickenden-diagnostics"
	foxPoint   = "fox-point-family-clinic"
	blackstone = "blackstone-home-care"
)

// someone uses the site without a browser, to arrange quickly what a test is not about.
type someone struct {
	t    testing.TB
	h    *house
	http *http.Client
}

func (h *house) someone(t testing.TB) *someone {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &someone{t, h, &http.Client{Jar: jar, Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is somebody of the demonstration.
func (h *house) signedIn(t testing.TB, email string) *someone {
	t.Helper()
	s := h.someone(t)
	if r := s.post("/sign-in", url.Values{"email": {email}, "password": {region.Password}}); r.status != http.StatusSeeOther {
		t.Fatalf("%s cannot sign in: %d\n%s", email, r.status, r.body)
	}
	return s
}

func (h *house) maya(t testing.TB) *someone { t.Helper(); return h.signedIn(t, "maya@example.test") }

// waiting is somebody who has asked for an account and not typed the code.
func (h *house) waiting(t testing.TB) *someone {
	t.Helper()
	s := h.someone(t)
	if r := s.post("/sign-up", url.Values{"name": {"Rosa Teixeira"}, "email": {h.newAddress("Rosa")}, "password": {"three-ferries-at-dawn"}}); r.status != http.StatusSeeOther {
		t.Fatalf("no code: %d\n%s", r.status, r.body)
	}
	return s
}

// resetLink is the address of a letter that lets Leo choose a new password.
func (h *house) resetLink(t testing.TB) string {
	t.Helper()
	h.someone(t).post("/password-reset", url.Values{"email": {"leo@example.test"}})
	link := regexp.MustCompile(`/password-reset/\S+`).FindString(h.letter(t, "leo@example.test", "password").Text)
	if link == "" {
		t.Fatal("the letter has no link")
	}
	return link
}

// emailLink is the link that gives somebody another address, as the letter says it. One address for all: few letters go out in an hour.
func (h *house) emailLink(t testing.TB, who *someone) string {
	t.Helper()
	const email = "another@example.test"
	who.post("/account/email", url.Values{"email": {email}})
	link := regexp.MustCompile(`/account/email/\S+`).FindString(h.letter(t, email, "address").Text)
	if link == "" {
		t.Fatal("the letter has no link")
	}
	return link
}

// someMail is the address of a mail with a calendar file.
func (h *house) someMail(t testing.TB) string {
	t.Helper()
	return "/demo/mail/" + h.letter(t, "maya@example.test", "ooked").ID
}

// fourth is a listing of an organization that is none of the three made by hand.
func (h *house) fourth(t testing.TB) (place, listing string) {
	t.Helper()
	tenants, err := h.app.gateway.Public().Tenants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range tenants {
		if all := h.app.market.OfTenant(o.ID); o.Slug != wickenden && o.Slug != foxPoint && o.Slug != blackstone && len(all) > 0 {
			return o.Slug, all[0].ID.String()
		}
	}
	t.Fatal("there are three organizations only")
	return "", ""
}

func atoi(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// with gives the visitor the cookies that somebody got over HTTP.
func (s *someone) with(o *browser.Options) { o.Cookies = s.cookies() }

// fresh is somebody else, who has no session.
func (s *someone) fresh() *someone { s.t.Helper(); return s.h.someone(s.t) }

func (s *someone) cookies() []*http.Cookie {
	u, err := url.Parse(s.h.address)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.http.Jar.Cookies(u)
}

// reply is a whole answer.
type reply struct {
	status   int
	header   http.Header
	body     string
	location string
}

func (s *someone) do(r *http.Request) reply {
	s.t.Helper()
	answer, err := s.http.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(raw), answer.Header.Get("Location")}
}

func (s *someone) get(path string) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.h.address+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.do(r)
}

func (s *someone) post(path string, form url.Values) reply {
	s.t.Helper()
	return s.postFrom(s.h.address, path, form)
}

func (s *someone) postFrom(origin, path string, form url.Values) reply {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.h.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", echo.MIMEApplicationForm)
	r.Header.Set("Origin", origin)
	return s.do(r)
}

var (
	listingField = regexp.MustCompile(`name="listing" value="([0-9a-f-]{36})"`)
	startField   = regexp.MustCompile(`name="start" value="([^"]+)"`)
	keyField     = regexp.MustCompile(`name="key" value="([0-9a-f-]{36})"`)
)

// hold takes a free time of the listing, late enough that it can be moved still, and gives the address of its page.
func (s *someone) hold(times string) string {
	s.t.Helper()
	place := strings.Split(times, "/")[2]
	for weeks := 1; weeks < 5; weeks++ {
		page := s.get(times + "?week=" + time.Now().AddDate(0, 0, 7*weeks+1).Format(time.DateOnly))
		listing := listingField.FindStringSubmatch(page.body)
		for _, start := range startField.FindAllStringSubmatch(page.body, -1) {
			if r := s.post("/places/"+place+"/holds", url.Values{"listing": {listing[1]}, "start": {start[1]}}); r.status == http.StatusSeeOther {
				return r.location
			}
		}
	}
	s.t.Fatalf("%s has no time that can be held", times)
	return ""
}

// book turns a hold into an appointment and gives the address of its page.
func (s *someone) book(hold string) string {
	s.t.Helper()
	key := keyField.FindStringSubmatch(s.get(hold).body)
	if key == nil {
		s.t.Fatal("the page of the hold has no form")
	}
	r := s.post(hold+"/confirmation", url.Values{"key": {key[1]}, "for": {"me"}, "name": {"Maya Okafor"}, "phone": {"401-555-0142"}, "dob-month": {"3"}, "dob-day": {"27"}, "dob-year": {"1988"},
		"payer": {"self"}, "share": {"on"}})
	if r.status != http.StatusSeeOther {
		s.t.Fatalf("not booked: %d\n%s", r.status, r.body)
	}
	return r.location
}

// timesAt is the address of the times of an organization's listing: the service, and with whom where that matters.
func (h *house) timesAt(t testing.TB, place, service string) string {
	t.Helper()
	for _, l := range h.app.market.OfTenant(h.tenant(t, place).ID) {
		if strings.Contains(l.Service+" "+l.Practitioner, service) {
			return "/places/" + place + "/listings/" + l.ID.String() + "/times"
		}
	}
	t.Fatalf("%s does not do %s", place, service)
	return ""
}
