package onboarding

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/contract"
	"kindward/internal/tenancy"
)

// Sample answers every question of a step that applies by an example, unless it is answered or one is given: for
// demonstrations and tests.
func (d *Definition) Sample(s *Step, current, given map[string]string, now time.Time) map[string]string {
	answers := map[string]string{}
	for range s.Fields { // an answer may bring up the next question
		all := maps.Clone(current)
		maps.Copy(all, given)
		maps.Copy(all, answers)
		for _, f := range d.Shown(s, all) {
			switch {
			case answers[f.Key] != "":
			case given[f.Key] != "":
				answers[f.Key] = given[f.Key]
			case current[f.Key] != "":
				answers[f.Key] = current[f.Key]
			default:
				answers[f.Key] = d.form.Sample(f, all, d.today(now))
			}
		}
	}
	return answers
}

// Fill answers whatever of an application is open, by samples unless given, in somebody's name. Where all checks have
// passed that sends it.
func Fill(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, who uuid.UUID, at time.Time,
	given map[string]string) (Application, error) {
	return FillWith(ctx, gateway, s, who, at, given, func(context.Context, *Document) error { return nil })
}

// FillWith is Fill with files in the place of its samples of documents, and with steps left out: put keeps each file
// before its row is written.
func FillWith(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, who uuid.UUID, at time.Time,
	given map[string]string, put func(context.Context, *Document) error, without ...string) (Application, error) {
	return each(ctx, gateway, s, StepOpen, func(d *Definition, step *Step, a Application) (all []Event, err error) {
		if slices.Contains(without, step.Key) {
			return nil, nil
		}
		for _, k := range d.Wanted(step, a.Current()) {
			doc := k.sample(at)
			if err := put(ctx, doc); err != nil {
				return nil, err
			}
			all = append(all, Event{Kind: Uploaded, Step: step.Key, By: who, At: at, Data: Data{Document: doc}})
		}
		if len(all) > 0 {
			return all, nil
		}
		if text, version, asked := d.Contract(a); asked && step.Contract > 0 {
			return []Event{{Kind: Signed, Step: step.Key, By: who, At: at, Data: Data{Signature: &Signature{
				Version: version, Hash: contract.Hash(text),
				Name:  cmp.Or(given["signer"], "Maya Okafor"),
				Title: "Owner", Proof: "password"}}}}, nil
		}
		return []Event{{Kind: Answered, Step: step.Key, By: who, At: at,
			Data: Data{Base: a.Version, Answers: d.Sample(step, a.Current(), given, at)}}}, nil
	})
}

func (k *DocumentKind) sample(at time.Time) *Document {
	doc := &Document{ID: uuid.New(), Kind: k.Key, Name: k.Key + ".pdf", Type: "application/pdf", Size: 1, Pages: 1,
		Hash: strings.Repeat("0", 64)}
	if k.Expires {
		doc.Expires = civil.DateOf(at.AddDate(1, 0, 0)).String()
	}
	return doc
}

// Hear lets every register that an application waits for say something about what is answered, and finds nothing in its
// documents: for demonstrations and tests.
func Hear(ctx context.Context, gateway *tenancy.Gateway, id uuid.UUID, at time.Time, said Checked) (Application,
	error) {
	s := gateway.AdmitApplicant(id, worker)
	_, a, err := Load(ctx, gateway, s)
	if err != nil {
		return a, err
	}
	for _, doc := range a.Documents {
		if doc.State == DocumentReceived {
			_, _, err := Act(ctx, gateway, s, Event{Kind: Scanned, At: at,
				Data: Data{Document: &Document{ID: doc.ID, State: DocumentPassed}}})
			if err != nil {
				return a, err
			}
		}
	}
	return each(ctx, gateway, s, StepWaiting, func(_ *Definition, step *Step, a Application) ([]Event, error) {
		said := said
		said.Kind, said.Subject = step.Check, step.about(a.Current())
		return []Event{{Kind: CheckDone, Step: step.Key, At: at, Data: Data{Check: &said}}}, nil
	})
}

// AcceptDocuments finds nothing in every document of an application and accepts it, as whoever has claimed it: for
// demonstrations and tests.
func AcceptDocuments(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, who uuid.UUID,
	at time.Time) error {
	_, a, err := Load(ctx, gateway, s)
	if err != nil {
		return err
	}
	for _, doc := range a.Documents {
		if doc.State == DocumentAccepted {
			continue
		}
		said := []Event{{Kind: Accepted, Data: Data{Document: &Document{ID: doc.ID}}}}
		if doc.State == DocumentReceived {
			passed := &Document{ID: doc.ID, State: DocumentPassed}
			said = append([]Event{{Kind: Scanned, Data: Data{Document: passed}}}, said...)
		}
		for _, e := range said {
			e.By, e.At = who, at
			if _, _, err := Act(ctx, gateway, s, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// each lets events happen to each step that is in a state, but the staff's.
func each(ctx context.Context, gateway *tenancy.Gateway, s tenancy.Scope, in StepState,
	events func(*Definition, *Step, Application) ([]Event, error)) (a Application, err error) {
	d, a, err := Load(ctx, gateway, s)
	if err != nil {
		return a, err
	}
	for i := range d.Steps {
		step := &d.Steps[i]
		if step.By == Staff || a.Steps[step.Key].State != in {
			continue
		}
		all, err := events(d, step, a)
		if err != nil {
			return a, err
		}
		for _, e := range all {
			if a, _, err = Act(ctx, gateway, s, e); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}
