package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kindward/internal/browser"
)

// expire makes a hold run out so many seconds from now.
func (h *house) expire(t *testing.T, hold string, seconds int) {
	t.Helper()
	place, id := strings.Split(hold, "/")[2], hold[strings.LastIndex(hold, "/")+1:]
	h.sql(t, place, `with a as (update appointment set held_until = now() + $2 * interval '1 second' where id = $1 returning held_until)
		update claim set expires_at = (select held_until from a) where appointment_id = $1`, id, seconds)
	h.sql(t, "", `update market.busy set expires_at = now() + $2 * interval '1 second' where id in (select id from `+h.tenant(t, place).Schema+`.claim where appointment_id = $1)`, id, seconds)
}

// lastFree is the name of the last free time on the page.
func lastFree(v *browser.Tab) string {
	return browser.Eval[string](v, `[...document.querySelectorAll("button.slot")].at(-1).getAttribute("aria-label")`)
}

// nextWeek is the page of times of a week that has not begun: of this one, only a single time may be left.
func nextWeek(times string) string {
	return times + "?week=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
}

func TestAHoldThatRunsOutKeepsWhatWasTypedAndOffersTheNearestTimes(t *testing.T) {
	both(t, func(t *testing.T, h *house, way func(*browser.Options)) {
		maya := h.maya(t)
		hold := maya.hold(h.timesAt(t, foxPoint, "Flu shot Paola Castro"))
		v := h.visit(t, way, maya.with)
		h.expire(t, hold, 12)
		v.Go(hold)
		v.Sees("We are holding this time for you")
		v.Type("Anything they should know?", "I come by bus.")
		v.Type("Mobile number", "401 555 0199")
		if script(v) {
			v.Until("the page says that little time is left", `document.querySelector("[data-say]").textContent.includes("left to book this time")`)
			v.Sees("has gone back to everyone") // by itself
		} else {
			v.Choose("I pay myself")
			v.Choose("Share these details")
			h.expire(t, hold, 0)
			v.Press("Book ")
			v.Sees("has gone back to everyone")
			if v.Status() != http.StatusConflict {
				t.Errorf("a dead hold is answered with %d", v.Status())
			}
		}
		v.Sees("What you typed is kept here", "The nearest free times")
		if n := browser.Eval[int](v, `document.querySelectorAll("#hold .slot").length`); n != 3 {
			t.Errorf("%d times are offered, not three", n)
		}
		kept := func() {
			t.Helper()
			if got := v.Value("Anything they should know?"); got != "I come by bus." {
				t.Errorf("the note is now %q", got)
			}
			if got := v.Value("Mobile number"); got != "401 555 0199" {
				t.Errorf("the number is now %q", got)
			}
		}
		kept()
		v.PressAt("#hold .slot")
		v.Sees("We are holding this time for you")
		if v.Path() == hold {
			t.Error("the new hold is the old one")
		}
		kept()
		v.Choose("I pay myself")
		v.Choose("Share these details")
		v.Press("Book ")
		v.Sees("You are booked for")
		silent(t, v)
	})
}

func TestATimeTakenMeanwhileIsRefusedWithThreeAlternatives(t *testing.T) {
	both(t, func(t *testing.T, h *house, way func(*browser.Options)) {
		times := h.timesAt(t, foxPoint, "Flu shot Paola Castro")
		v := h.visit(t, way)
		v.Go(times)
		v.Sees("When would you like to come?")
		label := browser.Eval[string](v, `document.querySelector(".lanes .slot").getAttribute("aria-label")`)
		value := browser.Eval[string](v, `document.querySelector(".lanes .slot").value`)
		listing := browser.Eval[string](v, `document.querySelector(".lanes input[name=listing]").value`)

		other := h.someone(t)
		if r := other.post("/places/"+foxPoint+"/holds", url.Values{"listing": {listing}, "start": {value}}); r.status != http.StatusSeeOther {
			t.Fatalf("the other patient gets %d", r.status)
		}
		v.Press(label)
		v.Sees("Someone else has just taken", "The nearest free times", "When would you like to come?")
		if v.Status() != http.StatusConflict {
			t.Errorf("answered with %d", v.Status())
		}
		if n := browser.Eval[int](v, `document.querySelectorAll("#hold .slot").length`); n != 3 {
			t.Errorf("%d times are offered, not three", n)
		}
		if browser.Eval[bool](v, `[...document.querySelectorAll("button.slot")].some(b => b.value === "`+value+`")`) {
			t.Error("the time that is gone is offered still")
		}
		v.PressAt("#hold .slot")
		v.Sees("We are holding this time for you")
		silent(t, v)
	})
}

func TestAfterGoingBackTheHeldTimeIsTheVisitorsOwn(t *testing.T) {
	both(t, func(t *testing.T, h *house, way func(*browser.Options)) {
		for _, start := range []string{"/search?reason=flu+shot&near=02906", h.timesAt(t, foxPoint, "Flu shot Esperanza Rosario")} {
			v := h.visit(t, way)
			v.Go(h.timesAt(t, foxPoint, "Flu shot Esperanza Rosario"))
			v.PressAt(".lanes button.slot") // somebody who has a session already gets no cookie with the next time
			v.Press("Let this time go")
			v.Go(start)
			v.PressAt(`form[action="/places/` + foxPoint + `/holds"] button.slot`)
			v.Sees("We are holding this time for you")
			hold := v.Path()
			v.Back()
			v.Until("the time is shown as one's own on "+start, `[...document.querySelectorAll("a.slot.mine")].some(a => a.textContent.includes("yours") && a.getAttribute("href") === "`+hold+`")`)
			v.PressAt("a.slot.mine")
			v.Sees("We are holding this time for you")
			if v.Path() != hold {
				t.Errorf("one's own time leads to %s, not to %s", v.Path(), hold)
			}
			v.Press("Let this time go")
			v.Sees("When would you like to come?")
			v.Until("the time is free again", `!document.querySelector("a.slot.mine")`)
			silent(t, v)
		}
	})
}

func TestASecondTimeInAnotherTabTakesThePlaceOfTheFirst(t *testing.T) {
	both(t, func(t *testing.T, h *house, way func(*browser.Options)) {
		times := nextWeek(h.timesAt(t, foxPoint, "Blood pressure check Timothy Roy"))
		one := h.visit(t, way)
		two := one.Another()
		one.Go(times)
		two.Go(times)
		one.PressAt(".lanes button.slot")
		one.Sees("We are holding this time for you")
		two.Press(lastFree(two))
		two.Sees("We are holding this time for you")
		one.Reload()
		one.Sees("has gone back to everyone", "The nearest free times")
		two.Reload()
		two.Sees("We are holding this time for you")
		silent(t, one, two)
	})
}

func TestMoreTimeCanBeHadOnce(t *testing.T) {
	both(t, func(t *testing.T, h *house, way func(*browser.Options)) {
		v := h.visit(t, way)
		v.Go(h.timesAt(t, wickenden, "blood"))
		v.PressAt(".lanes button.slot")
		v.Sees("We are holding this time for you")
		until := browser.Eval[string](v, `document.querySelector(".hold .until").textContent`)
		v.Press("Give me more time")
		v.Sees("You have had the extra time.")
		if now := browser.Eval[string](v, `document.querySelector(".hold .until").textContent`); now == until {
			t.Errorf("the hold still ends %q", now)
		}
		if browser.Eval[bool](v, `!!document.querySelector(".hold .extend")`) {
			t.Error("more time is offered twice")
		}
		silent(t, v)
	})
}

func TestARescheduleLinkUsedTwiceMovesNothingTwice(t *testing.T) {
	both(t, func(t *testing.T, h *house, way func(*browser.Options)) {
		maya := h.maya(t)
		booking := maya.book(maya.hold(h.timesAt(t, foxPoint, "Minor wound care Paola Castro")))
		one := h.visit(t, way, maya.with)
		two := one.Another()
		one.Go(nextWeek(booking + "/reschedule"))
		two.Go(nextWeek(booking + "/reschedule"))
		one.PressAt(".lanes button.slot")
		one.Sees("Moved to", "You are booked for")
		moved := one.Heading()
		two.Press(lastFree(two))
		two.Sees("This appointment has changed since you opened the page", "nothing was moved")
		if two.Heading() != moved {
			t.Errorf("the second use moved it: %q, then %q", moved, two.Heading())
		}
		one.Go("/bookings")
		if n := browser.Eval[int](one, `document.querySelectorAll("main a[href='`+booking+`']").length`); n != 1 {
			t.Errorf("the appointment is listed %d times", n)
		}
		silent(t, one, two)
	})
}
