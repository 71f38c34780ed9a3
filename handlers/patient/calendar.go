package patient

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/views/patient"
	"kindward/views/ui"
)

// swap makes the calendar's links exchange the calendar only; without a script they load the page. Of two that are
// pressed in turn the last one counts.
var swap = templ.Attributes{"hx-target": "#times", "hx-swap": "outerHTML", "hx-push-url": "true",
	"hx-sync": "#times:replace"}

func (v *calendarView) monthPart() ui.Month {
	m := ui.Month{Title: v.month.MonthName(), Attrs: swap}
	if v.month.After(v.today.FirstOfMonth()) {
		earlier := v.month.AddDays(-1).FirstOfMonth()
		m.Earlier = &ui.Way{Text: time.Month(earlier.Month).String(), Href: v.link(earlier, civil.Date{})}
	}
	if later := v.month.NextMonth(); !later.After(v.today.AddDays(int(v.offering.Schedule.HorizonDays))) {
		m.Later = &ui.Way{Text: time.Month(later.Month).String(), Href: v.link(later, civil.Date{})}
	}
	first := v.month.Monday()
	if first.Before(v.today.Monday()) {
		first = v.today.Monday() // weeks that are over help nobody
	}
	for d := first; d.Before(v.month.NextMonth()); d = d.AddDays(7) {
		var week [7]ui.MonthDay
		for i := range week {
			if day := d.AddDays(i); day.FirstOfMonth() == v.month {
				week[i] = v.monthDay(v.day(day))
			}
		}
		m.Weeks = append(m.Weeks, week)
	}
	return m
}

func (v *calendarView) monthDay(d booking.Day) ui.MonthDay {
	out := ui.MonthDay{Number: int(d.Date.Day), Today: d.Date == v.today, Chosen: d.Date.Monday() == v.week}
	if d.State != booking.Open {
		out.None = d.State.String()
		return out
	}
	out.Free = len(d.Times)
	out.Href = v.link(v.month, d.Date.Monday())
	return out
}

func (v *calendarView) weekPart() ui.Week {
	w := ui.Week{Title: "Week of " + v.week.Long(), Attrs: swap}
	if v.week.After(v.today) {
		w.Earlier = &ui.Way{Text: "Earlier", Href: v.link(civil.Date{}, v.week.AddDays(-7))}
	}
	if next := v.week.AddDays(7); !next.After(v.today.AddDays(int(v.offering.Schedule.HorizonDays))) {
		w.Later = &ui.Way{Text: "Later", Href: v.link(civil.Date{}, next)}
	}
	layout := columnLayout(nil, civil.Date{})
	for i := range 7 {
		layout = civil.Fuller(layout, v.layout(v.day(v.week.AddDays(i))))
	}
	for i := range 7 {
		d := v.day(v.week.AddDays(i))
		w.Heads = append(w.Heads, ui.DayHead{Name: d.Date.ShortWeekday(), Number: strconv.Itoa(int(d.Date.Day)),
			Today: d.Date == v.today})
		w.Days = append(w.Days, v.weekDay(d, layout))
	}
	return w
}

func (v *calendarView) weekDay(d booking.Day, layout string) ui.Day {
	out := ui.Day{Name: patient.ShortDay(d.Date), Slots: make([]ui.Slot, 0, len(d.Times))}
	for _, s := range d.Times {
		out.Slots = append(out.Slots, slotOf(v.times, layout, v.offering.Schedule.Local(s), v.organization))
	}
	for _, m := range v.mine {
		if at, err := time.Parse(time.RFC3339, m.Value); err == nil &&
			civil.DateOf(at.In(v.offering.Schedule.Location())) == d.Date {
			m.Text = at.In(v.offering.Schedule.Location()).Format(layout)
			out.Slots = withMine(out.Slots, m)
		}
	}
	if len(out.Slots) == 0 {
		out.None = d.State.String()
	}
	return out
}

// layout is how the times of a day can be written, one's own among them; a week is written alike.
func (v *calendarView) layout(d booking.Day) string {
	var column []time.Time
	if n := len(d.Times); n > 0 {
		column = append(column, v.offering.Schedule.Local(d.Times[0]), v.offering.Schedule.Local(d.Times[n-1]))
	}
	for _, m := range v.mine {
		if at, err := time.Parse(time.RFC3339, m.Value); err == nil {
			column = append(column, at.In(v.offering.Schedule.Location()))
		}
	}
	return columnLayout(column, d.Date)
}

// columnLayout is how times of a day are written, whatever order they are in; those of other days do not count.
func columnLayout(column []time.Time, day civil.Date) string {
	column = slices.DeleteFunc(column, func(t time.Time) bool { return civil.DateOf(t) != day })
	if len(column) == 0 {
		return civil.BareLayout
	}
	return civil.ColumnLayout(slices.MinFunc(column, time.Time.Compare), slices.MaxFunc(column, time.Time.Compare))
}

// withMine puts a time that this visitor holds among the free ones, in order (E8).
func withMine(slots []ui.Slot, mine ui.Slot) []ui.Slot {
	at, _ := slices.BinarySearchFunc(slots, mine, func(a, b ui.Slot) int { return strings.Compare(a.Value, b.Value) })
	if at < len(slots) && slots[at].Value == mine.Value {
		slots[at] = mine
		return slots
	}
	return slices.Insert(slots, at, mine)
}

// slotOf is a free time as a button. Its value is the instant in UTC, so that values sort as times do.
func slotOf(f civil.TimeFormat, layout string, local time.Time, location string) ui.Slot {
	return ui.Slot{Value: local.UTC().Format(time.RFC3339), Text: local.Format(layout),
		Label: f.Full(local) + ", " + location}
}

// nothing tells where times are when the week shown has none.
func (v *calendarView) nothing(first civil.Date) *ui.Empty {
	for i := range 7 {
		if d := v.day(v.week.AddDays(i)); d.State == booking.Open {
			return nil
		}
	}
	e := &ui.Empty{Title: "Nothing is free in this week"}
	if first.Monday() != v.week && !first.Before(v.today) {
		e.Ways = []ui.Way{{Text: "Go to " + first.Long(), Href: v.link(civil.Date{}, first.Monday()),
			Yield: "the next day with a free time"}}
	}
	return e
}
