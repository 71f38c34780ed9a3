package form

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kindward/internal/civil"
	"kindward/internal/npi"
	"kindward/internal/textutil"
)

// How long an answer may be, in characters: of several lines, and of one.
const (
	Longest     = 4000
	LongestLine = 200
)

// TooLong tells whether an answer has more characters than the field takes, for now too.
func (f *Field) TooLong(value string) bool { return utf8.RuneCountInString(value) > f.Most() }

// Most is how long an answer to the field may be, in characters.
func (f *Field) Most() int {
	if f.Type == Area {
		return Longest
	}
	return LongestLine
}

// Read is an answer as it is kept, and what is wrong with it, in words for who typed it.
func (f *Field) Read(typed string) (value, wrong string) {
	value = strings.TrimSpace(typed)
	switch {
	case value == "" && f.Optional:
		return "", ""
	case value == "":
		return "", f.missing()
	case f.TooLong(value):
		return value, fmt.Sprintf("%s must be %d characters or less", f.Label, f.Most())
	}
	value, wrong = f.readType(value)
	if wrong == "" && f.Pattern != "" && !f.pattern.MatchString(value) {
		wrong = f.Wrong
	}
	return value, wrong
}

var (
	zipCode   = regexp.MustCompile(`^[0-9]{5}([- ]?[0-9]{4})?$`) // of five digits, or of nine
	extension = regexp.MustCompile(`(?i)[x#]|ext`)               // of a phone number
)

func (f *Field) missing() string {
	switch {
	case f.Type == YesNo || f.Type == Choice:
		return "Choose an answer: " + f.Label
	case question.MatchString(f.Label):
		return "Answer this: " + f.Label
	case owned.MatchString(f.Label):
		return "Enter " + textutil.Uncapital(f.Label)
	case proper.MatchString(f.Label):
		return "Enter the " + f.Label
	}
	return "Enter the " + textutil.Uncapital(f.Label)
}

var (
	question = regexp.MustCompile(`\?$|^(How|What|Which|Who) `) // labels that ask
	owned    = regexp.MustCompile(`^(A|Their|Your) `)           // that take no article
	proper   = regexp.MustCompile(`^(Connecticut|Massachusetts|Rhode Island) `)
)

func (f *Field) readType(value string) (read, wrong string) {
	if !slices.Contains([]Type{Text, Area}, f.Type) {
		value = norm.NFKC.String(value) // digits as wide as letters of other scripts are digits
	}
	switch f.Type {
	case Email:
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value {
			return value, "Enter an email address, like name@example.org"
		}
	case Phone:
		switch n := len(textutil.Digits(value)); {
		case n > 11 && extension.MatchString(value):
			return value, "Enter the phone number alone, like (401) 555-0142, and leave the extension out"
		case n < 10 || n > 11:
			return value, "Enter a phone number with its area code, like (401) 555-0142"
		}
	case NPI:
		if !npi.Valid(textutil.Digits(value)) {
			return value, "Enter a National Provider Identifier: 10 digits, of which the last fits the others"
		}
		return textutil.Digits(value), ""
	case ZIP:
		if !zipCode.MatchString(value) {
			return value, "Enter a ZIP code, like 02906"
		}
		return value[:5], ""
	case Number:
		n, err := strconv.Atoi(strings.NewReplacer(",", "", "$", "").Replace(value))
		if err != nil || n < max(f.Least, 1) {
			return value, fmt.Sprintf("Enter a whole number of %d or more", max(f.Least, 1))
		}
		return strconv.Itoa(n), ""
	case Date:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return value, "Enter a real date"
		}
	case YesNo:
		if value != "yes" && value != "no" {
			return value, f.missing()
		}
	case Choice:
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == value }) {
			return value, f.missing()
		}
	case Text:
		if f.Pattern != "" {
			return strings.ToUpper(strings.ReplaceAll(value, " ", "")), ""
		}
	}
	return value, ""
}

// Words are an answer for people to read.
func (f *Field) Words(value string) string {
	switch {
	case value == "":
		return "Not answered"
	case f.Type == YesNo && value == "yes":
		return "Yes"
	case f.Type == YesNo && value == "no":
		return "No"
	case f.Type == Date:
		if day, err := civil.ParseDate(value); err == nil {
			return day.Text()
		}
	case f.Unit != "":
		return value + " " + f.Unit
	}
	for _, o := range f.Options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// Sample is an answer that the field takes, for demonstrations and tests.
func (f *Field) Sample() string {
	switch f.Type {
	case Email:
		return "office@example.org"
	case Phone:
		return "(401) 555-0142"
	case NPI:
		return "1234567893"
	case Number:
		return "20000"
	case ZIP:
		return "02906"
	case Date:
		return "2025-06-30"
	case YesNo:
		return "yes"
	case Choice:
		return f.Options[0].Value
	}
	if f.Example != "" {
		return f.Example
	}
	return "Narragansett"
}
