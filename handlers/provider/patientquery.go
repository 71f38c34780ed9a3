package provider

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
)

// patientQuery is what somebody typed who looks for a patient, as what it can be: a word may be a name and a reference.
type patientQuery struct {
	name, beside      string // words of a name, or such beside a number or a date
	phone, email, ref string
	born              *time.Time
}

// shortestPhone is how many digits of a number tell enough.
const shortestPhone = 7

// readPatientQuery reads what was typed; wrong says why nothing can be looked for. Two letters would show one in ten of
// all people, and a few dozen such searches everybody with their dates of birth (A52): two find names that are no
// longer.
func readPatientQuery(typed string, now time.Time) (q patientQuery, wrong string) {
	if utf8.RuneCountInString(typed) > 80 {
		return q, "Type 80 characters or fewer"
	}
	if strings.Contains(typed, "@") {
		if before, _, _ := strings.Cut(typed, "@"); utf8.RuneCountInString(before) < 2 {
			return q, "Type the address from its beginning"
		}
		q.email = typed
		return q, ""
	}
	if born, is := readBorn(typed, now); is {
		q.born = &born
		return q, ""
	}
	if q.readBoth(typed, now) {
		return q, ""
	}
	digits := textutil.Digits(typed)
	q.ref, _ = booking.ReadRef(typed)
	if strings.IndexFunc(typed, unicode.IsLetter) < 0 {
		if q.phone = lastOf(digits, 10); len(digits) < shortestPhone {
			return q, "Type seven digits of the phone number or more, or a date of birth like 3/27/1988"
		}
		return q, ""
	}
	if found, wrong := q.readName(typed); wrong == "" || q.ref == "" {
		return found, wrong
	}
	return q, "" // a reference that was spelled out
}

// readBoth reads a name with a date of birth or a phone number behind it or before it: "susan 8/18/2010".
func (q *patientQuery) readBoth(typed string, now time.Time) bool {
	var words, numbers []string
	for _, word := range strings.Fields(strings.ReplaceAll(typed, ",", " ")) {
		if strings.IndexFunc(word, unicode.IsLetter) >= 0 {
			words = append(words, word)
		} else {
			numbers = append(numbers, word)
		}
	}
	if len(words) == 0 || len(numbers) == 0 {
		return false
	}
	number := strings.Join(numbers, " ")
	if born, is := readBorn(number, now); is {
		q.born = &born
	} else if digits := textutil.Digits(number); len(digits) >= shortestPhone {
		q.phone = lastOf(digits, 10)
	} else {
		return false
	}
	q.beside = strings.Join(words, " ")
	return true
}

func (q patientQuery) readName(typed string) (patientQuery, string) {
	words := strings.FieldsFunc(typed, func(r rune) bool {
		return unicode.IsSpace(r) || r == '-' || unicode.Is(unicode.Pd, r) || r == '.' || r == ','
	})
	if !slices.ContainsFunc(words, func(word string) bool { return letters(word) >= 2 }) {
		return q, "Type three letters of the name or more. A name of two letters is found when it is typed alone"
	}
	q.name = typed
	return q, ""
}

// letters counts those that tell names apart: apostrophes that count as letters are left out of what is compared. The
// query asks for as many once more, of what it compares.
func letters(word string) (n int) {
	for _, r := range word {
		if (unicode.IsLetter(r) || unicode.IsDigit(r)) && !strings.ContainsRune("ʼʻʹ", r) {
			n++
		}
	}
	return n
}

func lastOf(s string, n int) string { return s[max(0, len(s)-n):] }

// bornForms are how people write a date of birth: the month first, or its name, or the year first, also where a comma
// has turned it round (web.Form.Sought).
var bornForms = []string{"1/2/2006", "1-2-2006", "1.2.2006", "1 2 2006", "2006-1-2", "2006/1/2", "2 January 2006",
	"January 2 2006", "2006 January 2", "2 Jan 2006", "Jan 2 2006", "2006 Jan 2", "1/2/06", "1-2-06", "1.2.06",
	"2.1.2006", "01022006"}

func readBorn(typed string, now time.Time) (time.Time, bool) {
	for _, form := range bornForms {
		born, err := time.Parse(form, typed)
		if err == nil && born.After(now) && !strings.Contains(form, "2006") {
			born = born.AddDate(-100, 0, 0) // 45 is 1945
		}
		if err == nil && born.Before(now) && born.Year() > now.Year()-131 {
			return born, true
		}
	}
	return time.Time{}, false
}

// foundPlace is the last person of the page before.
type foundPlace struct {
	Place int32
	Name  string
	ID    uuid.UUID
}

// readPlace reads where a page of people goes on; what the pages did not write is nowhere.
func readPlace(f *web.Form) (at foundPlace, err error) {
	at.Place = -1
	if f.Raw("id") == "" {
		return at, nil
	}
	id, err := uuid.Parse(f.Raw("id"))
	place, wrong := strconv.Atoi(f.Raw("place"))
	if err != nil || wrong != nil || place < 0 || place > 1 {
		return at, fmt.Errorf("no page of people: %w", web.ErrUnreadable)
	}
	return foundPlace{int32(place), f.Raw("name"), id}, nil
}

func (q patientQuery) params(after foundPlace, purpose string, today time.Time) tenantdb.FindPatientsParams {
	return tenantdb.FindPatientsParams{Name: q.name, Beside: q.beside, Phone: q.phone, Email: q.email, Born: q.born,
		Ref: q.ref, AfterPlace: after.Place, AfterName: after.Name, AfterID: after.ID, Most: mostFound, Purpose: purpose,
		Today: today}
}
