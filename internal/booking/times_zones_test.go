package booking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

func TestE1NineInTheMorningStaysNineOverTheClockChange(t *testing.T) {
	p := clinic(t, "America/New_York")
	booked := p.at("2026-02-10 12:00")
	for day, want := range map[string]string{
		"2026-03-06": "2026-03-06T14:00:00Z",
		"2026-03-08": "2026-03-08T13:00:00Z", // the clocks went forward at two
		"2026-03-09": "2026-03-09T13:00:00Z",
	} {
		first := p.on(day, booked)[0]
		if first != utc(want) || p.Local(first).Format("15:04") != "09:00" {
			t.Errorf("%s opens at %s", day, p.Local(first))
		}
	}
	autumn := p.at("2026-10-20 12:00")
	if got := p.on("2026-11-01", autumn); got[0] != utc("2026-11-01T14:00:00Z") || len(got) != 24 {
		t.Errorf("the day the clocks go back offers %v", p.clock(got))
	}
}

func TestE1LeadTimeThatLandsOnTheChangeDayShiftsNothing(t *testing.T) {
	p := clinic(t, "America/New_York")
	all := p.on("2026-03-08", p.at("2026-03-01 12:00"))
	p.LeadMinutes = 1440
	compile(t, p)
	// A day's notice is 24 hours: from ten on Saturday until eleven by Sunday's new clock.
	got := p.on("2026-03-08", p.at("2026-03-07 10:00"))
	if got[0] != p.at("2026-03-08 11:00") {
		t.Errorf("with a day's notice the first time is %v", p.Local(got[0]))
	}
	if !slices.Equal(got, all[len(all)-len(got):]) {
		t.Errorf("notice moved the times to %v", p.clock(got))
	}
}

// night is open from midnight to six, every half hour.
func night(t *testing.T, zone string) testSchedule {
	p := clinic(t, zone)
	p.VisitMinutes = 30
	for d := range p.Week {
		p.Week[d] = []Window{{0, 360}}
	}
	compile(t, p)
	return p
}

func TestE2TheHourThatDoesNotExistIsNotOffered(t *testing.T) {
	p := night(t, "Europe/Berlin")
	got := p.clock(p.on("2026-03-29", p.at("2026-03-01 12:00")))
	want := []string{"00:00+01:00", "00:30+01:00", "01:00+01:00", "01:30+01:00",
		"03:00+02:00", "03:30+02:00", "04:00+02:00", "04:30+02:00", "05:00+02:00", "05:30+02:00"}
	if !slices.Equal(got, want) {
		t.Errorf("offered are %v", got)
	}
}

func TestE2TheHourThatComesTwiceIsTwoInstantsAndABookingTakesOne(t *testing.T) {
	p := night(t, "Europe/Berlin")
	now, day := p.at("2026-10-01 12:00"), date("2026-10-25")
	want := []string{"00:00+02:00", "00:30+02:00", "01:00+02:00", "01:30+02:00", "02:00+02:00", "02:30+02:00",
		"02:00+01:00", "02:30+01:00", "03:00+01:00", "03:30+01:00", "04:00+01:00", "04:30+01:00", "05:00+01:00",
		"05:30+01:00"}
	got := p.on("2026-10-25", now)
	if !slices.Equal(p.clock(got), want) {
		t.Fatalf("offered are %v", p.clock(got))
	}
	for i := range got {
		left := p.Times(nil, day, day, Pool{{p.Claim(got[i])}}, now)
		if !slices.Equal(left, slices.Delete(slices.Clone(got), i, i+1)) {
			t.Errorf("booking %s leaves %v", want[i], p.clock(left))
		}
	}
	// A window that ends inside the repeated hour is open twice, and no visit spans the hole between.
	p.Week[time.Sunday] = []Window{{120, 150}}
	compile(t, p)
	if got := p.clock(p.on("2026-10-25", now)); !slices.Equal(got, []string{"02:00+02:00", "02:00+01:00"}) {
		t.Errorf("half past two is offered at %v", got)
	}
	p.VisitMinutes = 45
	compile(t, p)
	if got := p.clock(p.on("2026-10-25", now)); len(got) != 0 {
		t.Errorf("a visit of 45 minutes is offered in half an hour at %v", got)
	}
}

func TestE3AFarZonesDateHasItsFirstHoursAndNoneOfTheNextDays(t *testing.T) {
	for _, zone := range []string{"Australia/Sydney", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"} {
		p := clinic(t, zone)
		for d := range p.Week {
			p.Week[d] = []Window{{0, 1440}}
		}
		compile(t, p)
		// asked from Providence, where it is another date for most of it
		got := p.on("2026-11-24", utc("2026-11-20T12:00:00Z"))
		if len(got) != 72 {
			t.Errorf("%s: %d times a day", zone, len(got))
		}
		for i, s := range got {
			if want := fmt.Sprintf("2026-11-24 %02d:%02d", i/3, i%3*20); p.Local(s).Format("2006-01-02 15:04") != want {
				t.Errorf("%s: time %d is %s, not %s", zone, i, p.Local(s), want)
			}
		}
		if civil.DateOf(p.Local(got[0])) != date("2026-11-24") {
			t.Errorf("%s: the first is on %s", zone, civil.DateOf(p.Local(got[0])))
		}
	}
}

func TestF06TheStrangestDaysOfTheCalendar(t *testing.T) {
	for _, c := range []struct {
		zone, day, first, last string
		times                  int
	}{
		{"Australia/Lord_Howe", "2026-10-04", "00:00+10:30", "23:30+11:00", 47}, // half an hour is skipped
		{"Australia/Lord_Howe", "2026-04-05", "00:00+11:00", "23:30+10:30", 49}, // and comes twice
		{"America/Havana", "2026-03-08", "01:00-04:00", "23:30-04:00", 46},      // without midnight
		{"America/Havana", "2026-11-01", "00:00-04:00", "23:30-05:00", 50},      // with two
		{"America/Nuuk", "2026-03-28", "00:00-02:00", "22:30-02:00", 46},        // without its last hour
		{"America/Nuuk", "2026-10-24", "00:00-01:00", "23:30-02:00", 50},
		{"Africa/Casablanca", "2026-02-15", "00:00+01:00", "23:30+00:00", 50},
		{"Antarctica/Troll", "2026-03-29", "00:00+00:00", "23:30+02:00", 44}, // two hours at once
		{"America/Asuncion", "2026-10-04", "00:00-03:00", "23:30-03:00", 48}, // a change until 2024
		{"Pacific/Apia", "2011-12-30", "", "", 0},                            // the date does not exist
		{"America/St_Johns", "2010-11-06", "00:00-02:30", "23:30-03:30", 49}, // comes back after a minute of the next
	} {
		p := night(t, c.zone)
		for d := range p.Week {
			p.Week[d] = []Window{{0, 1440}}
		}
		compile(t, p)
		got := p.clock(p.on(c.day, date(c.day).Start(p.Location()).Unix()-86400))
		first, last := "", ""
		if len(got) > 0 {
			first, last = got[0], got[len(got)-1]
		}
		if len(got) != c.times || first != c.first || last != c.last {
			t.Errorf("%s %s: %d times from %s to %s", c.zone, c.day, len(got), first, last)
		}
	}
}

func TestF06ADateThatComesBackKeepsTimesInOrderAndClaimsApart(t *testing.T) {
	// At 00:01 on the seventh the clocks of St. John's went back to 23:01 on the sixth.
	p := clinic(t, "America/St_Johns")
	p.VisitMinutes, p.StepMinutes = 1, 1
	for d := range p.Week {
		p.Week[d] = []Window{{0, 1440}}
	}
	compile(t, p)
	from, to, now := date("2010-11-06"), date("2010-11-07"), utc("2010-11-05T12:00:00Z")
	for _, size := range []int{1, 2} {
		pool := make(Pool, size)
		all := p.Times(nil, from, to, pool, now)
		if len(all) != 2*1440+60 {
			t.Fatalf("two days and an hour have %d minutes", len(all))
		}
		for i := range pool {
			pool[i] = []Range{p.Claim(all[1441]), p.Claim(all[1500])}
		}
		if got := p.Times(nil, from, to, pool, now); !slices.Equal(got,
			slices.Concat(all[:1441], all[1442:1500], all[1501:])) {
			t.Errorf("pool of %d: %d of %d times are left, or not those that are free", size, len(got), len(all))
		}
		if err := sound(p, from, to, all); err != nil {
			t.Error(err)
		}
		if got := p.Times(nil, from, to, make(Pool, size), all[1440]); !slices.Equal(got, all[1440:]) {
			t.Errorf("asked in the minute before the clock goes back, %d of %d times are left", len(got), len(all)-1440)
		}
	}
}

func TestF07LeapDaysAndTheEndsOfDaysAndYears(t *testing.T) {
	p := clinic(t, "America/New_York")
	for d := range p.Week {
		p.Week[d] = []Window{{1420, 1440}}
	}
	p.Special = map[civil.Date][]Window{date("2028-02-29"): {{540, 560}}}
	compile(t, p)
	for day, want := range map[string]string{
		"2028-02-28": "2028-02-28T23:40:00-05:00",
		"2028-02-29": "2028-02-29T09:00:00-05:00",
		"2028-03-01": "2028-03-01T23:40:00-05:00",
		"2027-12-31": "2027-12-31T23:40:00-05:00",
	} {
		got := p.on(day, p.at("2027-12-01 12:00"))
		if len(got) != 1 || p.Local(got[0]).Format(time.RFC3339) != want {
			t.Errorf("%s offers %v", day, p.clock(got))
		}
	}
	late := p.at("2027-12-31 23:40")
	if end := p.Claim(late).End; end != p.at("2028-01-01 00:00") {
		t.Errorf("the last visit of the year ends at %v", p.Local(end))
	}
	if got := p.on("2027-12-31", late); len(got) != 1 {
		t.Error("a time is gone at the second it begins")
	}
	if got := p.on("2027-12-31", late+1); len(got) != 0 {
		t.Error("a time can be booked a second after it began")
	}
	// The horizon counts from the local date, up to its last second.
	p.HorizonDays = 1
	compile(t, p)
	midnight := p.at("2028-01-01 00:00")
	if len(p.on("2028-01-02", midnight-1)) != 0 || len(p.on("2028-01-02", midnight)) != 1 {
		t.Error("the next day's horizon does not open at local midnight")
	}
	if sixties := utc("1969-12-31T12:00:30Z"); len(p.on("1970-01-01", sixties)) != 1 ||
		len(p.on("1970-01-02", sixties)) != 0 {
		t.Error("the horizon is not a day before the epoch")
	}
}
