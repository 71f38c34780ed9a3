// Package booking decides when a visit can take place and makes it so.
//
// A Schedule holds the published rules of one offering and answers, from plain values and without a database,
// which times are free and why the others are not. Search, the month view, the hold and the explainer all
// ask the same Schedule. Instants are Unix seconds; hours are wall time of the location.
package booking

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kindward/internal/civil"
)

const dayMinutes = 1440

// Window is a stretch of opening hours in minutes of wall time since midnight, [From, To). To may be 1440.
// As text it is 09:00-12:30.
type Window struct{ From, To int16 }

// Schedule is the published form of one offering's rules. A Schedule built by hand needs Compile before use; one read
// from JSON is compiled. From then on it must not be changed and may be shared by goroutines.
type Schedule struct {
	Zone         string                  `json:"zone"`              // IANA name of the location's zone
	Week         [7][]Window             `json:"week"`              // by time.Weekday: 0 is Sunday
	Special      map[civil.Date][]Window `json:"special,omitempty"` // instead of the week's hours; no windows means closed
	VisitMinutes int32                   `json:"visit"`             // how long the patient is there
	Rules
	ValidFrom  civil.Date `json:"from,omitzero"`  // first day of the credential or contract, zero for no bound
	ValidUntil civil.Date `json:"until,omitzero"` // last day, inclusive, zero for no bound

	loc *time.Location
}

// ErrSchedule is wrapped by every error about a schedule that cannot be offered.
var ErrSchedule = errors.New("booking schedule")

// Compile checks the schedule and makes it ready for use. Its error says in one line which rule is wrong.
func (p *Schedule) Compile() error {
	if !p.ValidFrom.IsZero() && !p.ValidUntil.IsZero() && p.ValidUntil.Before(p.ValidFrom) {
		return fmt.Errorf("%w: valid until %s, before it is valid from %s", ErrSchedule, p.ValidUntil, p.ValidFrom)
	}
	if err := p.checkMinutes(); err != nil {
		return err
	}
	for day, hours := range p.Week {
		if err := checkHours(hours); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrSchedule, time.Weekday(day), err)
		}
	}
	for day, hours := range p.Special {
		if day.IsZero() {
			return fmt.Errorf("%w: special hours without a date", ErrSchedule)
		}
		if err := checkHours(hours); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrSchedule, day, err)
		}
	}
	loc, err := civil.Zone(p.Zone)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSchedule, err)
	}
	p.loc = loc
	return nil
}

// The upper bounds keep a typing error from making one page compute for seconds.
func (p *Schedule) checkMinutes() error {
	const year = 366 * dayMinutes
	for _, f := range [...]struct {
		name            string
		value, low, top int32
	}{
		{"visit minutes", p.VisitMinutes, 1, dayMinutes},
		{"minutes before", p.BeforeMinutes, 0, dayMinutes},
		{"minutes after", p.AfterMinutes, 0, dayMinutes},
		{"step minutes", p.StepMinutes, 0, dayMinutes},
		{"lead minutes", p.LeadMinutes, 0, year},
		{"horizon days", p.HorizonDays, 0, 2 * 366},
		{"cancel cut-off minutes", p.CancelCutoffMinutes, 0, year},
		{"move cut-off minutes", p.MoveCutoffMinutes, 0, year},
	} {
		if f.value < f.low || f.value > f.top {
			return fmt.Errorf("%w: %s are %d, not %d to %d", ErrSchedule, f.name, f.value, f.low, f.top)
		}
	}
	return nil
}

func checkHours(hours []Window) error {
	end := int16(0)
	for _, w := range hours {
		if w.From < end || w.To <= w.From || w.To > dayMinutes {
			return fmt.Errorf("hours %s are out of order, overlap or leave the day", w)
		}
		end = w.To
	}
	return nil
}

// UnmarshalJSON reads and compiles a schedule.
func (p *Schedule) UnmarshalJSON(data []byte) error {
	type fields Schedule // without this method
	var f fields
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("%w: %w", ErrSchedule, err)
	}
	read := Schedule(f)
	if err := read.Compile(); err != nil {
		return err
	}
	*p = read
	return nil
}

// String is the window on a 24-hour clock, such as 09:00-12:30.
func (w Window) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", w.From/60, w.From%60, w.To/60, w.To%60)
}

// MarshalText writes the window as String does.
func (w Window) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (w *Window) UnmarshalText(text []byte) error {
	if len(text) != len("09:00-12:30") || text[5] != '-' {
		return fmt.Errorf("hours are not like 09:00-12:30: %.20q", text)
	}
	from, ok := clock(text[:5])
	to, ok2 := clock(text[6:])
	if !ok || !ok2 {
		return fmt.Errorf("hours are not like 09:00-12:30: %.20q", text)
	}
	*w = Window{from, to}
	return nil
}

// clock reads a time from 00:00 to 24:00 as minutes.
func clock(text []byte) (minute int16, ok bool) {
	digit := func(i int) int16 { return int16(text[i]) - '0' }
	for _, i := range [...]int{0, 1, 3, 4} {
		if d := digit(i); d < 0 || d > 9 {
			return 0, false
		}
	}
	hour, minute := digit(0)*10+digit(1), digit(3)*10+digit(4)
	total := hour*60 + minute
	return total, text[2] == ':' && minute < 60 && total <= dayMinutes
}

// Hours turns the rows of a schedule into the windows of a Schedule: the open stretches in order, joined where they
// touch or overlap, without the breaks. Each window starts its own grid of times.
func Hours(open, breaks []Window) []Window {
	byStart := func(a, b Window) int { return int(a.From) - int(b.From) }
	var joined []Window
	for _, w := range slices.SortedFunc(slices.Values(open), byStart) {
		if last := len(joined) - 1; last >= 0 && w.From <= joined[last].To {
			joined[last].To = max(joined[last].To, w.To)
		} else {
			joined = append(joined, w)
		}
	}
	closed := slices.SortedFunc(slices.Values(breaks), byStart)
	hours := make([]Window, 0, len(joined)+len(closed))
	for _, w := range joined {
		for _, b := range closed {
			if b.From > w.From && b.From < w.To {
				hours = append(hours, Window{w.From, b.From})
			}
			if b.To > w.From && b.From < w.To {
				w.From = b.To
			}
		}
		if w.From < w.To {
			hours = append(hours, w)
		}
	}
	return hours
}

// Location is the zone the schedule's hours are meant in.
func (p *Schedule) Location() *time.Location { return p.loc }

// Local is an instant in the location's wall time.
func (p *Schedule) Local(start int64) time.Time { return time.Unix(start, 0).In(p.loc) }

// OpenOn are the hours of a date, and whether they come from an override instead of the week.
func (p *Schedule) OpenOn(d civil.Date) (hours []Window, override bool) {
	if hours, override = p.Special[d]; override {
		return hours, true
	}
	return p.Week[d.Weekday()], false
}
