package notify_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message"

	"kindward/internal/notify"
)

// wireFaults is what a mail server or a reader may refuse in the bytes of an email.
func wireFaults(raw []byte) (faults []string) {
	for n, line := range bytes.SplitAfter(raw, []byte("\n")) {
		text, whole := bytes.CutSuffix(line, []byte("\r\n"))
		switch {
		case len(line) > 0 && !whole:
			faults = append(faults, fmt.Sprintf("line %d does not end with CR LF", n+1))
		case len(text) > 998: // RFC 5321 4.5.3.1.6, less the two of its end
			faults = append(faults, fmt.Sprintf("line %d has %d bytes", n+1, len(text)))
		case bytes.ContainsAny(text, "\r\x00"):
			faults = append(faults, fmt.Sprintf("line %d has a lone CR or a NUL", n+1))
		}
		if i := bytes.IndexFunc(text, func(r rune) bool { return r >= 0x80 }); i >= 0 {
			faults = append(faults, fmt.Sprintf("line %d is not of 7 bits", n+1))
		}
	}
	return append(faults, partFaults(raw)...)
}

// partFaults reads an email with a reader of headers, boundaries and bodies that is not the standard library's, and
// judges all parts.
func partFaults(raw []byte) (faults []string) {
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return []string{err.Error()}
	}
	err = e.Walk(func(path []int, part *message.Entity, err error) error {
		wrong := func(format string, args ...any) {
			faults = append(faults, fmt.Sprintf("part %v: ", path)+fmt.Sprintf(format, args...))
		}
		if err != nil {
			wrong("%v", err)
			return nil
		}
		kind, params, err := part.Header.ContentType()
		if err != nil {
			wrong("content type: %v", err)
			return nil
		}
		if strings.HasPrefix(kind, "multipart/") {
			return nil
		}
		encoding := strings.ToLower(part.Header.Get("Content-Transfer-Encoding"))
		if encoding != "base64" && encoding != "quoted-printable" {
			wrong("its encoding is %q", encoding)
		}
		body, err := io.ReadAll(part.Body)
		if err != nil {
			wrong("body: %v", err)
		}
		if kind == "text/calendar" && params["method"] != methodOf(body) {
			wrong("the header says method %q and the file %q", params["method"], methodOf(body))
		}
		how, names, err := part.Header.ContentDisposition()
		if part.Header.Get("Content-Disposition") != "" && (err != nil || how == "attachment" && (names["filename"] == "" ||
			strings.ContainsAny(names["filename"], "/\\\r\n"))) {
			wrong("disposition %q %q: %v", how, names["filename"], err)
		}
		return nil
	})
	if err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// methodOf is what a calendar file says of itself.
func methodOf(file []byte) string {
	lines := bufio.NewScanner(bytes.NewReader(file))
	for lines.Scan() {
		if method, yes := strings.CutPrefix(strings.TrimSpace(lines.Text()), "METHOD:"); yes {
			return method
		}
	}
	return ""
}

func TestEveryEmailKeepsTheRulesOfItsTransport(t *testing.T) {
	for _, name := range []string{"Maya", "Zoë Łódź", `"a"; charset=x`, strings.Repeat("Ж", 1500)} {
		calendars := 0
		for _, m := range everyMessage(t, name, name) {
			raw := []byte(sentFile(t, m))
			for _, fault := range wireFaults(raw) {
				t.Errorf("%s: %s", m.ID, fault)
			}
			msg, err := mail.ReadMessage(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(m.ID, err)
			}
			for _, p := range parts(t, msg.Header.Get, msg.Body) {
				if p.kind != "text/calendar" {
					continue
				}
				calendars++
				if p.params["method"] == "" || p.params["method"] != methodOf([]byte(p.body)) {
					t.Errorf("%s: the header says method %q and the file %q", m.ID, p.params["method"], methodOf([]byte(p.body)))
				}
			}
		}
		if calendars != 6 {
			t.Errorf("%d parts with a calendar, want 2 in each of 3 emails", calendars)
		}
	}
}

func TestTheRulesOfTheTransportFindWhatBreaksThem(t *testing.T) {
	m := booking(t, composer(t), "booked", visit())
	good := sentFile(t, m)
	if faults := wireFaults([]byte(good)); len(faults) > 0 {
		t.Fatal(faults)
	}
	for name, change := range map[string][2]string{
		"charset twice":    {"method=REQUEST; charset=UTF-8", "charset=utf-8; method=REQUEST; charset=UTF-8"},
		"another method":   {"METHOD:REQUEST", "METHOD:CANCEL"},
		"no method":        {"text/calendar; method=REQUEST; charset=UTF-8", "text/calendar; charset=UTF-8"},
		"no encoding":      {"Content-Transfer-Encoding: quoted-printable\r\n", ""},
		"a lone LF":        {"BEGIN:VCALENDAR\r\n", "BEGIN:VCALENDAR\n"},
		"eight bits":       {"BEGIN:VCALENDAR", "BEGIN:VCALENDÄR"},
		"a long line":      {"BEGIN:VCALENDAR", strings.Repeat("x", 999)},
		"a path as a name": {`attachment; filename="appointment.ics"`, `attachment; filename="../appointment.ics"`},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if bad == good || len(wireFaults([]byte(bad))) == 0 {
			t.Errorf("%s passes", name)
		}
	}
	kinds := []string{string(notify.Request), string(notify.Cancel)}
	if !slices.Contains(kinds, methodOf(m.Attachments[0].Content)) {
		t.Error("the file of an email asks for", methodOf(m.Attachments[0].Content))
	}
}
