package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// Text is one line that is needed; missing is the problem when there is none.
func (f *Form) Text(name string, most int, missing string) string {
	s, ok := tidy(f.Raw(name), false)
	s = strings.Join(strings.Fields(s), " ")
	switch {
	case !seen(s) || !ok:
		f.Wrong(name, missing)
	case utf8.RuneCountInString(s) > most:
		f.Wrong(name, missing+fmt.Sprintf(", in %d characters or fewer", most))
	default:
		return s
	}
	return ""
}

// Sought is what somebody looks for: one line without the marks that pasting brings along and nobody sees, and a name
// in the order in which names are kept: "medeiros, leo" looks for "leo medeiros".
func (f *Form) Sought(name string) string { return Sought(f.Raw(name)) }

// Sought is Form.Sought of what was typed before.
func Sought(typed string) string {
	s, _ := tidy(typed, false)
	last, first, turned := strings.Cut(s, ",")
	if turned && strings.TrimSpace(first) != "" && !strings.Contains(first, ",") {
		s = first + " " + last
	}
	return strings.Join(strings.Fields(s), " ")
}

// Optional is some lines, or none. what names the field at the beginning of a sentence: "Your message".
func (f *Form) Optional(name string, most int, what string) string {
	s, ok := tidy(f.Raw(name), true)
	switch {
	case !ok:
		f.Wrong(name, what+" has characters that cannot be read. Type it again")
	case utf8.RuneCountInString(s) > most:
		f.Wrong(name, fmt.Sprintf("%s must be %d characters or fewer", what, most))
	default:
		return s
	}
	return ""
}

// Line is one line, or none. what names the field at the beginning of a sentence: "The town".
func (f *Form) Line(name string, most int, what string) string {
	return strings.Join(strings.Fields(f.Optional(name, most, what)), " ")
}

// Days are from the beginning of one day to the end of another, in a zone; nil where none is asked for.
func (f *Form) Days(from, to string, zone *time.Location) (since, until *time.Time) {
	since, until = f.dayStart(from, 0, zone), f.dayStart(to, 1, zone)
	if since != nil && until != nil && !since.Before(*until) {
		f.Wrong(to, "The last day is before the first. Choose a later last day or an earlier first one")
	}
	return since, until
}

// dayStart is the beginning of a day, so many days on.
func (f *Form) dayStart(name string, on int, zone *time.Location) *time.Time {
	if f.Raw(name) == "" {
		return nil
	}
	day, err := civil.ParseDate(f.Raw(name))
	if err != nil {
		f.Wrong(name, "Enter a day, like 2026-11-22")
		return nil
	}
	return new(day.AddDays(on).Start(zone))
}

// Born is a date of birth from the fields name-month, name-day and name-year, as midnight UTC.
func (f *Form) Born(name string) time.Time { return f.born(name, "your") }

// TheirBorn is Born of somebody else.
func (f *Form) TheirBorn(name string) time.Time { return f.born(name, "their") }

func (f *Form) born(name, whose string) time.Time {
	const like = "Date of birth must be a real date, like 3 27 1988"
	var part [3]int
	for i, key := range []string{"-year", "-month", "-day"} {
		raw := strings.TrimSpace(narrow(f.Raw(name + key)))
		n, err := strconv.Atoi(raw)
		if named := monthNamed(raw); named != 0 && key == "-month" {
			n, err = int(named), nil
		}
		if raw == "" && f.Raw(name+"-year")+f.Raw(name+"-month")+f.Raw(name+"-day") == "" {
			f.Wrong(name, "Enter "+whose+" date of birth")
			return time.Time{}
		}
		if err != nil || n < 1 || n > 9999 {
			f.Wrong(name, like)
			return time.Time{}
		}
		part[i] = n
	}
	born := time.Date(part[0], time.Month(part[1]), part[2], 0, 0, 0, 0, time.UTC)
	switch {
	case born.Year() != part[0] || born.Month() != time.Month(part[1]) || born.Day() != part[2], // no such day
		part[0] < f.now.Year()-130:
		f.Wrong(name, like)
	case born.After(f.now):
		f.Wrong(name, "Date of birth must be in the past")
	default:
		return born
	}
	return time.Time{}
}

// monthNamed is the month of a name or of its first letters, three at least: "March", "mar.". 0: it is none.
func monthNamed(text string) time.Month {
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	for m := time.January; m <= time.December && len(name) >= 3; m++ {
		if strings.HasPrefix(strings.ToLower(m.String()), name) {
			return m
		}
	}
	return 0
}

// OneOf is one of the values that were offered.
func (f *Form) OneOf(name, missing string, offered ...string) string {
	if s := f.Raw(name); slices.Contains(offered, s) {
		return s
	}
	f.Wrong(name, missing)
	return ""
}

// ID is an id that the page itself put into the form.
func (f *Form) ID(name string) uuid.UUID {
	raw := f.Raw(name)
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != 36 {
		f.Wrong(name, "Go back and choose again")
		return uuid.Nil
	}
	return id
}

// OptionalID is an id that a page put into an address: what a list is narrowed to, the row behind which a page of it
// comes. nil: there is none. Any other word is nowhere: ErrNotFound.
func (f *Form) OptionalID(name string) (*uuid.UUID, error) {
	raw := f.Raw(name)
	if raw == "" {
		return nil, nil
	}
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != 36 {
		return nil, fmt.Errorf("%s is no id: %w", name, ErrNotFound)
	}
	return &id, nil
}

// OptionalIDs reads several of them.
func (f *Form) OptionalIDs(into map[string]**uuid.UUID) error {
	for name, to := range into {
		id, err := f.OptionalID(name)
		if err != nil {
			return err
		}
		*to = id
	}
	return nil
}

// Instant is a point in time that the page itself put into the form, RFC 3339, in UTC.
func (f *Form) Instant(name string) time.Time {
	t, err := time.Parse(time.RFC3339, f.Raw(name))
	if err != nil {
		f.Wrong(name, "Choose a time")
		return time.Time{}
	}
	return t.UTC()
}

// Ticked tells whether a box was ticked.
func (f *Form) Ticked(name string) bool { return f.values.Has(name) }
