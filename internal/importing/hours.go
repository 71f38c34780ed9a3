package importing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

var hoursKind = Kind{Name: "hours", Title: "Hours", About: "When who sees patients where: days, hours, services.",
	Fields: append([]Field{
		{Name: "practitioner", Label: "Practitioner", Example: "Ana Ruiz, MD",
			read:   own("practitioner", "is nobody here. Bring practitioners in first", "Put the NPI there"),
			others: "name,full name,provider,provider name,clinician,doctor,physician,npi"},
		{Name: "location", Label: "Location", Example: "Wickenden Street", Required: true,
			read:   own("location", "is no location here. Bring locations in first", "Put the street behind it"),
			others: "location name,site,site name,office,clinic,branch,place,where"},
		{Name: "services", Label: "Services", Example: "all", Required: true, read: ownServices,
			others: "service,procedures,visit types,appointment types,what"},
		{Name: "days", Label: "Days", Example: "Mon-Fri", read: weekdays, others: "day,weekday,weekdays,day of week,when"},
		{Name: "hours", Label: "Hours", Example: "9:00 AM - 5:00 PM", read: windows,
			others: "time,times,open,opening hours,shift"},
		{Name: "from", Label: "From", read: moment, others: "start,start time,begins,opens,from time"},
		{Name: "to", Label: "To", read: moment, others: "end,end time,ends,closes,to time,until"},
		{Name: "break", Label: "Break", Example: "12-1", read: pauses, others: "lunch,lunch break,breaks,closed,pause"}},
		append(dayFields(),
			Field{Name: "valid_from", Label: "Valid from", read: date, others: "effective,effective from,effective date"},
			Field{Name: "valid_until", Label: "Valid until", read: date, others: "valid to,effective until,effective to"})...),
	key: func(r map[string]any) string {
		return fmt.Sprint(r["location"], r["practitioner"], r["services"], r["week"])
	},
	sure: true, mend: weekOf, judge: overlaps, shown: []string{"practitioner", "location", "days"}}

// dayFields are columns of single days.
func dayFields() (all []Field) {
	for _, d := range everyDay {
		name := d.String()
		short := name[:3]
		if d == time.Tuesday || d == time.Thursday {
			short += "," + name[:4] + "," + name[:5]
		}
		all = append(all, Field{Name: strings.ToLower(name), Label: name, read: windows, others: short})
	}
	return all
}

// mostHours is how many hours a file says, each of one service on one day.
const mostHours = 50_000

// weekly are hours of one day.
type weekly struct {
	Day  time.Weekday   `json:"day"`
	Open booking.Window `json:"open"`
}

// weekOf puts together when a row says that somebody is there.
func weekOf(record map[string]any, known *Known) (string, reading) {
	if record["practitioner"] == nil && known.Someone {
		return "practitioner", reading{wrong: "is missing"}
	}
	if field, r := validity(record, known.Today); r.wrong != "" {
		return field, r
	}
	open, field, r := openOf(record)
	if r.wrong != "" {
		return field, r
	}
	pause, _ := record["break"].([]booking.Window)
	days, _ := record["days"].([]time.Weekday)
	if days == nil && open != nil {
		return "days", reading{wrong: "is missing"}
	}
	var week []weekly
	for _, d := range everyDay {
		hours, said := record[strings.ToLower(d.String())].([]booking.Window)
		if !said && slices.Contains(days, d) {
			if open == nil {
				return "hours", reading{wrong: "is missing"}
			}
			hours = open
		}
		for _, w := range booking.Hours(hours, pause) {
			week = append(week, weekly{d, w})
		}
	}
	if len(week) == 0 {
		return "days", reading{wrong: "says no day on which somebody is there"}
	}
	services, _ := record["services"].([]uuid.UUID)
	if known.hours += len(services) * len(week); known.hours > mostHours {
		return "services", reading{wrong: "are more than one file brings in at once. Bring in what is ready, then check again"}
	}
	for name := range record {
		if !slices.Contains([]string{"practitioner", "location", "services"}, name) {
			delete(record, name)
		}
	}
	record["week"] = week
	return "", reading{}
}

// validity refuses hours that do not hold now, or not for ever: nothing here begins or ends hours on a day.
func validity(record map[string]any, today civil.Date) (string, reading) {
	from, _ := record["valid_from"].(string)
	until, _ := record["valid_until"].(string)
	switch {
	case from > today.String():
		return "valid_from", reading{wrong: "is a day to come, and hours begin when they are brought in. Bring this row in then"}
	case until != "" && until < today.String():
		return "valid_until", reading{wrong: "is past. Leave the row out"}
	case until != "":
		return "valid_until", reading{wrong: "is an end, and hours have none. Leave it empty, and take the hours away then"}
	}
	return "", reading{}
}

// openOf are the hours of each of the days, in one column or in two.
func openOf(record map[string]any) (open []booking.Window, field string, r reading) {
	if hours, ok := record["hours"].([]booking.Window); ok {
		return hours, "", r
	}
	from, begins := record["from"].(clockTime)
	to, ends := record["to"].(clockTime)
	switch {
	case !begins && !ends:
		return nil, "", r
	case !begins:
		return nil, "from", reading{wrong: "is missing"}
	case !ends:
		return nil, "to", reading{wrong: "is missing"}
	}
	w, guessed, ok := windowOf(from, to, -1)
	switch {
	case !ok:
		return nil, "to", reading{wrong: "is before the hours begin. Hours over midnight are two"}
	case guessed:
		return nil, "from", reading{wrong: "could be at night", proposal: Afternoon, fix: civil.Minute(w.From)}
	case w.From%5 != 0 || w.To%5 != 0:
		return nil, "from", reading{wrong: "and the end are to be at a full five minutes"}
	}
	return []booking.Window{w}, "", r
}

// stretch is when somebody is somewhere on a weekday. Who is nil: the team. Line is that which says so, 0 for what was
// there before.
type stretch struct {
	where, who uuid.UUID
	day        time.Weekday
	booking.Window
	line int
}

type shiftKey struct {
	where, who, service uuid.UUID
	day                 time.Weekday
}

// weeks are all stretches, by whose they are, where, and what for; of somebody at all locations without a location and
// a service.
type weeks map[shiftKey][]stretch

func (w weeks) add(s stretch, services []uuid.UUID) {
	for _, service := range services {
		at := shiftKey{s.where, s.who, service, s.day}
		w[at] = append(w[at], s)
	}
	if s.who != uuid.Nil {
		at := shiftKey{who: s.who, day: s.day}
		w[at] = append(w[at], s)
	}
}

// overlaps says of hours whether all of them are there already, or overlap others of the same services there, or of
// somebody who is elsewhere then.
func overlaps(c *checker, v Verdict) Verdict {
	where, _ := v.Record["location"].(uuid.UUID)
	who, _ := v.Record["practitioner"].(uuid.UUID)
	services, _ := v.Record["services"].([]uuid.UUID)
	week, _ := v.Record["week"].([]weekly)
	fresh := 0
	for _, h := range week {
		for _, s := range c.hours[shiftKey{who: who, day: h.Day}] {
			if s.where != where && s.From < h.Open.To && h.Open.From < s.To {
				return v.overlap(s, "at another location")
			}
		}
		for _, service := range services {
			there := false
			for _, s := range c.hours[shiftKey{where, who, service, h.Day}] {
				if there = there || s.Window == h.Open; s.Window != h.Open && s.From < h.Open.To && h.Open.From < s.To {
					return v.overlap(s, "there")
				}
			}
			if !there {
				fresh++
			}
		}
	}
	if fresh == 0 {
		v.State, v.Problem = Same, "Was here already."
		return v
	}
	for _, h := range week {
		c.hours.add(stretch{where, who, h.Day, h.Open, v.Line}, services)
	}
	return v
}

func (v Verdict) overlap(s stretch, at string) Verdict {
	words := fmt.Sprintf("overlap %s, %s to %s, %s", s.day, civil.Minute(s.From), civil.Minute(s.To), at)
	if s.line > 0 {
		words += fmt.Sprintf(" on line %d", s.line)
	}
	return v.refuse("Hours", -1, reading{wrong: words})
}
