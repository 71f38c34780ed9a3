package web

import (
	"net/url"
	"strings"
	"testing"
)

func TestA24NothingAVisitorSendsMakesALogLine(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	a := h.person(t)
	h.Admin(t, "update directory.account set name = $2 where id = $1", a.ID, "Maya\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}")
	b.become(a)
	requests := 1
	for _, path := range []string{"/search?reason=pregnancy%0d%0aforged&near=02906", "/nowhere/forged%0a", "/places/forged%20forged", "/bookings", "/places/" + a.Email} {
		b.get(path, "User-Agent", "forged\tagent", "X-Request-Id", "forged", "Referer", "https://forged.example/pregnancy")
		requests++
	}
	b.post("/bookings/forged", url.Values{"forged": {"forged"}})
	b.do("FORGED", "/", nil)
	requests += 2
	records := h.log.records(t)
	if len(records) != requests {
		t.Errorf("%d lines for %d requests", len(records), requests)
	}
	for _, secret := range []string{"forged", "FORGED", "pregnancy", "02906", "Maya", a.Email, a.ID.String(), "10.0."} {
		if strings.Contains(h.log.text(), secret) {
			t.Errorf("the log has %q:\n%s", secret, h.log.text())
		}
	}
}

func TestTheLogNamesTheRouteAndTellsPeopleApart(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	b.become(h.person(t))
	b.get("/places/nobody")
	records := h.log.records(t)
	last := records[len(records)-1]
	if last["route"] != "/places/:place" || last["status"] != 404.0 || last["user"] == nil || last["error"] != "no such organization" {
		t.Error(last)
	}
	other := h.browser(t)
	other.become(h.person(t))
	other.get("/")
	records = h.log.records(t)
	if records[len(records)-1]["user"] == last["user"] {
		t.Error("two people have one name in the log")
	}
}
