package region

import (
	"slices"
	"testing"

	"kindward/internal/booking"
	"kindward/internal/civil"
)

// calendars are those of the default region.
func calendars(t testing.TB, o Options) (*generator, []*calendar) {
	t.Helper()
	g, all := built(t, o)
	var out []*calendar
	for _, x := range all {
		c, err := newCalendar(x)
		if err != nil {
			t.Fatal(err)
		}
		g.placeVisits(c)
		out = append(out, c)
	}
	return g, out
}

func TestEveryVisitStandsOnTheGridOfTheSlotFunctionAndNothingOverlaps(t *testing.T) {
	_, all := calendars(t, Options{Seed: 1})
	visits := 0
	var room [128]int64
	for _, c := range all {
		for _, v := range c.visits {
			visits++
			p := c.plans[v.offering]
			day := civil.DateOf(p.Local(v.start))
			if grid := p.Times(room[:0], day, day, booking.Pool{nil}, eve(p, day)); !slices.Contains(grid, v.start) {
				t.Fatalf("%s: a visit at %s is not on the grid", c.tenant.Name, p.Local(v.start))
			}
			minute := p.Local(v.start).Hour()*60 + p.Local(v.start).Minute()
			inside := slices.ContainsFunc(c.hours[c.offerings[v.offering].ScheduleID].on(day), func(x booking.Window) bool {
				return int(x.From) <= minute && minute+int(v.minutes) <= int(x.To)
			})
			if !inside {
				t.Fatalf("%s: a visit at %s is outside the schedule", c.tenant.Name, p.Local(v.start))
			}
			if v.claim != p.Claim(v.start) {
				t.Fatalf("a claim of %v for a visit at %d", v.claim, v.start)
			}
		}
		for r, busy := range c.busy {
			for i := 1; i < len(busy); i++ {
				if busy[i-1].Overlaps(busy[i]) || busy[i].Start < busy[i-1].Start {
					t.Fatalf("%s: two claims of %s overlap", c.tenant.Name, c.resources[r].Name)
				}
			}
		}
	}
	t.Logf("%d visits", visits)
}

func TestLoadIsTwoThirdsAndNearDaysAreFuller(t *testing.T) {
	g, all := calendars(t, Options{Seed: 1})
	var taken, open [daysBack + daysAhead + 1]int // minutes by day
	hours := [24]int{}
	for _, c := range all {
		if c.known != nil {
			continue
		}
		for r := range c.resources {
			for ahead := -daysBack; ahead <= daysAhead; ahead++ {
				seen := map[string]bool{}
				for _, i := range c.does[r] {
					if s := c.offerings[i].ScheduleID; !seen[s.String()] && !c.closedFor(i, g.today.AddDays(ahead)) {
						seen[s.String()] = true
						for _, x := range c.hours[s].on(g.today.AddDays(ahead)) {
							open[ahead+daysBack] += int(x.To - x.From)
						}
					}
				}
			}
		}
		for _, v := range c.visits {
			p := c.plans[v.offering]
			local := p.Local(v.start)
			hours[local.Hour()]++
			taken[civil.DateOf(local).Sub(g.today)+daysBack] += max(int(p.StepMinutes),
				int(p.BeforeMinutes+p.VisitMinutes+p.AfterMinutes))
		}
	}
	share := func(from, to int) int {
		a, b := 0, 0
		for d := from; d <= to; d++ {
			a, b = a+taken[d+daysBack], b+open[d+daysBack]
		}
		return a * 100 / b
	}
	past, coming, week1, week4 := share(-14, -1), share(1, 28), share(1, 7), share(22, 28)
	t.Logf("past two weeks %d %%, coming four weeks %d %%, first of them %d %%, last %d %%; by hour %v", past, coming,
		week1, week4, hours)
	if past < 60 || past > 70 || coming < 60 || coming > 70 || week1 < week4+20 {
		t.Error("the load is not what was meant")
	}
	if hours[9]+hours[10] < 2*hours[12] || hours[14]+hours[15] < 2*hours[12] {
		t.Error("the day has not two peaks")
	}
}

// closedFor tells whether an offering's practitioner may not be booked on the day.
func (c *calendar) closedFor(offering int, day civil.Date) bool {
	p := c.plans[offering]
	return !p.ValidFrom.IsZero() && day.Before(p.ValidFrom) || !p.ValidUntil.IsZero() && day.After(p.ValidUntil)
}

func TestSixPercentOfTheOfferingsHaveNoFreeTime(t *testing.T) {
	g, all := calendars(t, Options{Seed: 1, Organizations: 200})
	none, n := 0, 0
	for _, c := range all {
		index := map[string]int{}
		for i, r := range c.resources {
			index[r.ID.String()] = i
		}
		for i, f := range c.offerings {
			pool := booking.Pool{}
			for _, r := range f.Resources {
				pool = append(pool, c.busy[index[r.String()]])
			}
			n++
			if _, ok := c.plans[i].Next(pool, g.options.Now.Unix()); !ok {
				if none++; c.known != nil {
					t.Errorf("%s always has free times", c.tenant.Name)
				}
			}
		}
	}
	t.Logf("%d of %d", none, n)
	if share := float64(none) / float64(n); share < .045 || share > .075 {
		t.Errorf("%.1f %% of the offerings have no free time", 100*share)
	}
}

func TestWhatBecameOfVisitsIsInTheProportionsAskedFor(t *testing.T) {
	g, all := calendars(t, Options{Seed: 1})
	states, over, now := map[string]int{}, 0, g.options.Now
	for _, c := range all {
		made := g.attend(c)
		a := made.appointments
		refs := map[string]bool{}
		for i := range a.Ids {
			states[a.Statuses[i]]++
			if refs[a.Refs[i]] {
				t.Fatalf("reference %s comes twice", a.Refs[i])
			}
			refs[a.Refs[i]] = true
			if !a.Ends[i].After(now) {
				over++
			} else if s := a.Statuses[i]; s != "booked" && s != "arrived" {
				t.Fatalf("a visit to come is %s", s)
			}
			if !a.BookedAt[i].Before(now) || !a.BookedAt[i].Before(a.Starts[i]) {
				t.Fatal("booked after the fact")
			}
		}
		for i := range made.claims.Ids {
			if !made.claims.Ends[i].After(now) {
				t.Fatal("a claim on the past")
			}
		}
		ids := map[[16]byte]int64{}
		for i := range a.Ids { // in order of start
			if ids[a.Patients[i]] > a.Starts[i].Unix() {
				t.Fatal("a patient is at two places at once")
			}
			ids[a.Patients[i]] = a.Ends[i].Unix()
		}
	}
	t.Log(states)
	for state, share := range map[string]float64{"fulfilled": .82, "noshow": .07, "cancelled": .11} {
		if !near(states[state], over, share) {
			t.Errorf("%d of %d are %s", states[state], over, state)
		}
	}
}
