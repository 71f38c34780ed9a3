package twoprocess_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/events"
)

// What a page can say of an appointment, or of a time.
const (
	saysHeld     = "held"       // the time is kept for whoever looks
	saysNotHeld  = "not held"   // it has gone back to everyone
	saysBooked   = "booked"     // for this time
	saysNone     = "not booked" // what was sent to book it did not go through
	saysCanceled = "canceled"
	saysTaken    = "taken" // by somebody else
)

// said is what a page said, and when it was asked and answered. Which words of which page say it: soak_pages_test.go.
type said struct {
	what        string
	appointment uuid.UUID
	clinic      string    // of a time
	start       time.Time // zero: the page did not say
	from, until time.Time
	doubt       bool // something that was asked of the appointment may still come to pass
}

// list is what a page showed of many appointments: how each stands, by the page's word. Whose leaves out is not so.
type list struct {
	clinic      string    // of an organization's day
	day         string    // of it, in the clinic's zone
	whose       uuid.UUID // of a person's own
	state       map[string]string
	from, until time.Time
}

// history is all that people were told.
type history struct {
	said  []said
	lists []list
	looks []look
}

// happened is an event of the outbox about an appointment: what was so from then on.
type happened struct {
	kind        events.Kind
	seq         int64
	at          time.Time
	appointment uuid.UUID
	resource    uuid.UUID
	start, end  time.Time
	until       time.Time // of a hold
}

// kept is an appointment as the tables of its organization and the shared ones have it.
type kept struct {
	clinic, status string
	account        uuid.UUID
	start          time.Time
	sequence       int
	living         int // claims that take time, for a booked or held one
	shadows        int // of them in market.busy at the same time
	indexed        time.Time
	audited        map[string]int
}

// taken is a living claim.
type taken struct {
	appointment, resource uuid.UUID
	start, end            time.Time
}

// mailed is one state of an appointment that an email can tell.
type mailed struct {
	appointment uuid.UUID
	sequence    int
}

// facts are what the database and the mailbox have after all is done.
type facts struct {
	zone     map[string]*time.Location // of each clinic
	all      map[string][]string       // its times in the week that is looked at
	happened map[uuid.UUID][]happened  // in order
	kept     map[uuid.UUID]kept
	taken    []taken
	mails    map[mailed]int
}

// state is how an appointment stood at an instant.
type state struct {
	status string // "" before it was held
	start  time.Time
}

// at is how it stood. A transaction's time is its beginning, so what was seen may be older by as much as one takes.
func (f *facts) at(appointment uuid.UUID, when time.Time) (s state) {
	var until time.Time
	for _, h := range f.happened[appointment] {
		if h.at.After(when) {
			break
		}
		switch h.kind {
		case events.AppointmentHeld:
			s, until = state{booking.StatusHeld, h.start}, h.until
		case events.AppointmentExtended:
			until = h.until
		case events.AppointmentReleased:
			s.status = booking.StatusLapsed
		case events.AppointmentBooked:
			s.status = booking.StatusBooked
		case events.AppointmentMoved:
			s = state{booking.StatusBooked, h.start}
		case events.AppointmentCancelled:
			s.status = booking.StatusCancelled
		}
	}
	if s.status == booking.StatusHeld && !when.Before(until) {
		s.status = booking.StatusLapsed
	}
	return s
}

// between are all states from one instant to another.
func (f *facts) between(appointment uuid.UUID, from, until time.Time) (all []state) {
	all = append(all, f.at(appointment, from))
	for _, h := range f.happened[appointment] {
		if h.at.After(from) && !h.at.After(until) {
			all = append(all, f.at(appointment, h.at))
		}
	}
	return append(all, f.at(appointment, until))
}

// slack is how long before a request a transaction may have begun that ended during it.
const (
	slack      = 3 * time.Second
	doubtSlack = time.Minute // one whose end nobody heard
)

// judge says what is false.
func judge(h *history, f *facts) (wrong []string) {
	for i := range h.said {
		if s := &h.said[i]; !f.bears(s) {
			wrong = append(wrong, fmt.Sprintf("a page said at %s that %s is %s (%s at %s); it was %v",
				s.until.Format(time.StampMilli), s.appointment, s.what, s.start.UTC().Format(time.RFC3339), s.clinic,
				f.between(s.appointment, s.from, s.until)))
		}
	}
	for i := range h.lists {
		wrong = append(wrong, f.listed(&h.lists[i])...)
	}
	wrong = append(wrong, f.shown(h.looks)...)
	for id := range f.happened {
		wrong = append(wrong, f.stands(id)...)
	}
	for id := range f.kept {
		if len(f.happened[id]) == 0 {
			wrong = append(wrong, fmt.Sprintf("%s is in the database, and no event tells of it", id))
		}
	}
	wrong = append(wrong, f.doubles()...)
	slices.Sort(wrong)
	return wrong
}

// bears tells whether the database bears out what a page said.
func (f *facts) bears(s *said) bool {
	if s.what == saysTaken {
		return f.takenBy(s.clinic, s.start, s.from.Add(-slack), s.until)
	}
	from := s.until
	if s.doubt {
		from = s.from.Add(-doubtSlack)
	}
	return slices.ContainsFunc(f.between(s.appointment, from, s.until), func(now state) bool {
		if !s.start.IsZero() && !now.start.Equal(s.start) && s.what != saysNotHeld && s.what != saysNone {
			return false
		}
		switch s.what {
		case saysHeld:
			return now.status == booking.StatusHeld
		case saysNotHeld:
			return now.status != booking.StatusHeld && now.status != booking.StatusBooked
		case saysBooked:
			return now.status == booking.StatusBooked
		case saysCanceled:
			return now.status == booking.StatusCancelled
		}
		return now.status != booking.StatusBooked && now.status != booking.StatusCancelled // saysNone
	})
}

// takenBy tells whether anybody had a clinic's time at some instant of a span.
func (f *facts) takenBy(clinic string, start, from, until time.Time) bool {
	for id, k := range f.kept {
		if k.clinic == clinic && slices.ContainsFunc(f.between(id, from, until), func(s state) bool {
			return s.takes() && s.start.Equal(start)
		}) {
			return true
		}
	}
	return false
}

func (s state) takes() bool {
	return s.status == booking.StatusHeld || s.status == booking.StatusBooked
}

// words of the states that lists show.
var words = map[string]string{booking.StatusBooked: "Booked", booking.StatusCancelled: "Canceled"}

// listed judges a list: each line, and whether one is missing that was booked all the time.
func (f *facts) listed(l *list) (wrong []string) {
	from := l.from.Add(-slack)
	for id, word := range l.state {
		if !slices.ContainsFunc(f.between(uuid.MustParse(id), from, l.until),
			func(s state) bool { return words[s.status] == word }) {
			wrong = append(wrong, fmt.Sprintf("a list said at %s that %s is %s; it was %v",
				l.until.Format(time.StampMilli), id, word, f.between(uuid.MustParse(id), from, l.until)))
		}
	}
	for id, k := range f.kept {
		if _, there := l.state[id.String()]; there || l.clinic != "" && k.clinic != l.clinic ||
			l.whose != uuid.Nil && k.account != l.whose {
			continue
		}
		if !slices.ContainsFunc(f.between(id, from, l.until), func(s state) bool {
			elsewhere := l.clinic != "" && s.start.In(f.zone[k.clinic]).Format(time.DateOnly) != l.day
			return s.status != booking.StatusBooked || elsewhere
		}) {
			wrong = append(wrong, fmt.Sprintf("a list of %s%s at %s does not have %s, which was booked all the time: %v",
				l.day, l.whose, l.until.Format(time.StampMilli), id, f.between(id, from, l.until)))
		}
	}
	return wrong
}

// shown judges calendars: what somebody had for longer than late may not be free, nor what nobody had be taken. A hold
// whose end its visitor has not heard of is still theirs, says their browser; the page of the hold knows better.
func (f *facts) shown(looks []look) (wrong []string) {
	times := map[string][]uuid.UUID{} // who ever had a time
	for id, k := range f.kept {
		for _, h := range f.happened[id] {
			key := k.clinic + h.start.UTC().Format(time.RFC3339)
			if !slices.Contains(times[key], id) {
				times[key] = append(times[key], id)
			}
		}
	}
	for i := range looks {
		seen := &looks[i]
		from := seen.from.Add(-lateness - slack)
		for _, start := range f.all[seen.clinic] {
			at, err := time.Parse(time.RFC3339, start)
			if err != nil {
				return append(wrong, err.Error())
			}
			_, offered := slices.BinarySearch(seen.free, start)
			surely, perhaps := false, false
			for _, id := range times[seen.clinic+start] {
				all := f.between(id, from, seen.until)
				has := func(s state) bool { return s.takes() && s.start.Equal(at) }
				perhaps = perhaps || slices.ContainsFunc(all, has) || slices.Contains(seen.own, id)
				surely = surely || !slices.ContainsFunc(all, func(s state) bool { return !has(s) })
			}
			if offered && surely || !offered && !perhaps {
				wrong = append(wrong, fmt.Sprintf(
					"a calendar of %s at %s shows %s as free: %t, for longer than %v; %s",
					seen.clinic, seen.until.Format(time.StampMilli), start, offered, lateness+slack,
					f.story(times[seen.clinic+start])))
			}
		}
	}
	return wrong
}

// story is what became of some appointments, for people.
func (f *facts) story(all []uuid.UUID) (text string) {
	for _, id := range all {
		text += id.String()
		for _, h := range f.happened[id] {
			text += fmt.Sprintf(" %s at %s for %s;", h.kind, h.at.Format(time.StampMilli), h.start.UTC().Format("2T15:04"))
		}
		text += " "
	}
	return text
}

// stands judges one appointment: that what happened is what the tables have, each thing audited once, and that the last
// state was told once and no state twice.
func (f *facts) stands(id uuid.UUID) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, id.String()+": "+fmt.Sprintf(format, args...)) }
	all := f.happened[id]
	now, k := f.at(id, all[len(all)-1].at), f.kept[id]
	count, changes := map[events.Kind]int{}, 0
	for _, h := range all {
		count[h.kind]++
		if h.kind == events.AppointmentMoved || h.kind == events.AppointmentCancelled {
			changes++
		}
	}
	switch {
	case k.status == "":
		say("%s, and it is not in the database", now.status)
		return wrong
	case k.status != now.status || !k.start.Equal(now.start) || k.sequence != changes:
		say("%v after %d changes, and in the database %s at %v after %d", now, changes, k.status, k.start, k.sequence)
	case k.living != map[bool]int{true: 1}[now.takes()]:
		say("%s, and %d claims take time", now.status, k.living)
	case k.shadows != k.living:
		say("%d claims, and %d shadows in the market", k.living, k.shadows)
	case now.status == booking.StatusBooked && !k.indexed.Equal(now.start):
		say("booked for %v, and its person's index says %v", now.start, k.indexed)
	}
	for kind, action := range map[events.Kind]string{events.AppointmentBooked: "book", events.AppointmentMoved: "move",
		events.AppointmentCancelled: "cancel"} {
		if count[kind] != k.audited[action] {
			say("%d events %s, and %d audited", count[kind], kind, k.audited[action])
		}
	}
	if count[events.AppointmentHeld] != 1 || count[events.AppointmentBooked] > 1 ||
		count[events.AppointmentCancelled] > 1 {
		say("the same thing happened twice: %v", count)
	}
	for sequence := range changes + 1 {
		n := f.mails[mailed{id, sequence}]
		last := sequence == changes && count[events.AppointmentBooked] > 0
		if n > 1 || n == 0 && last {
			say("state %d of %d was told %d times", sequence, changes, n)
		}
	}
	return wrong
}

// doubles are times that two have.
func (f *facts) doubles() (wrong []string) {
	slices.SortFunc(f.taken, func(a, b taken) int { return a.start.Compare(b.start) })
	for i, a := range f.taken {
		for _, b := range f.taken[i+1:] {
			if !b.start.Before(a.end) {
				break
			}
			if a.resource == b.resource {
				wrong = append(wrong, fmt.Sprintf("%s and %s both have %v", a.appointment, b.appointment, a.start))
			}
		}
	}
	return wrong
}

// heading is what a page of an appointment begins with.
func heading(what string, start time.Time) string {
	at := civil.TimeFormat{Now: time.Now()}.Sentence(start)
	if what == saysCanceled {
		return "Your appointment on " + at + " is canceled"
	}
	return "You are booked for " + at
}
