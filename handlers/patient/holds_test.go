package patient_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/booking"
	"kindward/internal/pgtest"
)

func TestATimeIsHeldAndShownAsMine(t *testing.T) {
	site := webtest.Open(t)
	maya, leo := site.Visitor(t), site.Visitor(t)
	hold := maya.Hold(2)
	p := maya.Get(hold)
	if p.Status != 200 || len(p.All("span", "role", "timer")) != 1 || p.H1() != "Sign in to book this time" {
		t.Errorf("the hold's page: %d %q", p.Status, p.H1())
	}
	if p.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a personal page may be stored: %q", p.Header.Get("Cache-Control"))
	}
	week := p.All("a", "class", "tag back")[0].Value("href")
	if back := maya.Get(week); len(back.All("a", "class", "slot mine")) != 1 {
		t.Error("E8 after going back the own time is not shown as mine")
	}
	if other := leo.Get(week); len(other.All("a", "class", "slot mine")) != 0 {
		t.Error("E8 somebody else sees the time as theirs")
	}
	again := maya.Post(site.Place()+"/holds", "listing", site.Clinic().OfferingID.String(), "start",
		pgtest.Value[string](t, site.Clinic(),
			`select to_char(starts_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from appointment where id = $1`,
			webtest.IDOf(hold)))
	if again.Location != hold {
		t.Errorf("E8 pressing the own time again leads to %s", again.Location)
	}
	t.Run("Charlie can't", func(t *testing.T) {
		for _, path := range []string{hold, hold + "/extension", hold + "/release", hold + "/confirmation"} {
			method := http.MethodPost
			if path == hold {
				method = http.MethodGet
			}
			p := leo.Do(method, path, nil)
			if p.Status != http.StatusNotFound && p.Status != http.StatusSeeOther || strings.Contains(p.Text(), "Skin check") {
				t.Errorf("%s %s: %d", method, path, p.Status)
			}
		}
		if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from claim where state = 'held'`); n != 1 {
			t.Errorf("%d holds live", n)
		}
	})
}

func TestATakenTimeIs409WithThreeAlternatives(t *testing.T) {
	site := webtest.Open(t)
	maya, leo := site.Visitor(t), site.Visitor(t)
	hold := maya.Hold(5)
	start := pgtest.Value[string](t, site.Clinic(),
		`select to_char(starts_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') from appointment where id = $1`,
		webtest.IDOf(hold))
	p := leo.Post(site.Place()+"/holds", "listing", site.Clinic().OfferingID.String(), "start", start)
	if p.Status != http.StatusConflict || !strings.Contains(p.Text(), "Someone else has just taken") {
		t.Fatalf("%d %s", p.Status, p.Text())
	}
	lost := p.All("section", "id", "hold")
	if len(lost) != 1 {
		t.Fatalf("%d blocks say that it is lost", len(lost))
	}
	offered := lost[0].Starts()
	if len(offered) != 3 {
		t.Fatalf("E4 %d alternatives", len(offered))
	}
	if p := leo.Post(site.Place()+"/holds", "listing", site.Clinic().OfferingID.String(), "start",
		offered[0]); p.Status != http.StatusSeeOther {
		t.Errorf("an alternative cannot be taken: %d", p.Status)
	}
}

func TestAHoldIsExtendedOnceAndReleased(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Visitor(t)
	hold := maya.Hold(0)
	left := func() int {
		return int(pgtest.Value[float64](t, site.Clinic(),
			`select extract(epoch from held_until - now())::float8 from appointment where id = $1`, webtest.IDOf(hold)))
	}
	for range 2 {
		if p := maya.Post(hold + "/extension"); p.Location != hold {
			t.Fatalf("extension: %d %s", p.Status, p.Location)
		}
	}
	if n := left(); n < 14*60 || n > 15*60 {
		t.Errorf("after two wishes for more time %d seconds are left, not fifteen minutes", n)
	}
	if p := maya.Get(hold); !strings.Contains(p.Text(), "You have had the extra time") ||
		strings.Contains(p.Text(), "Give me more time") {
		t.Error("the page does not say that there is no more time to be had")
	}
	if p := maya.Post(hold + "/release"); p.Status != http.StatusSeeOther ||
		!strings.Contains(p.Location, "/times?week=") {
		t.Errorf("release: %d %s", p.Status, p.Location)
	}
	if n := pgtest.Value[int64](t, site.Clinic(), `select count(*) from market.busy where tenant_id = $1`,
		site.Clinic().ID); n != 0 {
		t.Errorf("%d ranges are still taken", n)
	}
}

func TestAHoldThatRanOutKeepsItsPageAndOffersWhatIsNear(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(1)
	site.Clinic().SQL(t, `update appointment set held_until = now() - interval '1 second' where id = $1`,
		webtest.IDOf(hold))
	p := maya.Get(hold)
	if p.Status != 200 || !strings.Contains(p.Text(), "has gone back to everyone") ||
		len(p.All("section", "id", "hold")[0].Starts()) != 3 {
		t.Errorf("%d %s", p.Status, p.Text())
	}
	key := p.Field("key")
	p = maya.Post(hold+"/confirmation", append(webtest.Details(), "key", key)...)
	if p.Status != http.StatusConflict || p.Field("name") != "Maya Okafor" || p.Field("note") != "Left arm, please" {
		t.Errorf("confirming it: %d, name %q, note %q", p.Status, p.Field("name"), p.Field("note"))
	}
	if p := maya.HTMX().Get(hold); len(p.All("header")) != 0 || len(p.All("section", "id", "hold")) != 1 {
		t.Error("htmx does not get the block alone")
	}
}

func TestAHoldWhosePageSaysThatItIsOverIsNotShownAsOnesOwn(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Visitor(t)
	hold := maya.Hold(3)
	week := maya.Get(hold).All("a", "class", "tag back")[0].Value("href")
	if len(maya.Get(week).All("a", "class", "slot mine")) != 1 {
		t.Fatal("the control: while it lives it is not shown as one's own")
	}
	if _, err := booking.FreeHold(t.Context(), site.Clinic().In(uuid.Nil), webtest.IDOf(hold)); err != nil {
		t.Fatal(err) // as when its release went through and the answer was lost: the browser knows nothing of it
	}
	if p := maya.Get(hold); !strings.Contains(p.Text(), "has gone back to everyone") {
		t.Fatalf("its page: %d %s", p.Status, p.Text())
	}
	if len(maya.Get(week).All("a", "class", "slot mine")) != 0 {
		t.Error("the calendar shows it as one's own")
	}
}

func TestWhoeverBlocksCookiesAndTakesATimeIsToldSo(t *testing.T) {
	site := webtest.Open(t)
	hold := site.Visitor(t).Hold(0)
	site.Visitor(t).Get(hold).Has(http.StatusNotFound, "Your browser does not keep our cookie")
	site.Visitor(t).Get(hold, "Sec-Fetch-Site", "none").Has(http.StatusNotFound, "There is no page here") // a link
	with := site.Visitor(t)
	with.Hold(1)
	with.Get(hold).Has(http.StatusNotFound, "No time is held for you here") // the control: somebody else's
}
