package patient_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/booking"
)

// deaf lets a site keep what is taken and hear no event: what its pages show of a change is what the change itself
// told.
func deaf(site *webtest.Site) { site.Market.Busy().UpToDate(time.Now().Add(time.Hour)) }

func TestWhatOneDidOneselfShowsOnTheNextPageBeforeAnyEventTellsIt(t *testing.T) {
	site := webtest.Open(t)
	deaf(site)
	maya, leo := site.Person(t, "Maya"), site.Visitor(t)
	week := site.Times() + "?week=" + site.Day(9)
	all := leo.Get(week).Starts()
	search := "/search?reason=skin+check&near=Providence&from=" + all[0][:len(time.DateOnly)]
	shown := func(what, start string, free bool) {
		t.Helper()
		if slices.Contains(leo.Get(week).Starts(), start) != free {
			t.Errorf("%s: %s free in the calendar is not %v", what, start, free)
		}
		// the lanes of a search show the first times of a day
		if found := slices.Contains(leo.Get(search).Starts(), start); found && !free || !found && free && start == all[0] {
			t.Errorf("%s: %s free in a search is %v", what, start, found)
		}
	}
	shown("before", all[0], true)
	hold := maya.Hold(0)
	shown("held", all[0], false)
	maya.Post(hold + "/extension")
	shown("extended", all[0], false)
	maya.Post(hold + "/release")
	shown("released", all[0], true)

	maya.Hold(1)
	other := maya.Hold(1) // the second of those that are left: the first hold gives way to it
	shown("another is held", all[1], true)
	shown("another is held", all[2], false)
	booked := maya.Book(other)
	shown("booked", all[2], false)
	page := maya.Get(booked + "/reschedule?week=" + site.Day(9))
	if p := maya.Post(booked+"/reschedule", "sequence", page.Field("sequence"), "start", all[4]); p.Location != booked {
		t.Fatalf("moving: %d", p.Status)
	}
	shown("moved", all[2], true)
	shown("moved", all[4], false)
	maya.Post(booked+"/cancellation", "sequence", maya.Get(booked+"/cancellation").Field("sequence"), "why", "better")
	shown("canceled", all[4], true)
	if s := site.Market.Busy().Stats(); s.Hits == 0 || s.Bypassed > 10 {
		t.Errorf("the pages do not come from memory: %+v", s)
	}
}

func TestWhoIsRefusedATimeIsNotShownItAsFreeThoughNoEventHasToldIt(t *testing.T) {
	site := webtest.Open(t)
	deaf(site)
	maya := site.Visitor(t)
	week := site.Times() + "?week=" + site.Day(9)
	start := maya.Get(week).Starts()[0]
	at, err := time.Parse(time.RFC3339, start)
	if err != nil {
		t.Fatal(err)
	}
	c := site.Clinic()
	if _, err := booking.Hold(t.Context(), c.In(uuid.Nil), c.Offering(t), at, booking.Holder{ID: uuid.New()},
		site.Clock.Now()); err != nil { // by another process
		t.Fatal(err)
	}
	if !slices.Contains(maya.Get(week).Starts(), start) {
		t.Fatal("control: it was told")
	}
	p := maya.HoldAt(start)
	if p.Status != http.StatusConflict || slices.Contains(p.Starts(), start) || len(p.Starts()) < 3 {
		t.Errorf("%d, offered: %v", p.Status, p.Starts())
	}
}
