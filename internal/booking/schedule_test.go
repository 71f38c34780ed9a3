package booking_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	. "kindward/internal/booking"
	"kindward/internal/civil"
)

func TestRule2_1BreaksAreCutOutOfTheHours(t *testing.T) {
	for name, c := range map[string]struct{ open, breaks, want []Window }{
		"nothing":  {nil, nil, []Window{}},
		"no break": {[]Window{{540, 1020}}, nil, []Window{{540, 1020}}},
		"lunch":    {[]Window{{540, 1020}}, []Window{{720, 780}}, []Window{{540, 720}, {780, 1020}}},
		"two, out of order": {[]Window{{540, 1020}}, []Window{{900, 915}, {720, 780}},
			[]Window{{540, 720}, {780, 900}, {915, 1020}}},
		"overlapping breaks": {[]Window{{540, 1020}}, []Window{{700, 780}, {720, 800}}, []Window{{540, 700}, {800, 1020}}},
		"break at opening":   {[]Window{{540, 1020}}, []Window{{500, 600}}, []Window{{600, 1020}}},
		"break at closing":   {[]Window{{540, 1020}}, []Window{{960, 1100}}, []Window{{540, 960}}},
		"break all day":      {[]Window{{540, 1020}}, []Window{{0, 1440}}, []Window{}},
		"touching rows":      {[]Window{{720, 1020}, {540, 720}}, nil, []Window{{540, 1020}}},
		"overlapping rows":   {[]Window{{540, 1020}, {600, 700}}, nil, []Window{{540, 1020}}},
		"break over a gap":   {[]Window{{540, 720}, {780, 1020}}, []Window{{700, 800}}, []Window{{540, 700}, {800, 1020}}},
		"break elsewhere":    {[]Window{{540, 720}}, []Window{{800, 900}}, []Window{{540, 720}}},
	} {
		if got := Hours(c.open, c.breaks); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

func TestAScheduleThatCannotBeOfferedIsRefusedInOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*Schedule)
		says  string
	}{
		"no zone":            {func(p *Schedule) { p.Zone = "" }, "no zone"},
		"the machine's zone": {func(p *Schedule) { p.Zone = "Local" }, "no zone"},
		"unknown zone":       {func(p *Schedule) { p.Zone = "America/Providence" }, "unknown zone"},
		"a path as zone":     {func(p *Schedule) { p.Zone = "../../etc/passwd" }, "unknown zone"},
		"no visit":           {func(p *Schedule) { p.VisitMinutes = 0 }, "visit minutes"},
		"endless visit":      {func(p *Schedule) { p.VisitMinutes = 1441 }, "visit minutes"},
		"negative buffer":    {func(p *Schedule) { p.BeforeMinutes = -1 }, "minutes before"},
		"negative cleaning":  {func(p *Schedule) { p.AfterMinutes = -5 }, "minutes after"},
		"negative step":      {func(p *Schedule) { p.StepMinutes = -20 }, "step minutes"},
		"negative notice":    {func(p *Schedule) { p.LeadMinutes = -1 }, "lead minutes"},
		"endless horizon":    {func(p *Schedule) { p.HorizonDays = 100_000 }, "horizon days"},
		"negative cut-off":   {func(p *Schedule) { p.CancelCutoffMinutes = -1 }, "cancel cut-off"},
		"endless cut-off":    {func(p *Schedule) { p.MoveCutoffMinutes = 1 << 30 }, "move cut-off"},
		"backward hours":     {func(p *Schedule) { p.Week[1] = []Window{{1020, 540}} }, "Monday"},
		"empty hours":        {func(p *Schedule) { p.Week[2] = []Window{{540, 540}} }, "Tuesday"},
		"overlapping hours":  {func(p *Schedule) { p.Week[3] = []Window{{540, 720}, {700, 900}} }, "Wednesday"},
		"unsorted hours":     {func(p *Schedule) { p.Week[4] = []Window{{780, 900}, {540, 720}} }, "Thursday"},
		"past midnight":      {func(p *Schedule) { p.Week[5] = []Window{{1320, 1500}} }, "Friday"},
		"before midnight":    {func(p *Schedule) { p.Week[6] = []Window{{-10, 60}} }, "Saturday"},
		"special hours": {func(p *Schedule) { p.Special = map[civil.Date][]Window{date("2026-12-24"): {{0, 0}}} },
			"2026-12-24"},
		"a day without date": {func(p *Schedule) { p.Special = map[civil.Date][]Window{{}: nil} }, "without a date"},
		"reversed validity": {func(p *Schedule) { p.ValidFrom, p.ValidUntil = date("2026-02-02"), date("2026-02-01") },
			"valid until"},
	} {
		p := clinic(t, "America/New_York")
		c.spoil(p.Schedule)
		err := p.Compile()
		if !errors.Is(err, ErrSchedule) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAScheduleIsStoredCompactlyAndComesBackCompiled(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.Week = [7][]Window{1: {{540, 720}, {780, 1020}}, 6: {{600, 1440}}}
	p.Special = map[civil.Date][]Window{date("2026-12-24"): {{540, 720}}, date("2026-12-25"): nil}
	p.AfterMinutes, p.ValidUntil = 5, date("2027-01-31")
	text := marshal(t, p.Schedule)
	const want = `{"zone":"America/New_York","week":[null,["09:00-12:00","13:00-17:00"],null,null,null,null,["10:00-24:00"]],` +
		`"special":{"2026-12-24":["09:00-12:00"],"2026-12-25":null},"visit":20,"after":5,"horizon":180,"until":"2027-01-31"}`
	if string(text) != want {
		t.Errorf("stored as %s", text)
	}
	var back Schedule
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&back, p.Schedule) {
		t.Errorf("came back as %+v", back)
	}
	if hours, special := back.OpenOn(date("2026-12-25")); !special || len(hours) != 0 {
		t.Error("the closed day was lost")
	}
}

func TestABadPlanInStoreIsAnErrorAndLeavesTheOldOne(t *testing.T) {
	kept := clinic(t, "America/New_York")
	before := marshal(t, kept.Schedule)
	for _, text := range []string{``, `{}`, `[]`, `null`, `{"zone":"UTC"}`, `{"zone":"UTC","visit":20,"week":[["9-17"]]}`,
		`{"zone":"UTC","visit":20,"week":[["09:00-25:00"]]}`, `{"zone":"UTC","visit":20,"week":[["09:60-11:00"]]}`,
		`{"zone":"UTC","visit":20,"week":[["09.00-11.00"]]}`, `{"zone":"UTC","visit":20,"week":[["0a:00-11:00"]]}`,
		`{"zone":"UTC","visit":20,"week":[["09:00/11:00"]]}`,
		`{"zone":"UTC","visit":20,"special":{"2027-02-29":[]}}`, `{"zone":"UTC","visit":1e9}`,
		`{"zone":"UTC","visit":20,"lead":"1"}`} {
		if err := json.Unmarshal([]byte(text), kept.Schedule); err == nil {
			t.Errorf("%s was read", text)
		}
		if after := marshal(t, kept.Schedule); string(after) != string(before) {
			t.Errorf("%s changed the schedule to %s", text, after)
		}
	}
}

func TestAScheduleMustBeCompiled(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a schedule without a zone gave times")
		}
	}()
	(&Schedule{VisitMinutes: 20}).Times(nil, date("2026-11-24"), date("2026-11-24"), Pool{nil}, 0)
}

func FuzzScheduleJSON(f *testing.F) {
	p := clinic(f, "America/New_York")
	p.Special = map[civil.Date][]Window{date("2026-12-25"): nil}
	f.Add(marshal(f, p.Schedule), int64(1_790_000_000))
	f.Add([]byte(`{"zone":"Australia/Lord_Howe","week":[["00:00-24:00"]],"visit":7,"step":1,"before":9,"horizon":3}`),
		int64(1_775_300_000))
	f.Add([]byte(`{"zone":"UTC","visit":1440,"lead":1,"from":"0001-01-01","until":"9999-12-31"}`), int64(-1))
	f.Fuzz(func(t *testing.T, text []byte, now int64) {
		var p, back Schedule
		if json.Unmarshal(text, &p) != nil || p.Location() == nil {
			return
		}
		if err := json.Unmarshal(marshal(t, &p), &back); err != nil {
			t.Fatalf("a schedule that was read cannot be read again: %v", err)
		}
		now %= 1 << 33
		today := civil.DateOf(p.Local(now))
		times := p.Times(nil, today, today.AddDays(2), Pool{nil}, now)
		again := back.Times(nil, today, today.AddDays(2), Pool{nil}, now)
		if !reflect.DeepEqual(times, again) {
			t.Fatalf("%v before storing, %v after", times, again)
		}
		for _, s := range times {
			if r := p.ReasonAt(s, now); r != Free {
				t.Fatalf("%d is a free time and yet %s", s, r)
			}
		}
	})
}
