package ui_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"kindward/views/ui"
)

func TestATimeIsAButtonThatPostsItself(t *testing.T) {
	x := render(t, ui.Times{Action: "/places/x/holds", Hidden: []ui.Hidden{{Name: "listing", Value: "7"}},
		Slots: []ui.Slot{
			{Value: "100", Text: "9:20", Label: "Tuesday 24 November, 9:20 am, Lab"},
			{Value: "200", Text: "9:40", Label: "Tuesday 24 November, 9:40 am, Lab", State: ui.Soonest},
			{Text: "10:00", Label: "Tuesday 24 November, 10:00 am, Lab", State: ui.Taken},
			{Text: "10:20", Label: "Tuesday 24 November, 10:20 am, Lab", State: ui.Mine, Href: "/places/x/holds/9"},
		}})
	x.one("form", "method=post", "action=/places/x/holds")
	x.one("input", "type=hidden", "name=listing", "value=7")
	free := x.one("button", "class=slot", "name=start", "value=100", "type=submit")
	if !strings.Contains(value(free, "aria-label"), words(free)) {
		t.Error("what is heard must contain what is seen")
	}
	x.one("button", "class=slot soonest", "value=200")
	if got := words(x.one("span", "class=slot taken")); !strings.Contains(got, "is taken") {
		t.Errorf("a taken time is read as %q", got)
	}
	if got := words(x.one("a", "class=slot mine", "href=/places/x/holds/9")); !strings.HasPrefix(got, "10:20 yours") {
		t.Errorf("my own time is read as %q", got)
	}
	if len(x.all("button")) != 2 {
		t.Error("only free times can be taken")
	}
}

func TestADayWithoutTimesSaysWhyAndWhich(t *testing.T) {
	x := render(t, ui.Result{Name: "Lab", Days: []ui.Day{
		{Name: "Thu 26", None: "Closed"},
		{Name: "Fri 27", Slots: []ui.Slot{{Value: "1", Text: "9:00"}}, More: 6, Href: "/all",
			Label: "6 more times on Friday 27 November at Lab"},
	}})
	if got := words(x.one("span", "class=none")); got != "Thu 26: Closed" {
		t.Errorf("the day is read as %q", got)
	}
	if got := words(x.one("a", "class=more", "href=/all",
		"aria-label=6 more times on Friday 27 November at Lab")); got != "6 more" {
		t.Errorf("the rest is shown as %q", got)
	}
}

func TestATimetableLeadsToOtherDaysOnlyWhereThereAreSome(t *testing.T) {
	first := render(t, ui.Timetable{Label: "Results", Heads: []ui.DayHead{{Name: "Today", Number: "23", Today: true}},
		Later: "/later"})
	if len(first.all("a")) != 1 {
		t.Error("nothing lies before the first day")
	}
	first.one("a", "href=/later")
	first.one("section", "aria-label=Results")
}

func TestAMonthReadsEachDayInFull(t *testing.T) {
	x := render(t, ui.Month{Title: "December 2026", Later: &ui.Way{Text: "January", Href: "/jan"},
		Weeks: [][7]ui.MonthDay{{
			{}, {Number: 1, None: "Closed"}, {Number: 2, Free: 12, Href: "/week", Chosen: true},
		}}})
	if got := words(x.one("a", "href=/week", "aria-current=true")); got != "Wednesday 2 December, 12 free" {
		t.Errorf("a day is read as %q", got)
	}
	if got := words(x.one("span", "class=shut")); got != "Tuesday 1 December, Closed" {
		t.Errorf("a closed day is read as %q", got)
	}
	x.one("a", "rel=next", "href=/jan")
	if len(x.all("a")) != 2 || len(x.all("th", "scope=col")) != 7 || len(x.all("td")) != 7 {
		t.Error("seven days have seven heads; only a day with free times is a link")
	}
}

func TestAWeekShowsEveryDayUnderItsHead(t *testing.T) {
	x := render(t, ui.Week{Title: "Week of Monday 7 December", Action: "/holds",
		Heads: []ui.DayHead{{Name: "Mon", Number: "7"}, {Name: "Tue", Number: "8"}},
		Days: []ui.Day{{Slots: []ui.Slot{{Value: "1", Text: "9:00", Label: "Monday, 9:00 am"}}},
			{Name: "Tue 8", None: "Full"}}})
	var heads []string
	for _, h := range x.all("h3") {
		heads = append(heads, words(h))
	}
	if strings.Join(heads, ",") != "Mon 7,Tue 8" || len(x.all("button", "name=start")) != 1 {
		t.Errorf("heads %v, markup %s", heads, x.text)
	}
}

func TestAHoldIsTrueWithoutAScript(t *testing.T) {
	x := render(t, ui.Hold{Left: 512, Total: 600, Until: "10:42 am", Extend: "/h/9/extension", Ended: "/h/9/ended"})
	if got := words(x.one("span", "role=timer", "data-until=512")); got != "8:32" {
		t.Errorf("the clock shows %s", got)
	}
	if got := words(x.one("p", "class=until")); !strings.HasPrefix(got, "Until 10:42 am.") {
		t.Errorf("it says %q", got)
	}
	x.one("rect", "data-bar=600", "width=85.3")
	x.one("form", "method=post", "action=/h/9/extension", "data-extend")
	x.one("div", "id=hold", "hx-get=/h/9/ended", "hx-trigger=ended", "hx-target=#hold")
	x.one("button", "hx-post=/h/9/extension", "hx-target=#hold")
	render(t, ui.HoldSays()).one("p", "role=status", "data-say")

	once := render(t, ui.Hold{Left: 9, Total: 0, Until: "10:42 am", Extended: true})
	if len(once.all("form")) != 0 || !strings.Contains(once.text, "You have had the extra time.") {
		t.Error("more time can be asked for once")
	}
	if len(once.all("div", "hx-get")) != 0 {
		t.Error("a hold without an address for its end must not ask for one")
	}
	once.one("rect", "width=0")
}

func TestALostHoldOffersTheNearestTimes(t *testing.T) {
	x := render(t, ui.HoldEnded{Title: "Someone else has just booked 9:20 am", Text: "Your details are kept.",
		Times: ui.Times{Action: "/holds", Slots: []ui.Slot{{Value: "1", Text: "9:40"}, {Value: "2", Text: "10:00"},
			{Value: "3", Text: "10:20"}}}, All: "/times"})
	x.one("section", "id=hold", "role=status")
	if len(x.all("button", "name=start")) != 3 {
		t.Error("the three nearest times are missing")
	}
	x.one("a", "href=/times")
}

func TestBarsStayInsideTheirLength(t *testing.T) {
	for want, m := range map[string]ui.Meter{"0.0": {Value: -5, Of: 10}, "100.0": {Value: 50, Of: 10},
		"50.0": {Value: 5, Of: 10}, "0": {Value: 5}} {
		render(t, m).one("rect", "class=fill", "width="+want)
	}
	render(t, ui.Meter{Value: 5, Of: 10, Tone: ui.Warn}).one("rect", "class=fill warn", "width=50.0")
}

func TestSuggestionsAreLinksAndNothingIsNothing(t *testing.T) {
	x := render(t, ui.Suggestions(
		[]ui.Suggestion{{Text: "Blood test", Href: "/search?reason=Blood+test", Small: "also called blood work"}}, "", ""))
	if got := words(x.one("a", "href=/search?reason=Blood+test")); got != "Blood test also called blood work" {
		t.Errorf("a suggestion is read as %q", got)
	}
	if none := render(t, ui.Suggestions(nil, "", "")); none.text != "" {
		t.Errorf("no suggestion renders %q", none.text)
	}
}

func TestALinkNeverRunsAScript(t *testing.T) {
	const evil = "javascript:alert(1)"
	for name, x := range map[string]tree{
		"link":   render(t, ui.LinkButton{Text: "a", Href: evil}),
		"way":    render(t, ui.Ways([]ui.Way{{Text: "a", Href: evil}})),
		"result": render(t, ui.Result{Name: "a", Href: evil, Action: evil}),
		"notice": render(t, ui.Notice{Text: "a", Href: evil, Link: "b"}),
		"slot":   render(t, ui.Times{Action: evil, Slots: []ui.Slot{{State: ui.Mine, Href: evil}}}),
	} {
		for n := range x.root.Descendants() {
			if n.Type == html.ElementNode && (strings.HasPrefix(value(n, "href"), "javascript") ||
				strings.HasPrefix(value(n, "action"), "javascript")) {
				t.Errorf("%s: <%s> runs a script", name, n.Data)
			}
		}
	}
	render(t, ui.LinkButton{Text: "a", Href: "/real"}).one("a", "href=/real") // the control
}
