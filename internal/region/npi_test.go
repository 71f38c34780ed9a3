package region

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
		if got, want := validNPI(line[0]), line[1] == "t"; got != want {
			t.Errorf("%q (%s): %v, want %v", line[0], line[2], got, want)
		}
	}
}

func TestSyntheticNPIsAreValidAndNeverRepeatInTheirRange(t *testing.T) {
	seen := map[string]bool{}
	for n := range 100_000 {
		npi := syntheticNPI(n)
		if seen[npi] || !validNPI(npi) || npi[:4] != "1999" {
			t.Fatalf("number %d is %s", n, npi)
		}
		seen[npi] = true
	}
}

func TestEveryChangedDigitOfAnNPIIsNoticed(t *testing.T) {
	npi := []byte(syntheticNPI(4711))
	for i := range npi {
		for c := byte('0'); c <= '9'; c++ {
			wrong := append([]byte(nil), npi...)
			if wrong[i] = c; c != npi[i] && validNPI(string(wrong)) {
				t.Errorf("%s passes as %s", wrong, npi)
			}
		}
	}
}
