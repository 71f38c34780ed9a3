package patient

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"kindward/internal/booking"
	"kindward/views/patient"
	"kindward/views/ui"
)

// swap makes the calendar's links exchange the calendar only; without a script they load the page.
var swap = templ.Attributes{"hx-target": "#times", "hx-swap": "outerHTML", "hx-push-url": "true"}

func (v *calendarView) monthPart() ui.Month {
	m := ui.Month{Title: civil(v.month).Format("January 2006"), Attrs: swap}
	if v.month.After(firstOf(v.today)) {
		earlier := firstOf(v.month.AddDays(-1))
		m.Earlier = &ui.Way{Text: civil(earlier).Format("January"), Href: v.link(earlier, booking.Date{})}
	}
	if later := nextMonth(v.month); !later.After(v.today.AddDays(int(v.offering.Schedule.HorizonDays))) {
		m.Later = &ui.Way{Text: civil(later).Format("January"), Href: v.link(later, booking.Date{})}
	}
	first := monday(v.month)
	if first.Before(monday(v.today)) {
		first = monday(v.today) // weeks that are over help nobody
	}
	for d := first; d.Before(nextMonth(v.month)); d = d.AddDays(7) {
		var week [7]ui.MonthDay
		for i := range week {
			if day := d.AddDays(i); firstOf(day) == v.month {
				week[i] = v.monthDay(v.day(day))
			}
		}
		m.Weeks = append(m.Weeks, week)
	}
	return m
}

func (v *calendarView) monthDay(d booking.Day) ui.MonthDay {
	out := ui.MonthDay{Number: int(d.Date.Day), Today: d.Date == v.today, Chosen: monday(d.Date) == v.week}
	if d.State != booking.Open {
		out.None = d.State.String()
		return out
	}
	out.Free = len(d.Times)
	out.Href = v.link(v.month, monday(d.Date))
	return out
}

func (v *calendarView) weekPart() ui.Week {
	w := ui.Week{Title: "Week of " + civil(v.week).Format("Monday 2 January"), Attrs: swap}
	if v.week.After(v.today) {
		w.Earlier = &ui.Way{Text: "Earlier", Href: v.link(booking.Date{}, v.week.AddDays(-7))}
	}
	if next := v.week.AddDays(7); !next.After(v.today.AddDays(int(v.offering.Schedule.HorizonDays))) {
		w.Later = &ui.Way{Text: "Later", Href: v.link(booking.Date{}, next)}
	}
	for i := range 7 {
		d := v.day(v.week.AddDays(i))
		day := civil(d.Date)
		w.Heads = append(w.Heads, ui.DayHead{Name: day.Format("Mon"), Number: strconv.Itoa(day.Day()), Today: d.Date == v.today})
		w.Days = append(w.Days, v.weekDay(d))
	}
	return w
}

func (v *calendarView) weekDay(d booking.Day) ui.Day {
	out := ui.Day{Name: patient.ShortDay(civil(d.Date))}
	for _, s := range d.Times {
		out.Slots = append(out.Slots, slotOf(v.offering.Schedule.Local(s), v.organization))
	}
	for _, m := range v.mine {
		if at, err := time.Parse(time.RFC3339, m.Value); err == nil && booking.DateOf(at.In(v.offering.Schedule.Location())) == d.Date {
			out.Slots = withMine(out.Slots, m)
		}
	}
	if len(out.Slots) == 0 {
		out.None = d.State.String()
	}
	return out
}

// withMine puts a time that this visitor holds among the free ones, in order (E8).
func withMine(slots []ui.Slot, mine ui.Slot) []ui.Slot {
	at, _ := slices.BinarySearchFunc(slots, mine, func(a, b ui.Slot) int { return compare(a.Value, b.Value) })
	if at < len(slots) && slots[at].Value == mine.Value {
		slots[at] = mine
		return slots
	}
	return slices.Insert(slots, at, mine)
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// slotOf is a free time as a button. Its value is the instant in UTC, so that values sort as times do.
func slotOf(local time.Time, place string) ui.Slot {
	return ui.Slot{Value: local.UTC().Format(time.RFC3339), Text: local.Format("3:04"), Label: patient.When(local) + ", " + place}
}

// nothing tells where times are when the week shown has none.
func (v *calendarView) nothing(first booking.Date) *ui.Empty {
	for i := range 7 {
		if d := v.day(v.week.AddDays(i)); d.State == booking.Open {
			return nil
		}
	}
	e := &ui.Empty{Title: "Nothing is free in this week"}
	if monday(first) != v.week && !first.Before(v.today) {
		e.Ways = []ui.Way{{Text: "Go to " + civil(first).Format("Monday 2 January"), Href: v.link(booking.Date{}, monday(first)), Yield: "the next day with a free time"}}
	}
	return e
}
