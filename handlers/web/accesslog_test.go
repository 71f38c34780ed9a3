package web_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestA24NothingAVisitorSendsMakesALogLine(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	a := maya(t, site)
	site.Admin(t, "update directory.account set name = $2 where id = $1", a.ID,
		"Maya\r\n{\"level\":\"ERROR\",\"msg\":\"forged\"}")
	b.SignInAs(a, 1)
	requests := 1
	for _, path := range []string{"/search?reason=pregnancy%0d%0aforged&near=02906", "/nowhere/forged%0a",
		"/places/forged%20forged", "/bookings", "/places/" + a.Email} {
		b.Get(path, "User-Agent", "forged\tagent", "X-Request-Id", "forged", "Referer", "https://forged.example/pregnancy")
		requests++
	}
	b.Do("POST", "/bookings/forged", url.Values{"forged": {"forged"}})
	b.Do("FORGED", "/", nil)
	requests += 2
	records := site.Log.Records(t)
	if len(records) != requests {
		t.Errorf("%d lines for %d requests", len(records), requests)
	}
	for _, secret := range []string{"forged", "FORGED", "pregnancy", "02906", "Maya", a.Email, a.ID.String(), "10.0."} {
		if strings.Contains(site.Log.Text(), secret) {
			t.Errorf("the log has %q:\n%s", secret, site.Log.Text())
		}
	}
}

func TestTheLogNamesTheRouteAndTellsPeopleApart(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	b.SignInAs(maya(t, site), 1)
	b.Get("/places/nobody")
	records := site.Log.Records(t)
	last := records[len(records)-1]
	if last["route"] != "/places/:place" || last["status"] != 404.0 || last["user"] == nil ||
		last["error"] != "no such organization" {
		t.Error(last)
	}
	other := site.Visitor(t)
	other.SignInAs(maya(t, site), 1)
	other.Get("/")
	records = site.Log.Records(t)
	if records[len(records)-1]["user"] == last["user"] {
		t.Error("two people have one name in the log")
	}
}
