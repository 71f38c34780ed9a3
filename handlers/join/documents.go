package join

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/document"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// showDocuments asks for the documents of a step.
func (h *Handlers) showDocuments(c echo.Context, status int, o opened, s *onboarding.Step, f *web.Form) error {
	p := view.DocumentsPage{Page: web.Page(c, s.Name+" – "+nameOf(o.Application)), Name: s.Name, Back: o.path(),
		Upload: o.path() + "/documents", Confirm: o.stepPath(s.Key)}
	return h.renderDocuments(c, status, p, o, s, f)
}

// documentsForm shows the form again with which a document was sent.
func (h *Handlers) documentsForm(c echo.Context, status int, s sender, step *onboarding.Step, f *web.Form) error {
	if s.invited() {
		return h.showGuestDocuments(c, status, s.guest, f)
	}
	return h.showDocuments(c, status, s.opened, step, f)
}

func (h *Handlers) showGuestDocuments(c echo.Context, status int, g guest, f *web.Form) error {
	path := guestPath(g.id, c.Param("token"))
	p := view.DocumentsPage{Page: web.Page(c, g.step.Name), Name: g.step.Name, Upload: path + "/documents",
		Guest: true, GuestName: g.Guests[g.link.ID].Name, Organization: g.Name(), Until: h.moment(c, g.link.Until)}
	return h.renderDocuments(c, status, p, g.opened, g.step, f)
}

func (h *Handlers) renderDocuments(c echo.Context, status int, p view.DocumentsPage, o opened, s *onboarding.Step,
	f *web.Form) error {
	arriving, err := h.arriving(c, o, s, p.Upload)
	if err != nil {
		return err
	}
	p.Most = document.MaxSize
	p.Problems, p.Step, p.Why, p.Closed = f.Problems, s.Key, o.Asked[s.Key], o.Status != onboarding.Open
	for _, k := range o.definition.Wanted(s, o.Current()) {
		one := view.DocumentAsked{Key: k.Key, Label: k.Label, Help: k.Help, Expires: k.Expires, Optional: k.Optional,
			ExpiresValue: f.Raw("expires-" + k.Key), GuestName: cmp.Or(f.Raw("guest_name-"+k.Key), p.GuestName),
			Arriving: arriving[k.Key]}
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
