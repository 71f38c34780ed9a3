package twoprocess_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/events"
)

// record is a history with the facts, and two appointments in it.
type record struct {
	*history
	*facts
	a, b uuid.UUID
}

func (r *record) keep(id uuid.UUID, how func(*kept)) {
	k := r.kept[id]
	how(&k)
	r.kept[id] = k
}

// recorded is a history that is true: one person holds a time, books it, moves it and cancels it; another books a time
// and keeps it.
func recorded() *record {
	zero := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return zero.Add(time.Duration(s) * time.Second) }
	starts := []time.Time{zero.AddDate(0, 0, 7), zero.AddDate(0, 0, 7).Add(20 * time.Minute),
		zero.AddDate(0, 0, 7).Add(40 * time.Minute)}
	a, b, team, maya, leo := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	event := func(kind events.Kind, second int, id uuid.UUID, start time.Time) happened {
		return happened{kind: kind, seq: int64(second), at: at(second), appointment: id, resource: team, start: start,
			end: start.Add(20 * time.Minute), until: at(second + 600)}
	}
	f := &facts{zone: map[string]*time.Location{"c": time.UTC}, all: map[string][]string{},
		happened: map[uuid.UUID][]happened{
			a: {event(events.AppointmentHeld, 10, a, starts[0]), event(events.AppointmentBooked, 20, a, starts[0]),
				event(events.AppointmentMoved, 30, a, starts[1]), event(events.AppointmentCancelled, 60, a, starts[1])},
			b: {event(events.AppointmentHeld, 15, b, starts[2]), event(events.AppointmentBooked, 40, b, starts[2])},
		},
		kept: map[uuid.UUID]kept{
			a: {clinic: "c", status: booking.StatusCancelled, account: maya, start: starts[1], sequence: 2, indexed: starts[1],
				audited: map[string]int{"book": 1, "move": 1, "cancel": 1}},
			b: {clinic: "c", status: booking.StatusBooked, account: leo, start: starts[2], living: 1, shadows: 1,
				indexed: starts[2], audited: map[string]int{"book": 1}},
		},
		taken: []taken{{b, team, starts[2], starts[2].Add(20 * time.Minute)}},
		mails: map[mailed]int{{a, 0}: 1, {a, 2}: 1, {b, 0}: 1},
	}
	for _, start := range starts {
		f.all["c"] = append(f.all["c"], start.Format(time.RFC3339))
	}
	say := func(what string, id uuid.UUID, start time.Time, second int) said {
		return said{what, id, "c", start, at(second - 1), at(second), false}
	}
	h := &history{said: []said{say(saysHeld, a, starts[0], 11), say(saysBooked, a, starts[0], 21),
		say(saysTaken, a, starts[2], 25), say(saysBooked, a, starts[1], 31), say(saysNone, b, starts[2], 39),
		say(saysBooked, b, starts[2], 41), say(saysCanceled, a, time.Time{}, 61), say(saysNotHeld, a, starts[0], 61)},
		lists: []list{
			{whose: leo, state: map[string]string{b.String(): "Booked"}, from: at(50), until: at(51)},
			{clinic: "c", day: starts[0].Format(time.DateOnly), from: at(70), until: at(71),
				state: map[string]string{a.String(): "Canceled", b.String(): "Booked"}}},
		looks: []look{{"c", at(50), at(51), []string{f.all["c"][0]}, nil}, {"c", at(70), at(71), f.all["c"][:2], nil}},
	}
	return &record{h, f, a, b}
}

func TestTheJudgeOfTheSoakFindsWhateverIsFalse(t *testing.T) {
	r := recorded()
	if wrong := judge(r.history, r.facts); len(wrong) > 0 {
		t.Fatalf("the control: what is true is said to be false: %v", wrong)
	}
	for what, falsify := range map[string]func(r *record){
		"an acknowledged booking that is deleted":     func(r *record) { delete(r.kept, r.b) },
		"an acknowledged booking that never happened": func(r *record) { r.happened[r.b] = r.happened[r.b][:1] },
		"an acknowledged move that never happened": func(r *record) {
			r.happened[r.a] = slices.Delete(r.happened[r.a], 2, 3)
		},
		"an acknowledged cancellation that was undone": func(r *record) { r.happened[r.a] = r.happened[r.a][:3] },
		"an appointment that is doubled": func(r *record) {
			r.taken = append(r.taken, taken{r.a, r.taken[0].resource, r.taken[0].start, r.taken[0].end})
		},
		"a page that denies a booking":                 func(r *record) { r.said[5].what = saysNone },
		"a page that shows a booking before it is one": func(r *record) { r.said[4].what = saysBooked },
		"a page that shows another time":               func(r *record) { r.said[3].start = r.said[1].start },
		"a page that says canceled of what is booked":  func(r *record) { r.said[5].what = saysCanceled },
		"a page that gives a hold away that lives":     func(r *record) { r.said[0].what = saysNotHeld },
		"a page that shows a hold that is a booking":   func(r *record) { r.said[1].what = saysHeld },
		"a page that says taken of what nobody has":    func(r *record) { r.said[2].start = r.said[3].start },
		"a list with another state":                    func(r *record) { r.lists[0].state[r.b.String()] = "Canceled" },
		"a list without a booking":                     func(r *record) { delete(r.lists[0].state, r.b.String()) },
		"a day without a booking":                      func(r *record) { delete(r.lists[1].state, r.b.String()) },
		"a calendar that offers what somebody has":     func(r *record) { r.looks[0].free = r.all["c"] },
		"a calendar that hides what nobody has":        func(r *record) { r.looks[0].free = nil },
		"a status that no event made":                  func(r *record) { r.keep(r.b, func(k *kept) { k.status = "held" }) },
		"a claim that is gone":                         func(r *record) { r.keep(r.b, func(k *kept) { k.living = 0 }) },
		"a time that the market does not know":         func(r *record) { r.keep(r.b, func(k *kept) { k.shadows = 0 }) },
		"an act that nobody audited":                   func(r *record) { r.kept[r.a].audited["move"] = 0 },
		"an act that is audited twice":                 func(r *record) { r.kept[r.b].audited["book"] = 2 },
		"a last state that nobody was told":            func(r *record) { delete(r.mails, mailed{r.a, 2}) },
		"a state that was told twice":                  func(r *record) { r.mails[mailed{r.a, 0}] = 2 },
	} {
		r := recorded()
		if falsify(r); len(judge(r.history, r.facts)) == 0 {
			t.Errorf("not found: %s", what)
		}
	}
}

func TestAPageThatHangsIsNotSlow(t *testing.T) {
	zero := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ok   bool
		took time.Duration
		slow bool
	}{{true, slowAfter, false}, {true, slowAfter + 1, true}, {false, hang, false}} {
		if one := (sample{from: zero, until: zero.Add(c.took), ok: c.ok}); one.slow() != c.slow {
			t.Errorf("%+v: slow is %v", c, !c.slow)
		}
	}
	asked := []sample{{zero, zero.Add(askWait), true, ""}, {zero.Add(hang - askWait), zero.Add(hang), true, ""}}
	p := &probes{asked: asked,
		worked: []sample{{from: zero, until: zero.Add(hang)}}}
	if ready, _ := p.wrong(); len(ready) != 1 {
		t.Error("a page that hangs while the process says that it is ready is not found")
	}
}

func TestNobodyKnowsWhetherPagesWorkedWhileASlowOneWasAwaited(t *testing.T) {
	at := func(s int) time.Time { return time.Date(2026, 3, 2, 12, 0, s, 0, time.UTC) }
	p := &probes{asked: []sample{{from: at(1), until: at(11)}}, worked: []sample{{from: at(0), until: at(1), ok: true},
		{from: at(1), until: at(11), ok: true}, {from: at(11), until: at(12), ok: true}}}
	if _, notReady := p.wrong(); len(notReady) > 0 {
		t.Error("a process that stood still is said to have been too careful: ", notReady)
	}
	for s := 1; s < 11; s++ { // the control: pages that come in time
		p.worked = slices.Insert(p.worked, s, sample{from: at(s), until: at(s + 1), ok: true})
	}
	p.worked = slices.DeleteFunc(p.worked, sample.slow)
	if _, notReady := p.wrong(); len(notReady) != 1 {
		t.Error("a process that says that it is not ready while pages work is not found")
	}
}

func TestObserversFindAReadinessThatIsNotTrue(t *testing.T) {
	zero := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	samples := func(oks string) (all []sample) { // four a second
		for n, c := range oks {
			at := zero.Add(time.Duration(n) * askEvery)
			all = append(all, sample{from: at, until: at.Add(10 * time.Millisecond), ok: c == '+'})
		}
		return all
	}
	for _, c := range []struct {
		says, works string
		lies, late  int
	}{
		{"++++++++++++++++++++", "++++++++++++++++++++", 0, 0},
		{"+++++++-----++++++++", "++++-------+++++++++", 0, 0}, // noticed within a second, at once over
		{"++++++++++++++++++++", "++++-------+++++++++", 1, 0},
		{"++++++++++++++++++++", "++++-+-+-+-+++++++++", 0, 0}, // now and then
		{"++++----------------", "++++----++++++++++++", 0, 0},
		{"++++--------------------", "++++---+++++++++++++++++", 0, 1},
	} {
		p := &probes{asked: samples(c.says), worked: samples(c.works)}
		if ready, notReady := p.wrong(); len(ready) != c.lies || len(notReady) != c.late {
			t.Errorf("%+v: %v, %v", c, ready, notReady)
		}
	}
}
