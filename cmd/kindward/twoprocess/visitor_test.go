package twoprocess_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

const password = "three-ferries-at-dawn"

// visitor is somebody with one browser, whichever server answers: cookies belong to the host.
type visitor struct {
	t     *testing.T
	email string
	http  *http.Client
	from  func() string // the address it seems to come from; nil: its own
}

func browser(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, http: &http.Client{Jar: jar, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// person is somebody with an account, not signed in.
func (d *deployment) person(name string) *visitor {
	d.t.Helper()
	v := browser(d.t)
	id := d.Account(d.t, name)
	v.email = id.String() + "@example.test"
	hash, err := identity.HashPassword(password)
	if err != nil {
		d.t.Fatal(err)
	}
	d.Admin(d.t, `insert into directory.password (account_id, hash) values ($1, $2)`, id, hash)
	return v
}

func (v *visitor) do(method string, at *process, path string, form url.Values) (status int, location, body string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, at.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if v.from != nil {
		r.Header.Set("X-Forwarded-For", v.from())
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.http.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(raw)
}

func (v *visitor) get(at *process, path string) (status int, body string) {
	v.t.Helper()
	status, _, body = v.do(http.MethodGet, at, path, nil)
	return status, body
}

// post sends a form of pairs of field and value.
func (v *visitor) post(at *process, path string, fields ...string) (status int, location string) {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	status, location, _ = v.do(http.MethodPost, at, path, form)
	return status, location
}

func (v *visitor) signIn(at *process, password string) (status int) {
	v.t.Helper()
	status, _ = v.post(at, "/sign-in", "email", v.email, "password", password)
	return status
}

var (
	freeStart = regexp.MustCompile(`<button[^>]*name="start"[^>]*value="([^"]+)"`)
	keyField  = regexp.MustCompile(`name="key"[^>]*value="([^"]+)"`)
	nextFree  = regexp.MustCompile(`Next free [^<]*|No free time in the next four weeks`)
)

func first(re *regexp.Regexp, body string) string {
	m := re.FindStringSubmatch(body)
	return append(m, "")[min(1, len(m))]
}

// next is what a clinic's page says about its next free time.
func (v *visitor) next(at *process, c *pgtest.Clinic) string {
	v.t.Helper()
	_, body := v.get(at, "/places/"+c.Slug)
	return nextFree.FindString(body)
}

// starts are the free times that a page offers.
func (v *visitor) starts(at *process, path string) (all []string) {
	v.t.Helper()
	_, body := v.get(at, path)
	for _, m := range freeStart.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(all, m[1]) {
			all = append(all, m[1])
		}
	}
	return all
}

// book holds the clinic's time and confirms it; it gives the appointment's address.
func (v *visitor) book(at *process, c *pgtest.Clinic, start string) string {
	v.t.Helper()
	status, hold := v.post(at, "/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", start)
	if status != http.StatusSeeOther {
		v.t.Fatalf("no hold: %d", status)
	}
	_, page := v.get(at, hold)
	status, booking := v.post(at, hold+"/confirmation", "key", first(keyField, page), "name", "Maya Okafor", "dob-month",
		"3", "dob-day", "27", "dob-year", "1988",
		"phone", "401 555 0134", "payer", "self", "share", "on")
	if status != http.StatusSeeOther {
		v.t.Fatalf("no booking: %d", status)
	}
	return booking
}

// emails are the messages with a calendar entry that were sent to somebody.
func (d *deployment) emails(to *visitor) (n int) {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.mail, "*.eml"))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(raw), to.email) && strings.Contains(string(raw), "text/calendar") {
			n++
		}
	}
	return n
}
