package region

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// hours are those of one schedule, as the slot function takes them.
type hours struct {
	week    [7][]booking.Window
	special map[civil.Date][]booking.Window
}

// on are the windows of a date.
func (h *hours) on(day civil.Date) []booking.Window {
	if windows, ok := h.special[day]; ok {
		return windows
	}
	return h.week[day.Weekday()]
}

// week is what somebody works: open stretches and breaks by weekday.
type week struct{ open, breaks [7][]booking.Window }

func (k *week) shift(day time.Weekday, from, to, pauseFrom, pauseTo int) {
	k.open[day] = append(k.open[day], booking.Window{From: int16(from), To: int16(to)})
	if pauseFrom < pauseTo {
		k.breaks[day] = append(k.breaks[day], booking.Window{From: int16(pauseFrom), To: int16(pauseTo)})
	}
}

// clinicianWeek is one person's week: four or five days, lunch, for some a late evening or a Saturday morning.
func clinicianWeek(d random) week {
	var k week
	days := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	if d.percent(45) {
		at := d.below(len(days))
		days = slices.Delete(days, at, at+1)
	}
	from := pick(d, []int{420, 450, 480, 480, 480, 510, 540, 540})
	to := pick(d, []int{960, 1020, 1020, 1020, 1050, 1080})
	lunch := pick(d, []int{690, 720, 720, 735, 750})
	rest := pick(d, []int{30, 30, 45, 60, 60})
	late := time.Weekday(-1)
	if d.percent(25) {
		late = pick(d, days)
	}
	for _, day := range days {
		if day == late {
			k.shift(day, 720, 1200, 960, 990)
		} else {
			k.shift(day, from, to, lunch, lunch+rest)
		}
	}
	if d.percent(15) {
		k.shift(time.Saturday, 540, 780, 0, 0)
	}
	return k
}

// halves splits a week between two locations, day by day.
func (k week) halves() (a, b week) {
	n := 0
	for day := range 7 {
		if len(k.open[day]) == 0 {
			continue
		}
		into := &a
		if n++; n%2 == 0 {
			into = &b
		}
		into.open[day], into.breaks[day] = k.open[day], k.breaks[day]
	}
	return a, b
}

// drawWeek is that of draw stations: early, some on Saturdays, few on Sundays.
func drawWeek(d random) week {
	var k week
	from, to := pick(d, []int{390, 420, 420, 450}), pick(d, []int{930, 960, 1020, 1080})
	pause := pick(d, []int{0, 0, 0, 30})
	for day := time.Monday; day <= time.Friday; day++ {
		k.shift(day, from, to, 720, 720+pause)
	}
	if d.percent(60) {
		k.shift(time.Saturday, from, pick(d, []int{720, 780}), 0, 0)
	}
	if d.percent(15) {
		k.shift(time.Sunday, 480, 720, 0, 0)
	}
	return k
}

func imagingWeek(d random) week {
	var k week
	for day := time.Monday; day <= time.Friday; day++ {
		k.shift(day, 480, pick(d, []int{1020, 1020, 1080, 1140}), 720, 750)
	}
	if d.percent(40) {
		k.shift(time.Saturday, 480, 840, 0, 0)
	}
	return k
}

func scannerWeek(random) week {
	var k week
	for day := time.Monday; day <= time.Saturday; day++ {
		k.shift(day, 420, 1260, 0, 0)
	}
	return k
}

func nurseWeek(d random) week {
	var k week
	for day := time.Monday; day <= time.Saturday; day++ {
		k.shift(day, 480, 1140, 720, 900-60*d.below(3))
	}
	if d.percent(50) {
		k.shift(time.Sunday, 540, 900, 0, 0)
	}
	return k
}

func therapistWeek(d random) week {
	var k week
	for day := time.Monday; day <= time.Friday; day++ {
		k.shift(day, pick(d, []int{480, 510, 540}), 1050, 720, 765)
	}
	return k
}

func caregiverWeek(random) week {
	var k week
	for day := time.Sunday; day <= time.Saturday; day++ {
		k.shift(day, 420, 1260, 0, 0)
	}
	return k
}

// nightWeek begins at midnight, because hours belong to one day of the calendar.
func nightWeek(random) week {
	var k week
	for day := time.Sunday; day <= time.Saturday; day++ {
		k.shift(day, 0, 600, 0, 0)
	}
	return k
}

// schedule writes a week and its exceptions. vacation is when its person is away, if anybody.
func (g *generator) schedule(o *organization, location uuid.UUID, person *uuid.UUID, name string, k week,
	vacation []civil.Date) uuid.UUID {
	n := len(o.schedules)
	id := g.id("schedule", o.index, n)
	o.schedules = append(o.schedules, schedule{id, location, person, name})
	h := &hours{special: map[civil.Date][]booking.Window{}}
	o.hours[id] = h
	for day := range 7 {
		h.week[day] = booking.Hours(k.open[day], k.breaks[day])
		for _, of := range []struct {
			kind    string
			windows []booking.Window
		}{{"open", k.open[day]}, {"break", k.breaks[day]}} {
			for _, x := range of.windows {
				o.weekly = append(o.weekly, weeklyHours{g.id("hours", o.index, len(o.weekly)), id, day, of.kind, x.From, x.To})
			}
		}
	}
	g.except(g.random("exceptions", o.index, n), o, id, h, vacation)
	return id
}

// except writes the days on which a schedule is not as every week: holidays, the Friday after Thanksgiving, vacation,
// an extra Saturday.
func (g *generator) except(d random, o *organization, id uuid.UUID, h *hours, vacation []civil.Date) {
	set := func(day civil.Date, why string, windows ...booking.Window) {
		if _, there := h.special[day]; there {
			return
		}
		row := override{g.id("override", o.index, len(o.overrides)), id, day, nil, nil, why}
		for _, x := range windows {
			row.FromMinute, row.ToMinute = &x.From, &x.To
		}
		h.special[day] = windows
		o.overrides = append(o.overrides, row)
	}
	for _, x := range o.closes {
		set(x.day, x.name)
	}
	for _, x := range holidaysBetween(g.from, g.to) {
		if friday := x.day.AddDays(1); x.name == "Thanksgiving" && o.shortFriday && len(h.week[time.Friday]) > 0 {
			set(friday, "Short day after Thanksgiving", booking.Window{From: 480, To: 720})
		}
	}
	for _, day := range vacation {
		if len(h.week[day.Weekday()]) > 0 {
			set(day, "Vacation")
		}
	}
	if d.percent(12) && len(h.week[time.Saturday]) == 0 && len(h.week[time.Tuesday]) > 0 {
		day := g.today.AddDays(d.between(4, 60))
		set(day.AddDays(int(time.Saturday-day.Weekday())), "Extra hours", booking.Window{From: 540, To: 780})
	}
}

// vacation is a block of days away for one in four.
func (g *generator) vacation(d random) []civil.Date {
	if !d.percent(25) {
		return nil
	}
	var days []civil.Date
	first := g.today.AddDays(d.between(3, 80))
	for n := range d.between(5, 9) {
		days = append(days, first.AddDays(n))
	}
	return days
}
