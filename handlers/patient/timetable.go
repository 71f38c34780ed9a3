package patient

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// slotsShown is how many times a day of a result shows before it says "6 more".
const slotsShown = 4

// timetable lays the free times of the results out in day lanes.
type timetable struct {
	h     *Handlers
	c     echo.Context
	found *search.Page
	now   time.Time
	from  civil.Date
	rows  []row
	first int64 // the soonest start shown, unix seconds
	// layout is how all times of the page are written.
	layout string
}

type row struct {
	hit      search.Hit
	offering booking.Offering
	days     []booking.Day
}

// read asks for what is taken, once for all results, and lets the slot function say what is free.
func (t *timetable) read() error {
	var offers []booking.Offering
	mine := openHolds(t.c)
	for _, hit := range t.found.Hits {
		hit = ownFirst(hit, mine)
		if o, _, ok := t.h.Market.Offering(hit.Listing.ID); ok {
			t.rows = append(t.rows, row{hit: hit, offering: o})
			offers = append(offers, o)
		}
	}
	to := t.from.AddDays(search.DaysShown - 1)
	taken, err := t.h.Market.Busy().Calendar(t.c.Request().Context(), offers, t.from, to, t.now)
	if err != nil {
		return err
	}
	for i := range t.rows {
		r := &t.rows[i]
		r.days = r.offering.Schedule.DaysBetween(t.from, to, taken.Pool(r.offering), t.now.Unix())
		for d := range r.days {
			r.days[d].Times = t.inPart(r.offering, r.days[d].Times)
			if len(r.days[d].Times) > 0 && (t.first == 0 || r.days[d].Times[0] < t.first) {
				t.first = r.days[d].Times[0]
			}
		}
	}
	return nil
}

// inPart keeps the times of the part of day that was asked for.
func (t *timetable) inPart(o booking.Offering, times []int64) []int64 {
	if t.found.Query.Time == search.AnyTime {
		return times
	}
	kept := times[:0]
	for _, s := range times {
		if search.PartAt(o.Schedule.Local(s)) == t.found.Query.Time {
			kept = append(kept, s)
		}
	}
	return kept
}

func (t *timetable) head() ui.Timetable {
	table := ui.Timetable{Label: "Results with free times", Ranked: "/how-we-rank", Sorts: t.sorts()}
	today := t.found.Today.Date()
	for i := range search.DaysShown {
		d := t.from.AddDays(i)
		head := ui.DayHead{Name: d.ShortWeekday(), Number: strconv.Itoa(int(d.Day))}
		if d == today {
			head.Name, head.Today = "Today", true
		}
		table.Heads = append(table.Heads, head)
	}
	table.Earlier, table.Later = t.shift(-search.DaysShown), t.shift(search.DaysShown)
	return table
}

// sorts are the orders of the results, the one in force without an address.
func (t *timetable) sorts() (all []ui.Way) {
	names := map[search.Sort]string{search.BestFirst: "Best match", search.SoonestFirst: "Soonest",
		search.Nearest: "Nearest", search.Cheapest: "Lowest price"}
	for _, s := range search.Sorts {
		w := t.found.Query
		if s == search.Nearest && (w.Near.Text == "" || w.Telehealth) {
			continue
		}
		way := ui.Way{Text: names[s]}
		if w.Sort != s {
			w.Sort, w.Page = s, 0
			way.Href = "/search?" + w.Values().Encode()
		}
		all = append(all, way)
	}
	return all
}

// shift is the address of the same search some days later or earlier, or "" where nothing is known.
func (t *timetable) shift(n int) string {
	w := t.found.Query
	w.Page = 0
	w.From = max(t.found.From+civil.DayNumber(n), t.found.Today)
	if w.From == t.found.From || w.From > t.found.Today+21 {
		return ""
	}
	if w.From == t.found.Today {
		w.From = 0
	}
	return "/search?" + w.Values().Encode()
}

func (t *timetable) results() []ui.Result {
	mine := openHolds(t.c)
	t.layout = t.oneLayout(mine)
	soonest := false
	out := make([]ui.Result, 0, len(t.rows))
	for _, r := range t.rows {
		l := r.hit.Listing
		res := ui.Result{ID: resultID(l), Name: l.LocationName, Href: "/places/" + l.Slug, Line: lineOf(l),
			Cost: cost(t.h.Market, r.hit, t.found.Query.Payer), Why: t.found.Why(r.hit), Service: t.service(l),
			Others: t.others(r.hit), Action: holdsPath(l.Slug), Hidden: hiddenListing(l.ID)}
		if rest, named := strings.CutPrefix(res.Line, l.Practitioner+", "); named && l.PractitionerID != uuid.Nil {
			res.With, res.Line = &ui.Way{Text: l.Practitioner, Href: clinicianPath(l.Slug, l.PractitionerID)}, rest
		}
		res.Tags = tags(r.hit, res.Why)
		res.Days = make([]ui.Day, 0, len(r.days))
		for _, d := range r.days {
			day := t.day(r, d, mine)
			for i := range day.Slots {
				if !soonest && len(d.Times) > 0 && day.Slots[i].State == ui.Free && day.Slots[i].Value == value(t.first) {
					day.Slots[i].State, soonest = ui.Soonest, true
				}
			}
			res.Days = append(res.Days, day)
		}
		res.Next = t.next(r)
		out = append(out, res)
	}
	return out
}

// daysOnPhone is how many day columns a phone has room for.
const daysOnPhone = 4

// next leads to the next time of a result that shows none, on a phone at least.
func (t *timetable) next(r row) *ui.Way {
	for _, d := range r.days[:daysOnPhone] {
		if len(d.Times) > 0 || d.State == booking.Open {
			return nil
		}
	}
	l := r.hit.Listing
	for _, d := range r.days[daysOnPhone:] {
		if len(d.Times) > 0 {
			return t.nextWay(l, d.Date, t.h.timesOf(t.c, l).Full(r.offering.Schedule.Local(d.Times[0])))
		}
	}
	day, text := t.nextOf(l, r.offering, t.from.AddDays(search.DaysShown))
	if text == "" {
		return nil
	}
	return t.nextWay(l, day, text)
}

func (t *timetable) nextWay(l *search.Listing, day civil.Date, text string) *ui.Way {
	return &ui.Way{Text: "Next free " + text, Href: timesPath(l.Slug, l.ID) + "?week=" + day.String()}
}

// nextOf is the next free time of a listing from a day on, in the part of the day that was asked for; its day alone if
// searches know no more. "" if there is none.
func (t *timetable) nextOf(l *search.Listing, o booking.Offering, from civil.Date) (day civil.Date, text string) {
	part := t.found.Query.Time
	if at := t.h.Market.Next(l.ID); at > t.now.Unix() {
		local := o.Schedule.Local(at)
		day = civil.DateOf(local)
		if day.Sub(from) >= 0 && (part == search.AnyTime || search.PartAt(local) == part) {
			return day, t.h.timesOf(t.c, l).Full(local)
		}
	}
	next, found := t.h.Market.Live().Index().NextDay(l.ID, from.Number(), part)
	if !found {
		return day, ""
	}
	return next.Date(), next.Date().Long() + partText(part)
}

func (t *timetable) day(r row, d booking.Day, mine []openHold) ui.Day {
	l := r.hit.Listing
	out := ui.Day{Name: patient.ShortDay(d.Date), Href: timesPath(l.Slug, l.ID) + "?week=" + d.Date.String()}
	shown := d.Times[:min(slotsShown, len(d.Times))]
	out.Slots = make([]ui.Slot, 0, len(shown))
	f, zone := t.h.timesOf(t.c, l), r.offering.Schedule.Location()
	for _, s := range shown {
		out.Slots = append(out.Slots, slotOf(f, t.layout, r.offering.Schedule.Local(s), nameOf(l)))
	}
	for _, m := range mine {
		if m.Listing == l.ID && civil.DateOf(m.Start.In(r.offering.Schedule.Location())) == d.Date {
			slot := slotOf(f, t.layout, m.Start.In(zone), nameOf(l))
			slot.State, slot.Href = ui.Mine, holdPath(m.Organization, m.ID)
			out.Slots = withMine(out.Slots, slot)
		}
	}
	out.More = len(d.Times) - len(shown)
	out.Label = patient.Count(out.More, "more time", "more times") + " on " + d.Date.Long() + " at " + nameOf(l)
	if len(out.Slots) == 0 {
		out.None = t.none(d)
	}
	return out
}

// oneLayout writes all times of the page alike: with am and pm if a column of one day needs them.
func (t *timetable) oneLayout(mine []openHold) string {
	layout := columnLayout(nil, civil.Date{})
	for _, r := range t.rows {
		for _, d := range r.days {
			var column []time.Time
			for _, s := range d.Times[:min(slotsShown, len(d.Times))] {
				column = append(column, r.offering.Schedule.Local(s))
			}
			for _, m := range mine {
				if m.Listing == r.hit.Listing.ID {
					column = append(column, m.Start.In(r.offering.Schedule.Location()))
				}
			}
			layout = civil.Fuller(layout, columnLayout(column, d.Date))
		}
	}
	return layout
}

// none says why a day has no times. Times of another part of the day than asked for are there, but not shown.
func (t *timetable) none(d booking.Day) string {
	switch {
	case d.State == booking.Open:
		return "Other times"
	case d.State == booking.Past && d.Date == t.found.Today.Date():
		return "No more today"
	}
	return d.State.String()
}

// soonest is the sentence below the headline.
func (t *timetable) soonest() string {
	if at := t.firstTime(); at != "" {
		return "The soonest shown is " + at + "."
	}
	return "Nobody has a time in these five days; the next ones are a click away."
}

// firstTime is the first time of all that were read just now, and how far away; "" where there is none.
func (t *timetable) firstTime() string {
	for _, r := range t.rows {
		for _, d := range r.days {
			if len(d.Times) == 0 || d.Times[0] != t.first {
				continue
			}
			local := r.offering.Schedule.Local(t.first)
			text := t.dayWord(d.Date) + " at " + t.h.timesOf(t.c, r.hit.Listing).Clock(local)
			if r.hit.Km >= 0 && r.hit.Listing.Mode.Travels() {
				text += ", " + search.DistanceText(r.hit.Km) + " away"
			}
			return text
		}
	}
	return ""
}

func (t *timetable) dayWord(d civil.Date) string {
	switch d.Sub(t.found.Today.Date()) {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	}
	return "on " + d.Long()
}

func value(start int64) string { return time.Unix(start, 0).UTC().Format(time.RFC3339) }
