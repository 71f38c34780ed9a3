package notify_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// part is one part of a message that has no parts of its own.
type part struct {
	kind, disposition, body string
	params                  map[string]string
}

// parts reads a part and those inside it; both parsers must understand every header, and each the same.
func parts(t *testing.T, header func(string) string, body io.Reader) (all []part) {
	t.Helper()
	kind, params := mediaType(t, header("Content-Type"))
	if strings.HasPrefix(kind, "multipart/") {
		inner := multipart.NewReader(body, params["boundary"])
		for {
			p, err := inner.NextRawPart()
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, parts(t, p.Header.Get, p)...)
		}
	}
	p := part{kind: kind, params: params}
	if d := header("Content-Disposition"); d != "" {
		p.disposition, _ = mediaType(t, d)
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	p.body = string(raw)
	return []part{p}
}

func mediaType(t *testing.T, value string) (string, map[string]string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(value)
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	again, strict, err := strictMediaType(value)
	if err != nil {
		t.Fatalf("%q: %v", value, err)
	}
	if again != kind || fmt.Sprint(strict) != fmt.Sprint(params) {
		t.Fatalf("%q is read as %s %v and as %s %v", value, kind, params, again, strict)
	}
	return kind, params
}

// strictMediaType reads RFC 2045 5.1 as it is written: a type, then parameters, each named once, token or quoted
// string.
func strictMediaType(value string) (kind string, params map[string]string, err error) {
	token := func() (out string) {
		n := strings.IndexFunc(value,
			func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?=`, r) })
		if n < 0 {
			n = len(value)
		}
		out, value = value[:n], value[n:]
		return out
	}
	eat := func(s string) bool {
		rest, ok := strings.CutPrefix(strings.TrimLeft(value, " \t\r\n"), s)
		if ok {
			value = strings.TrimLeft(rest, " \t\r\n")
		}
		return ok
	}
	kind = strings.ToLower(token())
	if eat("/") {
		kind += "/" + strings.ToLower(token())
	}
	params = map[string]string{}
	for eat(";") {
		name := strings.ToLower(token())
		if name == "" || !eat("=") {
			return "", nil, fmt.Errorf("a parameter without a name or value before %q", value)
		}
		if _, twice := params[name]; twice {
			return "", nil, fmt.Errorf("%s is said twice", name)
		}
		if rest, quoted := strings.CutPrefix(value, `"`); quoted {
			text, after, closed := strings.Cut(rest, `"`)
			if !closed || strings.Contains(text, `\`) {
				return "", nil, errors.New("a quoted string that does not end, or needs escapes")
			}
			params[name], value = text, after
		} else if params[name] = token(); params[name] == "" {
			return "", nil, fmt.Errorf("%s has no value", name)
		}
	}
	if strings.TrimSpace(value) != "" {
		return "", nil, fmt.Errorf("%q follows the parameters", value)
	}
	return kind, params, nil
}

func TestTwoParsersReadEveryPartOfEveryEmailAlike(t *testing.T) {
	for _, m := range everyMessage(t, "Zoë", `"Łódź" Clinic; charset=x`) {
		msg, err := mail.ReadMessage(strings.NewReader(sentFile(t, m)))
		if err != nil {
			t.Fatal(m.ID, err)
		}
		if to := msg.Header.Get("Reply-To"); strings.Trim(to, "<>") != m.ReplyTo {
			t.Errorf("%s is answered to %q", m.ID, to)
		}
		var kinds []string
		for _, p := range parts(t, msg.Header.Get, msg.Body) {
			kinds = append(kinds, strings.TrimSpace(p.kind+" "+p.params["method"]+" "+p.disposition))
			if strings.ToLower(p.params["charset"]) != "utf-8" || !utf8.ValidString(p.body) {
				t.Errorf("%s: %s has the charset %q", m.ID, p.kind, p.params["charset"])
			}
			same := map[string]string{"text/plain": m.Text, "text/html": m.HTML}[p.kind]
			if p.kind == "text/calendar" {
				same = string(m.Attachments[0].Content)
			}
			if plainLines(p.body) != plainLines(same) {
				t.Errorf("%s: %s changed on its way", m.ID, p.kind)
			}
		}
		want := []string{"text/plain", "text/html"}
		if len(m.Attachments) > 0 {
			method := strings.TrimPrefix(m.Attachments[0].Type, "text/calendar; method=")
			want = append(want, "text/calendar "+method, "text/calendar "+method+" attachment")
		}
		if !slices.Equal(kinds, want) {
			t.Errorf("%s has %q, want %q", m.ID, kinds, want)
		}
	}
	for _, bad := range []string{"text/calendar; charset=utf-8; method=REQUEST; charset=UTF-8", "text/plain; charset",
		"text/plain; charset=utf-8 x"} {
		if _, _, err := strictMediaType(bad); err == nil {
			t.Errorf("control: %q passes", bad)
		}
	}
}

func plainLines(s string) string {
	return strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
}
