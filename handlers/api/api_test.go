package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

// newKey is a key of a clinic, good for an hour.
func newKey(t *testing.T, site *webtest.Site, c *pgtest.Clinic, scopes ...string) string {
	t.Helper()
	key, err := site.APIKeys.Create(t.Context(), c.Scope(site.Member(t, c, "Alice", "owner").ID),
		identity.NewKey{Name: uuid.NewString(), Scopes: scopes, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ask(t *testing.T, site *webtest.Site, method, path, key string) webtest.Answer {
	t.Helper()
	return site.APIClient(t, key).Do(method, path, nil)
}

// addresses is where a clinic's API clients ask.
func addresses(c *pgtest.Clinic) string { return "/api/v1/organizations/" + c.Slug }

func TestAnAPIClientReadsWhatItsKeyIsFor(t *testing.T) {
	site := webtest.Open(t)
	visit := site.Visit(t, site.Clinic(), 0)
	day := visit.Day
	key := newKey(t, site, site.Clinic(), "slots.read", "appointments.read")
	a := ask(t, site, "GET", addresses(site.Clinic())+"/appointments?day="+day, key)
	var list struct {
		Day          string
		Appointments []struct {
			Start, Zone, Status string
			Patient             struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != 200 || len(list.Appointments) != 1 {
		t.Fatal(err, a.Status, a.Body)
	}
	one := list.Appointments[0]
	if one.Patient.Name != webtest.PatientName(site.Clinic()) || !strings.HasPrefix(one.Start, day+"T12:00:00-0") ||
		one.Zone != site.Clinic().Zone || one.Status != "booked" {
		t.Error(a.Body)
	}
	if a.Header.Get("Content-Type") != "application/json" || a.Header.Get("Cache-Control") != "no-store" ||
		len(a.Header.Values("Set-Cookie")) > 0 || a.Header.Get("RateLimit") == "" {
		t.Error(a.Header)
	}
	id := strings.Split(key, "_")[2]
	if kept := site.Count(t, `select count(*) from audit.event where patient = $1 and purpose = 'api' and fields = array['key:' || $2] and policy_id = 'key'`, visit.Account, id); kept != 1 {
		t.Error("the look was kept", kept, "times")
	}
	from := site.Day(9)
	a = ask(t, site, "GET", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", addresses(site.Clinic()),
		site.Clinic().OfferingID, from, from), key)
	var free struct {
		Zone    string
		Minutes int
		Slots   []struct{ Start, End string }
	}
	if err := json.Unmarshal([]byte(a.Body), &free); err != nil || a.Status != 200 || len(free.Slots) != 24 ||
		free.Minutes != 20 {
		t.Fatal(err, a.Status, len(free.Slots), a.Body)
	}
	if !strings.HasPrefix(free.Slots[0].Start, from+"T09:00:00-0") ||
		!strings.HasPrefix(free.Slots[0].End, from+"T09:20:00-0") {
		t.Error(free.Slots[0])
	}
}

func TestWhatIsWrongIsSaidForEachParameter(t *testing.T) {
	site := webtest.Open(t)
	key := newKey(t, site, site.Clinic(), "slots.read", "appointments.read")
	for path, fields := range map[string][]string{
		"/appointments":                {"day"},
		"/appointments?day=2026-02-30": {"day"},
		"/slots":                       {"from", "to", "listing"},
		"/slots?from=2026-11-24&to=2026-11-23&listing=x":                   {"to", "listing"},
		"/slots?from=2026-11-24&to=2027-11-23&listing=" + uuid.NewString(): {"to"},
	} {
		a := ask(t, site, "GET", addresses(site.Clinic())+path, key)
		var p web.Problem
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil || a.Status != 422 ||
			a.Header.Get("Content-Type") != "application/problem+json" || len(p.Errors) != len(fields) || p.Instance == "" {
			t.Fatal(path, err, a.Status, a.Body)
		}
		for i, f := range fields {
			if p.Errors[i].Field != f {
				t.Error(path, p.Errors)
			}
		}
	}
}

func TestA09AKeyOpensNothingElse(t *testing.T) {
	site := webtest.Open(t)
	day := site.Visit(t, site.Clinic(), 0).Day
	site.Visit(t, site.Other(), 0)
	slots, both := newKey(t, site, site.Clinic(), "slots.read"),
		newKey(t, site, site.Clinic(), "slots.read", "appointments.read")
	from := site.Day(9)
	refused := func(name, path, key string, codes ...int) {
		t.Helper()
		a := ask(t, site, "GET", path, key)
		ok := false
		for _, code := range codes {
			ok = ok || a.Status == code
		}
		if !ok || strings.Contains(a.Body, "Canary") || strings.Contains(a.Body, "start") ||
			a.Header.Get("Content-Type") != "application/problem+json" {
			t.Error(name, a.Status, a.Body)
		}
	}
	refused("no key", addresses(site.Clinic())+"/appointments?day="+day, "", 401)
	refused("a typing error", addresses(site.Clinic())+"/appointments?day="+day, both[:20]+"a"+both[21:], 401)
	refused("another secret", addresses(site.Clinic())+"/appointments?day="+day, forge(both), 401)
	refused("without the scope", addresses(site.Clinic())+"/appointments?day="+day, slots, 403, 404)
	refused("of A at B", addresses(site.Other())+"/appointments?day="+day, both, 401, 404)
	refused("of A, times of B", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", addresses(site.Other()),
		site.Other().OfferingID, from, from), both, 401, 404)
	refused("of A, B's listing under A's address", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s",
		addresses(site.Clinic()), site.Other().OfferingID, from, from), both, 404)
	refused("of nobody", "/api/v1/organizations/nowhere/appointments?day="+day, both, 404)
	for _, r := range site.Routes {
		path := strings.NewReplacer(":place", site.Clinic().Slug).Replace(r.Path)
		for part := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(part, ":") {
				path = strings.Replace(path, part, uuid.NewString(), 1)
			}
		}
		work := strings.HasPrefix(r.Path, "/organizations") || strings.HasPrefix(r.Path, "/ops") ||
			strings.HasPrefix(r.Path, "/bookings") || strings.HasPrefix(r.Path, "/account")
		if !work {
			continue
		}
		a := ask(t, site, r.Method, path, both)
		// 303 is the way to sign in: the key counted for nothing.
		if a.Status != 401 && a.Status != 403 && a.Status != 404 &&
			(a.Status != 303 || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in")) {
			t.Error(r.Method, r.Path, a.Status, a.Header.Get("Location"))
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if a := ask(t, site, method, addresses(site.Clinic())+"/appointments", both); a.Status != 405 && a.Status != 403 &&
			a.Status != 404 {
			t.Error(method, a.Status)
		}
	}
	// The control: the same requests at home are answered, so that refusing everything would not pass.
	if a := ask(t, site, "GET", addresses(site.Clinic())+"/appointments?day="+day, both); a.Status != 200 ||
		!strings.Contains(a.Body, "Canary") {
		t.Error("the control", a.Status, a.Body)
	}
	if denied := site.Count(t, `select count(*) from audit.event where outcome = 'denied' and tenant_id in ($1, $2)`,
		site.Clinic().ID, site.Other().ID); denied < 4 {
		t.Error("denials kept:", denied)
	}
}

// forge is a key whose checksum is right and whose secret is another.
func forge(key string) string {
	part := strings.Split(key, "_")
	part[3] = strings.Repeat("a", len(part[3]))
	body := strings.Join(part[:4], "_")
	return body + "_" + identity.KeyChecksum(body)
}

func TestAKeyEndsWithItsTimeAndAtOnceWhenRevoked(t *testing.T) {
	site := webtest.Open(t)
	day := site.Visit(t, site.Clinic(), 0).Day
	path := addresses(site.Clinic()) + "/appointments?day=" + day
	first, second := newKey(t, site, site.Clinic(), "appointments.read"),
		newKey(t, site, site.Clinic(), "appointments.read")
	if ask(t, site, "GET", path, first).Status != 200 || ask(t, site, "GET", path, second).Status != 200 {
		t.Fatal("keys do not open")
	}
	site.Admin(t, `update directory.api_key set revoked_at = now(), mac = '' where id = $1`, strings.Split(first, "_")[2])
	if a := ask(t, site, "GET", path, first); a.Status != 401 {
		t.Error("revoked, and", a.Status)
	}
	site.Clock.Forward(time.Hour + time.Second)
	if a := ask(t, site, "GET", path, second); a.Status != 401 {
		t.Error("run out, and", a.Status)
	}
}

func TestAKeyAsksSoOftenAMinute(t *testing.T) {
	site := webtest.Open(t)
	key, other := newKey(t, site, site.Clinic(), "slots.read"), newKey(t, site, site.Clinic(), "slots.read")
	last := 0
	for range 150 {
		a := ask(t, site, "GET", addresses(site.Clinic())+"/slots", key)
		if last = a.Status; last == 429 {
			if a.Header.Get("Retry-After") == "" || !strings.Contains(a.Header.Get("RateLimit"), "r=0") ||
				!strings.Contains(a.Header.Get("RateLimit-Policy"), "q=120;w=60") {
				t.Error(a.Header)
			}
			break
		}
	}
	if last != 429 || ask(t, site, "GET", addresses(site.Clinic())+"/slots", other).Status != 422 {
		t.Error("no limit, or one for all:", last)
	}
	site.Clock.Forward(time.Minute)
	if a := ask(t, site, "GET", addresses(site.Clinic())+"/slots", key); a.Status != 422 {
		t.Error("a minute later", a.Status)
	}
}

func TestACookieOpensNothingForAPIClients(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	for _, p := range []*webtest.Person{alice, site.Visitor(t)} {
		if p != alice {
			p.SetCookie("kindward", "anything")
		}
		if a := p.Get(addresses(site.Clinic()) + "/appointments?day=2026-11-24"); a.Status != 401 ||
			a.Header.Get("Www-Authenticate") == "" {
			t.Error(a.Status, a.Header)
		}
	}
}

func TestTheSchemeOfAKeyIsWrittenInAnyCase(t *testing.T) {
	site := webtest.Open(t)
	key := newKey(t, site, site.Clinic(), "appointments.read")
	path := addresses(site.Clinic()) + "/appointments?day=" + site.Day(0)
	for given, status := range map[string]int{"Bearer " + key: 200, "bearer " + key: 200, "BEARER " + key: 200,
		"Basic " + key: 401, key: 401, "bearer": 401, "": 401} {
		if a := site.APIClient(t, "").Get(path, "Authorization", given); a.Status != status {
			t.Errorf("%.7q: %d, not %d", given, a.Status, status)
		}
	}
}
