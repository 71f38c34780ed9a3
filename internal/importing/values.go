package importing

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"kindward/internal/civil"
	"kindward/internal/npi"
	"kindward/internal/search"
	"kindward/internal/textutil"
)

// reading is what a cell says: a value, or what is wrong with it and what would mend it.
type reading struct {
	value    any    // nil: nothing
	wrong    string // in words; the value is not to be used
	proposal string // the kind of what is proposed
	fix      string // the cell as it should be
}

// The kinds of proposals, with their words.
const (
	DateOrder  = "date order"
	DidYouMean = "did you mean"
	AreaCode   = "area code"
	LostZeros  = "lost zeros"
	TownOfZIP  = "town of the ZIP code"
	DayNumber  = "number of a day"
	Afternoon  = "afternoon"
	Century    = "century"

	AnotherPerson = "another person"
)

// Known is what rows are compared with.
type Known struct {
	AreaCode string // of the organization's own number
	ZIPs     map[string]Town
	Zone     string
	Reasons  []Reason // what people come for at organizations of this kind
	AtHome   bool     // visits are at homes where nothing else is said
	Today    civil.Date
	Own      map[string]owned // what the organization has, by the field that names it
	Someone  bool             // hours are of somebody who is named
	compared int              // letters by letters, so far
	hours    int              // of single services on single days, so far
}

// Reason is something that people come for, with all that it is called.
type Reason struct {
	Code, Name, Prep string
	Minutes          int
	Names            []string
}

// Town is where a ZIP code is.
type Town struct {
	Name, State string
	Lat, Lon    float64
}

func text(most int) func(string, *Known) reading {
	return func(s string, _ *Known) reading {
		switch {
		case utf8.RuneCountInString(s) > most:
			return reading{wrong: fmt.Sprintf("is longer than %d characters", most)}
		case strings.HasPrefix(s, "=") || strings.HasPrefix(s, "@"):
			return reading{wrong: "is a formula. Put the value itself there"}
		}
		return reading{value: s}
	}
}

func specialty(s string, known *Known) reading {
	r, word := text(80)(s, known), folded(s)
	if r.wrong == "" {
		for _, usual := range specialties {
			if d := known.apart(word, foldedOnce(usual)); d == 0 {
				return reading{value: usual}
			} else if d <= 2 && len(s) > 5 {
				r = reading{wrong: "is not a specialty that we know", proposal: DidYouMean, fix: usual}
			}
		}
	}
	return r
}

var specialties = []string{"Family doctor", "Adult medicine doctor", "Nurse practitioner", "Physician assistant",
	"Children's doctor", "Children's nurse practitioner", "Women's health and birth doctor", "Midwife", "Skin doctor",
	"Heart doctor", "Diabetes and hormone doctor", "Stomach and gut doctor", "Lung doctor", "Kidney doctor",
	"Allergy doctor", "Bone and joint doctor", "Ear, nose and throat doctor", "Urinary tract doctor",
	"Brain and nerve doctor", "Optometrist", "Hearing specialist", "Foot doctor", "Dentist", "Dental hygienist",
	"Physical therapist", "Occupational therapist", "Speech therapist", "Dietitian", "Chiropractor", "Psychiatrist",
	"Psychologist", "Clinical social worker", "Mental health counselor"}

// spreadsheetErrors are cells that say that a spreadsheet could not work something out.
var spreadsheetErrors = regexp.MustCompile(`^#(REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|N/A|SPILL!|CALC!|#+)$`)

// scientific is a number as spreadsheets show long ones.
var scientific = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})$`)

// digitsOf are the digits of a number that may have come through a spreadsheet. Not whole: it has cut some off.
func digitsOf(s string) (digits string, whole bool) {
	if m := scientific.FindStringSubmatch(s); m != nil {
		if power, err := strconv.Atoi(m[3]); err != nil || len(m[2]) != power {
			return "", false
		}
		return m[1] + m[2], true
	}
	return textutil.Digits(strings.TrimSuffix(s, ".0")), true
}

const cutOff = "was cut off by a spreadsheet. Make its column text and enter it again"

func npiNumber(s string, _ *Known) reading {
	digits, whole := digitsOf(s)
	switch {
	case !whole:
		return reading{wrong: cutOff}
	case len(digits) != 10:
		return reading{wrong: "has ten digits, and this has " + strconv.Itoa(len(digits))}
	case !npi.Valid(digits):
		return reading{wrong: "is not a valid NPI. One of its digits is another"}
	}
	return reading{value: digits}
}

// mostLanguages are more than anybody speaks.
const mostLanguages = 40

func languages(s string, known *Known) reading {
	var codes, right []string
	mended := false
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;/|&", r) })
	if len(words) > mostLanguages {
		return reading{wrong: fmt.Sprintf("has more than %d languages", mostLanguages)}
	}
	for _, word := range words {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		code, name := language(word, known)
		if code == "" {
			return reading{wrong: "has “" + word + "”, which is no language that we know"}
		}
		mended = mended || folded(word) != foldedOnce(name) && !strings.EqualFold(word, code)
		codes, right = append(codes, code), append(right, name)
	}
	if mended {
		return reading{wrong: "has a language that is not spelled so", proposal: DidYouMean, fix: strings.Join(right, "; ")}
	}
	slices.Sort(codes)
	return reading{value: slices.Compact(codes)}
}

// language is the code of a language and its name, for its name or code as somebody wrote it.
func language(word string, known *Known) (code, name string) {
	nearest, typed := 3, folded(word)
	for _, c := range search.LanguageCodes() {
		n := search.LanguageName(c)
		d := known.apart(typed, foldedOnce(n))
		if strings.EqualFold(word, c) || d == 0 {
			return c, n
		}
		if d < nearest && len(word) > 4 {
			code, name, nearest = c, n, d
		}
	}
	return code, name
}

var genders = map[string]string{"female": "female", "f": "female", "woman": "female", "w": "female", "male": "male",
	"m": "male", "man": "male", "nonbinary": "nonbinary", "non binary": "nonbinary", "x": "nonbinary"}

var states = map[string]string{"ct": "CT", "connecticut": "CT", "ma": "MA", "massachusetts": "MA", "ri": "RI",
	"rhode island": "RI"}

// oneOf takes one of some words, as the values that they stand for.
func oneOf(words map[string]string) func(string, *Known) reading {
	return func(s string, known *Known) reading {
		typed := folded(s)
		if value, ok := words[typed]; ok {
			return reading{value: value}
		}
		near, nearest := "", 3
		var all []string
		for word, value := range words {
			if d := known.apart(typed, word); len(word) > 4 && (d < nearest || d == nearest && word < near) {
				near, nearest = word, d
			}
			all = append(all, value)
		}
		if near != "" {
			return reading{wrong: "is not spelled so", proposal: DidYouMean, fix: words[near]}
		}
		slices.Sort(all)
		return reading{wrong: "is none of " + strings.Join(slices.Compact(all), ", ")}
	}
}

func whole(from, to int) func(string, *Known) reading {
	return func(s string, _ *Known) reading {
		n, err := strconv.Atoi(strings.TrimSuffix(s, ".0"))
		if err != nil || n < from || n > to {
			return reading{wrong: fmt.Sprintf("is no whole number from %d to %d", from, to)}
		}
		return reading{value: n}
	}
}

func zipCode(s string, known *Known) reading {
	digits, _ := digitsOf(s)
	if len(digits) == 9 {
		digits = digits[:5]
	}
	if len(digits) == 4 || len(digits) == 3 {
		full := strings.Repeat("0", 5-len(digits)) + digits
		if _, ok := known.ZIPs[full]; ok {
			return reading{wrong: "has lost a zero at its beginning", proposal: LostZeros, fix: full}
		}
	}
	if _, ok := known.ZIPs[digits]; !ok {
		return reading{wrong: "is no ZIP code of the states where we are"}
	}
	return reading{value: digits}
}

func phone(s string, known *Known) reading {
	digits, whole := digitsOf(s)
	digits = strings.TrimPrefix(digits, "1")
	switch {
	case !whole:
		return reading{wrong: cutOff}
	case len(digits) == 7 && known.AreaCode != "":
		return reading{wrong: "has no area code", proposal: AreaCode,
			fix: known.AreaCode + "-" + digits[:3] + "-" + digits[3:]}
	case len(digits) != 10 || digits[0] < '2' || digits[3] < '2':
		return reading{wrong: "is no phone number of ten digits"}
	}
	return reading{value: digits[:3] + "-" + digits[3:6] + "-" + digits[6:]}
}
