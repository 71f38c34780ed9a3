package document

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

// Scans looks for viruses in what was sent.
type Scans struct {
	Files
	Due     *relaydb.Queries
	Scanner *Scanner // nil: there is none, and whoever reviews is told so
	Now     func() time.Time
	Log     *slog.Logger
}

// A round scans so many at most, and ends after so many in a row without an answer.
const (
	mostScans  = 20
	mostErrors = 2
)

// worker is as whom the worker writes what was found: nobody's account, with the right of staff, so that no applicant's
// ticket can say the same.
var worker = tenancy.Caller{Staff: true, RequestID: "kindward work"}

// Run is one round. It runs twice without harm: of a document that was scanned nothing is taken any more.
func (s *Scans) Run(ctx context.Context) error {
	due, err := s.Due.DueDocuments(ctx, s.Now(), mostScans)
	unanswered := 0
	for _, row := range due {
		if ctx.Err() != nil || unanswered == mostErrors {
			break
		}
		scope := s.Gateway.AdmitApplicant(row.TenantID, worker)
		failed := s.scan(ctx, scope, row.ID)
		if unanswered++; !errors.Is(failed, ErrScanner) {
			unanswered = 0
		}
		if failed == nil || errors.Is(failed, onboarding.ErrNotNow) || errors.Is(failed, onboarding.ErrNoDocument) {
			continue
		}
		s.Log.Error("document: not scanned, and tried again later", "application", row.TenantID, "document", row.ID,
			"error", failed)
		err = errors.Join(err, s.Gateway.Shared(scope).PostponeDocument(ctx, s.Now(), row.ID))
	}
	return errors.Join(err, ctx.Err())
}

func (s *Scans) scan(ctx context.Context, scope tenancy.Scope, id uuid.UUID) error {
	_, a, err := onboarding.Load(ctx, s.Gateway, scope)
	if err != nil {
		return err
	}
	doc, there := a.Document(id)
	if !there || doc.State != onboarding.DocumentReceived { // its row says that it waits, its log does not
		return errors.Join(onboarding.ErrNoDocument, s.Gateway.Shared(scope).MoveDocument(ctx, string(doc.State), id))
	}
	state, reason, err := s.look(ctx, scope.Tenant(), doc)
	if err != nil {
		return err
	}
	_, _, err = onboarding.Act(ctx, s.Gateway, scope, onboarding.Event{Kind: onboarding.Scanned, At: s.Now(),
		Data: onboarding.Data{Reason: reason, Document: &onboarding.Document{ID: id, State: state}}})
	return err
}

// look reads a document, compares it with what was sent, and has it scanned.
func (s *Scans) look(ctx context.Context, application uuid.UUID, doc onboarding.Document) (
	state onboarding.DocumentState, reason string, err error) {
	content, err := s.Content(ctx, application, doc.ID)
	changed := errors.Is(err, keys.ErrSealed) && !errors.Is(err, keys.ErrKeyGone)
	sum := sha256.Sum256(content)
	switch {
	case errors.Is(err, storage.ErrNotFound), changed, err == nil && hex.EncodeToString(sum[:]) != doc.Hash:
		s.Log.Error("document: its object is not what was sent", "application", application, "document", doc.ID,
			"error", err)
		return onboarding.DocumentUnreadable, "We cannot read it any more. Send it again.", nil
	case err != nil:
		return "", "", err
	case s.Scanner == nil:
		return onboarding.DocumentUnscanned, "", nil
	}
	found, err := s.Scanner.Scan(ctx, content)
	switch {
	case err != nil:
		return "", "", err
	case found != "":
		return onboarding.DocumentInfected, "A virus was found in it (" + found + "). Send another file.", nil
	}
	return onboarding.DocumentPassed, "", nil
}
