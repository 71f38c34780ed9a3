package sitetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/identity"
)

// Person uses the site over HTTP, to arrange quickly what a test is not about. Tests may share one.
type Person struct {
	site    *Site
	address string
	http    *http.Client
}

// Answer is a whole one.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string
}

// address is one that nobody else comes from, nor anybody of the same network.
func (s *Site) address() string {
	n := s.people.Add(1)
	return fmt.Sprintf("10.%d.%d.7", n/256%256, n%256)
}

// Person is somebody without a session.
func (s *Site) Person(t testing.TB) *Person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Person{s, s.address(), &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: stay}}
}

// Login is somebody of the demo.
func (s *Site) Login(t testing.TB, email string) Login {
	t.Helper()
	n := slices.IndexFunc(s.Logins, func(l Login) bool { return l.Email == email })
	if n < 0 {
		t.Fatalf("nobody of the demo is %s", email)
	}
	return s.Logins[n]
}

// WithPassword is somebody of the demo whose password was right. Who has a second factor is not signed in by that.
func (s *Site) WithPassword(t testing.TB, email string) *Person {
	t.Helper()
	p := s.Person(t)
	a := p.Post(t, "/sign-in", url.Values{"email": {email}, "password": {s.Login(t, email).Password}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("the password of %s is refused: %d\n%s", email, a.Status, a.Body)
	}
	return p
}

// SignedIn is somebody of the demo, signed in with all factors that they have.
func (s *Site) SignedIn(t testing.TB, email string) *Person {
	t.Helper()
	p := s.WithPassword(t, email)
	if s.Login(t, email).TOTPSecret == "" {
		return p
	}
	a := p.Post(t, "/sign-in/second-step", url.Values{"code": {s.Code(t, email)}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("the code of %s is refused: %d\n%s", email, a.Status, a.Body)
	}
	return p
}

// Code is what the authenticator app of somebody of the demo shows. A code is good once: whoever had one waits for the
// next, which is good half a minute early.
func (s *Site) Code(t testing.TB, email string) string {
	t.Helper()
	secret := s.Login(t, email).TOTPSecret
	s.codes.Lock()
	defer s.codes.Unlock()
	at := time.Now()
	if next := s.shown[email].Add(codeEvery); next.After(at) {
		at = next
	}
	time.Sleep(time.Until(at.Add(-codeEvery)))
	if s.shown == nil {
		s.shown = map[string]time.Time{}
	}
	s.shown[email] = at
	code, err := identity.CodeAt(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// codeEvery is how often an authenticator app shows another code.
const codeEvery = 30 * time.Second

// NewEmail is an email address that nobody has had. It has no digits: a code is looked for in emails.
func (s *Site) NewEmail(name string) string {
	letters := strings.Map(func(r rune) rune { return r - '0' + 'a' }, strconv.FormatInt(s.people.Add(1), 10))
	return strings.ToLower(strings.Fields(name)[0]) + "-" + letters + "@example.test"
}

// Cookies are those of the person's browser.
func (p *Person) Cookies(t testing.TB) []*http.Cookie {
	t.Helper()
	u, err := url.Parse(p.site.Home)
	if err != nil {
		t.Fatal(err)
	}
	return p.http.Jar.Cookies(u)
}

// Browser makes a visitor this person: a visit goes on with their session.
func (p *Person) Browser(t testing.TB) func(*browser.Options) {
	t.Helper()
	cookies := p.Cookies(t)
	return func(o *browser.Options) { o.Cookies, o.Address = cookies, p.address }
}

// Get asks for a page, exactly as it is served. A whole address is one of another site.
func (p *Person) Get(t testing.TB, path string) Answer {
	t.Helper()
	return p.do(t, http.MethodGet, path, p.site.Home, nil)
}

// Post sends a form of the site.
func (p *Person) Post(t testing.TB, path string, form url.Values) Answer {
	t.Helper()
	return p.PostFrom(t, p.site.Home, path, form)
}

// PostFrom sends a form that stands on another site.
func (p *Person) PostFrom(t testing.TB, origin, path string, form url.Values) Answer {
	t.Helper()
	return p.do(t, http.MethodPost, path, origin, form)
}

// Upload sends a form of the site with a file.
func (p *Person) Upload(t testing.TB, path, name string, file []byte, form url.Values) Answer {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for field, values := range form {
		if err := parts.WriteField(field, values[0]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := parts.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, parts.Close()); err != nil {
		t.Fatal(err)
	}
	return p.send(t, http.MethodPost, path, p.site.Home, parts.FormDataContentType(), &body)
}

func (p *Person) do(t testing.TB, method, path, origin string, form url.Values) Answer {
	t.Helper()
	return p.send(t, method, path, origin, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (p *Person) send(t testing.TB, method, path, origin, contentType string, body io.Reader) Answer {
	t.Helper()
	if strings.HasPrefix(path, "/") {
		path = p.site.Home + path
	}
	r, err := http.NewRequestWithContext(t.Context(), method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", p.address)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("Origin", origin)
	}
	answer, err := p.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{answer.StatusCode, answer.Header, string(raw), answer.Header.Get("Location")}
}

var (
	listingField = regexp.MustCompile(`name="listing" value="([0-9a-f-]{36})"`)
	startField   = regexp.MustCompile(`name="start" value="([^"]+)"`)
	keyField     = regexp.MustCompile(`name="key" value="([0-9a-f-]{36})"`)
)

// Hold takes a free time of a listing, late enough that it can be moved still, and gives the address of its page. times
// is the page of the listing's times.
func (p *Person) Hold(t testing.TB, times string) string {
	t.Helper()
	organization := strings.Split(times, "/")[2]
	for weeks := 1; weeks < 5; weeks++ {
		page := p.Get(t, times+"?week="+time.Now().AddDate(0, 0, 7*weeks+1).Format(time.DateOnly))
		listing := listingField.FindStringSubmatch(page.Body)
		for _, start := range startField.FindAllStringSubmatch(page.Body, -1) {
			form := url.Values{"listing": {listing[1]}, "start": {start[1]}, "near": {"02906"}}
			if a := p.Post(t, "/places/"+organization+"/holds", form); a.Status == http.StatusSeeOther {
				return a.Location
			}
		}
	}
	t.Fatalf("%s has no time that can be held", times)
	return ""
}

// TryHold sends the first time that the page shows, whatever comes of it; false: it shows none.
func (p *Person) TryHold(t testing.TB, times string) (Answer, bool) {
	t.Helper()
	for weeks := 1; weeks < 5; weeks++ {
		page := p.Get(t, times+"?week="+time.Now().AddDate(0, 0, 7*weeks+1).Format(time.DateOnly))
		listing, start := listingField.FindStringSubmatch(page.Body), startField.FindStringSubmatch(page.Body)
		if start != nil {
			form := url.Values{"listing": {listing[1]}, "start": {start[1]}, "near": {"02906"}}
			return p.Post(t, "/places/"+strings.Split(times, "/")[2]+"/holds", form), true
		}
	}
	return Answer{}, false
}

// Book turns a hold into an appointment and gives the address of its page.
func (p *Person) Book(t testing.TB, hold string) string {
	t.Helper()
	key := keyField.FindStringSubmatch(p.Get(t, hold).Body)
	if key == nil {
		t.Fatal("the page of the hold has no form")
	}
	a := p.Post(t, hold+"/confirmation", url.Values{"key": {key[1]}, "for": {"me"}, "name": {"Maya Okafor"},
		"phone": {"401-555-0142"}, "dob-month": {"3"}, "dob-day": {"27"}, "dob-year": {"1988"}, "payer": {"self"},
		"street": {"12 Elm St"}, "town": {"Providence"}, "zip": {"02906"}, // for a visit at home
		"share": {"on"}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("not booked: %d\n%s", a.Status, a.Body)
	}
	return a.Location
}
