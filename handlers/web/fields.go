package web

import (
	"fmt"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Text is one line that is needed; missing is the problem when there is none.
func (f *Form) Text(name string, most int, missing string) string {
	s, ok := tidy(f.Raw(name), false)
	switch {
	case strings.TrimSpace(visible(s)) == "" || !ok: // what nobody sees is no text
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
func (f *Form) Sought(name string) string {
	s, _ := tidy(visible(f.Raw(name)), false)
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

// Email is an address in the form in which accounts are found: ASCII, lower case, without marks that nobody sees.
func (f *Form) Email(name string) string {
	s := strings.ToLower(strings.TrimSpace(visible(f.Raw(name))))
	parsed, err := mail.ParseAddress(s)
	_, domain, _ := strings.Cut(s, "@")
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
	if err != nil || parsed.Address != s || !plain || len(s) > 254 ||
		!strings.Contains(strings.Trim(domain, "."), ".") || strings.ContainsAny(domain, "[]@\"") {
		f.Wrong(name, "Enter your email address, like name@example.com")
		return ""
	}
	return s
}

// Mobile is a phone number in E.164; without a country it is a North American one.
func (f *Form) Mobile(name string) string {
	const like = "Enter your mobile number, like 401 555 0134"
	s := strings.TrimSpace(f.Raw(name))
	abroad := strings.HasPrefix(s, "+")
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()+/\u00a0", r) {
			return -1
		}
		return r
	}, s)
	if digits == "" || strings.Trim(digits, "0123456789") != "" || strings.LastIndex(s, "+") > 0 {
		f.Wrong(name, like)
		return ""
	}
	if abroad && digits[0] != '1' {
		if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
			f.Wrong(name, like)
			return ""
		}
		return "+" + digits
	}
	if len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if len(digits) != 10 || digits[0] < '2' || digits[3] < '2' {
		f.Wrong(name, like)
		return ""
	}
	return "+1" + digits
}

// Born is a date of birth from the fields name-month, name-day and name-year, as midnight UTC.
func (f *Form) Born(name string) time.Time {
	const like = "Date of birth must be a real date, like 3 27 1988"
	var part [3]int
	for i, key := range []string{"-year", "-month", "-day"} {
		raw := strings.TrimSpace(f.Raw(name + key))
		n, err := strconv.Atoi(raw)
		if raw == "" && f.Raw(name+"-year")+f.Raw(name+"-month")+f.Raw(name+"-day") == "" {
			f.Wrong(name, "Enter your date of birth")
			return time.Time{}
		}
		if err != nil || len(raw) > 4 || n < 1 {
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
