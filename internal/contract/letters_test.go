package contract

import (
	"bytes"
	"testing"
	"time"
)

func Test36NamesArePrintedInTheirLettersAndNeverAsBoxes(t *testing.T) {
	for _, name := range []string{"Nguyễn Thị Hồng Ánh", "Trần Văn Đức", "Łukasz Żółć", "Şükrü Ağaoğlu", "Ÿves Œuvré",
		"Ναταλία Παπαδοπούλου", "Юлія Їжакевич", "Կարեն", "ნინო", "O’Brien – “Smith”", "Tāne Ngāti", "Ọlọ́run"} {
		out, all := printed(name)
		if name == "Ọlọ́run" { // a letter with two marks that Unicode has no single sign for
			if all || out != "Ọlọ[U+0301]run" {
				t.Errorf("%q is printed as %q", name, out)
			}
			continue
		}
		if !all || out != name {
			t.Errorf("%q is printed as %q", name, out)
		}
	}
	if out, all := printed("Nguye\u0302\u0303n"); !all || out != "Nguyễn" { // as some keyboards write it
		t.Errorf("letters with marks of their own are printed as %q", out)
	}
	for name, want := range map[string]string{
		"山田 太郎":              "[U+5C71 U+7530] [U+592A U+90CE]",
		"محمد":               "[U+0645 U+062D U+0645 U+062F]",
		"כהן":                "[U+05DB U+05D4 U+05DF]",
		"अनु":                "[U+0905 U+0928 U+0941]",
		"Ana 😀 Lee":          "Ana [U+1F600] Lee",
		"Ana\u200bLee\u202e": "Ana[U+200B]Lee[U+202E]",
	} {
		if out, all := printed(name); all || out != want {
			t.Errorf("%q is printed as %q, not %q", name, out, want)
		}
	}
}

func Test36WhatTheFileCannotPrintIsSaid(t *testing.T) {
	size := func(name, text string) int {
		d := Document{Number: "1", Text: text, Hash: Hash(text), At: time.Unix(1_800_000_000, 0).UTC(),
			Signatures: []Line{{Side: "For the organization", Name: name, Title: "Owner", Leaf: -1}}}
		out, err := d.Bytes()
		if err != nil || !bytes.HasPrefix(out, []byte("%PDF-")) {
			t.Fatalf("%d bytes, %v", len(out), err)
		}
		return len(out)
	}
	plain := size("Taro Yamada", "# Agreement\n")
	said := len("Letters that this file cannot print")
	if n := size("山田 太郎", "# Agreement\n"); n < plain+said {
		t.Errorf("a name: %d bytes, not more than %d", n, plain)
	}
	if n := size("Taro Yamada", "# Agreement\n\nWith 山田医院.\n"); n < plain+said {
		t.Errorf("the text: %d bytes, not more than %d", n, plain)
	}
	if len(regular)+len(bold) > 300_000 {
		t.Errorf("the fonts weigh %d bytes", len(regular)+len(bold))
	}
}
