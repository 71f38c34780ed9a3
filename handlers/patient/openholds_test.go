package patient

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/pgtest"
	rules "kindward/internal/policy"
	"kindward/internal/ratelimit"
)

// holding is a site on which anybody keeps times that no organization has, with a clock that can be put forward.
type holding struct {
	*httptest.Server
	ahead atomic.Int64
}

func openHolding(t *testing.T, h *Handlers) *holding {
	t.Helper()
	db, e, s := pgtest.Open(t), echo.New(), &holding{}
	s.Server = httptest.NewServer(e)
	t.Cleanup(s.Close)
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Gateway: db.Gateway, Keys: db.Keys, BaseURL: base,
		Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Now:     func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }}
	keep := func(c echo.Context) error {
		if err := h.mayHold(c, c.Param("place")); err != nil {
			return err
		}
		if err := keepHold(c, openHold{Organization: c.Param("place"), ID: uuid.New(),
			Until: web.Now(c).Add(10 * time.Minute)}); err != nil {
			return err
		}
		return web.Send(c, http.StatusOK, "text/plain", nil)
	}
	if err := site.Mount(e, []web.Route{{Method: "POST", Path: "/holds/:place", Handler: keep,
		Action: rules.Anyone}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// from is a browser at an address.
func (s *holding) from(t *testing.T, ip string) func(place string) *http.Response {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	return func(place string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/holds/"+place, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("X-Forwarded-For", ip)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
}

func TestA13AVisitorKeepsThreeTimesAtMost(t *testing.T) {
	s := openHolding(t, &Handlers{HoldLimit: ratelimit.Unlimited})
	hold := s.from(t, "10.0.0.7")
	for _, place := range []string{"one", "two", "two", "three", "one"} {
		if res := hold(place); res.StatusCode != http.StatusOK {
			t.Fatal(place, res.StatusCode)
		}
	}
	res := hold("four")
	if res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") == "" {
		t.Error("a fourth:", res.StatusCode)
	}
	s.ahead.Add(int64(10*time.Minute + time.Second))
	if res := hold("four"); res.StatusCode != http.StatusOK {
		t.Error("after the others ran out:", res.StatusCode)
	}
}

func TestA13ARangeOfAddressesTakesTimesNoFasterThanPeople(t *testing.T) {
	for name, c := range map[string]struct {
		limit  ratelimit.Limit
		passed int
	}{"its own limit": {ratelimit.Limit{Burst: 5, Every: 100 * time.Second}, 5}, "the usual one": {ratelimit.Limit{}, 30},
		"the control, none": {ratelimit.Unlimited, 40}} {
		s := openHolding(t, &Handlers{HoldLimit: c.limit})
		passed, began := 0, time.Now()
		for i := range 40 {
			if s.from(t, fmt.Sprintf("10.99.99.%d", i))("one").StatusCode == http.StatusOK {
				passed++
			}
		}
		if more := int(time.Since(began) / usualHoldLimit.Every); passed < c.passed || passed > c.passed+more {
			t.Errorf("%s: %d of 40 visitors of one range passed", name, passed)
		}
		if res := s.from(t, "10.98.98.1")("one"); res.StatusCode != http.StatusOK {
			t.Errorf("%s: another range waits too", name)
		}
	}
}
