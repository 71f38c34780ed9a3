package onboarding

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
)

// Teller tells applicants what became of their applications, and closes those that nobody goes on with.
type Teller struct {
	Due     *relaydb.Queries
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Now     func() time.Time
	Notify  func() // says that emails are queued; nil: nobody needs to be told
	Log     *slog.Logger

	failed map[noticeKey]time.Time // until when each that failed is left alone
}

// mostNotices are told in a round; what could not be told waits for so long and keeps no other from its turn.
const (
	mostNotices = 100
	noticeWaits = 5 * time.Minute
)

// Run is one round. Two at once tell each notice once: whoever takes its row away tells it, in the transaction that
// queues the emails.
func (t *Teller) Run(ctx context.Context) error {
	now := t.Now()
	maps.DeleteFunc(t.failed, func(_ noticeKey, until time.Time) bool { return !now.Before(until) })
	due, err := t.Due.DueNotices(ctx, now, int32(mostNotices+len(t.failed)))
	if err != nil {
		return err
	}
	var failed error
	for _, row := range due {
		if _, waits := t.failed[keyOf(row)]; waits {
			continue
		}
		err := t.tell(ctx, t.Gateway.AdmitApplicant(row.TenantID, worker), row)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			t.Log.Error("onboarding: an applicant is not told", "application", row.TenantID, "notice", row.Kind, "error", err)
			failed = errors.Join(failed, err)
			t.postpone(row, now)
		}
	}
	if len(due) > 0 && t.Notify != nil {
		t.Notify()
	}
	return failed
}

// noticeKey is which notice of which application it is.
type noticeKey struct {
	application uuid.UUID
	kind        string
	version     int32
}

func keyOf(row relaydb.OnboardingNotice) noticeKey {
	return noticeKey{row.TenantID, row.Kind, row.Version}
}

func (t *Teller) postpone(row relaydb.OnboardingNotice, now time.Time) {
	if t.failed == nil {
		t.failed = map[noticeKey]time.Time{}
	}
	t.failed[keyOf(row)] = now.Add(noticeWaits)
}

func (t *Teller) tell(ctx context.Context, s tenancy.Scope, row relaydb.OnboardingNotice) error {
	d, a, err := Load(ctx, t.Gateway, s)
	if err != nil {
		return err
	}
	kind := NoticeKind(row.Kind)
	worth := slices.Contains(toldIn[kind], a.Status)
	if kind == Closing && worth {
		return t.close(ctx, s)
	}
	if (kind == ContractNotice || kind == ContractDue) && worth {
		return t.tellOwners(ctx, d, a, row)
	}
	if kind == DuplicateNotice && worth {
		return t.tellOthers(ctx, s, a.SameAs, row)
	}
	return t.Gateway.WithinIdentity(ctx, s, func(q *shareddb.Queries) error {
		if _, err := q.TakeNotice(ctx, row.Kind, row.Version); errors.Is(err, pgx.ErrNoRows) || err == nil && !worth {
			return nil
		} else if err != nil {
			return err
		}
		people, err := toTell(ctx, q, a, row)
		if err != nil {
			return err
		}
		for _, p := range people {
			to := notify.Applicant{Recipient: p, Application: row.TenantID, Organization: a.Name()}
			if err := t.queue(ctx, q, d.entry(a, kind, to)); err != nil {
				return err
			}
		}
		return nil
	})
}

// toTell are whom a notice is for: all who take part, or those who were taken out since it is due.
func toTell(ctx context.Context, q *shareddb.Queries, a Application, row relaydb.OnboardingNotice) (
	all []notify.Recipient, err error) {
	if NoticeKind(row.Kind) != LeftNotice {
		people, err := q.ApplicantsToTell(ctx)
		for _, p := range people {
			all = append(all, notify.Recipient{To: p.Email, Name: p.Name})
		}
		return all, err
	}
	var ids []uuid.UUID
	for _, r := range a.TakenOut {
		if !r.At.Before(row.Due) {
			ids = append(ids, r.Who)
		}
	}
	people, err := q.FormerApplicants(ctx, ids)
	for _, p := range people {
		all = append(all, notify.Recipient{To: p.Email, Name: p.Name})
	}
	return all, err
}

func (t *Teller) queue(ctx context.Context, q *shareddb.Queries, e notify.Entry) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return notify.Enqueue(ctx, q, t.Keys, id, t.Now(), e)
}

// close ends an application that nobody goes on with.
func (t *Teller) close(ctx context.Context, s tenancy.Scope) error {
	_, _, err := Act(ctx, t.Gateway, s, Event{Kind: Closed, At: t.Now()})
	if errors.Is(err, ErrNotNow) { // somebody went on, or another worker has closed it
		return nil
	}
	return err
}

// entry is the email of a notice to one who takes part.
func (d *Definition) entry(a Application, kind NoticeKind, to notify.Applicant) notify.Entry {
	switch kind {
	case ReceivedNotice:
		return notify.ApplicationReceived{Applicant: to}
	case DecidedNotice:
		if a.SameAs != uuid.Nil {
			return notify.ApplicationDuplicate{Applicant: to, Reason: a.Reason}
		}
		return notify.ApplicationDecided{Applicant: to, Approved: a.Status != Rejected, Reason: a.Reason,
			Countersigned: a.Countersignature.Name != ""}
	case WithdrawnNotice:
		return notify.ApplicationWithdrawn{Applicant: to}
	case LeftNotice:
		return notify.ApplicationLeft{Applicant: to}
	case ClosedNotice:
		return notify.ApplicationClosed{Applicant: to, Days: int(ClosedAfter.Hours() / 24)}
	case Reminder, LastReminder:
		left := int(ClosedAfter.Hours()/24) - int(silences[kind].Hours()/24)
		return notify.ApplicationReminder{Applicant: to, Step: d.next(a), Last: kind == LastReminder, Days: left}
	}
	steps := d.given(a)
	if next := d.next(a); len(steps) == 0 && next != "" {
		steps = [][2]string{{"Next", next}}
	}
	return notify.ApplicationTurn{Applicant: to, Steps: steps}
}

// next is the step that the applicant does next, by its name.
func (d *Definition) next(a Application) string {
	for _, s := range d.Turns(a) {
		if s.By == Applicant && a.Steps[s.Key].State == StepOpen {
			return s.Name
		}
	}
	return ""
}

// given are the steps that are the applicant's again, with the reason of each.
func (d *Definition) given(a Application) (all [][2]string) {
	for _, s := range d.Turns(a) {
		switch {
		case s.By == Applicant && a.Asked[s.Key] != "":
			all = append(all, [2]string{s.Name, a.Asked[s.Key]})
		case s.Contract > 0 && a.Steps[s.Key].State == StepOpen && a.Signature.Name != "":
			all = append(all, [2]string{s.Name, "Its text has changed since it was signed, so it is signed again."})
		case s.By == Outside && a.Steps[s.Key].State == StepFailed:
			all = append(all, [2]string{s.Name, a.Checks[s.Key].Reason})
		case s.By == Outside && a.toProve(s.Key):
			all = append(all, [2]string{s.Name, "Follow the link of that step. " + a.Checks[s.Key].Reason})
		}
	}
	return all
}
