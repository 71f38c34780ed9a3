package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/internal/identity"
)

func TestAnAPIClientReadsWhatItsKeyIsFor(t *testing.T) {
	h := open(t)
	account, day := h.visit(t, h.clinic)
	key := h.key(t, h.clinic, "slots.read", "appointments.read")
	a := h.ask(t, "GET", at(h.clinic)+"/appointments?day="+day, key)
	var list struct {
		Day          string
		Appointments []struct {
			Start, Zone, Status string
			Patient             struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != 200 || len(list.Appointments) != 1 {
		t.Fatal(err, a.status, a.body)
	}
	one := list.Appointments[0]
	if one.Patient.Name != "Canary "+h.clinic.Slug || !strings.HasPrefix(one.Start, day+"T12:00:00-0") || one.Zone != h.clinic.Zone || one.Status != "booked" {
		t.Error(a.body)
	}
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("Cache-Control") != "no-store" || len(a.header.Values("Set-Cookie")) > 0 || a.header.Get("RateLimit") == "" {
		t.Error(a.header)
	}
	id := strings.Split(key, "_")[2]
	var kept int
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select count(*) from audit.event where patient = $1 and purpose = 'api' and fields = array['key:' || $2] and policy_id = 'key'`, account, id).Scan(&kept); err != nil || kept != 1 {
		t.Error("the look was kept", kept, "times", err)
	}
	from := h.now().AddDate(0, 0, 9).Format(time.DateOnly)
	a = h.ask(t, "GET", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", at(h.clinic), h.clinic.OfferingID, from, from), key)
	var free struct {
		Zone    string
		Minutes int
		Slots   []struct{ Start, End string }
	}
	if err := json.Unmarshal([]byte(a.body), &free); err != nil || a.status != 200 || len(free.Slots) != 24 || free.Minutes != 20 {
		t.Fatal(err, a.status, len(free.Slots), a.body)
	}
	if !strings.HasPrefix(free.Slots[0].Start, from+"T09:00:00-0") || !strings.HasPrefix(free.Slots[0].End, from+"T09:20:00-0") {
		t.Error(free.Slots[0])
	}
}

func TestWhatIsWrongIsSaidForEachParameter(t *testing.T) {
	h := open(t)
	key := h.key(t, h.clinic, "slots.read", "appointments.read")
	for path, fields := range map[string][]string{
		"/appointments":                {"day"},
		"/appointments?day=2026-02-30": {"day"},
		"/slots":                       {"from", "to", "listing"},
		"/slots?from=2026-11-24&to=2026-11-23&listing=x":                   {"to", "listing"},
		"/slots?from=2026-11-24&to=2027-11-23&listing=" + uuid.NewString(): {"to"},
	} {
		a := h.ask(t, "GET", at(h.clinic)+path, key)
		var p web.Problem
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 422 || a.header.Get("Content-Type") != "application/problem+json" || len(p.Errors) != len(fields) || p.Instance == "" {
			t.Fatal(path, err, a.status, a.body)
		}
		for i, f := range fields {
			if p.Errors[i].Field != f {
				t.Error(path, p.Errors)
			}
		}
	}
}

func TestA09AKeyOpensNothingElse(t *testing.T) {
	h := open(t)
	_, day := h.visit(t, h.clinic)
	h.visit(t, h.other)
	slots, both := h.key(t, h.clinic, "slots.read"), h.key(t, h.clinic, "slots.read", "appointments.read")
	from := h.now().AddDate(0, 0, 9).Format(time.DateOnly)
	refused := func(name, path, key string, codes ...int) {
		t.Helper()
		a := h.ask(t, "GET", path, key)
		ok := false
		for _, code := range codes {
			ok = ok || a.status == code
		}
		if !ok || strings.Contains(a.body, "Canary") || strings.Contains(a.body, "start") || a.header.Get("Content-Type") != "application/problem+json" {
			t.Error(name, a.status, a.body)
		}
	}
	refused("no key", at(h.clinic)+"/appointments?day="+day, "", 401)
	refused("a typing error", at(h.clinic)+"/appointments?day="+day, both[:20]+"a"+both[21:], 401)
	refused("another secret", at(h.clinic)+"/appointments?day="+day, h.forge(both), 401)
	refused("without the scope", at(h.clinic)+"/appointments?day="+day, slots, 403, 404)
	refused("of A at B", at(h.other)+"/appointments?day="+day, both, 401, 404)
	refused("of A, times of B", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", at(h.other), h.other.OfferingID, from, from), both, 401, 404)
	refused("of A, B's listing under A's address", fmt.Sprintf("%s/slots?listing=%s&from=%s&to=%s", at(h.clinic), h.other.OfferingID, from, from), both, 404)
	refused("of nobody", "/api/v1/organizations/nowhere/appointments?day="+day, both, 404)
	for _, r := range h.table {
		path := strings.NewReplacer(":place", h.clinic.Slug).Replace(r.Path)
		for part := range strings.SplitSeq(path, "/") {
			if strings.HasPrefix(part, ":") {
				path = strings.Replace(path, part, uuid.NewString(), 1)
			}
		}
		work := strings.HasPrefix(r.Path, "/organizations") || strings.HasPrefix(r.Path, "/ops") || strings.HasPrefix(r.Path, "/bookings") || strings.HasPrefix(r.Path, "/account")
		if !work {
			continue
		}
		a := h.ask(t, r.Method, path, both)
		// 303 is the way to sign in: the key counted for nothing.
		if a.status != 401 && a.status != 403 && a.status != 404 && (a.status != 303 || !strings.HasPrefix(a.header.Get("Location"), "/sign-in")) {
			t.Error(r.Method, r.Path, a.status, a.header.Get("Location"))
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if a := h.ask(t, method, at(h.clinic)+"/appointments", both); a.status != 405 && a.status != 403 && a.status != 404 {
			t.Error(method, a.status)
		}
	}
	// The control: the same requests at home are answered, so that refusing everything would not pass.
	if a := h.ask(t, "GET", at(h.clinic)+"/appointments?day="+day, both); a.status != 200 || !strings.Contains(a.body, "Canary") {
		t.Error("the control", a.status, a.body)
	}
	var denied int
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select count(*) from audit.event where outcome = 'denied' and tenant_id in ($1, $2)`, h.clinic.ID, h.other.ID).Scan(&denied); err != nil || denied < 4 {
		t.Error("denials kept:", denied, err)
	}
}

// forge is a key whose checksum is right and whose secret is another.
func (h *house) forge(key string) string {
	part := strings.Split(key, "_")
	part[3] = strings.Repeat("a", len(part[3]))
	body := strings.Join(part[:4], "_")
	return body + "_" + identity.KeyChecksum(body)
}

func TestAKeyEndsWithItsTimeAndAtOnceWhenRevoked(t *testing.T) {
	h := open(t)
	_, day := h.visit(t, h.clinic)
	path := at(h.clinic) + "/appointments?day=" + day
	first, second := h.key(t, h.clinic, "appointments.read"), h.key(t, h.clinic, "appointments.read")
	if h.ask(t, "GET", path, first).status != 200 || h.ask(t, "GET", path, second).status != 200 {
		t.Fatal("keys do not open")
	}
	h.Admin(t, `update directory.api_key set revoked_at = now() where id = $1`, strings.Split(first, "_")[2])
	if a := h.ask(t, "GET", path, first); a.status != 401 {
		t.Error("revoked, and", a.status)
	}
	h.ahead.Add(int64(time.Hour + time.Second))
	if a := h.ask(t, "GET", path, second); a.status != 401 {
		t.Error("run out, and", a.status)
	}
}

func TestAKeyAsksSoOftenAMinute(t *testing.T) {
	h := open(t)
	key, other := h.key(t, h.clinic, "slots.read"), h.key(t, h.clinic, "slots.read")
	last := 0
	for range 150 {
		a := h.ask(t, "GET", at(h.clinic)+"/slots", key)
		if last = a.status; last == 429 {
			if a.header.Get("Retry-After") == "" || !strings.Contains(a.header.Get("RateLimit"), "r=0") || !strings.Contains(a.header.Get("RateLimit-Policy"), "q=120;w=60") {
				t.Error(a.header)
			}
			break
		}
	}
	if last != 429 || h.ask(t, "GET", at(h.clinic)+"/slots", other).status != 422 {
		t.Error("no limit, or one for all:", last)
	}
	h.ahead.Add(int64(time.Minute))
	if a := h.ask(t, "GET", at(h.clinic)+"/slots", key); a.status != 422 {
		t.Error("a minute later", a.status)
	}
}

func TestACookieOpensNothingForAPIClients(t *testing.T) {
	h := open(t)
	r, err := http.NewRequestWithContext(t.Context(), "GET", h.URL+at(h.clinic)+"/appointments?day=2026-11-24", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "kindward", Value: "anything"})
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 401 || res.Header.Get("Www-Authenticate") == "" {
		t.Error(res.StatusCode, res.Header)
	}
}
