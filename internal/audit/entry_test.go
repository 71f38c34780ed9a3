package audit

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"kindward/internal/role"
)

func TestEveryRoleOfTheListHasWordsInTheLog(t *testing.T) {
	for _, platform := range []bool{false, true} {
		roles := role.Organization()
		if platform {
			roles = role.Staff()
		}
		for _, r := range roles {
			words, of := Entry{Policy: strings.ReplaceAll(r.Role, "_", "-")}.role()
			if !strings.HasSuffix(words, r.Label) || of != platform {
				t.Errorf("%s is called %q", r.Role, words)
			}
		}
	}
	if words, _ := (Entry{Policy: "everyone"}).role(); words != "" {
		t.Errorf("control: a policy that is no role is called %q", words)
	}
}

func TestWordsSayWhoDidWhatAndUnderWhatRole(t *testing.T) {
	for _, c := range []struct {
		d    Entry
		mine bool
		want string
	}{
		{Entry{By: "Ann Lee", Organization: "Elm Clinic", Policy: "clinician", Resource: "Appointment", Action: "read",
			Outcome: "success"}, true,
			"Ann Lee, clinician at Elm Clinic opened your appointment"},
		{Entry{By: "Ann Lee", Organization: "Elm Clinic", Policy: "front-desk+owner", Resource: "Patient", Action: "read",
			Outcome: "success"}, true,
			"Ann Lee, owner at Elm Clinic opened your record"},
		{Entry{By: "Sam Staff", Policy: "support", Resource: "Account", Action: "read", Outcome: "success"}, true,
			"Kindward support opened your account: name, address, devices and when bookings are, no health data"},
		{Entry{By: "Ada Min", Policy: "administrator+staff", Resource: "Staff", Action: "staff-grant", Outcome: "success"},
			false, "Kindward administrator gave a role of the staff"},
		{Entry{By: "Sam Staff", StaffAccess: "impersonation", Reason: "cannot see the booking", Policy: "own-record",
			Resource: "Appointment", Action: "read", Outcome: "success"}, true,
			"Kindward support opened your appointment, seeing Kindward as you, because: cannot see the booking"},
		{Entry{By: "Sam Staff", StaffAccess: "emergency", Policy: "emergency", Purpose: "emergency",
			Organization: "Elm Clinic", Resource: "Patient", Action: "read", Outcome: "success"}, true,
			"Kindward support opened your record, as an emergency"},
		{Entry{Own: true, By: "Maya", Purpose: "own record", Resource: "Appointment", Action: "list", Outcome: "success"},
			true, "You looked at your appointments"},
		{Entry{Own: true, By: "Maya", Resource: "Appointment", Action: "cancel", Outcome: "success"}, false,
			"Maya canceled their own appointment"},
		{Entry{Nobody: true, Resource: "Account", Action: "sign-in", Outcome: "denied"}, true,
			"Somebody tried to sign in as you and was refused"},
		{Entry{Nobody: true, Purpose: "api", Organization: "Elm Clinic", Resource: "Appointment", Action: "list",
			Outcome: "success"}, true,
			"Software of Elm Clinic looked at a list with your appointment"},
		{Entry{Nobody: true, Purpose: "message", Resource: "Appointment", Action: "read", Outcome: "success"}, true,
			"Kindward sent you an email about an appointment"},
		{Entry{By: "Sam Staff", Policy: "support", Resource: "StaffAccess", Action: "impersonation-begin",
			Outcome: "success"}, true, "Kindward support began to see Kindward as you see it"},
		{Entry{By: "Sam Staff", StaffAccess: "impersonation", Purpose: "own record", Resource: "Appointment", Action: "list",
			Outcome: "success"}, true,
			"Kindward support looked at your appointments, seeing Kindward as you"},
		{Entry{By: "Sam Staff", Policy: "support", Resource: "Acting", Action: "impersonation-begin",
			Outcome: "success"}, true, "Kindward support began to see Kindward as you see it"}, // written by an earlier release
		{Entry{By: "Sam Staff", StaffAccess: "emergency", Policy: "emergency", Purpose: "emergency", Resource: "Acting",
			Action: "break-glass-end", Outcome: "success"}, true, "Kindward support ended the emergency access"},
		{Entry{By: "X", Resource: "Thing", Action: "new-verb", Outcome: "success"}, true,
			"X did this to your record: thing, new verb"},
		{Entry{By: "X", Resource: "organization", Action: "keys.read", Outcome: "denied"}, true,
			"X was refused: a page that their role does not reach, keys.read"},
	} {
		if got := c.d.Who(c.mine) + " " + c.d.What(c.mine); got != c.want {
			t.Errorf("%q\nwant %q", got, c.want)
		}
	}
}

func TestTheSameEntriesOfADayAreOneGroupAndDaysAreThoseOfTheZone(t *testing.T) {
	zone := time.FixedZone("west", -5*3600)
	at := time.Date(2026, 11, 22, 4, 30, 0, 0, time.UTC) // still the 21st in the west
	one := Entry{By: "Ann", Resource: "Appointment", Action: "list"}
	other := Entry{By: "Bob", Resource: "Appointment", Action: "list"}
	var all []Entry
	for i, d := range []Entry{one, other, one, one} {
		d.At = at.Add(-time.Duration(i) * time.Minute)
		all = append(all, d)
	}
	late := one
	late.At = at.Add(-24 * time.Hour)
	days := ByDay(append(all, late), zone, true)
	if len(days) != 2 || days[0].Day.Day() != 21 || len(days[0].Groups) != 2 || days[0].Groups[0].Times != 3 ||
		days[0].Groups[0].First != at.Add(-3*time.Minute) {
		t.Fatalf("%+v", days)
	}
}

// Each effect writes its event in its own statement: their words are in the statements.
func TestEveryEntryThatAStatementWritesHasWords(t *testing.T) {
	files, err := filepath.Glob("../../queries/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no statements", err)
	}
	insert := regexp.MustCompile(
		`(?s)insert into audit\.event \(([^)]*)\)\s*(?:select|values \()\s*(.*?)(?:;|\n\)|\bfrom\b)`)
	n := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range insert.FindAllStringSubmatch(string(raw), -1) {
			values, word := values(m[2]), map[string]string{}
			for i, column := range strings.Split(m[1], ",") {
				if i < len(values) && strings.HasPrefix(values[i], "'") {
					word[strings.TrimSpace(column)] = strings.Trim(values[i], "'")
				}
			}
			if word["resource"] == "" || word["action"] == "" {
				continue // given by the caller
			}
			n++
			if actions[word["resource"]+" "+word["action"]].words == "" {
				t.Errorf("%s: %q of %q has no words", filepath.Base(file), word["action"], word["resource"])
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d statements were read", n)
	}
}

// What is done to a hold is named where it is done.
func TestEveryEntryAboutAHoldHasWords(t *testing.T) {
	files, err := filepath.Glob("../booking/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no booking", err)
	}
	called := regexp.MustCompile(`\b(?:auditHold\(ctx, q, |e\.end\(ctx, q, )([^)]*)\)`)
	n := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range called.FindAllStringSubmatch(string(raw), -1) {
			arguments := values(m[1])
			action, err := strconv.Unquote(strings.TrimSpace(arguments[len(arguments)-1]))
			if err != nil {
				continue // passed on by end
			}
			n++
			if actions["Appointment "+action].words == "" {
				t.Errorf("%s: %q has no words", filepath.Base(file), action)
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d calls were read", n)
	}
}

// values splits a list at its own commas, not at those inside brackets or strings.
func values(list string) (all []string) {
	depth, quoted, from := 0, false, 0
	for i, r := range list {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
		case r == '(' || r == '[' || r == '{':
			depth++
		case r == ')' || r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			all, from = append(all, strings.TrimSpace(list[from:i])), i+1
		}
	}
	return append(all, strings.TrimSpace(list[from:]))
}

func TestA23NoCellOfAnExportIsAFormula(t *testing.T) {
	for _, bad := range []string{`=HYPERLINK("http://evil","x")`, "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1",
		"\u00a0=1", "\ufeff=1", "＝1", "|calc", "%0a=1", "=1\",=2"} {
		var b strings.Builder
		if err := (CSV{&b}).Row("a", bad, "c"); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 3 {
			t.Fatalf("%q: %v %q", bad, err, rows)
		}
		if !strings.HasPrefix(rows[0][1], "'") {
			t.Errorf("%q stays a formula: %q", bad, rows[0][1])
		}
	}
	for _, good := range []string{"Maya", "", "it's = fine", `say "hi"`} {
		if got := Cell(good); strings.HasPrefix(got, `"'`) {
			t.Errorf("%q became %q", good, got)
		}
	}
}
