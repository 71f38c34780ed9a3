package kyc

import (
	"errors"
	"strings"
	"testing"
)

const head = "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,EXCLDATE," +
	"REINDATE,WAIVERDATE,WVRSTATE\n"

const right = "QUILL,VERA,M,,X,Y,,0000000000,19610412,1 MAIN,TOWN,RI,02900,1128a1,20190520,00000000,00000000,\n"

func TestAListOfExclusionsIsReadWholeOrNotAtAll(t *testing.T) {
	list, err := readExclusions(strings.NewReader("\ufeff" + head + right +
		"\"O’Brien, Jr\",Seán,,,X,Y,,1234567893,,1 MAIN,TOWN,MA,02900,1128b4,20190520,,,\n" +
		",,,\"Harbor Lights Care, LLC\",X,Y,,,,1 MAIN,TOWN,RI,02900,1128b8,20190520,00000000,20200101,RI\n" +
		"BACK,SHE,,,X,Y,,1245319599,,1 MAIN,TOWN,RI,02900,1128b8,20190520,20230101,,\n"))
	if err != nil || len(list.Lines) != 3 || list.Names[0] != "VERA M QUILL" || list.Persons[0] != "vera quill" ||
		list.Npis[0] != "" || list.Npis[1] != "1234567893" || list.Persons[1] != "sean obrienjr" ||
		!list.Born[1].IsZero() ||
		list.Businesses[2] != "harbor lights care" || list.WaiverStates[2] != "RI" || list.Lines[2] != 4 {
		t.Errorf("%+v, %v", list, err)
	}
	for what, file := range map[string]string{
		"nothing": "", "a page": "<html>Maintenance</html>\n",
		"other columns":   strings.Replace(head, "NPI", "UPI", 1) + right,
		"one column less": head + right + strings.Replace(right, "RI,", "", 1),
		"a line cut off":  head + right + right[:40], "an open quote": head + right + `"` + right,
		"no day":           head + right + strings.Replace(right, "20190520", "20190532", 1),
		"no date at all":   head + strings.Replace(right, "20190520", "00000000", 1),
		"nobody":           head + strings.Replace(right, "QUILL,VERA,M", ",,", 1),
		"A30 a long field": head + strings.Replace(right, "QUILL", strings.Repeat("Q", 1<<20), 1),
		"A30 UTF-16":       "\xff\xfe" + strings.Join(strings.Split(head+right, ""), "\x00"),
	} {
		if _, err := readExclusions(strings.NewReader(file)); !errors.Is(err, errFile) {
			t.Errorf("%s: %v", what, err)
		}
	}
	odd, err := readExclusions(strings.NewReader(head + strings.Replace(right, "VERA", "VE\x00RA\xff", 1)))
	if err != nil || odd.Names[0] != "VERA\ufffd M QUILL" {
		t.Errorf("A30 NUL and bytes that are no text: %q, %v", odd.Names, err)
	}
}

func FuzzExclusions(f *testing.F) {
	f.Add(head + right)
	f.Add(strings.Replace(head+right, "VERA", "\"VE\nRA", 1))
	f.Fuzz(func(t *testing.T, file string) {
		list, err := readExclusions(strings.NewReader(file))
		n := len(list.Lines)
		if err == nil && (len(list.Names) != n || len(list.Npis) != n || len(list.Persons) != n ||
			len(list.Businesses) != n || len(list.Born) != n ||
			len(list.States) != n || len(list.Kinds) != n || len(list.ExcludedOn) != n ||
			len(list.WaiverStates) != n) {
			t.Error("entries of different lengths")
		}
	})
}

func TestNamesAreComparedHoweverTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		first, last, typed string
		same               bool
	}{
		{"VERA", "QUILL", "Dr. Vera M. Quill, MD", true}, {"VERA", "QUILL", "Quill, Vera", true},
		{"SEAN", "O'BRIEN", "Seán O’Brien", true}, {"ANNA", "VAN DYKE", "Anna van Dyke", true},
		{"MARY ANN", "SOUZA-LIMA", "Mary Souza Lima", true}, {"VERA", "QUILL", "Vera Quilling", false},
		{"VERA", "QUILL", "Vera", false}, {"VERA", "QUILL", "", false},
	} {
		same := false
		for _, key := range personKeys(c.typed) {
			same = same || key == PersonKey(c.first, c.last)
		}
		if same != c.same {
			t.Errorf("%s %s and %q: %t", c.first, c.last, c.typed, same)
		}
	}
	if n := len(personKeys(strings.Repeat("ab ", 100))); n > 120 {
		t.Errorf("%d keys of a long name", n)
	}
	if BusinessKey("The Harbor Lights Care, Inc.") != BusinessKey("HARBOR LIGHTS CARE LLC") ||
		BusinessKey("Harbor Light Care") == BusinessKey("Harbor Lights Care") {
		t.Error("names of businesses")
	}
}
