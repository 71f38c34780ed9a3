package npi

import (
	"encoding/csv"
	"os"
	"testing"
)

func TestTheCheckDigitOfAnNPIDecidesAsTheVectorsSay(t *testing.T) {
	file, err := os.Open("testdata/npi_vectors.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil || len(lines) < 9 {
		t.Fatal(len(lines), err)
	}
	for _, line := range lines[1:] {
		if got, want := Valid(line[0]), line[1] == "t"; got != want {
			t.Errorf("%q (%s): %v, want %v", line[0], line[2], got, want)
		}
	}
}

func TestSyntheticNPIsAreValidAndNeverRepeatInTheirRange(t *testing.T) {
	seen := map[string]bool{}
	for n := range 100_000 {
		made := Synthetic(n)
		if seen[made] || !Valid(made) || made[:4] != "1999" {
			t.Fatalf("number %d is %s", n, made)
		}
		seen[made] = true
	}
}

func TestEveryChangedDigitOfAnNPIIsNoticed(t *testing.T) {
	made := []byte(Synthetic(4711))
	for i := range made {
		for c := byte('0'); c <= '9'; c++ {
			wrong := append([]byte(nil), made...)
			if wrong[i] = c; c != made[i] && Valid(string(wrong)) {
				t.Errorf("%s passes as %s", wrong, made)
			}
		}
	}
}
