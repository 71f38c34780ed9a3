package webtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
)

// Person is somebody with a browser: it keeps cookies, says where its requests come from, follows nothing by itself,
// and has a network of its own.
type Person struct {
	ID          uuid.UUID // of the account; nil for a visitor
	Name, Email string
	IP, Agent   string
	T           testing.TB
	Site        *Site

	client *http.Client
	htmx   bool
	key    string
}

var lastIP atomic.Uint32

// Visitor is somebody who is not signed in.
func (s *Site) Visitor(t testing.TB) *Person {
	t.Helper()
	n := lastIP.Add(1)
	p := &Person{T: t, Site: s, IP: fmt.Sprintf("10.%d.%d.7", n/250, n%250),
		Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"}
	p.forgetCookies()
	return p
}

// APIClient is a client of the API with this key, or with none.
func (s *Site) APIClient(t testing.TB, key string) *Person {
	t.Helper()
	p := s.Visitor(t)
	p.key, p.Agent = "none", ""
	if key != "" {
		p.key = "Bearer " + key
	}
	return p
}

func (p *Person) forgetCookies() {
	p.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.T.Fatal(err)
	}
	p.client = &http.Client{Jar: jar, Transport: p.Site.Server.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// HTMX is the same browser with scripts: it asks for parts of pages.
func (p *Person) HTMX() *Person {
	with := *p
	with.htmx = true
	return &with
}

// Get asks for a page; headers come in pairs.
func (p *Person) Get(path string, headers ...string) Answer {
	p.T.Helper()
	return p.Do(http.MethodGet, path, nil, headers...)
}

// Post sends a form of pairs of field and value.
func (p *Person) Post(path string, fields ...string) Answer {
	p.T.Helper()
	return p.Do(http.MethodPost, path, Form(fields...))
}

// Find sends a search, and goes where its answer leads.
func (p *Person) Find(path string, fields ...string) Answer {
	p.T.Helper()
	a := p.Post(path, fields...)
	if a.Status != http.StatusSeeOther {
		return a
	}
	return p.Get(a.Location)
}

// Form is a form of pairs of field and value.
func Form(fields ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return form
}

// Do sends one request. Headers come in pairs; one that is empty is not sent.
func (p *Person) Do(method, path string, form url.Values, headers ...string) Answer {
	p.T.Helper()
	return p.DoBody(method, path, form.Encode(), headers...)
}

// DoBody is Do with any body.
func (p *Person) DoBody(method, path, body string, headers ...string) Answer {
	p.T.Helper()
	r, err := http.NewRequestWithContext(p.T.Context(), method, p.Site.Server.URL+path, strings.NewReader(body))
	if err != nil {
		p.T.Fatal(err)
	}
	r.Host = p.Site.Web.BaseURL.Host
	p.introduce(r)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Del(headers[i])
		if headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	return p.send(r)
}

func (p *Person) send(r *http.Request) Answer {
	p.T.Helper()
	res, err := p.client.Do(r)
	if err != nil {
		p.T.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		p.T.Fatal(err)
	}
	return newAnswer(p.T, res, string(raw))
}

// Upload posts a form with a file.
func (p *Person) Upload(path, name string, file []byte, fields ...string) Answer {
	p.T.Helper()
	body, kind := p.multipart(name, file, fields)
	r, err := http.NewRequestWithContext(p.T.Context(), http.MethodPost, p.Site.Server.URL+path, body)
	if err != nil {
		p.T.Fatal(err)
	}
	r.Host = p.Site.Web.BaseURL.Host
	p.introduce(r)
	r.Header.Set("Content-Type", kind)
	return p.send(r)
}

// multipart is a form with a file, and its type.
func (p *Person) multipart(name string, file []byte, fields []string) (body *bytes.Buffer, kind string) {
	p.T.Helper()
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			p.T.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(file)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		p.T.Fatal(err)
	}
	return body, form.FormDataContentType()
}

// introduce adds the headers that a browser sends by itself.
func (p *Person) introduce(r *http.Request) {
	r.Header.Set("X-Forwarded-For", p.IP)
	r.Header.Set("User-Agent", p.Agent)
	if r.Method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if strings.HasPrefix(p.key, "Bearer ") {
		r.Header.Set("Authorization", p.key)
	}
	if p.key == "" {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if p.htmx {
		r.Header.Set("HX-Request", "true")
	}
}

// home is where the browser's cookies belong: at the name by which it asks.
func (p *Person) home() *url.URL {
	p.T.Helper()
	u, err := url.Parse(p.Site.Server.URL)
	if err != nil {
		p.T.Fatal(err)
	}
	u.Host = p.Site.Web.BaseURL.Host
	return u
}

// Cookies are what the browser would send.
func (p *Person) Cookies() []*http.Cookie { p.T.Helper(); return p.client.Jar.Cookies(p.home()) }

// Cookie is the value of one of them, or "".
func (p *Person) Cookie(name string) string {
	p.T.Helper()
	for _, c := range p.Cookies() {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// SetCookie puts one into the browser, as somebody with access to it can.
func (p *Person) SetCookie(name, value string) {
	p.T.Helper()
	p.client.Jar.SetCookies(p.home(), []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

// Token is the session's.
func (p *Person) Token() string { p.T.Helper(); return p.Cookie("kindward") }
