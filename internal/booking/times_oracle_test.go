package booking_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

// oracle says the same as Times in the slowest and plainest way: minute by minute, by the wall clock.
type oracle struct {
	testSchedule
	pool Pool
	now  int64
}

// starts are a date's grid, before rules and claims.
func (o oracle) starts(day civil.Date) (starts []int64) {
	step := o.StepMinutes
	if step == 0 {
		step = o.BeforeMinutes + o.VisitMinutes + o.AfterMinutes
	}
	const reach = 40 * 60 // minutes around noon of UTC in which every zone has the whole date
	noon := time.Date(int(day.Year), time.Month(day.Month), int(day.Day), 12, 0, 0, 0, time.UTC).Unix()
	var wall [2 * reach]int16 // the clock's minute, or -1 on another date
	for i := range wall {
		at := o.Local(noon + int64(i-reach)*60)
		wall[i] = int16(at.Hour()*60 + at.Minute())
		if civil.DateOf(at) != day {
			wall[i] = -1
		}
	}
	hours, _ := o.OpenOn(day)
	for i := range wall {
		for _, h := range hours {
			open := wall[i] >= h.From && int32(wall[i]-h.From)%step == 0
			for m := i; open && m < i+int(o.VisitMinutes); m++ {
				open = m < len(wall) && h.From <= wall[m] && wall[m] < h.To
			}
			if open {
				starts = append(starts, noon+int64(i-reach)*60)
			}
		}
	}
	return starts
}

func (o oracle) allowed(day civil.Date, start int64) bool {
	today := civil.DateOf(o.Local(o.now))
	return start >= o.now+int64(o.LeadMinutes)*60 && day.Sub(today) <= int(o.HorizonDays) &&
		(o.ValidFrom.IsZero() || !day.Before(o.ValidFrom)) && (o.ValidUntil.IsZero() || !day.After(o.ValidUntil))
}

func (o oracle) free(start int64) bool {
	claim := Range{start - int64(o.BeforeMinutes)*60, start + int64(o.VisitMinutes+o.AfterMinutes)*60}
	for _, busy := range o.pool {
		clear := true
		for _, b := range busy {
			clear = clear && max(claim.Start, b.Start) >= min(claim.End, b.End)
		}
		if clear {
			return true
		}
	}
	return false
}

func (o oracle) times(from, to civil.Date) (times []int64) {
	for day := from; !day.After(to); day = day.AddDays(1) {
		for _, s := range o.starts(day) {
			if o.allowed(day, s) && o.free(s) {
				times = append(times, s)
			}
		}
	}
	slices.Sort(times)
	return times
}

func TestTheSlotFunctionAgreesWithTheMinuteByMinuteOracle(t *testing.T) {
	zones := allZones(t)
	count := map[Reason]int{}
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 17))
		p, around := randomSchedule(t, random, zones)
		now := around + random.Int64N(6*86400) - 4*86400
		from := civil.DateOf(p.Local(around)).AddDays(random.IntN(3) - 2)
		to := from.AddDays(random.IntN(4))
		o := oracle{p, randomPool(random, around), now}
		if grid := o.starts(from); len(grid) > 0 && random.IntN(2) == 0 { // exactly the notice asked for
			now = grid[random.IntN(len(grid))] - int64(p.LeadMinutes)*60
			o.now = now
		}
		want := o.times(from, to)
		if got := p.Times(nil, from, to, o.pool, now); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %s %s..%s at %s offers\n%v, not\n%v\n%s", seed, p.Zone, from, to, p.Local(now),
				p.clock(got), p.clock(want), marshal(t, p.Schedule))
		}
		agree(t, o, seed, from, to, want, count)
	}
	t.Logf("reasons met: %v", count)
	for _, r := range []Reason{Free, Taken, NobodyAssigned, AlreadyPast, LeadTime, BeyondHorizon, OutsideValidity,
		DoesNotFit, ClockChange,
		NoHours, OutsideHours, OffGrid} {
		if count[r] == 0 {
			t.Errorf("no random schedule met %s", r)
		}
	}
}

// agree checks that the other questions to the schedule have the answers that follow from its times.
func agree(t *testing.T, o oracle, seed uint64, from, to civil.Date, times []int64, count map[Reason]int) {
	t.Helper()
	var byDay, explained []int64
	for _, d := range o.DaysBetween(from, to, o.pool, o.now) {
		byDay = append(byDay, d.Times...)
		if (d.State == Open) != (len(d.Times) > 0) || d.State == Full && len(o.starts(d.Date)) == 0 {
			t.Fatalf("seed %d: %s is %s with %d times", seed, d.Date, d.State, len(d.Times))
		}
		grid := o.starts(d.Date)
		last := int64(0)
		for _, e := range o.Explain(d.Date, o.pool, o.now) {
			count[e.Reason]++
			if e.Start < last {
				t.Fatalf("seed %d: %s is explained out of order", seed, o.Local(e.Start))
			}
			last = e.Start
			if e.Reason == Free {
				explained = append(explained, e.Start)
			}
			if fits := e.Reason != DoesNotFit && e.Reason != ClockChange; fits != slices.Contains(grid, e.Start) &&
				e.Reason != ClockChange {
				t.Fatalf("seed %d: %s is explained as %s", seed, o.Local(e.Start), e.Reason)
			}
		}
		noon := d.Date.Start(o.Location()).Unix() + 43200
		for at := noon - 43200; at < noon+43200; at += 420 { // every seven minutes
			offered, day := o.ReasonAt(at, o.now), civil.DateOf(o.Local(at))
			count[offered]++
			if day == d.Date && (offered == Free) != (o.allowed(day, at) && slices.Contains(grid, at)) {
				t.Fatalf("seed %d: %s is offered as %s", seed, o.Local(at), offered)
			}
		}
	}
	slices.Sort(byDay)
	slices.Sort(explained)
	if !slices.Equal(byDay, times) || !slices.Equal(explained, times) {
		t.Fatalf("seed %d: times are %v, by day %v, explained %v", seed, times, byDay, explained)
	}
	for _, s := range times {
		if o.ReasonAt(s, o.now) != Free || len(o.pool.Free(nil, o.Claim(s))) == 0 {
			t.Fatalf("seed %d: the free time %s is not offered", seed, o.Local(s))
		}
	}
}

// randomSchedule is any schedule in any zone, more often than not around a clock change.
func randomSchedule(t *testing.T, random *rand.Rand, zones []string) (p testSchedule, around int64) {
	p = clinic(t, zones[random.IntN(len(zones))])
	if random.IntN(3) == 0 {
		p.Zone = []string{"America/New_York", "Australia/Lord_Howe", "America/Nuuk", "Antarctica/Troll"}[random.IntN(4)]
	}
	minutes := func(n int32) int32 { return random.Int32N(n) * random.Int32N(2) }
	p.VisitMinutes = 1 + random.Int32N(90)
	p.Rules = Rules{BeforeMinutes: minutes(30), AfterMinutes: minutes(30), StepMinutes: minutes(60),
		LeadMinutes: minutes(3000), HorizonDays: random.Int32N(9)}
	for d := range p.Week {
		p.Week[d] = randomHours(random)
	}
	compile(t, p)
	around = utc("2026-01-01T00:00:00Z") + random.Int64N(2*365*86400)
	if changes := clockChanges(p); len(changes) > 0 && random.IntN(4) > 0 {
		around = changes[random.IntN(len(changes))]
	} else if random.IntN(20) == 0 {
		p.Zone, around = "America/St_Johns", utc("2010-11-07T02:31:00Z") // a date that comes back
		compile(t, p)
	}
	day := civil.DateOf(p.Local(around))
	if random.IntN(2) == 0 {
		p.Special = map[civil.Date][]Window{day: randomHours(random), day.AddDays(1): nil}
	}
	if random.IntN(4) == 0 {
		p.ValidFrom = day.AddDays(random.IntN(3) - 2)
	}
	if random.IntN(4) == 0 {
		p.ValidUntil = day.AddDays(1 + random.IntN(2))
	}
	compile(t, p)
	return p, around
}

func randomHours(random *rand.Rand) (hours []Window) {
	if random.IntN(6) == 0 {
		return []Window{{0, 1440}}
	}
	ends := make([]int16, 2*random.IntN(4))
	for i := range ends {
		ends[i] = int16(random.IntN(289) * 5)
	}
	slices.Sort(ends)
	for i := 0; i < len(ends); i += 2 {
		if ends[i] < ends[i+1] {
			hours = append(hours, Window{ends[i], ends[i+1]})
		}
	}
	return hours
}

// randomPool has nobody to ten people with overlapping, nested and empty ranges.
func randomPool(random *rand.Rand, around int64) Pool {
	pool := make(Pool, []int{0, 1, 1, 1, 2, 3, 10}[random.IntN(7)])
	for i := range pool {
		for range random.IntN(60) {
			start := around + random.Int64N(8*86400) - 4*86400
			pool[i] = append(pool[i], Range{start, start + random.Int64N(20)*300})
		}
		slices.SortFunc(pool[i], func(a, b Range) int { return cmp.Compare(a.Start, b.Start) })
	}
	return pool
}
