package web_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
)

// origins are where a request says that it comes from, and whether it is refused.
var origins = []struct {
	name         string
	site, origin string
	cookie       bool
	refused      bool
}{
	{"same origin", "same-origin", "", false, false},
	{"typed by hand", "none", "", false, false},
	{"other site", "cross-site", "", false, true},
	{"sibling site", "same-site", "", false, true},
	{"old browser, other origin", "", "https://evil.example", false, true},
	{"old browser, no origin worth the name", "", "null", false, true},
	{"old browser, own origin", "", "own", false, false},
	{"API client without session", "", "", false, false},
	{"session without origin", "", "", true, true},
	{"session, same origin", "same-origin", "", true, false},
	{"session, old browser, own origin", "", "own", true, false},
	{"session, other site", "cross-site", "", true, true},
}

func TestA16AnotherSiteCannotPostInAVisitorsName(t *testing.T) {
	site := open(t)
	for _, route := range []string{"/theme", "/holds/somewhere", "/sign-out", "/echo"} {
		for _, o := range origins {
			t.Run(o.name+" "+route, func(t *testing.T) {
				b := site.Visitor(t)
				if o.cookie {
					b.Do("POST", "/holds/first", nil)
				}
				if o.origin == "own" {
					o.origin = site.URL
				}
				res := b.Do("POST", route, nil, "Sec-Fetch-Site", o.site, "Origin", o.origin)
				if refused := res.Status == http.StatusForbidden; refused != o.refused {
					t.Errorf("answer %d", res.Status)
				}
				if o.refused && len(res.Cookies()) > 0 {
					t.Error("a refused request changed a cookie")
				}
			})
		}
	}
}

func TestA16NegativeControlTheStockProtectionLetsASilentSessionPass(t *testing.T) {
	r := httptest.NewRequest("POST", "/holds/somewhere", nil)
	r.AddCookie(&http.Cookie{Name: "kindward", Value: "a session"})
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		t.Error("the standard library refuses it by now; our own rule can go:", err)
	}
}

func TestHeadersStandOnEveryAnswer(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin",
	}
	for _, secure := range []bool{false, true} {
		site := open(t, func(s *web.Site) {
			if secure {
				s.BaseURL = &url.URL{Scheme: "https", Host: s.BaseURL.Host}
			}
		})
		answers := map[string]webtest.Answer{}
		b := site.Visitor(t)
		for _, path := range []string{"/", "/bookings", "/nowhere", "/panic", "/fault", "/gone", "/busy", "/often", "/empty",
			"/healthz", "/readyz",
			"/static/nothing.css", "/a//b", "/search?reason=%zz"} {
			answers["GET "+path] = b.Get(path)
		}
		answers["DELETE /"] = b.Do("DELETE", "/", nil)
		answers["HEAD /"] = b.Do("HEAD", "/", nil)
		answers["POST /theme"] = b.Do("POST", "/theme", nil)
		answers["POST cross-site"] = b.Do("POST", "/theme", nil, "Sec-Fetch-Site", "cross-site")
		answers["POST too large"] = b.Do("POST", "/echo", url.Values{"text": {strings.Repeat("x", web.FormLimit)}})
		for name, res := range answers {
			for key, value := range want {
				if got := res.Header.Get(key); got != value {
					t.Errorf("%s: %s is %q", name, key, got)
				}
			}
			if hsts := res.Header.Get("Strict-Transport-Security"); (hsts != "") != secure {
				t.Errorf("%s over TLS %v: Strict-Transport-Security is %q", name, secure, hsts)
			}
			if res.Header.Get("X-Request-Id") == "" {
				t.Errorf("%s: no reference", name)
			}
			if res.Header.Get("Cache-Control") == "" {
				t.Errorf("%s: nothing about caches", name)
			}
		}
	}
}

func TestCookiesAreBoundToTheHostWhereThereIsTLS(t *testing.T) {
	for _, secure := range []bool{false, true} {
		site := open(t, func(s *web.Site) {
			if secure {
				s.BaseURL = &url.URL{Scheme: "https", Host: s.BaseURL.Host}
			}
		})
		b := site.Visitor(t)
		all := append(b.Do("POST", "/holds/somewhere", nil).Cookies(),
			b.Do("POST", "/theme", url.Values{"theme": {"dark"}}).Cookies()...)
		if len(all) != 2 {
			t.Fatal(all)
		}
		for _, c := range all {
			if c.Secure != secure || strings.HasPrefix(c.Name, "__Host-") != secure || !c.HttpOnly ||
				c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("TLS %v: %s", secure, c)
			}
		}
	}
}

func TestA15AddressesThatCanBeReadInTwoWaysLeadNowhere(t *testing.T) {
	site := open(t)
	corpus := []string{"%2e%2e/", "..%2f", "%2e%2e%2f", "../", "..;/", ";/", "%5c", "%5C..%5c", "/", "//evil.example",
		"%2f%2fevil.example", "./", "%2e/",
		"%252e%252e/", "%00", "%0d%0aset-cookie:a=b", "%c0%ae%c0%ae/", "\\evil.example"}
	for _, prefix := range []string{"/", "/static/", "/bookings/", "/places/", "/search/"} {
		for _, bad := range corpus {
			if prefix+bad == "//" {
				continue // asked below
			}
			for _, tail := range []string{"", "bookings", "static/kindward.css", "etc/passwd"} {
				target := prefix + bad + tail
				status, header := raw(t, site, target)
				if status != http.StatusNotFound && status != http.StatusBadRequest {
					t.Errorf("GET %s is %d", target, status)
				}
				if header.Get("Location") != "" || header.Get("Set-Cookie") != "" {
					t.Errorf("GET %s: %v", target, header)
				}
			}
		}
	}
	for _, target := range []string{"//", "//evil.example", "//evil.example/", "/bookings%2f", "/%62ookings%2F..",
		"/static/%2e%2e/bookings"} {
		if status, header := raw(t, site, target); status != http.StatusNotFound || header.Get("Location") != "" {
			t.Errorf("GET %s is %d to %q", target, status, header.Get("Location"))
		}
	}
}

// raw sends a request line as it is, which no client library would.
func raw(t *testing.T, site *webtest.Site, target string) (int, http.Header) {
	t.Helper()
	conn, err := net.Dial("tcp", site.Server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", target, site.Server.Listener.Addr())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("GET %s: %v", target, err)
	}
	defer res.Body.Close()
	return res.StatusCode, res.Header
}

func TestA32ALargeBodyIsRefusedEarly(t *testing.T) {
	site := open(t)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	t.Run("announced", func(t *testing.T) {
		body := &counting{left: 100 << 20}
		status := post(t, site, body, 100<<20)
		if status != http.StatusRequestEntityTooLarge && status != 0 || body.read.Load() > 8<<20 {
			t.Errorf("answer %d after %d bytes", status, body.read.Load())
		}
	})
	t.Run("in chunks", func(t *testing.T) {
		body := &counting{left: 100 << 20}
		status := post(t, site, body, -1)
		if status != http.StatusRequestEntityTooLarge && status != 0 || body.read.Load() > 8<<20 {
			t.Errorf("answer %d after %d bytes", status, body.read.Load())
		}
	})
	runtime.ReadMemStats(&after)
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > 16<<20 {
		t.Errorf("%d bytes were allocated", grown)
	}
	b := site.Visitor(t)
	if res := b.Do("POST", "/echo",
		url.Values{"text": {strings.Repeat("x", web.FormLimit)}}); res.Status != http.StatusRequestEntityTooLarge ||
		!strings.Contains(res.Body, "too much at once") {
		t.Errorf("just over the limit: %d", res.Status)
	}
	if res := b.Do("POST", "/echo",
		url.Values{"text": {strings.Repeat("x", web.FormLimit-100)}}); res.Status != http.StatusOK {
		t.Errorf("just under the limit: %d", res.Status)
	}
}

// counting is an endless body with a count of what was taken of it.
// The client may still be reading it when the answer is there.
type counting struct {
	left int
	read atomic.Int64
}

func (c *counting) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), c.left)
	for i := range p[:n] {
		p[i] = 'a'
	}
	c.left -= n
	c.read.Add(int64(n))
	return n, nil
}

// post gives 0 when the server hung up on the body.
func post(t *testing.T, site *webtest.Site, body io.Reader, length int64) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", site.Server.URL+"/echo", body)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = length
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func TestA31VisitorsWhoAreSlowOnPurposeAreDropped(t *testing.T) {
	site := open(t)
	server := web.Server(site.Echo)
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 || server.IdleTimeout == 0 ||
		server.MaxHeaderBytes == 0 {
		t.Fatal("a limit is missing")
	}
	t.Run("nobody waits for them", func(t *testing.T) {
		server := web.Server(site.Echo)
		server.ReadHeaderTimeout, server.ReadTimeout = time.Hour, time.Hour // they are all there until the end
		at, _ := slowVisitors(t, server)
		visitor := http.Client{Timeout: time.Minute}
		res, err := visitor.Get("http://" + at + "/")
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusOK {
			t.Error(res.Status)
		}
	})
	t.Run("they are dropped", func(t *testing.T) {
		server := web.Server(site.Echo)
		server.ReadHeaderTimeout, server.ReadTimeout = time.Second, 2*time.Second
		_, dropped := slowVisitors(t, server)
		for range slowOnes {
			if err, ok := (<-dropped).(net.Error); ok && err.Timeout() {
				t.Fatal("a slow connection was kept")
			}
		}
	})
}

const slowOnes = 500

// slowVisitors are connections to a server that say the beginning of a request and no more, and what each hears at its
// end.
func slowVisitors(t *testing.T, server *http.Server) (at string, dropped <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	ends := make(chan error, slowOnes)
	for i := range slowOnes {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		first := "GET / HTTP/1.1\r\nHost: k\r\n"
		if i%2 == 1 { // slow in the body
			first = "POST /echo HTTP/1.1\r\nHost: k\r\nContent-Length: 1000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na"
		}
		fmt.Fprint(conn, first)
		go func() {
			conn.SetReadDeadline(time.Now().Add(time.Minute))
			_, err := io.Copy(io.Discard, conn)
			ends <- err
		}()
	}
	return l.Addr().String(), ends
}
