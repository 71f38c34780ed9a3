package journeys_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// lastFree is the name of the last free time on the page.
func lastFree(v *browser.Tab) string {
	return browser.Eval[string](v, `[...document.querySelectorAll("button.slot")].at(-1).getAttribute("aria-label")`)
}

// nextWeek is the page of times of a week that has not begun: of this one, only a single time may be left.
func nextWeek(times string) string {
	return times + "?week=" + time.Now().AddDate(0, 0, 7).Format(time.DateOnly)
}

func TestAHoldThatRunsOutKeepsWhatWasTypedAndOffersTheNearestTimes(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		maya := site.SignedIn(t, "maya@example.test")
		hold := maya.Hold(t, site.TimesAt(t, sitetest.FoxPoint, "Flu shot Paola Castro"))
		v := site.Visit(t, way, maya.Browser(t))
		site.Expire(t, hold, 12)
		v.Go(hold)
		v.Sees("We are holding this time for you")
		v.Type("Anything they should know?", "I come by bus.")
		v.Type("Mobile number", "401 555 0199")
		if script(v) {
			v.Until("the page says that little time is left",
				`document.querySelector("[data-say]").textContent.includes("left to book this time")`)
			v.Sees("has gone back to everyone") // by itself
		} else {
			v.Choose("I pay myself")
			agree(v)
			site.Expire(t, hold, 0)
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
		agree(v)
		v.Press("Book ")
		v.Sees("You are booked for")
		sitetest.Silent(t, v)
	})
}

func TestATimeTakenMeanwhileIsRefusedWithThreeAlternatives(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		times := site.TimesAt(t, sitetest.FoxPoint, "Flu shot Paola Castro")
		v := site.Visit(t, way)
		v.Go(times)
		v.Sees("When would you like to come?")
		label := browser.Eval[string](v, `document.querySelector(".lanes .slot").getAttribute("aria-label")`)
		value := browser.Eval[string](v, `document.querySelector(".lanes .slot").value`)
		listing := browser.Eval[string](v, `document.querySelector(".lanes input[name=listing]").value`)

		other := site.Person(t)
		if r := other.Post(t, "/places/"+sitetest.FoxPoint+"/holds",
			url.Values{"listing": {listing}, "start": {value}}); r.Status != http.StatusSeeOther {
			t.Fatalf("the other patient gets %d", r.Status)
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
		sitetest.Silent(t, v)
	})
}

func TestAfterGoingBackTheHeldTimeIsTheVisitorsOwn(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		for _, start := range []string{"/search?reason=flu+shot&near=02906",
			site.TimesAt(t, sitetest.FoxPoint, "Flu shot Esperanza Rosario")} {
			v := site.Visit(t, way)
			v.Go(site.TimesAt(t, sitetest.FoxPoint, "Flu shot Esperanza Rosario"))
			v.PressAt(".lanes button.slot") // somebody who has a session already gets no cookie with the next time
			v.Press("Let this time go")
			v.Go(start)
			v.PressAt(`form[action="/places/` + sitetest.FoxPoint + `/holds"] button.slot`)
			v.Sees("We are holding this time for you")
			hold := v.Path()
			v.Back()
			v.Until("the time is shown as one's own on "+start,
				`[...document.querySelectorAll("a.slot.mine")].some(a => a.textContent.includes("yours") && a.getAttribute("href") === "`+hold+`")`)
			v.PressAt("a.slot.mine")
			v.Sees("We are holding this time for you")
			if v.Path() != hold {
				t.Errorf("one's own time leads to %s, not to %s", v.Path(), hold)
			}
			v.Press("Let this time go")
			v.Sees("When would you like to come?")
			v.Until("the time is free again", `!document.querySelector("a.slot.mine")`)
			sitetest.Silent(t, v)
		}
	})
}

func TestASecondTimeInAnotherTabTakesThePlaceOfTheFirst(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		times := nextWeek(site.TimesAt(t, sitetest.FoxPoint, "Blood pressure check Timothy Roy"))
		one := site.Visit(t, way)
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
		sitetest.Silent(t, one, two)
	})
}

func TestMoreTimeCanBeHadOnce(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		maya := site.SignedIn(t, "maya@example.test")
		v := site.Visit(t, way, maya.Browser(t))
		v.Go(maya.Hold(t, site.TimesAt(t, sitetest.Wickenden, "blood")))
		v.Sees("We are holding this time for you")
		v.Type("Anything they should know?", "I come by bus.")
		agree(v)
		until := browser.Eval[string](v, `document.querySelector(".hold .until").textContent`)
		v.Press("Give me more time")
		v.Sees("You have had the extra time.")
		if now := browser.Eval[string](v, `document.querySelector(".hold .until").textContent`); now == until {
			t.Errorf("the hold still ends %q", now)
		}
		if browser.Eval[bool](v, `!!document.querySelector(".hold .extend")`) {
			t.Error("more time is offered twice")
		}
		if kept := v.Value("Anything they should know?"); kept != "I come by bus." ||
			!browser.Eval[bool](v, `(box => !box || box.checked)(document.getElementById("share"))`) {
			t.Errorf("what was typed and agreed to is gone: %q", kept)
		}
		sitetest.Silent(t, v)
	})
}

func TestARescheduleLinkUsedTwiceMovesNothingTwice(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		maya := site.SignedIn(t, "maya@example.test") // of whom other journeys make visits elsewhere
		booking := maya.Book(t, maya.Hold(t, site.TimesAt(t, sitetest.Wickenden, "Strep swab")))
		one := site.Visit(t, way, maya.Browser(t))
		two := one.Another()
		one.Go(nextWeek(booking + "/reschedule"))
		two.Go(nextWeek(booking + "/reschedule"))
		one.PressAt(".lanes button.slot")
		one.Press("Move the appointment")
		one.Sees("Moved to", "You are booked for")
		moved := one.Heading()
		two.Press(lastFree(two))
		two.Sees("This appointment has changed since you opened the page", "Your visit is now on")
		if two.Heading() != moved {
			t.Errorf("the second use moved it: %q, then %q", moved, two.Heading())
		}
		one.Go("/bookings")
		if n := browser.Eval[int](one, `document.querySelectorAll("main a[href='`+booking+`']").length`); n != 1 {
			t.Errorf("the appointment is listed %d times", n)
		}
		sitetest.Silent(t, one, two)
	})
}
