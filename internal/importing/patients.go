package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
)

// Patients is the kind whose rows are people: whoever handles it must be allowed to read records too.
const Patients = "patients"

var patientsKind = Kind{Name: Patients, Title: "Patients", About: "Who comes to you: name, date of birth, phone.",
	Fields: []Field{
		{Name: externalID.Name, Label: "Chart number", Example: "10482", read: chartNumber, others: externalID.others +
			",chart,chart no,mrn,medical record number,patient id,patient number,patient no,account number"},
		{Name: "name", Label: "Name", Example: "Leo Medeiros", Required: true, read: text(120),
			others: "full name,patient,patient name,first and last name"},
		{Name: "born", Label: "Date of birth", Example: "3/27/1988", read: born,
			others: "dob,birth date,birthdate,birthday,born"},
		{Name: "phone", Label: "Phone", Example: "401-555-0142", read: patientPhone,
			others: "phone number,telephone,tel,mobile,mobile number,mobile phone,cell,cell phone,home phone"},
		{Name: "email", Label: "Email", Example: "leo@example.com", read: email, others: "email address,e mail,mail"},
		{Name: "street", Label: "Street", Example: "12 Wickenden Street", read: text(160),
			others: "address,street address,address 1,address line 1,home address"},
		{Name: "city", Label: "City", Example: "Providence", read: text(80), others: "town,municipality"},
		{Name: "state", Label: "State", Example: "RI", read: homeState, others: "st,province"},
		{Name: "zip", Label: "ZIP code", Example: "02906", read: homeZIP, others: "zip,postal code,postcode,zipcode"},
		{Name: "language", Label: "Language", Example: "Portuguese", read: spoken,
			others: "languages,preferred language,speaks"},
	},
	key:  func(r map[string]any) string { return keyOf(r, "", "name", "born", "phone", "email") },
	mend: told, judge: alikeInFile, compare: alikeHere, shown: []string{externalID.Name, "name"}}

// told sees to it that a row can be told from somebody else of the same name.
func told(record map[string]any, _ *Known) (string, reading) {
	for _, one := range []string{externalID.Name, "born", "phone", "email"} {
		if record[one] != nil {
			return "", reading{}
		}
	}
	return "name", reading{wrong: "alone tells nobody apart. Add a chart number, a date of birth, a phone number or an " +
		"email address"}
}

// alikeInFile proposes to add a row apart that has the name and the date of birth of a line before it.
func alikeInFile(c *checker, v Verdict) Verdict {
	day, _ := v.Record["born"].(string)
	if v.State != Ready || day == "" {
		return v
	}
	key := "born " + keyOf(v.Record, "", "name", "born")
	at, twice := c.lines[key]
	if !twice {
		c.lines[key] = v.Line
		return v
	}
	return v.alike("Has the name and the date of birth of line " + strconv.Itoa(at))
}

// alike says that a row may be somebody who is there. It is added only if somebody says that it is another person.
func (v Verdict) alike(what string) Verdict {
	if v.apart {
		v.Fix = map[string]string{apartMark: "yes"}
		return v
	}
	v.State, v.Problem, v.Proposal = Wrong, what+". Leave it out, or add it if it is another person.", AnotherPerson
	v.Fix = map[string]string{apartMark: "yes"}
	return v
}

// apartMark stands in the place of a column in what is proposed: no cell changes, the row is another person.
const apartMark = "apart"

// saidApart tells whether somebody has said of a row that it is another person.
func saidApart(r tenantdb.ImportRowsRow, accepted bool) bool {
	var fix map[string]string
	return json.Unmarshal(r.Fix, &fix) == nil && fix[apartMark] != "" && (accepted || r.State != Wrong)
}

// alikeHere compares rows that are ready with the patients who are here. Nothing is merged.
func alikeHere(ctx context.Context, q *tenantdb.Queries, verdicts []Verdict) error {
	at, ask := map[int32]int{}, tenantdb.AlikePatientsParams{}
	for i, v := range verdicts {
		if v.State != Ready {
			continue
		}
		at[int32(v.Line)] = i
		day, _ := civil.ParseDate(word(v, "born"))
		if day.IsZero() {
			day = civil.Date{Year: 1, Month: 1, Day: 1}
		}
		ask.Lines, ask.Ids = append(ask.Lines, int32(v.Line)), append(ask.Ids, *v.RecordID)
		ask.Names, ask.Born = append(ask.Names, word(v, "name")), append(ask.Born, day.Start(time.UTC))
		ask.Phones, ask.Emails = append(ask.Phones, word(v, "phone")), append(ask.Emails, word(v, "email"))
	}
	alike, err := q.AlikePatients(ctx, ask)
	for _, r := range alike {
		v := &verdicts[at[r.Line]]
		if r.Same {
			v.State, v.Problem = Same, "Was here already."
			continue
		}
		*v = v.alike("Looks like a patient who is here: the same name, with the same date of birth, phone or email")
	}
	return err
}

// word is a field of what a row makes, or "".
func word(v Verdict, field string) string {
	s, _ := v.Record[field].(string)
	return s
}

var socialSecurity = regexp.MustCompile(`^\d{3}-\d{2}-\d{4}$`)

// notKept stands in the place of a Social Security number.
const notKept = "XXX-XX-XXXX"

func chartNumber(s string, known *Known) reading {
	if s == notKept {
		return reading{wrong: "was a Social Security number, which we do not keep. Put your own number there"}
	}
	return text(80)(s, known)
}

// twoDigits is a year that does not say of which century it is.
var twoDigits = regexp.MustCompile(`^.+[/\-., ]\d{2}$`)

// born reads a date of birth.
func born(s string, known *Known) reading {
	r := date(s, known)
	if day, err := civil.ParseDate(r.fix); err == nil && twoDigits.MatchString(s) && known.Today.Before(day) {
		day.Year -= 100
		r.fix = day.String()
	}
	if r.wrong != "" {
		return r
	}
	day, err := civil.ParseDate(r.value.(string))
	switch {
	case err != nil:
		return reading{wrong: "is no day of the calendar"}
	case twoDigits.MatchString(s):
		if known.Today.Before(day) {
			day.Year -= 100
		}
		return reading{wrong: "has a year of two digits", proposal: Century, fix: day.String()}
	case known.Today.Before(day):
		return reading{wrong: "is in the future"}
	case day.Year < known.Today.Year-130:
		return reading{wrong: "is longer ago than anybody lives"}
	}
	return r
}

// patientPhone is a number as it is dialed from anywhere. Without a country it is one of here.
func patientPhone(s string, known *Known) reading {
	digits := textutil.Digits(s)
	if strings.HasPrefix(s, "+") && !strings.HasPrefix(digits, "1") {
		if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
			return reading{wrong: "is no phone number"}
		}
		return reading{value: "+" + digits}
	}
	r := phone(s, known)
	if r.wrong == "" {
		r.value = "+1" + textutil.Digits(r.value.(string))
	}
	return r
}

func email(s string, _ *Known) reading {
	address, ok := textutil.Email(s)
	if !ok {
		return reading{wrong: "is no email address like name@example.com"}
	}
	return reading{value: address}
}

var postalStates = strings.Fields("AL AK AS AZ AR CA CO CT DE DC FL GA GU HI ID IL IN IA KS KY LA ME MD MA MI MN MP MS " +
	"MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA VI WA WV WI WY")

// homeState is where a patient lives, which may be anywhere in the country.
func homeState(s string, _ *Known) reading {
	if code := states[folded(s)]; code != "" {
		return reading{value: code}
	}
	if code := strings.ToUpper(s); slices.Contains(postalStates, code) {
		return reading{value: code}
	}
	return reading{wrong: "is no state. Write it with its two letters, such as RI"}
}

func homeZIP(s string, _ *Known) reading {
	digits, whole := digitsOf(s)
	switch {
	case !whole:
		return reading{wrong: cutOff}
	case len(digits) == 9 || len(digits) == 5:
		return reading{value: digits[:5]}
	case len(digits) == 4 || len(digits) == 3:
		return reading{wrong: "has lost a zero at its beginning", proposal: LostZeros,
			fix: strings.Repeat("0", 5-len(digits)) + digits}
	}
	return reading{wrong: "is no ZIP code of five digits"}
}

// spoken is the one language in which somebody is spoken to.
func spoken(s string, known *Known) reading {
	r := languages(s, known)
	if codes, ok := r.value.([]string); ok {
		if len(codes) != 1 {
			return reading{wrong: fmt.Sprintf("has %d languages. Put the one there in which you speak to them", len(codes))}
		}
		r.value = codes[0]
	}
	return r
}

func addPatients(ctx context.Context, to target, rows []imported) ([]uuid.UUID, error) {
	ids, err := to.q.ImportPatients(ctx, records(rows))
	return ids, errors.Join(err, to.auditPatients(ctx, ids, "import"))
}

func removePatients(ctx context.Context, from target, rows []imported) ([]uuid.UUID, error) {
	ids, err := from.q.RemovePatients(ctx, idsOf(rows))
	return ids, errors.Join(err, from.auditPatients(ctx, ids, "remove"))
}

func (t target) auditPatients(ctx context.Context, charts []uuid.UUID, action string) error {
	if len(charts) == 0 {
		return nil
	}
	return t.q.AuditImportedPatients(ctx, tenantdb.AuditImportedPatientsParams{Charts: charts, Action: action,
		Import: t.batch, By: t.by})
}
