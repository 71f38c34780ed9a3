package join

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	"kindward/views/ui"
)

// documentsSent is how many files are taken of an account, or by a guest's link.
var documentsSent = identity.AttemptLimit{Name: "documents sent", Attempts: 60, Window: time.Hour,
	Windows: identity.Sliding}

const manyDocuments = "This application has as many documents as it may have. Take one out first"

// CreateDocument takes a file for one of the documents that a step asks for, in place of the one before: the form has
// it, or the upload as which it has arrived.
func (h *Handlers) CreateDocument(c echo.Context) error {
	s, err := h.sender(c)
	if err != nil {
		return err
	}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), documentsSent.For(s.who.String()))
	if err != nil {
		return err
	}
	f, file, err := web.ReadStreamed(c, document.MaxSize)
	if err != nil {
		return err
	}
	if s, err = h.sender(c); err != nil { // reading took a while
		return err
	}
	step, k, err := s.wanted(f.Raw("step"), f.Raw("kind"))
	if err != nil {
		return err
	}
	status, err := h.createDocument(c, s, step, k, f, file)
	if err != nil {
		return err
	}
	if status != 0 {
		return h.documentsForm(c, status, s, step, f)
	}
	web.Flash(c, ui.Notice{Text: "We have “" + k.Label + "”.", Done: true})
	return web.Redirect(c, s.back(step.Key))
}

// createDocument makes a document of a file. A status is that with which its form is shown again, which says why not.
func (h *Handlers) createDocument(c echo.Context, s sender, step *onboarding.Step, k *onboarding.DocumentKind,
	f *web.Form, sent web.Upload) (status int, err error) {
	field, u := "file-"+k.Key, document.Upload{}
	if id, err := uuid.Parse(f.Raw("upload")); err == nil && sent.Name == "" {
		if _, twice := s.Document(id); twice {
			return 0, nil
		}
		if u, sent, err = h.arrived(c, s, id, f, field); err != nil {
			return 0, err
		}
	}
	data, expires := onboarding.Data{}, h.expires(c, f, k)
	if s.invited() {
		data.Guest = f.Text("guest_name-"+k.Key, 100, "Type your name")
	}
	if sent.Name == "" && f.Problems.Of(field) == "" {
		f.Wrong(field, "Choose a file: "+k.Label)
	}
	if f.Problems.Of(field) != "" {
		return http.StatusUnprocessableEntity, nil
	}
	file, err := document.Read(sent.Name, sent.Body)
	if refused, ok := errors.AsType[*document.RefusedError](err); ok {
		f.Wrong(field, refused.Words)
		return http.StatusUnprocessableEntity, h.Files.End(c.Request().Context(), s.scope, u)
	}
	if err != nil || !f.OK() {
		return http.StatusUnprocessableEntity, err
	}
	file.ID = u.ID
	err = h.Files.Keep(c.Request().Context(), s.scope, onboarding.Event{Step: step.Key, By: s.who, At: web.Now(c),
		Data: data}, file, k.Key, expires)
	if err == nil {
		h.Files.Forget(c.Request().Context(), s.scope, u)
		return 0, nil
	}
	return h.notKept(c, f, field, err)
}

// notKept says at its field why a file is not kept.
func (h *Handlers) notKept(c echo.Context, f *web.Form, field string, err error) (status int, fault error) {
	switch {
	case errors.Is(err, onboarding.ErrDocumentSent):
		return 0, nil
	case errors.Is(err, onboarding.ErrManyDocuments):
		f.Wrong(field, manyDocuments)
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

// arrived is the upload that a form names, and its file. What cannot become a document is said at the field; an upload
// that is not what was to be sent ends.
func (h *Handlers) arrived(c echo.Context, s sender, id uuid.UUID, f *web.Form, field string) (u document.Upload,
	sent web.Upload, err error) {
	ctx := c.Request().Context()
	u, err = h.Files.Upload(ctx, s.scope, id, s.who, web.Now(c))
	if err == nil {
		sent.Name = u.Name
		sent.Body, err = h.Files.Arrived(ctx, s.scope, u)
	}
	refused, wrong := errors.AsType[*document.RefusedError](err)
	switch {
	case errors.Is(err, document.ErrNoUpload):
		f.Wrong(field, "What had arrived of the file is gone. Choose it again")
		return u, sent, nil
	case errors.Is(err, document.ErrUnfinished):
		f.Wrong(field, "The file has not arrived whole. Choose it again: it goes on from there")
		return u, sent, nil
	case wrong:
		f.Wrong(field, refused.Words)
		return u, sent, h.Files.End(ctx, s.scope, u)
	}
	return u, sent, err
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
