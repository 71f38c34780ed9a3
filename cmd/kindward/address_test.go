package main

import (
	"strings"
	"testing"
)

func TestA48TheBaseAddressIsWrittenAsBrowsersWriteAnOrigin(t *testing.T) {
	for given, want := range map[string]string{
		"https://care.example.org":          "https://care.example.org",
		"HTTPS://Care.Example.ORG:443/":     "https://care.example.org",
		"https://care.example.org.:8443":    "https://care.example.org:8443",
		"https://care.example.org:0443":     "https://care.example.org",
		"http://localhost:80//":             "http://localhost",
		"http://127.0.0.1:8080/":            "http://127.0.0.1:8080",
		"https://[2001:DB8::0:1]":           "https://[2001:db8::1]",
		"https://[2001:db8::1]:444":         "https://[2001:db8::1]:444",
		"https://xn--bcher-kva.example":     "https://xn--bcher-kva.example",
		"https://care.example.org:":         "https://care.example.org",
		"https://care":                      "https://care",
		"https://care.example.org:65535":    "https://care.example.org:65535",
		"https://1.care-of.example.org:443": "https://1.care-of.example.org",
	} {
		if u, err := (config{BaseURL: given}).baseURL(""); err != nil || u.String() != want {
			t.Errorf("%s becomes %v: %v", given, u, err)
		}
	}
	for given, says := range map[string]string{
		"care.example.org":                "is not an address like",
		"ftp://care.example.org":          "is not an address like",
		"https://":                        "is not an address like",
		"https:///x":                      "is not an address like",
		"https://care.example.org/kind":   "more than a host and a port",
		"https://care.example.org?a=b":    "more than a host and a port",
		"https://care.example.org/?":      "more than a host and a port",
		"https://care.example.org#top":    "more than a host and a port",
		"https://me:secret@care.org":      "more than a host and a port",
		"https://@care.example.org":       "more than a host and a port",
		"https://:443":                    "is not the name of a host",
		"https://bücher.example":          "xn--",
		"https://care..example":           "is not the name of a host",
		"https://-care.example":           "is not the name of a host",
		"https://care_of.example":         "is not the name of a host",
		"https://*.example.org":           "is not the name of a host",
		"https://[fe80::1%25eth0]":        "is not the name of a host",
		"https://care.example.org:0":      "is not a port",
		"https://care.example.org:65536":  "is not a port",
		"https://care.example.org:99999x": "is not an address like",
	} {
		u, err := (config{BaseURL: given}).baseURL("")
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s becomes %v: %v", given, u, err)
		}
	}
}

func TestA48WithoutHTTPSOnlyThisMachineIsServed(t *testing.T) {
	for name, c := range map[string]struct {
		base, addr string
		local      bool
		says       string
	}{
		"https":                         {"https://care.example.org", "0.0.0.0:80", false, ""},
		"no base address":               {"", "127.0.0.1:8080", false, "https address"},
		"no https":                      {"http://care.example.org", "127.0.0.1:8080", false, "https address"},
		"no https, local":               {"http://care.example.org", "127.0.0.1:8080", true, "this machine alone"},
		"local":                         {"", "127.0.0.1:8080", true, ""},
		"local by name":                 {"http://localhost:8080", "localhost:8080", true, ""},
		"local, IPv6":                   {"", "[::1]:8080", true, ""},
		"local, listening everywhere":   {"http://localhost:8080", ":8080", true, "this machine alone"},
		"local, listening to a network": {"", "192.0.2.1:8080", true, "this machine alone"},
		"local under a public name":     {"https://care.example.org", "127.0.0.1:8080", true, "this machine alone"},
	} {
		err := config{BaseURL: c.base, Addr: c.addr}.checkServing(c.local)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
