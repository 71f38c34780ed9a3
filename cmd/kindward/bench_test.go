package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindward/internal/bench"
)

func TestTheBenchMeasuresATinyRegion(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a database of its own")
	}
	t.Setenv("DATABASE_URL", "")
	file := filepath.Join(t.TempDir(), "figures.json")
	var table bytes.Buffer
	c := &benchCmd{Organizations: 3, Rounds: 1, Span: 300 * time.Millisecond, Clients: 2, JSON: file, out: &table,
		fast: true, large: 2_000}
	if err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r bench.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bench.Figure{}
	for _, f := range r.Figures {
		seen[f.What] = f
		if f.Value <= 0 && !strings.HasPrefix(f.What, "64 clients race") && !strings.HasSuffix(f.What, "allocations") &&
			!strings.HasPrefix(f.What, "tenant context") {
			t.Errorf("%s is %v %s", f.What, f.Value, f.Unit)
		}
	}
	for _, name := range []string{"booking over HTTP / bare SQL", "search page over HTTP / bare SQL",
		"month view over HTTP / bare SQL", "booking, open loop at 50 %: p99 / p50",
		"slot function, one month", "search with facets, 2000 listings", "page of 20 cards",
		"page weight, search, first visit"} {
		if _, ok := seen[name]; !ok {
			t.Errorf("no figure for %s", name)
		}
		if !strings.Contains(table.String(), name) {
			t.Errorf("the table does not tell %s", name)
		}
	}
	if f := seen["64 clients race for one time: doubles"]; f.Result != bench.Met {
		t.Errorf("the race: %+v", f)
	}
	if r.Machine.Listings == 0 || r.Machine.PostgreSQL == "" || r.Machine.Limit == "" {
		t.Errorf("the machine is not described: %+v", r.Machine)
	}
}

func TestTheBenchRefusesWhatItCannotMeasure(t *testing.T) {
	for _, c := range []benchCmd{{Rounds: 0, Span: time.Second, Clients: 8}, {Rounds: 1, Span: time.Second, Clients: 33},
		{Rounds: 1, Span: 1, Clients: 8}} {
		if err := c.Run(t.Context()); err == nil {
			t.Errorf("%+v is measured", c)
		}
	}
}
