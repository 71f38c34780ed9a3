package notify_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"kindward/internal/notify"
)

// nasty are texts that try to break out of a calendar field.
var nasty = map[string]string{
	"new property":  "Ana\r\nATTENDEE:mailto:evil@example.test",
	"new component": "Ana\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil",
	"separators":    `a;b,c:d\e"f'g`,
	"long":          strings.Repeat("Łódź Straße 東京 ", 40),
	"no space":      strings.Repeat("é", 300),
	"emoji":         strings.Repeat("👩‍⚕️", 40),
	"marks":         "abc\u202edef\u2066\u0000\u0007\u2028x",
	"broken":        "abc\xff\xfe",
}

// lines checks what RFC 5545 3.1 asks of every line and gives the unfolded ones.
func lines(t testing.TB, file []byte) []string {
	t.Helper()
	if !utf8.Valid(file) {
		t.Fatal("not UTF-8")
	}
	if !bytes.HasSuffix(file, []byte("END:VCALENDAR\r\n")) {
		t.Fatal("the file does not end as a calendar does")
	}
	var out []string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(file), "\r\n"), "\r\n") {
		if len(line) > 75 {
			t.Errorf("a line of %d octets", len(line))
		}
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("a control character in %q", line)
		}
		if !utf8.ValidString(line) {
			t.Errorf("a character is cut in two: %q", line)
		}
		if rest, ok := strings.CutPrefix(line, " "); ok && len(out) > 0 {
			out[len(out)-1] += rest
			continue
		}
		out = append(out, line)
	}
	return out
}

func TestACalendarFileIsWellFormedWhateverItContains(t *testing.T) {
	for name, text := range nasty {
		t.Run(name, func(t *testing.T) {
			a := visit(func(a *notify.Appointment) { a.Practitioner, a.Where.Organization, a.Where.Street = text, text, text })
			file := notify.Calendar(composer(t).Event(a), notify.Request)
			var events, attendees int
			for _, line := range lines(t, file) {
				switch {
				case line == "BEGIN:VEVENT":
					events++
				case strings.HasPrefix(line, "ATTENDEE"):
					attendees++
				}
			}
			if events != 1 || attendees != 1 {
				t.Errorf("%d events with %d attendees", events, attendees)
			}
			cal, err := ics.ParseCalendar(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if got := cal.Events()[0].Id(); got != a.ID.String() {
				t.Errorf("UID %q", got)
			}
		})
	}
}

func TestTheLineCheckFindsABadFold(t *testing.T) {
	probe := &recorder{TB: t}
	lines(probe, []byte("BEGIN:VCALENDAR\r\nSUMMARY:"+strings.Repeat("x", 80)+"\r\nA:b\nEND:VCALENDAR\r\n"))
	if probe.errors < 2 {
		t.Fatal("the negative control passed")
	}
}

type recorder struct {
	testing.TB
	errors int
}

func (r *recorder) Errorf(string, ...any) { r.errors++ }
func (r *recorder) Helper()               {}

// read is what a calendar program makes of a file.
type read struct {
	Method, UID, Status, Summary, Location, Description, Start, End string
	Sequence                                                        int
}

func TestTwoReadersUnderstandTheCalendarFile(t *testing.T) {
	summer := func(a *notify.Appointment) {
		a.Start = time.Date(2027, 3, 15, 9, 0, 0, 0, providence) // booked in winter for after the change (E1)
		a.End = a.Start.Add(30 * time.Minute)
		a.Where.Organization = "Fox Point; Family, \"Clinic\" \\ Łódź " + strings.Repeat("long ", 30)
	}
	for name, c := range map[string]struct {
		appointment notify.Appointment
		method      notify.Method
		status      string
		start       string
	}{
		"booked":   {visit(), notify.Request, "CONFIRMED", "2026-11-24T14:20:00Z"},
		"download": {visit(summer), notify.Publish, "CONFIRMED", "2027-03-15T13:00:00Z"},
		"moved": {visit(summer, func(a *notify.Appointment) { a.Sequence = 2 }), notify.Request, "CONFIRMED",
			"2027-03-15T13:00:00Z"},
		"cancelled": {visit(func(a *notify.Appointment) { a.Sequence = 3 }), notify.Cancel, "CANCELLED",
			"2026-11-24T14:20:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			event := composer(t).Event(c.appointment)
			file := notify.Calendar(event, c.method)
			lines(t, file)
			want := read{Method: string(c.method), UID: c.appointment.ID.String(), Status: c.status,
				Sequence: c.appointment.Sequence, Start: c.start,
				End: event.End.UTC().Format(time.RFC3339), Summary: strings.Join(strings.Fields(event.Summary), " "),
				Location: strings.Join(strings.Fields(event.Location), " "), Description: event.Description}
			t.Run("golang-ical", func(t *testing.T) {
				if got := readByGo(t, file); got != want {
					t.Errorf("reads\n%+v, want\n%+v", got, want)
				}
			})
			t.Run("ical.js", func(t *testing.T) {
				if got := readByNode(t, file); got != want {
					t.Errorf("reads\n%+v, want\n%+v", got, want)
				}
			})
		})
	}
}

func readByGo(t testing.TB, file []byte) (r read) {
	t.Helper()
	cal, err := ics.ParseCalendar(bytes.NewReader(file))
	if err != nil || len(cal.Events()) != 1 {
		t.Fatal("not one event", err)
	}
	for _, p := range cal.CalendarProperties {
		if p.IANAToken == "METHOD" {
			r.Method = p.Value
		}
	}
	e := cal.Events()[0]
	text := func(p ics.ComponentProperty) string { return ics.FromText(e.GetProperty(p).Value) }
	r.UID, r.Status = e.Id(), text(ics.ComponentPropertyStatus)
	r.Summary, r.Location, r.Description = text(ics.ComponentPropertySummary), text(ics.ComponentPropertyLocation),
		text(ics.ComponentPropertyDescription)
	start, err1 := e.GetStartAt()
	end, err2 := e.GetEndAt()
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	r.Start, r.End = start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339)
	if err := json.Unmarshal([]byte(e.GetProperty(ics.ComponentPropertySequence).Value), &r.Sequence); err != nil {
		t.Fatal(err)
	}
	return r
}

// script reads the file with ical.js, which shares no line with ours.
const script = `
const ICAL = require("ical.js").default ?? require("ical.js");
const cal = new ICAL.Component(ICAL.parse(require("fs").readFileSync(0, "utf8")));
const all = cal.getAllSubcomponents("vevent");
if (all.length !== 1) throw new Error(all.length + " events");
const e = new ICAL.Event(all[0]);
const at = (t) => t.toJSDate().toISOString().replace(".000", "");
console.log(JSON.stringify({Method: cal.getFirstPropertyValue("method"), UID: e.uid, Status: all[0].getFirstPropertyValue("status"), Sequence: e.sequence,
  Summary: e.summary, Location: e.location, Description: e.description, Start: at(e.startDate), End: at(e.endDate)}));`

// readByNode needs node and the npm package ical.js, which .ci/run installs; KINDWARD_NODE_MODULES may say where.
func readByNode(t testing.TB, file []byte) (r read) {
	t.Helper()
	node, err := exec.LookPath("node")
	modules := nodeModules()
	if err != nil || modules == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("the second calendar reader is missing: node and node_modules/ical.js")
		}
		t.Skip("the second calendar reader needs node and `npm install ical.js`; .ci/run has both")
	}
	cmd := exec.Command(node, "-e", script)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	cmd.Stdin = bytes.NewReader(file)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ical.js: %v\n%s", err, complaint.String())
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// nodeModules is the nearest folder of npm packages that has ical.js.
func nodeModules() string {
	places := []string{os.Getenv("KINDWARD_NODE_MODULES")}
	dir, _ := os.Getwd()
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		places = append(places, filepath.Join(dir, "node_modules"), filepath.Join(dir, "internal", "browser", "node_modules"))
	}
	for _, p := range places {
		if _, err := os.Stat(filepath.Join(p, "ical.js", "package.json")); p != "" && err == nil {
			return p
		}
	}
	return ""
}
