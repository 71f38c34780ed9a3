package demo

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestA47ADemonstrationsPagesAnswerWhoSitsAtTheMachine(t *testing.T) {
	for name, c := range map[string]struct {
		from, host, header string
		answers            bool
	}{
		"here":                            {"127.0.0.1:5000", "localhost:8080", "", true},
		"here, by number":                 {"127.0.0.1:5000", "127.0.0.1:8080", "", true},
		"here, IPv6":                      {"[::1]:5000", "[::1]:8080", "", true},
		"here, IPv6 without a port":       {"[::1]:5000", "[::1]", "", true},
		"here, IPv4 in IPv6":              {"[::ffff:127.0.0.1]:5000", "LOCALHOST", "", true},
		"another machine":                 {"192.0.2.7:5000", "localhost:8080", "", false},
		"another machine of the network":  {"10.0.0.7:5000", "10.0.0.1:8080", "", false},
		"under a public name":             {"127.0.0.1:5000", "care.example.org", "", false},
		"a name that leads here":          {"127.0.0.1:5000", "localhost.evil.example", "", false},
		"without a host":                  {"127.0.0.1:5000", "", "", false},
		"through a proxy on this machine": {"127.0.0.1:5000", "localhost:8080", "X-Forwarded-For", false},
		"through another proxy":           {"127.0.0.1:5000", "127.0.0.1:8080", "Forwarded", false},
		"without an address":              {"@", "localhost:8080", "", false},
	} {
		r := httptest.NewRequest(http.MethodGet, "/demo/codes", nil)
		r.RemoteAddr, r.Host = c.from, c.host
		if c.header != "" {
			r.Header.Set(c.header, "127.0.0.1")
		}
		if err := (&Handlers{}).check(r); (err == nil) != c.answers {
			t.Errorf("%s: %v", name, err)
		}
		if err := (&Handlers{Everywhere: true}).check(r); err != nil {
			t.Errorf("%s, open to all: %v", name, err)
		}
	}
}
