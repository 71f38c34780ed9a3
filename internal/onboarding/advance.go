package onboarding

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/textutil"
)

// allowed is the state table: what may happen in which status. What is not here is ErrNotNow.
var allowed = map[EventKind][]Status{
	Began:         {""},
	Joined:        {Open, Submitted},
	Left:          {Open, Submitted, Approved, Live, Rejected, Withdrawn},
	Answered:      {Open},
	CheckDone:     {Open, Submitted},
	Claimed:       {Submitted},
	Released:      {Submitted},
	Returned:      {Submitted},
	Approval:      {Submitted},
	Rejection:     {Submitted},
	Waiving:       {Open, Submitted},
	Provision:     {Approved},
	Withdrew:      {Open, Submitted},
	Closed:        {Open},
	Reopened:      {Withdrawn}, // what was rejected is begun anew
	Uploaded:      {Open},
	Signed:        {Open},
	Reworded:      {Open, Submitted, Live},
	SignedAgain:   {Live},
	Countersigned: {Live},
	Removed:       {Open},
	Scanned:       {Open, Submitted, Approved, Live, Rejected, Withdrawn},
	Accepted:      {Submitted},
	Refused:       {Submitted},
	Compared:      {Submitted},
	Distinct:      {Submitted},
	Duplicate:     {Submitted},
}

// Effects are what follows from an event: what is somewhere else now, which registers are to be asked, and which fields
// are answered and no longer asked.
type Effects struct {
	Transitions []Transition
	Asks        []Ask
	Gone        []string
	Tell        []Notice     // to the applicant
	Drop        []NoticeKind // not to be told any more
}

// Advance is what an application becomes by an event. It is pure: it asks no database, no clock and no register. An
// event that is refused changes nothing.
func Advance(d *Definition, before Application, e Event) (Application, Effects, error) {
	if !slices.Contains(allowed[e.Kind], before.Status) {
		return before, Effects{}, ErrNotNow
	}
	a := before.clone()
	a.Version++
	if err := a.take(d, e); err != nil {
		return before, Effects{}, err
	}
	effects := a.settle(d, e.At)
	effects.Gone = d.form.Gone(before.Current(), a.Current())
	if heard(e, effects.Transitions) {
		a.QuietSince = e.At
	}
	effects.Tell, effects.Drop = notices(d, before, a, e, effects.Transitions)
	return a, effects, nil
}

func (a *Application) take(d *Definition, e Event) error {
	switch e.Kind {
	case Began:
		a.Kind, a.State, a.Definition, a.Status, a.CreatedAt = d.Kind, d.State, d.Version, Open, e.At
		a.Participants, a.Began = []uuid.UUID{e.By}, e.By
		a.answer(d, e.Data.Answers, e)
	case Joined, Left:
		return a.partake(e)
	case Answered:
		return a.answered(d, e)
	case CheckDone:
		return a.checked(d, e)
	case Claimed:
		return a.claim(e)
	case Waiving:
		return a.waive(d, e)
	case Provision:
		return a.provision(e)
	case Released:
		if a.Claimed == uuid.Nil {
			return ErrNotNow
		}
		if a.Fills(e.By) {
			return ErrOwn
		}
		a.Claimed = uuid.Nil
	case Returned, Approval, Rejection:
		return a.decided(d, e)
	case Uploaded:
		return a.uploaded(d, e)
	case Signed, SignedAgain:
		return a.signed(d, e)
	case Countersigned:
		return a.countersignedAgain(d, e)
	case Reworded:
		return a.reworded(d, e)
	case Removed:
		return a.removed(e)
	case Scanned:
		return a.scanned(e)
	case Accepted, Refused:
		return a.judged(e)
	case Distinct, Duplicate:
		return a.likened(e)
	case Compared:
		a.Compared, a.Similar = true, e.Data.Similar
	case Withdrew:
		a.Status, a.Claimed = Withdrawn, uuid.Nil
	case Closed:
		if e.At.Before(a.QuietSince.Add(ClosedAfter)) {
			return ErrNotNow
		}
		a.Status, a.Reason = Withdrawn, "Nobody went on with it."
	case Reopened:
		a.Status, a.Reason = Open, ""
		delete(a.Saved, d.sending())
	}
	return nil
}

// partake lets somebody in, or takes somebody out. Whoever takes somebody out takes part, and one stays. Whoever began
// goes only by themselves: nobody who was invited takes it from them.
func (a *Application) partake(e Event) error {
	takesPart := slices.Contains(a.Participants, e.By)
	switch {
	case e.Kind == Joined && takesPart:
		return ErrTakesPart
	case e.Kind == Joined:
		a.Participants = append(slices.Clone(a.Participants), e.By)
	case !takesPart || !slices.Contains(a.Participants, e.Data.Who):
		return ErrNoPart
	case len(a.Participants) == 1:
		return ErrLast
	case e.Data.Who == a.Began && e.By != a.Began:
		return ErrBegan
	default:
		a.Formerly = append(slices.Clone(a.Formerly), e.Data.Who)
		if e.By != e.Data.Who {
			a.TakenOut = append(slices.Clone(a.TakenOut), Removal{e.Data.Who, e.At})
		}
		a.Participants = slices.DeleteFunc(slices.Clone(a.Participants),
			func(id uuid.UUID) bool { return id == e.Data.Who })
	}
	return nil
}

// answered takes the answers to one step. Fields that whoever answers has left as they were keep what others wrote.
// What a register has filled in meanwhile gives way to what is typed: nobody has to decide between the two.
func (a *Application) answered(d *Definition, e Event) error {
	s, ok := d.Step(e.Step)
	if !ok || s.By != Applicant || s.Contract > 0 {
		return ErrNoStep
	}
	if a.Steps[s.Key].State == StepLocked {
		return ErrNotNow
	}
	if err := a.seen(d, s, e.Data.Seen); err != nil {
		return err
	}
	var conflicts []Conflict
	taken := map[string]string{}
	for field, mine := range e.Data.Answers {
		base, now := a.last(field, e.Data.Base), a.last(field, a.Version)
		switch {
		case now.Version <= e.Data.Base || now.Value == mine, now.Register != "" && base.Value != mine:
			taken[field] = mine
		case base.Value != mine:
			conflicts = append(conflicts, Conflict{field, mine, now.Value, now.By})
		}
	}
	if len(conflicts) > 0 {
		slices.SortFunc(conflicts, func(x, y Conflict) int { return d.form.Place(x.Field) - d.form.Place(y.Field) })
		return &ConflictError{conflicts}
	}
	a.answer(d, taken, e)
	if e.Data.Guest != "" {
		a.Guests[e.By] = Guest{e.Data.Guest, a.Guests[e.By].Times + 1}
	}
	if !e.Data.Later {
		a.Saved[s.Key] = true
		delete(a.Asked, s.Key)
		if d.Sends(s) {
			a.Sent = e.By
		}
	}
	return nil
}

// answer keeps answers that differ from those before them. A register's are those of its step.
func (a *Application) answer(d *Definition, answers map[string]string, e Event) {
	for field, value := range answers {
		all := a.Answers[field]
		_, known := d.Field(field)
		if !known || len(all) == 0 && value == "" || len(all) > 0 && all[len(all)-1].Value == value {
			continue
		}
		a.Answers[field] = append(slices.Clone(all), Answer{value, a.Version, e.By, e.At, register(e)})
		a.Compared = false
	}
}

// register is the step of the register that answers; of a person "".
func register(e Event) string {
	if e.Kind == CheckDone {
		return e.Step
	}
	return ""
}

// checked takes what a register said, if it is about what is answered now. What it knows answers fields that nobody has
// answered, and those that it answered itself, of another subject: what it does not know of this one is "" there.
func (a *Application) checked(d *Definition, e Event) error {
	s, ok := d.Step(e.Step)
	c := e.Data.Check
	if !ok || s.By != Outside || c == nil || c.Subject == "" || c.Subject != s.about(a.Current()) {
		return ErrNotNow
	}
	// Older logs have what was said about no number: it is kept, and nothing follows.
	if a.Steps[s.Key].State != StepWaiting && s.askable(a.Current()) != "" {
		return ErrNotNow
	}
	said := *c
	said.At = e.At
	a.Checks[s.Key] = said
	at := a.Steps[s.Key]
	switch c.Result {
	case Error, Stale:
		at.Attempts++
		at.NextAt = e.At.Add(patience(at.Attempts))
	case Pending:
		at.Attempts, at.NextAt = 0, e.At.Add(soonest)
	}
	a.Steps[s.Key] = at
	if c.Result == Pass {
		a.answer(d, a.filled(d, e), Event{Kind: e.Kind, Step: e.Step, At: e.At})
	}
	return nil
}

// filled are the answers that a register has.
func (a *Application) filled(d *Definition, e Event) map[string]string {
	fill := map[string]string{}
	for _, key := range d.form.Keys() {
		f, _ := d.form.Field(key)
		if f.Fill == "" {
			continue
		}
		last, answered := a.Answers[key], len(a.Answers[key]) > 0
		fact := textutil.Cut(e.Data.Check.Facts[f.Fill], f.Most())
		if !answered && fact != "" || answered && e.Data.Check.Replaces && last[len(last)-1].Register == e.Step {
			fill[key] = fact
		}
	}
	return fill
}

// patience is how long a register that did not answer is left alone, and a check that failed on our side: half a
// minute, twice as long each time, an hour at most.
func patience(attempts int) time.Duration {
	return min(30*time.Second<<min(attempts-1, 7), time.Hour)
}
