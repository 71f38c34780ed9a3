package onboarding

import (
	"context"
	"errors"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// DocumentKind is a document that a step asks for.
type DocumentKind struct {
	Key, Label, Help string
	Expires          bool // whoever sends it says until when it is valid
	Optional         bool
	IfAsked          string `yaml:"if_asked"` // left out where nobody is asked this field
	When             string // CEL over the answers; empty: always
	Source           string // the rule by which it is asked

	when cel.Program
}

// DocumentState is where a document is.
type DocumentState string

// The states of a document. One that is passed or unscanned waits for whoever reviews.
const (
	DocumentReceived   DocumentState = "received" // and is being scanned
	DocumentPassed     DocumentState = "passed"   // nothing was found in it
	DocumentUnscanned  DocumentState = "unscanned"
	DocumentInfected   DocumentState = "infected"
	DocumentUnreadable DocumentState = "unreadable"
	DocumentAccepted   DocumentState = "accepted"
	DocumentRejected   DocumentState = "rejected"
)

// DocumentStates are all of them, in the order of their words.
func DocumentStates() []string {
	return []string{string(DocumentAccepted), string(DocumentInfected), string(DocumentPassed), string(DocumentReceived),
		string(DocumentRejected), string(DocumentUnreadable), string(DocumentUnscanned)}
}

// Document is a file of an application. Its content lies in the store.
type Document struct {
	ID        uuid.UUID     `json:"id"`
	Kind      string        `json:"kind,omitempty"`
	Name      string        `json:"name,omitempty"` // of the file
	Type      string        `json:"type,omitempty"`
	Size      int64         `json:"size,omitempty"`
	Pages     int           `json:"pages,omitempty"`
	Hash      string        `json:"hash,omitempty"`    // SHA-256, hexadecimal
	Expires   string        `json:"expires,omitempty"` // 2027-06-30
	State     DocumentState `json:"state,omitempty"`
	Unscanned bool          `json:"unscanned,omitempty"` // nobody has looked for viruses in it
	Reason    string        `json:"-"`                   // of a rejection
	By        uuid.UUID     `json:"-"`                   // who sent it
	At        time.Time     `json:"-"`
}

// Limits of what one application may have.
const (
	MostDocuments     = 20
	MostDocumentBytes = 100 << 20
)

// What a document may meet.
var (
	ErrNoDocument    = errors.New("onboarding: there is no such document")
	ErrManyDocuments = errors.New("onboarding: the application has as many documents as it may have")
	ErrDocumentSent  = errors.New("onboarding: the document was sent before")
)

// Wanted are the documents that a step asks for, with these answers.
func (d *Definition) Wanted(s *Step, answers map[string]string) (all []*DocumentKind) {
	applied := d.Applied(answers)
	for i := range s.Documents {
		if d.form.Holds(s.Documents[i].when, applied) {
			all = append(all, &s.Documents[i])
		}
	}
	return all
}

// DocumentKind finds what a step asks for.
func (s *Step) DocumentKind(key string) (*DocumentKind, bool) {
	for i := range s.Documents {
		if s.Documents[i].Key == key {
			return &s.Documents[i], true
		}
	}
	return nil, false
}

// Document finds one by its id, among those that count.
func (a Application) Document(id uuid.UUID) (Document, bool) {
	for _, doc := range a.Documents {
		if doc.ID == id {
			return doc, true
		}
	}
	return Document{}, false
}

// uploaded takes a document, in place of one that was there.
func (a *Application) uploaded(d *Definition, e Event) error {
	s, ok := d.Step(e.Step)
	if !ok || s.By != Applicant || e.Data.Document == nil {
		return ErrNoStep
	}
	doc := *e.Data.Document
	if _, ok := s.DocumentKind(doc.Kind); !ok {
		return ErrNoStep
	}
	if a.Steps[s.Key].State == StepLocked {
		return ErrNotNow
	}
	if _, twice := a.Document(doc.ID); twice {
		return ErrDocumentSent
	}
	doc.State, doc.By, doc.At = DocumentReceived, e.By, e.At
	a.Documents[doc.Kind] = doc
	delete(a.Asked, s.Key)
	if e.Data.Guest != "" {
		a.Guests[e.By] = Guest{e.Data.Guest, a.Guests[e.By].Times + 1}
	}
	return nil
}

// removed takes a document out.
func (a *Application) removed(e Event) error {
	doc, err := a.documentOf(e)
	if err != nil {
		return err
	}
	delete(a.Documents, doc.Kind)
	return nil
}

// documentOf is the document that an event is about, as long as it counts.
func (a *Application) documentOf(e Event) (Document, error) {
	if e.Data.Document == nil {
		return Document{}, ErrNoDocument
	}
	doc, ok := a.Document(e.Data.Document.ID)
	if !ok {
		return doc, ErrNoDocument
	}
	return doc, nil
}

// scanned takes what was found in a document.
func (a *Application) scanned(e Event) error {
	doc, err := a.documentOf(e)
	said := []DocumentState{DocumentPassed, DocumentUnscanned, DocumentInfected, DocumentUnreadable}
	switch {
	case err != nil:
		return err
	case doc.State != DocumentReceived || !slices.Contains(said, e.Data.Document.State):
		return ErrNotNow
	}
	doc.State, doc.Reason = e.Data.Document.State, e.Data.Reason
	doc.Unscanned = doc.State == DocumentUnscanned
	a.Documents[doc.Kind] = doc
	return nil
}

// judged is what whoever may decide says of a document. Whoever fills the application in learns of it when it is given
// back.
func (a *Application) judged(e Event) error {
	if err := a.MayDecide(e.By); err != nil {
		return err
	}
	doc, err := a.documentOf(e)
	switch {
	case err != nil:
		return err
	case doc.State == DocumentReceived || doc.State == DocumentInfected || doc.State == DocumentUnreadable:
		return ErrNotNow
	case e.Kind == Refused && e.Data.Reason == "":
		return ErrNoReason
	case e.Kind == Accepted && doc.State == DocumentAccepted,
		e.Kind == Refused && doc.State == DocumentRejected && doc.Reason == e.Data.Reason: // a form that was sent twice
		return ErrNotNow
	}
	doc.State, doc.Reason = DocumentAccepted, ""
	if e.Kind == Refused {
		doc.State, doc.Reason, a.Doubted = DocumentRejected, e.Data.Reason, true
	}
	a.Documents[doc.Kind] = doc
	return nil
}

// documented tells whether all documents of a step are there that are needed, and none of them is to be replaced. What
// whoever reviews has rejected stays with them until they give it back.
func (a *Application) documented(d *Definition, s *Step, current map[string]string) bool {
	if a.Asked[s.Key] != "" {
		return false
	}
	return !slices.ContainsFunc(d.Wanted(s, current), func(k *DocumentKind) bool {
		doc, there := a.Documents[k.Key]
		return !there && !k.Optional || there && a.replaced(doc)
	})
}

// replaced tells whether a document is to be replaced now.
func (a *Application) replaced(doc Document) bool {
	return doc.State == DocumentInfected || doc.State == DocumentUnreadable ||
		doc.State == DocumentRejected && a.Status == Open
}

// undecided is ErrOpenDocument until whoever reviews has accepted every document that is needed or was sent.
func (a *Application) undecided(d *Definition) error {
	for _, s := range d.Turns(*a) {
		for _, k := range d.Wanted(s, a.Current()) {
			doc, there := a.Documents[k.Key]
			if there && doc.State != DocumentAccepted || !there && !k.Optional {
				return ErrOpenDocument
			}
		}
	}
	return nil
}

// ErrOpenDocument means that a document is not accepted.
var ErrOpenDocument = errors.New("onboarding: a document is not accepted")

// rejected are the steps that have a rejected document.
func (a *Application) rejected(d *Definition) (keys []string) {
	for _, s := range d.Turns(*a) {
		if slices.ContainsFunc(s.Documents, func(k DocumentKind) bool {
			return a.Documents[k.Key].State == DocumentRejected
		}) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// writeDocument keeps what statements ask of documents.
func writeDocument(ctx context.Context, q *shareddb.Queries, before, a Application, e Event) error {
	doc, there := a.Document(e.Data.Document.ID)
	switch e.Kind {
	case Removed:
		return q.RemoveDocument(ctx, e.At, e.Data.Document.ID)
	case Uploaded:
		if old, replaces := before.Documents[doc.Kind]; replaces {
			if err := q.RemoveDocument(ctx, e.At, old.ID); err != nil {
				return err
			}
		}
		err := q.AddDocument(ctx, shareddb.AddDocumentParams{ID: doc.ID, Step: e.Step, Kind: doc.Kind, Name: doc.Name,
			Type: doc.Type, Size: doc.Size, Hash: doc.Hash, By: orNobody(e.By), At: e.At, MostDocuments: MostDocuments,
			MostBytes: MostDocumentBytes})
		if tenancy.Code(err) == "KW447" {
			return ErrManyDocuments
		}
		return err
	}
	if !there {
		return ErrNoDocument
	}
	return q.MoveDocument(ctx, string(doc.State), doc.ID)
}
