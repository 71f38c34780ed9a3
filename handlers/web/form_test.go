package web

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func post(values ...string) *Form {
	v := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return &Form{values: cleaned(v), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

func TestALineIsTrimmedAndHasNoControlCharacters(t *testing.T) {
	f := post("a", "  Maya\u00a0Okafor ", "b", "Maya\r\nBcc: x", "c", "a\x00b", "d", "\xff", "e", strings.Repeat("ä", 5),
		"f", "\u202eMaya\u2066", "g", "Cafe\u0301", "h", "  ", "i", "\u200b\u200b", "j", "\u2060 \u00ad")
	if got := f.Text("a", 120, "Enter your full name"); got != "Maya Okafor" {
		t.Errorf("%q", got)
	}
	if got := f.Text("b", 120, "Enter your full name"); got != "Maya Bcc: x" {
		t.Errorf("%q", got)
	}
	if f.Text("e", 5, "Enter five") != "äääää" || f.Text("f", 120, "-") != "Maya" || f.Text("g", 4, "-") != "Café" {
		t.Error("characters were counted in bytes, or marks were left")
	}
	if !f.OK() {
		t.Fatal(f.Problems)
	}
	for _, name := range []string{"c", "d", "h", "i", "j", "absent"} {
		f.Text(name, 120, "Enter your full name")
		if f.Problems.Of(name) != "Enter your full name" {
			t.Errorf("%s: %q", name, f.Problems.Of(name))
		}
	}
	f.Text("e", 4, "Enter four")
	if f.Problems.Of("e") != "Enter four, in 4 characters or fewer" {
		t.Error(f.Problems)
	}
}

func TestSomeLinesMayBeLeftOut(t *testing.T) {
	f := post("note", "one\r\ntwo\x07", "long", strings.Repeat("x", 501), "ok", "one\r\ntwo ")
	if f.Optional("ok", 500, "Your note") != "one\ntwo" || f.Optional("absent", 500, "Your note") != "" || !f.OK() {
		t.Error(f.Problems)
	}
	f.Optional("note", 500, "Your note")
	f.Optional("long", 500, "Your note")
	if f.Problems.Of("long") != "Your note must be 500 characters or fewer" || f.Problems.Of("note") == "" {
		t.Error(f.Problems)
	}
}

func TestAnAddressIsOneThatEmailsReach(t *testing.T) {
	for typed, want := range map[string]string{" Maya@Example.TEST ": "maya@example.test",
		"a.b+c@mail.example.co":                     "a.b+c@mail.example.co",
		"\u200bmaya@example.test \u200e":            "maya@example.test", // pasted, with marks that nobody sees
		"ma\u00adya@exam\u200cple.te\u2060st\ufeff": "maya@example.test",
		"Maya Okafor <maya@example.test>":           "maya@example.test", // from an address book
		"mailto:maya@example.test":                  "maya@example.test",
		"\uff4daya\uff20example.test":               "maya@example.test",        // wide letters
		"maya@Ex\u00e4mple.test":                    "maya@xn--exmple-cua.test", // as the DNS has it
		"maya@exa\u0308mple.test":                   "maya@xn--exmple-cua.test"} {
		if f := post("email", typed); f.Email("email") != want {
			t.Error(typed, f.Problems)
		}
	}
	for _, bad := range []string{"", "maya", "maya@", "@example.test", "maya@localhost", "Maya <maya>",
		"maya@example.test\r\nBcc: x@example.test", "maya@@example.test",
		"maya okafor@example.test", "mäya@example.test", "maya@exa_mple.test", "maya@[127.0.0.1]", "maya@example.",
		`"a b"@example.test`,
		strings.Repeat("a", 250) + "@example.test", "a@b.c, d@e.f"} {
		if f := post("email", bad); f.Email("email") != "" ||
			f.Problems.Of("email") != "Enter your email address, like name@example.com" {
			t.Errorf("%q passed", bad)
		}
	}
	if f := post("email", "bob@"); f.TheirEmail("email") != "" ||
		f.Problems.Of("email") != "Enter their email address, like name@example.com" {
		t.Errorf("somebody else's: %v", f.Problems)
	}
}

func TestAMobileNumberBecomesE164(t *testing.T) {
	for typed, want := range map[string]string{"401 555 0134": "+14015550134", "(401) 555-0134": "+14015550134",
		"1-401-555-0134": "+14015550134", "+1 401.555.0134": "+14015550134",
		"+49 170 1234567":     "+491701234567",
		"+44 (0)20 7946 0018": "+442079460018", "0044 20 7946 0018": "+442079460018", "011 44 20 7946 0018": "+442079460018",
		"tel:+1-401-555-0134": "+14015550134", "\u202a+1 (401) 555\u20110134\u202c": "+14015550134",
		"401\u2013555\u20130134": "+14015550134", "401\u00a0555\u202f0134": "+14015550134",
		"401\u2212555\u22120134": "+14015550134", "\uff14\uff10\uff11 555 0134": "+14015550134",
		"\u0664\u0660\u0661 \u0665\u0665\u0665 \u0660\u0661\u0663\u0664": "+14015550134", "401·555·0134": "+14015550134",
		"+55 (0)21 99999-1234": "+5521999991234"} {
		if f := post("phone", typed); f.Mobile("phone") != want {
			t.Error(typed, f.Problems)
		}
	}
	for _, typed := range []string{"401-555-0134 x2", "401 555 0134 ext. 12", "(401) 555-0134, extension 5",
		"401 555 0134 #7", "tel:+1-401-555-0134;ext=12", "401 555 0134\u00a0ext\u00a012"} {
		if f := post("phone", typed); f.Mobile("phone") != "" ||
			!strings.Contains(f.Problems.Of("phone"), "without an extension") {
			t.Errorf("%q: %v", typed, f.Problems)
		}
	}
	for _, bad := range []string{"", "555 0134", "401 555 013", "401 555 01345", "101 555 0134", "401 155 0134", "call me",
		"x2", "+", "+1 401 555 0134 5", "+0123456789", "40155501+34", "+1 555 0134"} {
		if f := post("phone", bad); f.Mobile("phone") != "" || f.OK() {
			t.Errorf("%q passed", bad)
		}
	}
}

func TestADateOfBirthIsARealDay(t *testing.T) {
	born := func(m, d, y string) (*Form, time.Time) {
		f := post("dob-month", m, "dob-day", d, "dob-year", y)
		return f, f.Born("dob")
	}
	if f, got := born("3", " 27", "1988"); !f.OK() || got != time.Date(1988, 3, 27, 0, 0, 0, 0, time.UTC) {
		t.Error(got, f.Problems)
	}
	if f, _ := born("2", "29", "2024"); !f.OK() {
		t.Error("leap day", f.Problems)
	}
	for _, month := range []string{"March", "march", "MAR", " Mar. "} {
		if f, got := born(month, "27", "1988"); !f.OK() || got.Month() != time.March {
			t.Error(month, got, f.Problems)
		}
	}
	for _, bad := range [][3]string{{"2", "29", "2023"}, {"2", "30", "1988"}, {"13", "1", "1988"}, {"0", "1", "1988"},
		{"3", "27", "88"}, {"Ma", "27", "1988"}, {"Marz", "27", "1988"}, {"3", "March", "1988"},
		{"3", "", "1988"}, {"3", "27", "1850"}, {"-3", "27", "1988"},
		{"3", "27", "19888"}} {
		if f, _ := born(bad[0], bad[1], bad[2]); f.Problems.Of("dob") != "Date of birth must be a real date, like 3 27 1988" {
			t.Error(bad, f.Problems)
		}
	}
	if f, _ := born("11", "23", "2026"); f.Problems.Of("dob") != "Date of birth must be in the past" {
		t.Error(f.Problems)
	}
	if f, _ := born("", "", ""); f.Problems.Of("dob") != "Enter your date of birth" {
		t.Error(f.Problems)
	}
}

func TestWhatThePageItselfPutIntoTheFormIsReadBackOrRefused(t *testing.T) {
	f := post("id", "0198f3b2-0000-7000-8000-000000000001", "start", "2026-11-24T09:20:00-05:00", "payer", "self", "share",
		"on")
	if f.ID("id").String() != f.Raw("id") || f.Instant("start") != time.Date(2026, 11, 24, 14, 20, 0, 0, time.UTC) ||
		f.OneOf("payer", "Choose", "self", "plan") != "self" || !f.Ticked("share") || !f.OK() {
		t.Error(f.Problems)
	}
	f = post("id", "{0198f3b2-0000-7000-8000-000000000001}", "start", "tomorrow", "payer", "other")
	f.ID("id")
	f.Instant("start")
	f.OneOf("payer", "Choose", "self", "plan")
	if len(f.Problems) != 3 || f.Ticked("share") {
		t.Error(f.Problems)
	}
}

func TestWhatKeyboardsAndClipboardsBringAlongIsUnderstood(t *testing.T) {
	for typed, want := range map[string]string{
		"\u2068Maya\u2069\u3000Okafor\u200b": "Maya Okafor", "O\u2019Brien\u00adSmith": "O\u2019BrienSmith",
		"Jose\u0301\u2028Reis":                 "José Reis",
		"\u0645\u06cc\u200c\u062e\u0648\u0627": "\u0645\u06cc\u200c\u062e\u0648\u0627",
		"\U0001f469\u200d\u2695":               "\U0001f469\u200d\u2695",
		"Ma\u200cya":                           "Maya",
	} {
		if f := post("name", typed); f.Text("name", 120, "-") != want {
			t.Errorf("%q is read as %q", typed, f.Text("name", 120, "-"))
		}
	}
	for _, blank := range []string{"\u3164", "\u2800\u200d", "\u115f \ufeff", "\u0301", "\u200e\u200f"} {
		if f := post("name", blank); f.Text("name", 120, "Enter your name") != "" || f.OK() {
			t.Errorf("%q is a name", blank)
		}
	}
	f := post("code", " 123\u2009\u2013\u2009456 ", "recovery", "7qk4\u2011m92b", "wide", "\uff11\uff12\uff13456",
		"password", "a\u200bb\u00a0c", "day", "\u0662\u0667")
	if f.Code("code") != "123456" || f.Code("recovery") != "7QK4M92B" || f.Code("wide") != "123456" ||
		f.Digits("code") != "123456" {
		t.Errorf("codes: %q %q %q", f.Code("code"), f.Code("recovery"), f.Code("wide"))
	}
	if f.Raw("password") != "a\u200bb\u00a0c" {
		t.Errorf("a password is changed to %q", f.Raw("password"))
	}
}
