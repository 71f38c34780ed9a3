package importing

import (
	"context"
	"errors"
	"testing"
	"time"

	"kindward/internal/npi"
)

// Records of some megabytes take a hundred times as many while they are read.
func TestF14FilesAndRecordsOfAPIClientsAreReadInTurns(t *testing.T) {
	kind, _ := Find("practitioners")
	read := func() (records, file error) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, records = kind.readRecords(ctx, []byte(`[{"name": "Ana Ruiz", "specialty": "Dentist"}]`))
		_, file = readTable(ctx, []byte("Name,Specialty\nAna Ruiz,Dentist\n"), "")
		return records, file
	}
	if records, file := read(); records != nil || file != nil {
		t.Errorf("control: %v, %v", records, file)
	}
	for range 2 {
		if err := turns.Acquire(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		defer turns.Release(1)
	}
	if records, file := read(); !errors.Is(records, context.DeadlineExceeded) ||
		!errors.Is(file, context.DeadlineExceeded) {
		t.Errorf("beside two others: %v, %v", records, file)
	}
}

func TestA30OneNPIIsNobodyElses(t *testing.T) {
	kind, _ := Find("practitioners")
	c := &checker{kind: kind, fields: []string{"external_id", "name", "specialty", "npi"}, known: &Known{},
		lines: map[string]int{}, read: map[string]reading{}}
	for line, r := range []struct{ own, name, npi, state, problem string }{
		{"A", "Ana Ruiz", npi.Synthetic(1), Ready, ""},
		{"B", "Ben Okafor", npi.Synthetic(1), Wrong, "NPI is on line 0 too, for somebody else."},
		{"A", "Ana Ruiz", npi.Synthetic(1), Same, "The same as line 0."},
		{"C", "Cleo Hart", npi.Synthetic(2), Ready, ""}, // control
	} {
		if v := c.row(line, []string{r.own, r.name, "Dentist", r.npi}, false); v.State != r.state || v.Problem != r.problem {
			t.Errorf("%s with %s: %s, %q", r.name, r.npi, v.State, v.Problem)
		}
	}
}
