package web_test

import (
	"net/netip"
	"strings"
	"testing"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
)

func TestA48AProxyThatNobodyNamedIsSaidOnce(t *testing.T) {
	const says = "X-Forwarded-For arrives and no proxy is trusted"
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		sends   string
		lines   int
	}{
		"a proxy that nobody named":  {nil, "192.0.2.7", 1},
		"control: no proxy":          {nil, "", 0},
		"control: one that is named": {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "192.0.2.7", 0},
	} {
		site := webtest.OpenWith(t, webtest.Options{Web: func(s *web.Site) { s.Proxies = c.trusted }})
		for range 3 {
			site.Visitor(t).Get("/help", "X-Forwarded-For", c.sends)
		}
		if n := strings.Count(site.Log.Text(), says); n != c.lines {
			t.Errorf("%s: said %d times", name, n)
		}
	}
}
