package ops

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/document"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// documents are what was sent with an application, and what may be said of each.
func (h *Handlers) documents(r reviewed, form decisionForm) (all []view.Document) {
	for _, s := range r.definition.Turns(r.Application) {
		for _, k := range r.definition.Wanted(s, r.Current()) {
			one := view.Document{Label: k.Label, Help: k.Help, State: "Not sent", Tone: "dim", Key: k.Key}
			if doc, there := r.Documents[k.Key]; there {
				one = h.document(r, one, doc)
			}
			if f := form.document; f != nil && form.step == one.ID {
				one.Problems, one.Why, one.Words = f.Problems, f.Raw("about-"+one.ID), f.Raw("words-"+one.ID)
			}
			all = append(all, one)
		}
	}
	return all
}

func (h *Handlers) document(r reviewed, one view.Document, doc onboarding.Document) view.Document {
	one.ID, one.Path = doc.ID.String(), r.path()+"/documents/"+doc.ID.String()
	one.Name, one.Size, one.Reason = doc.Name, document.Size(doc.Size), doc.Reason
	one.Who = r.name(doc.By, "Somebody") + ", " + h.when(doc.At)
	one.Picture = strings.HasPrefix(doc.Type, "image/")
	one.Pages = doc.Pages
	if until, err := civil.ParseDate(doc.Expires); err == nil {
		one.Expires = until.Text()
	}
	said := documentWords[doc.State]
	one.State, one.Tone = said.text, said.tone
	if doc.Unscanned {
		one.Scan = "Not scanned for viruses: no scanner is set up here."
	}
	one.Opens = opens(doc)
	one.May = r.MayDecide(r.who) == nil && one.Opens
	one.Accepted, one.Rejected = doc.State == onboarding.DocumentAccepted, doc.State == onboarding.DocumentRejected
	for _, text := range documentReasons {
		one.Reasons = append(one.Reasons, ui.Option{Value: text, Text: text})
	}
	return one
}

// opens tells whether whoever reviews may open a document: not one in which a virus may be that is looked for still.
func opens(doc onboarding.Document) bool {
	return !slices.Contains([]onboarding.DocumentState{onboarding.DocumentReceived, onboarding.DocumentInfected,
		onboarding.DocumentUnreadable}, doc.State)
}

// documentReasons are why documents are rejected most often; the last one needs words.
var documentReasons = []string{"It cannot be read", "It is another document", "It is another organization's",
	"It has expired", "Pages are missing", "It is not signed", otherReason}

var documentWords = map[onboarding.DocumentState]struct{ text, tone string }{
	onboarding.DocumentReceived:   {"Being scanned", "warn"},
	onboarding.DocumentPassed:     {"To be looked at", "warn"},
	onboarding.DocumentUnscanned:  {"To be looked at", "warn"},
	onboarding.DocumentInfected:   {"A virus was found", "bad"},
	onboarding.DocumentUnreadable: {"Cannot be read", "bad"},
	onboarding.DocumentAccepted:   {"Accepted", "good"},
	onboarding.DocumentRejected:   {"Rejected", "bad"},
}

// ShowApplicationDocument gives a document to whoever reviews.
func (h *Handlers) ShowApplicationDocument(c echo.Context) error {
	r, err := h.openApplication(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "document")
	if err != nil {
		return err
	}
	if doc, there := r.Document(id); there && !opens(doc) {
		return fmt.Errorf("a document that is %s: %w", doc.State, web.ErrGone)
	}
	return web.SendDocument(c, h.Files, r.scope, id)
}

// openDocument is a document of an application that counts.
func (h *Handlers) openDocument(c echo.Context) (r reviewed, f *web.Form, id uuid.UUID, err error) {
	if r, f, err = h.openDecision(c); err != nil {
		return r, f, id, err
	}
	if id, err = web.ID(c, "document"); err != nil {
		return r, f, id, err
	}
	if _, there := r.Document(id); !there {
		err = web.ErrNotFound
	}
	return r, f, id, err
}

// AcceptDocument says that a document is what was asked for.
func (h *Handlers) AcceptDocument(c echo.Context) error {
	r, _, id, err := h.openDocument(c)
	if err != nil {
		return err
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Accepted, Data: onboarding.Data{
		Document: &onboarding.Document{ID: id}}}, "The document is accepted.")
}

// RejectDocument says why a document is to be replaced. The applicant reads it when the application is given back.
func (h *Handlers) RejectDocument(c echo.Context) error {
	r, f, id, err := h.openDocument(c)
	if err != nil {
		return err
	}
	if err := r.MayDecide(r.who); err != nil {
		return h.refuse(c, r, err)
	}
	reason := reasonIn(f, "about-"+id.String(), "words-"+id.String(), documentReasons)
	if !f.OK() {
		return h.application(c, http.StatusUnprocessableEntity, r, decisionForm{document: f, step: id.String()},
			view.DocumentPart(id.String()))
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Refused, Data: onboarding.Data{Reason: reason,
		Document: &onboarding.Document{ID: id}}}, "The document is rejected. Ask for more, so that they send another one.")
}

// hasRejected tells whether a document of an application is to be replaced.
func (r reviewed) hasRejected() bool {
	for _, doc := range r.Documents {
		if doc.State == onboarding.DocumentRejected {
			return true
		}
	}
	return false
}
