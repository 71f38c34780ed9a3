package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"golang.org/x/text/unicode/norm"

	"kindward/views/ui"
)

// Form turns what was typed into values, and collects what is wrong with it. Only fields that are asked for by name are read.
type Form struct {
	Problems ui.Problems
	values   url.Values
	now      time.Time
}

// ReadForm reads the body of a POST, or the query of a GET.
func ReadForm(c echo.Context) (*Form, error) {
	r := c.Request()
	f := &Form{now: Now(c)}
	if safe(r.Method) {
		values, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, fmt.Errorf("query: %w", ErrUnreadable)
		}
		f.values = values
		return f, nil
	}
	if kind, _, _ := strings.Cut(r.Header.Get(echo.HeaderContentType), ";"); kind != "" && !strings.EqualFold(strings.TrimSpace(kind), echo.MIMEApplicationForm) {
		return nil, fmt.Errorf("no form but another kind of content: %w", ErrUnreadable)
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, fmt.Errorf("form: %w", ErrUnreadable)
	}
	f.values = r.PostForm
	return f, nil
}

// OK tells that nothing was wrong so far.
func (f *Form) OK() bool { return len(f.Problems) == 0 }

// Wrong adds a problem to a field, unless it has one.
func (f *Form) Wrong(field, message string) {
	if f.Problems.Of(field) == "" {
		f.Problems = append(f.Problems, ui.Problem{Field: field, Message: message})
	}
}

// Raw is a field as it was typed, to be shown again.
func (f *Form) Raw(name string) string { return f.values.Get(name) }

// Values are some fields as they were typed, for a draft.
func (f *Form) Values(names ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		if f.values.Get(name) != "" {
			out[name] = f.values[name]
		}
	}
	return out
}

// Text is one line that is needed; missing is what to say when there is none.
func (f *Form) Text(name string, most int, missing string) string {
	s, ok := tidy(f.Raw(name), false)
	switch {
	case s == "" || !ok:
		f.Wrong(name, missing)
	case utf8.RuneCountInString(s) > most:
		f.Wrong(name, missing+fmt.Sprintf(", in %d characters or fewer", most))
	default:
		return s
	}
	return ""
}

// Optional is some lines, or none. what names the field at the beginning of a sentence: "Your note".
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

// tidy trims, brings letters to one spelling and takes out marks that turn the direction of writing round. Control characters
// are not text.
func tidy(s string, lines bool) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	ok := true
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n' && !lines:
			return ' '
		case r == '\n':
			return r
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0xfeff:
			return -1
		case unicode.IsControl(r), r == 0x2028, r == 0x2029:
			ok = false
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s)), ok
}

// clean is a stranger's text made harmless and short, for places where nobody can be asked again.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most])
	}
	return strings.TrimSpace(s)
}

// Email is an address in the form in which accounts are found: ASCII, lower case.
func (f *Form) Email(name string) string {
	s := strings.ToLower(strings.TrimSpace(f.Raw(name)))
	parsed, err := mail.ParseAddress(s)
	_, domain, _ := strings.Cut(s, "@")
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
	if err != nil || parsed.Address != s || !plain || len(s) > 254 || !strings.Contains(strings.Trim(domain, "."), ".") || strings.ContainsAny(domain, "[]@\"") {
		f.Wrong(name, "Enter your e-mail address, like name@example.com")
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
	if digits == "" || strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) >= 0 || strings.LastIndex(s, "+") > 0 {
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
	case born.Year() != part[0] || born.Month() != time.Month(part[1]) || born.Day() != part[2], part[0] < f.now.Year()-130:
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
