package onboarding

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Reviewed is the step at which the staff have the ball.
const Reviewed = "review"

// Load gives the scope's application and its definition. pgx.ErrNoRows: there is none.
func Load(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope) (*Definition, Application, error) {
	rows, err := gateway.Shared(s).ApplicationLog(ctx)
	if err != nil {
		return nil, Application{}, err
	}
	return replayed(rows)
}

func replayed(rows []shareddb.ApplicationLogRow) (d *Definition, a Application, err error) {
	if len(rows) == 0 {
		return nil, a, pgx.ErrNoRows
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		if events[i], err = eventOf(row); err != nil {
			return nil, a, err
		}
	}
	if a, err = Replay(events); err != nil {
		return nil, a, err
	}
	d, err = Find(a.Kind, a.State, a.Definition)
	return d, a, err
}

func eventOf(row shareddb.ApplicationLogRow) (Event, error) {
	e := Event{Kind: EventKind(row.Kind), Step: row.Step, At: row.At.UTC()}
	if row.By != nil {
		e.By = *row.By
	}
	return e, json.Unmarshal(row.Data, &e.Data)
}

// ErrBegun means that there is an application of that id.
var ErrBegun = errors.New("onboarding: it has begun already")

// Begin makes an application of whoever asks, who takes part in it under a name. Its id becomes the organization's, so
// nobody who asks may choose it.
func Begin(ctx context.Context, gateway *tenancy.Gateway, caller tenancy.Caller, id uuid.UUID, name string,
	e Event) error {
	d, err := Find(e.Data.Kind, e.Data.State, e.Data.Definition)
	if err != nil {
		return err
	}
	e.At = moment(e.At)
	err = gateway.WithinShared(ctx, gateway.AdmitApplicant(id, caller), func(q *shareddb.Queries) error {
		err := q.AddApplication(ctx, shareddb.AddApplicationParams{Kind: d.Kind, State: d.State,
			Definition: int32(d.Version), CreatedAt: e.At})
		if err != nil {
			return err
		}
		if err := q.AddParticipant(ctx, caller.Subject, name, e.At); err != nil {
			return err
		}
		_, _, err = act(ctx, q, d, Application{}, e)
		return err
	})
	if tenancy.Constraint(err) == "application_pkey" {
		return ErrBegun
	}
	return err
}

// Act lets something happen to the scope's application, and writes what follows from it: all or nothing. It gives what
// the application is then.
func Act(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, e Event) (a Application, effects Effects,
	err error) {
	e.At = moment(e.At)
	err = gateway.WithinShared(ctx, s, func(q *shareddb.Queries) error {
		a, effects, err = actLocked(ctx, q, e)
		return err
	})
	return a, effects, err
}

// actLocked is Act within a transaction, behind others who write to the same application.
func actLocked(ctx context.Context, q *shareddb.Queries, e Event) (a Application, effects Effects, err error) {
	d, before, err := locked(ctx, q)
	if err != nil {
		return a, effects, err
	}
	return act(ctx, q, d, before, e)
}

// locked is the scope's application, behind others who write to it.
func locked(ctx context.Context, q *shareddb.Queries) (d *Definition, a Application, err error) {
	if _, err := q.LockApplication(ctx); err != nil {
		return nil, a, err
	}
	rows, err := q.ApplicationLog(ctx)
	if err != nil {
		return nil, a, err
	}
	return replayed(rows)
}

// How many events an application may have had by an answer: each page plays all of them again. Ten people who go
// through each step ten times need a third of it. A guest has a part, so that the others are not left without.
const (
	mostAnswered      = 1000
	mostGuestAnswered = 100
)

// ErrTooOften means that an application was answered more often than anybody needs.
var ErrTooOften = errors.New("onboarding: answered too often")

// unchanged tells whether an application after an answer is as it was: then nothing is written.
func (a Application) unchanged(after Application) bool {
	return maps.Equal(a.Current(), after.Current()) && maps.Equal(a.Saved, after.Saved) &&
		maps.Equal(a.Asked, after.Asked) && a.Status == after.Status
}

// moment is a time as the database keeps it, so that the log played again has the same.
func moment(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

func act(ctx context.Context, q *shareddb.Queries, d *Definition, before Application, e Event) (Application, Effects,
	error) {
	a, effects, err := Advance(d, before, e)
	if err != nil {
		return before, effects, err
	}
	if e.Kind == Answered && before.unchanged(a) {
		return before, Effects{}, nil
	}
	fills := slices.Contains([]EventKind{Answered, Uploaded, Removed, Signed}, e.Kind)
	if fills && (a.Version > mostAnswered || a.Guests[e.By].Times > mostGuestAnswered) {
		return before, Effects{}, ErrTooOften
	}
	move := shareddb.MoveApplicationParams{Name: a.Name(), Status: string(a.Status), Version: int32(a.Version),
		SubmittedAt: orNil(a.SubmittedAt)}
	if a.Claimed != uuid.Nil {
		move.ClaimedBy = &a.Claimed
	}
	if err := q.MoveApplication(ctx, move); err != nil {
		return before, effects, err
	}
	version := int32(a.Version)
	err = q.AddApplicationEvent(ctx, shareddb.AddApplicationEventParams{Kind: string(e.Kind), Step: e.Step,
		Version: version, Data: e.Data.JSON(), By: orNobody(e.By), At: e.At})
	if err != nil {
		return before, effects, err
	}
	if slices.Contains([]EventKind{Signed, Approval, SignedAgain, Countersigned}, e.Kind) {
		if err := writeSignature(ctx, q, d, a, e); err != nil {
			return before, effects, err
		}
	}
	if err := write(ctx, q, before, a, e); err != nil {
		return before, effects, err
	}
	if err := writeDerived(ctx, q, d, before, a, e, effects.Transitions); err != nil {
		return before, effects, err
	}
	return a, effects, writeNotices(ctx, q, version, effects)
}

// writeNotices keeps what is to be told.
func writeNotices(ctx context.Context, q *shareddb.Queries, version int32, effects Effects) error {
	if len(effects.Drop) > 0 {
		var kinds []string
		for _, kind := range effects.Drop {
			kinds = append(kinds, string(kind))
		}
		if err := q.DropNotices(ctx, kinds); err != nil {
			return err
		}
	}
	if len(effects.Tell) == 0 {
		return nil
	}
	var kinds []string
	var dues []time.Time
	for _, n := range effects.Tell {
		kinds, dues = append(kinds, string(n.Kind)), append(dues, n.Due)
	}
	return q.PutNotices(ctx, version, kinds, dues)
}

func placed(key string, at Standing) shareddb.PutStepParams {
	return shareddb.PutStepParams{Key: key, State: string(at.State), Since: at.Since, Due: orNil(at.Due),
		Attempts: int32(at.Attempts), NextAt: orNil(at.NextAt)}
}

// write keeps what statements ask of an application: where its steps are, its answers, what registers said.
func write(ctx context.Context, q *shareddb.Queries, before, a Application, e Event) error {
	for key, at := range a.Steps {
		if at == before.Steps[key] {
			continue
		}
		if err := q.PutStep(ctx, placed(key, at)); err != nil {
			return err
		}
	}
	for field, all := range a.Answers {
		last := all[len(all)-1]
		if last.Version != a.Version {
			continue
		}
		err := q.AddAnswer(ctx, shareddb.AddAnswerParams{Version: int32(a.Version), Field: field, Value: last.Value,
			By: orNobody(last.By), At: last.At})
		if err != nil {
			return err
		}
	}
	switch e.Kind {
	case Joined:
		return q.AddParticipant(ctx, e.By, e.Data.Name, e.At)
	case Left:
		return q.EndParticipant(ctx, e.At, e.Data.Who)
	case Uploaded, Removed, Scanned, Accepted, Refused:
		return writeDocument(ctx, q, before, a, e)
	case CheckDone:
		return writeCheck(ctx, q, a, e)
	}
	return nil
}

func writeCheck(ctx context.Context, q *shareddb.Queries, a Application, e Event) error {
	c, facts := e.Data.Check, []byte("{}")
	if c.Facts != nil {
		var err error
		if facts, err = json.Marshal(c.Facts); err != nil {
			return err
		}
	}
	return q.AddCheckResult(ctx, shareddb.AddCheckResultParams{Version: int32(a.Version), Step: e.Step, Kind: c.Kind,
		Subject: c.Subject, Result: string(c.Result), Facts: facts, Reason: c.Reason, At: e.At})
}

// Name is what the applicant calls the organization, or "".
func (a Application) Name() string {
	if all := a.Answers["name"]; len(all) > 0 {
		return all[len(all)-1].Value
	}
	return ""
}

// Turns are the steps that exist for the answers, in their order.
func (d *Definition) Turns(a Application) (steps []*Step) {
	for i := range d.Steps {
		if _, exists := a.Steps[d.Steps[i].Key]; exists {
			steps = append(steps, &d.Steps[i])
		}
	}
	return slices.Clip(steps)
}

func orNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

func orNobody(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
