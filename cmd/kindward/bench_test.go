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
	"kindward/internal/sitetest"
)

func TestTheBenchMeasuresATinyRegion(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a database of its own")
	}
	t.Setenv("DATABASE_URL", "")
	file := filepath.Join(t.TempDir(), "figures.json")
	var table bytes.Buffer
	profiles := t.TempDir()
	c := &benchCmd{Organizations: 3, Rounds: 1, Span: 100 * time.Millisecond, Clients: 2, Tenants: 5, JSON: file,
		Profiles: profiles, out: &table, fast: true, large: 2_000, program: sitetest.Program(t)}
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
			!strings.HasPrefix(f.What, "tenant context") && f.What != "booking, overhead over kept plans" {
			t.Errorf("%s is %v %s", f.What, f.Value, f.Unit)
		}
	}
	for _, name := range []string{"booking, CPU in units", "booking over HTTP / bare SQL planned each time, by CPU",
		"booking, overhead over kept plans", "booking against Easy!Appointments 1.5.2", "search page / raw SQL, by CPU",
		"search page / raw SQL, by rate", "month view / its one query, by CPU",
		"month view, open loop at half capacity: p99 / p50", "memory of a connection, 5 organizations", "plan hit rate, 5 organizations",
		"slot function, one month", "search with facets, 2000 listings", "page of 20 cards"} {
		if _, ok := seen[name]; !ok {
			t.Errorf("no figure for %s", name)
		}
		if !strings.Contains(table.String(), name) {
			t.Errorf("the table does not tell %s", name)
		}
	}
	for _, name := range []string{"booking", "search page", "month view"} {
		if raw, err := os.ReadFile(filepath.Join(profiles, name+".pprof")); err != nil || len(raw) == 0 {
			t.Errorf("the profile of %s has %d bytes: %v", name, len(raw), err)
		}
	}
	if f := seen["64 clients race for one time: doubles"]; f.Result != bench.Met {
		t.Errorf("the race: %+v", f)
	}
	if r.Machine.Listings == 0 || r.Machine.PostgreSQL == "" {
		t.Errorf("the machine is not described: %+v", r.Machine)
	}
}

func TestTheBenchRefusesWhatItCannotMeasure(t *testing.T) {
	for _, c := range []benchCmd{{Rounds: 0, Span: time.Second, Clients: 8, Tenants: 1},
		{Rounds: 1, Span: time.Second, Clients: 33, Tenants: 1}, {Rounds: 1, Span: 1, Clients: 8, Tenants: 1},
		{Rounds: 1, Span: time.Second, Clients: 8}} {
		if err := c.Run(t.Context()); err == nil {
			t.Errorf("%+v is measured", c)
		}
	}
}
