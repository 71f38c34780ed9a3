package patient_test

import (
	"net/http"
	"strings"
	"testing"

	"kindward/internal/pgtest"
)

func TestATimeIsHeldAndShownAsMine(t *testing.T) {
	h := open(t)
	maya, leo := h.visitor(t), h.visitor(t)
	hold := maya.hold(2)
	p := maya.get(hold)
	if p.status != 200 || len(p.all("span", "role", "timer")) != 1 || p.h1() != "Sign in to book this time" {
		t.Errorf("the hold's page: %d %q", p.status, p.h1())
	}
	if p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a personal page may be stored: %q", p.header.Get("Cache-Control"))
	}
	week := value(p.all("a", "class", "tag back")[0], "href")
	if back := maya.get(week); len(back.all("a", "class", "slot mine")) != 1 {
		t.Error("E8 after going back the own time is not shown as mine")
	}
	if other := leo.get(week); len(other.all("a", "class", "slot mine")) != 0 {
		t.Error("E8 somebody else sees the time as theirs")
	}
	again := maya.post(h.place()+"/holds", "listing", h.clinic.OfferingID.String(), "start", pgtest.Value[string](t, h.clinic, `select to_char(starts_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from appointment where id = $1`, idOf(hold)))
	if again.location != hold {
		t.Errorf("E8 pressing the own time again leads to %s", again.location)
	}
	t.Run("Charlie can't", func(t *testing.T) {
		for _, path := range []string{hold, hold + "/extension", hold + "/release", hold + "/confirmation"} {
			method := http.MethodPost
			if path == hold {
				method = http.MethodGet
			}
			p := leo.do(method, path, nil)
			if p.status != http.StatusNotFound && p.status != http.StatusSeeOther || strings.Contains(p.text(), "Skin check") {
				t.Errorf("%s %s: %d", method, path, p.status)
			}
		}
		if n := pgtest.Value[int64](t, h.clinic, `select count(*) from claim where state = 'held'`); n != 1 {
			t.Errorf("%d holds live", n)
		}
	})
}

func TestATakenTimeIs409WithThreeAlternatives(t *testing.T) {
	h := open(t)
	maya, leo := h.visitor(t), h.visitor(t)
	hold := maya.hold(5)
	start := pgtest.Value[string](t, h.clinic, `select to_char(starts_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from appointment where id = $1`, idOf(hold))
	p := leo.post(h.place()+"/holds", "listing", h.clinic.OfferingID.String(), "start", start)
	if p.status != http.StatusConflict || !strings.Contains(p.text(), "Someone else has just taken") {
		t.Fatalf("%d %s", p.status, p.text())
	}
	lost := p.all("section", "id", "hold")
	if len(lost) != 1 {
		t.Fatalf("%d blocks say that it is lost", len(lost))
	}
	offered := page{root: lost[0]}.starts()
	if len(offered) != 3 {
		t.Fatalf("E4 %d alternatives", len(offered))
	}
	if p := leo.post(h.place()+"/holds", "listing", h.clinic.OfferingID.String(), "start", offered[0]); p.status != http.StatusSeeOther {
		t.Errorf("an alternative cannot be taken: %d", p.status)
	}
}

func TestAHoldIsExtendedOnceAndReleased(t *testing.T) {
	h := open(t)
	maya := h.visitor(t)
	hold := maya.hold(0)
	left := func() int {
		return int(pgtest.Value[float64](t, h.clinic, `select extract(epoch from held_until - now())::float8 from appointment where id = $1`, idOf(hold)))
	}
	for range 2 {
		if p := maya.post(hold + "/extension"); p.location != hold {
			t.Fatalf("extension: %d %s", p.status, p.location)
		}
	}
	if n := left(); n < 14*60 || n > 15*60 {
		t.Errorf("after two wishes for more time %d seconds are left, not fifteen minutes", n)
	}
	if p := maya.get(hold); !strings.Contains(p.text(), "You have had the extra time") || strings.Contains(p.text(), "Give me more time") {
		t.Error("the page does not say that there is no more time to be had")
	}
	if p := maya.post(hold + "/release"); p.status != http.StatusSeeOther || !strings.Contains(p.location, "/times?week=") {
		t.Errorf("release: %d %s", p.status, p.location)
	}
	if n := pgtest.Value[int64](t, h.clinic, `select count(*) from market.busy where tenant_id = $1`, h.clinic.ID); n != 0 {
		t.Errorf("%d ranges are still taken", n)
	}
}

func TestAHoldThatRanOutKeepsItsPageAndOffersWhatIsNear(t *testing.T) {
	h := open(t)
	maya := h.member(t, "Maya")
	hold := maya.hold(1)
	h.clinic.SQL(t, `update appointment set held_until = now() - interval '1 second' where id = $1`, idOf(hold))
	p := maya.get(hold)
	if p.status != 200 || !strings.Contains(p.text(), "has gone back to everyone") || len(page{root: p.all("section", "id", "hold")[0]}.starts()) != 3 {
		t.Errorf("%d %s", p.status, p.text())
	}
	key := p.input("key")
	p = maya.post(hold+"/confirmation", append(details(), "key", key)...)
	if p.status != http.StatusConflict || p.input("name") != "Maya Okafor" || p.input("note") != "Left arm, please" {
		t.Errorf("confirming it: %d, name %q, note %q", p.status, p.input("name"), p.input("note"))
	}
	maya.htmx = true
	if p := maya.get(hold); len(p.all("header")) != 0 || len(p.all("section", "id", "hold")) != 1 {
		t.Error("htmx does not get the block alone")
	}
}
