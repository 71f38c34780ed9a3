package join

import (
	"cmp"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// documentsSent is how many files are taken of an account, or by a guest's link.
var documentsSent = identity.AttemptLimit{Name: "documents sent", Attempts: 60, Window: time.Hour,
	Windows: identity.Sliding}

// showDocuments asks for the documents of a step.
func (h *Handlers) showDocuments(c echo.Context, status int, o opened, s *onboarding.Step, f *web.Form) error {
	p := view.DocumentsPage{Page: web.Page(c, s.Name+" – "+nameOf(o.Application)), Name: s.Name, Back: o.path(),
		Upload: o.path() + "/documents", Confirm: o.stepPath(s.Key)}
	return h.renderDocuments(c, status, p, o, s, f)
}

func (h *Handlers) showGuestDocuments(c echo.Context, status int, g guest, f *web.Form) error {
	path := guestPath(g.id, c.Param("token"))
	p := view.DocumentsPage{Page: web.Page(c, g.step.Name), Name: g.step.Name, Upload: path + "/documents",
		Guest: true, GuestName: g.Guests[g.link.ID].Name, Organization: g.Name(), Until: h.moment(c, g.link.Until)}
	return h.renderDocuments(c, status, p, g.opened, g.step, f)
}

func (h *Handlers) renderDocuments(c echo.Context, status int, p view.DocumentsPage, o opened, s *onboarding.Step,
	f *web.Form) error {
	p.Problems, p.Step, p.Why, p.Closed = f.Problems, s.Key, o.Asked[s.Key], o.Status != onboarding.Open
	for _, k := range o.definition.Wanted(s, o.Current()) {
		one := view.DocumentAsked{Key: k.Key, Label: k.Label, Help: k.Help, Expires: k.Expires, Optional: k.Optional,
			ExpiresValue: f.Raw("expires-" + k.Key), GuestName: cmp.Or(f.Raw("guest_name-"+k.Key), p.GuestName)}
		if k.Source != "" {
			one.Source = "Why we ask: " + k.Source + "."
		}
		if doc, there := o.Documents[k.Key]; there {
			one.Sent = h.sent(c, o, doc, p.Guest)
			p.Scanning = p.Scanning || doc.State == onboarding.DocumentReceived
		}
		p.Asked = append(p.Asked, one)
	}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	return web.Render(c, status, view.Documents(p), "")
}

// sent is a document as whoever fills the application in sees it. A guest sees of others' only that they are there.
func (h *Handlers) sent(c echo.Context, o opened, doc onboarding.Document, guest bool) *view.Document {
	d := &view.Document{Name: doc.Name, State: stateWords[doc.State], Reason: doc.Reason,
		Bad:  doc.State == onboarding.DocumentInfected || doc.State == onboarding.DocumentUnreadable,
		Size: document.Size(doc.Size), When: h.moment(c, doc.At)}
	if doc.State == onboarding.DocumentRejected { // while it is with us, nothing is decided
		d.Bad, d.State = o.Status == onboarding.Open, stateWords[onboarding.DocumentPassed]
		if d.Bad {
			d.State = stateWords[onboarding.DocumentRejected]
		} else {
			d.Reason = ""
		}
	}
	if until, err := civil.ParseDate(doc.Expires); err == nil {
		d.Expires = until.Text()
	}
	switch at := o.path() + "/documents/" + doc.ID.String(); {
	case guest && doc.By != o.who:
		d.Name = "Sent by somebody else"
	case !guest:
		d.Open = at
		if o.Status == onboarding.Open {
			d.Remove = at + "/removal"
		}
	}
	return d
}

// stateWords are what an applicant reads of a document.
var stateWords = map[onboarding.DocumentState]string{
	onboarding.DocumentReceived:   "Received, and being scanned for viruses",
	onboarding.DocumentPassed:     "Received",
	onboarding.DocumentUnscanned:  "Received, and not scanned for viruses: no scanner is set up here",
	onboarding.DocumentInfected:   "Not taken",
	onboarding.DocumentUnreadable: "Not taken",
	onboarding.DocumentAccepted:   "Accepted",
	onboarding.DocumentRejected:   "Rejected",
}

// CreateDocument takes a file for one of the documents that a step asks for, in place of the one before.
func (h *Handlers) CreateDocument(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), documentsSent.For(o.who.String()))
	if err != nil {
		return err
	}
	f, file, err := web.ReadStreamed(c, document.MaxSize)
	if err != nil {
		return err
	}
	if o, err = h.open(c); err != nil { // reading took a while
		return err
	}
	s, k, err := o.wanted(f)
	if err != nil {
		return err
	}
	status, err := h.keepDocument(c, o, s, k, f, file, "")
	if err != nil {
		return err
	}
	if status != 0 {
		return h.showDocuments(c, status, o, s, f)
	}
	web.Flash(c, ui.Notice{Text: "We have “" + k.Label + "”.", Done: true})
	return web.Redirect(c, o.stepPath(s.Key))
}

// CreateGuestDocument is CreateDocument by a guest's link.
func (h *Handlers) CreateGuestDocument(c echo.Context) error {
	g, err := h.openGuest(c)
	if err != nil {
		return err
	}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), documentsSent.For(g.link.ID.String()))
	if err != nil {
		return err
	}
	f, file, err := web.ReadStreamed(c, document.MaxSize)
	if err != nil {
		return err
	}
	if g, err = h.openGuest(c); err != nil {
		return err
	}
	s, k, err := g.wanted(f)
	if err != nil {
		return err
	}
	if s.Key != g.step.Key {
		return web.ErrNotFound
	}
	name := f.Text("guest_name-"+k.Key, 100, "Type your name")
	status, err := h.keepDocument(c, g.opened, s, k, f, file, name)
	if err != nil {
		return err
	}
	if status != 0 {
		return h.showGuestDocuments(c, status, g, f)
	}
	web.Flash(c, ui.Notice{Text: "We have “" + k.Label + "”. Thank you.", Done: true})
	return web.Redirect(c, guestPath(g.id, c.Param("token")))
}

// wanted is the document that a form names, and its step.
func (o opened) wanted(f *web.Form) (*onboarding.Step, *onboarding.DocumentKind, error) {
	s, err := o.step(f.Raw("step"))
	if err != nil {
		return nil, nil, err
	}
	k, ok := s.DocumentKind(f.Raw("kind"))
	if !ok {
		return nil, nil, web.ErrNotFound
	}
	return s, k, nil
}

// keepDocument keeps a file. A status is that with which its form is shown again, which says why.
func (h *Handlers) keepDocument(c echo.Context, o opened, s *onboarding.Step, k *onboarding.DocumentKind, f *web.Form,
	sent web.Upload, guest string) (status int, err error) {
	field := "file-" + k.Key
	expires := h.expires(c, f, k)
	if sent.Name == "" {
		f.Wrong(field, "Choose a file: "+k.Label)
		return http.StatusUnprocessableEntity, nil
	}
	file, err := document.Read(sent.Name, sent.Body)
	if refused, ok := errors.AsType[*document.RefusedError](err); ok {
		f.Wrong(field, refused.Words)
		err = nil
	}
	if err != nil || !f.OK() {
		return http.StatusUnprocessableEntity, err
	}
	err = h.Files.Keep(c.Request().Context(), o.scope, onboarding.Event{Step: s.Key, By: o.who, At: web.Now(c),
		Data: onboarding.Data{Guest: guest}}, file, k.Key, expires)
	switch {
	case err == nil:
		return 0, nil
	case errors.Is(err, onboarding.ErrManyDocuments):
		f.Wrong(field, "This application has as many documents as it may have. Take one out first")
		return http.StatusUnprocessableEntity, nil
	case errors.Is(err, onboarding.ErrTooOften):
		f.Wrong(field, "This application was changed so often that it takes no more. Write to us: we go on with you")
		return http.StatusUnprocessableEntity, nil
	case errors.Is(err, onboarding.ErrNotNow), errors.Is(err, onboarding.ErrNoStep):
		return 0, errors.Join(err, web.ErrConflict)
	case errors.Is(err, document.ErrStore):
		web.SiteOf(c).Log.ErrorContext(c.Request().Context(), "join: a document was not kept", "error", err)
		f.Wrong(field, "We could not keep the file just now, and nothing of it is lost on your side. Send it again in a minute")
		return http.StatusServiceUnavailable, nil
	}
	return 0, err
}

// expires is until when a document is valid that says so.
func (h *Handlers) expires(c echo.Context, f *web.Form, k *onboarding.DocumentKind) string {
	if !k.Expires {
		return ""
	}
	field := "expires-" + k.Key
	until, err := civil.ParseDate(f.Raw(field))
	switch today := civil.Today(h.zone(), web.Now(c)); {
	case err != nil:
		f.Wrong(field, "Say until when it is valid")
	case until.Before(today):
		f.Wrong(field, "It has expired. Send one that is valid")
	case until.After(today.AddDays(20 * 366)):
		f.Wrong(field, "Nothing is valid for so long. Look at the year")
	}
	return until.String()
}

// ShowDocument gives a document back to whoever takes part.
func (h *Handlers) ShowDocument(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "document")
	if err != nil {
		return err
	}
	return web.SendDocument(c, h.Files, o.scope, id)
}

// RemoveDocument takes a document out.
func (h *Handlers) RemoveDocument(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "document")
	if err != nil {
		return err
	}
	_, there := o.Document(id)
	if !there {
		return web.ErrNotFound
	}
	_, err = h.act(c, o, onboarding.Event{Kind: onboarding.Removed, Data: onboarding.Data{
		Document: &onboarding.Document{ID: id}}})
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "It is taken out, and deleted within the hour.", Done: true})
	return web.Redirect(c, o.documentsPath())
}

// confirmDocuments says that what was given back is right as it is.
func (h *Handlers) confirmDocuments(c echo.Context, o opened, s *onboarding.Step) error {
	_, err := h.act(c, o, onboarding.Event{Kind: onboarding.Answered, Step: s.Key,
		Data: onboarding.Data{Base: o.Version}})
	if err != nil {
		return err
	}
	return web.Redirect(c, o.path())
}

// documentsPath is the first step that asks for documents.
func (o opened) documentsPath() string {
	for _, s := range o.definition.Turns(o.Application) {
		if len(s.Documents) > 0 {
			return o.stepPath(s.Key)
		}
	}
	return o.path()
}
