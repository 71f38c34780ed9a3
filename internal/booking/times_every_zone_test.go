package booking_test

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

func TestF06EveryZonesClockChangesOf2026And2027(t *testing.T) {
	zones, changes := allZones(t), 0
	for _, zone := range zones {
		for _, p := range shapes(t, zone) {
			for _, change := range clockChanges(p) {
				changes++
				from := civil.DateOf(p.Local(change - 1)).AddDays(-1)
				to := civil.DateOf(p.Local(change)).AddDays(1)
				now := change - 5*86400
				if err := sound(p, from, to, p.Times(nil, from, to, Pool{nil}, now)); err != nil {
					t.Errorf("%s, %s to %s: %v", zone, from, to, err)
				}
				if err := bookAll(p, from, to, now); err != nil {
					t.Errorf("%s, %s to %s: %v", zone, from, to, err)
				}
			}
		}
	}
	t.Logf("%d zones, %d clock changes under %d plans", len(zones), changes/3, 3)
	if len(zones) < 300 || changes < 500 {
		t.Errorf("only %d zones and %d changes were found", len(zones), changes)
	}
}

// Without this, sound could be a check that lets everything pass.
func TestF06ElapsedMinutesSinceMidnightAreFoundToBeWrong(t *testing.T) {
	naive := func(p testSchedule, day civil.Date) (starts []int64) {
		midnight := day.Start(p.Location()).Unix()
		hours, _ := p.OpenOn(day)
		for _, h := range hours {
			for m := int64(h.From); m+int64(p.VisitMinutes) <= int64(h.To); m += int64(p.VisitMinutes + p.AfterMinutes) {
				starts = append(starts, midnight+m*60)
			}
		}
		return starts
	}
	p := clinic(t, "America/New_York")
	for day, wrong := range map[string]bool{"2026-03-07": false, "2026-03-08": true, "2026-11-01": true,
		"2026-11-02": false} {
		if err := sound(p, date(day), date(day), naive(p, date(day))); (err != nil) != wrong {
			t.Errorf("%s: %v", day, err)
		}
	}
}

// sound checks what must be true of the times of any plan, by the clock of the time package alone.
func sound(p testSchedule, from, to civil.Date, starts []int64) error {
	for i, s := range starts {
		if i > 0 && s <= starts[i-1] {
			return fmt.Errorf("%s is not after %s", p.Local(s), p.Local(starts[i-1]))
		}
		if c := p.Claim(s); c.End-c.Start != int64(p.BeforeMinutes+p.VisitMinutes+p.AfterMinutes)*60 {
			return fmt.Errorf("%s takes %d seconds", p.Local(s), c.End-c.Start)
		}
		begin, end := p.Local(s), p.Local(s+int64(p.VisitMinutes)*60-60)
		day := civil.DateOf(begin)
		if day.Before(from) || day.After(to) || civil.DateOf(end) != day {
			return fmt.Errorf("%s is on another date", begin)
		}
		hours, _ := p.OpenOn(day)
		minute, last := begin.Hour()*60+begin.Minute(), end.Hour()*60+end.Minute()
		if !slices.ContainsFunc(hours, func(h Window) bool {
			return int(h.From) <= minute && minute < int(h.To) && int(h.From) <= last && last < int(h.To)
		}) {
			return fmt.Errorf("%s to %s is outside the hours", begin, end)
		}
	}
	return nil
}

// bookAll books the first free time until none is left and checks that no two claims overlap.
func bookAll(p testSchedule, from, to civil.Date, now int64) error {
	var busy []Range
	for {
		free := p.Times(nil, from, to, Pool{busy}, now)
		if len(free) == 0 {
			break
		}
		busy = append(busy, p.Claim(free[0]))
	}
	for i := range busy[1:] {
		if busy[i].End > busy[i+1].Start {
			return fmt.Errorf("the claims %v and %v overlap", busy[i], busy[i+1])
		}
	}
	return nil
}

// shapes are three plans of one zone: around the clock with cleaning, dense in the small hours, and split with
// preparation.
func shapes(t *testing.T, zone string) []testSchedule {
	around, dense, split := clinic(t, zone), clinic(t, zone), clinic(t, zone)
	around.AfterMinutes = 5
	dense.VisitMinutes, dense.StepMinutes = 50, 10
	split.VisitMinutes, split.BeforeMinutes = 15, 5
	for d := range 7 {
		around.Week[d] = []Window{{0, 1440}}
		dense.Week[d] = []Window{{35, 215}}
		split.Week[d] = []Window{{0, 90}, {100, 155}, {1370, 1440}}
	}
	plans := []testSchedule{around, dense, split}
	for _, p := range plans {
		compile(t, p)
	}
	return plans
}

// clockChanges are the instants of 2026 and 2027 at which the zone's offset or its name changes.
func clockChanges(p testSchedule) (changes []int64) {
	end := utc("2028-01-01T00:00:00Z")
	for at := p.Local(utc("2026-01-01T00:00:00Z")); ; {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.Unix() >= end {
			return changes
		}
		changes = append(changes, next.Unix())
		at = next
	}
}

// allZones are the names in Go's own copy of the zone database; of zones with the same data one.
func allZones(t *testing.T) (zones []string) {
	t.Helper()
	root := os.Getenv("GOROOT")
	if root == "" {
		out, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			t.Fatal("the zone database needs GOROOT: ", err)
		}
		root = strings.TrimSpace(string(out))
	}
	archive, err := zip.OpenReader(filepath.Join(root, "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range archive.File {
		r, err := f.Open()
		data, err2 := io.ReadAll(r)
		if err := errors.Join(err, err2, r.Close()); err != nil {
			t.Fatal(err)
		}
		if len(data) > 0 && !seen[string(data)] {
			seen[string(data)] = true
			zones = append(zones, f.Name)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return zones
}
