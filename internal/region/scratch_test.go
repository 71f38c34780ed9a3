package region

import (
	"testing"
	"time"
)

func TestScratchBuild(t *testing.T) {
	w, err := newWorld(Options{Seed: 1, Now: time.Date(2026, time.November, 22, 17, 0, 0, 0, time.UTC), Appointments: true})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	all := w.organisations()
	t.Log("names", time.Since(start))
	if err := w.build(all); err != nil {
		t.Fatal(err)
	}
	t.Log("build", time.Since(start))
	n := 0
	for _, o := range all {
		c, err := newCalendar(o)
		if err != nil {
			t.Fatal(err)
		}
		w.placeVisits(c)
		n += len(c.visits)
	}
	t.Log("place", time.Since(start), n)
	start = time.Now()
	for _, o := range all {
		c, _ := newCalendar(o)
		w.placeVisits(c)
		w.attend(c)
	}
	t.Log("attend", time.Since(start), n)
}
