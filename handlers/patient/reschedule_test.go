package patient_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestChangingTheTimeBeginsAroundTheTimeOneHasAndShowsItThereOnly(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	zone, err := time.LoadLocation(site.Clinic().Zone)
	if err != nil {
		t.Fatal(err)
	}
	start := pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1`,
		webtest.IDOf(booking)).In(zone)
	p := maya.Get(booking + "/reschedule")
	mine := p.All("a", "class", "slot mine")
	if len(mine) != 1 || mine[0].Value("href") != booking ||
		!strings.Contains(p.Text(), "You have "+start.Format("Monday 2 January at 3:04 pm")) {
		t.Errorf("%d times are marked as one's own: %.300s", len(mine), p.Text())
	}
	other := start.AddDate(0, 0, 28)
	for other.Format("Mon 2") != start.Format("Mon 2") { // the same weekday and number in another month
		other = other.AddDate(0, 0, 7)
	}
	p = maya.Get(booking + "/reschedule?week=" + other.Format(time.DateOnly))
	if n := len(p.All("a", "class", "slot mine")); n != 0 || len(p.Starts()) == 0 {
		t.Errorf("in the week of %s: %d own times, %d free", other.Format(time.DateOnly), n, len(p.Starts()))
	}
}

func TestAPressOnAnotherTimeAsksOnceAndTheOldTimeCanBeTakenBackWhileItIsFree(t *testing.T) {
	site := webtest.Open(t)
	maya, leo := site.Person(t, "Maya"), site.Person(t, "Leo")
	booking := maya.Book(maya.Hold(3))
	start := func() time.Time {
		return pgtest.Value[time.Time](t, site.Clinic(), `select starts_at from appointment where id = $1`,
			webtest.IDOf(booking)).UTC()
	}
	old, times := start(), maya.Get(booking+"/reschedule?week="+site.Day(16))
	form := times.All("form", "class", "lanes")[0]
	if form.Value("method") != "get" || form.Value("action") != booking+"/reschedule/confirmation" {
		t.Fatalf("a press is sent by %q to %q", form.Value("method"), form.Value("action"))
	}
	ask := func(at string, sequence int) string {
		return booking + "/reschedule/confirmation?sequence=" + strconv.Itoa(sequence) + "&start=" + url.QueryEscape(at)
	}
	asked := maya.Get(ask(times.Starts()[1], 0))
	asked.Has(http.StatusOK, "Move it to ", "It is free for others as soon as you move.", ", instead of ")
	if !start().Equal(old) {
		t.Error("the question moved it")
	}
	if p := leo.Get(ask(times.Starts()[1], 0)); p.Status != http.StatusNotFound {
		t.Errorf("Charlie can't: %d", p.Status)
	}
	maya.Post(booking+"/reschedule", "sequence", asked.Field("sequence"), "start", asked.Field("start"))
	moved := maya.Get(booking)
	back := moved.All("a", "href", ask(old.Format(time.RFC3339), 1))
	if len(back) != 1 || !strings.Contains(moved.Text(), "Take the old time back") {
		t.Fatalf("%d ways back: %s", len(back), moved.Text())
	}
	maya.Get(back[0].Value("href")).Has(http.StatusOK, "Move it to ")
	maya.Get(ask(old.Format(time.RFC3339), 0)).Goes(booking) // it has changed since that page was made
	leo.HoldAt(old.Format(time.RFC3339))
	maya.Get(back[0].Value("href")).Has(http.StatusConflict, "Someone else has just taken")
}

func TestACancelledAppointmentNamesNoPriceAndNothingToBring(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	says := []string{"You pay at the place", "Free to cancel or move until", "Before you go"}
	for _, s := range says {
		if !strings.Contains(maya.Get(booking).Text(), s) {
			t.Errorf("negative control: %q is not said before either", s)
		}
	}
	maya.Post(booking+"/cancellation", "sequence", "0", "why", "better")
	for _, s := range says {
		if p := maya.Get(booking); !strings.Contains(p.H1(), "is canceled") || strings.Contains(p.Text(), s) {
			t.Errorf("%q still says %q", p.H1(), s)
		}
	}
}

func TestAPageThatWouldCancelSaysWhatTheAppointmentHasBecomeMeanwhile(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	cancel := booking + "/cancellation"
	opened := maya.Get(cancel).Field("sequence")
	times := maya.Get(booking + "/reschedule?week=" + site.Day(16))
	maya.Post(booking+"/reschedule", "sequence", opened, "start", times.Starts()[1]).Goes(booking)
	maya.Get(booking)
	for _, why := range []string{"better", ""} {
		maya.Post(cancel, "sequence", opened, "why", why).Goes(booking)
		maya.Get(booking).Has(http.StatusOK, "This appointment has changed since you opened the page. Your visit is now on",
			"You are booked for")
	}
	now := maya.Get(cancel).Field("sequence")
	maya.Post(cancel, "sequence", now, "why", "better").Goes(booking)
	maya.Get(booking).Has(http.StatusOK, "Canceled. The time is free")
	maya.Post(cancel, "sequence", now).Goes(booking) // from another tab, without a reason
	maya.Get(booking).Has(http.StatusOK, "Your appointment is canceled.", "Book again")
	for _, path := range []string{cancel, booking + "/reschedule", booking + "/address"} {
		maya.Get(path).Goes(booking)
		maya.Get(booking).Has(http.StatusOK, "Your appointment is canceled.")
	}
	maya.Get(booking).Lacks("Your appointment is canceled.") // said once
}

func TestPastTheCutOffAPageThatIsStillOpenSaysWhomToCall(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	site.Clinic().SQL(t, `update appointment set cancel_cutoff_minutes = 60 * 24 * 60, move_cutoff_minutes = 60 * 24 * 60`)
	const late = "This visit is too close to cancel or move online; to cancel it, call"
	for range 2 {
		maya.Post(booking+"/cancellation", "sequence", "0", "why", "better").Goes(booking)
		if text := maya.Get(booking).Text(); strings.Count(text, late) != 2 { // the notice, and the page itself
			t.Errorf("it says %d times that it is too late", strings.Count(text, late))
		}
	}
}

func TestWhatToBringIsSaidOnce(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	booking := maya.Book(maya.Hold(3))
	for _, c := range []struct {
		prep, bring, says, lacks string
	}{
		{"Bring photo ID and a list of medicines.", "Photo ID, your insurance card and a list of your medicines.",
			"What to bring Photo ID, your insurance card and a list of your medicines.", "Bring photo ID"},
		{"Bring your glucose log.", "Photo ID.", "What to bring Photo ID. Also your glucose log.", "Bring your"},
		{"Fast for eight hours.", "Photo ID.", "Before you go Fast for eight hours. What to bring Photo ID.", "Also"},
		{"Bring photo ID.", "", "Before you go Bring photo ID.", "What to bring"},
		{"", "", "Where", "Before you go"},
	} {
		site.Clinic().SQL(t, `update service set prep = $1, bring = $2`, c.prep, c.bring)
		text := strings.Join(strings.Fields(maya.Get(booking).Text()), " ")
		if !strings.Contains(text, c.says) || strings.Contains(text, c.lacks) {
			t.Errorf("%q and %q: %s", c.prep, c.bring, text)
		}
	}
}
