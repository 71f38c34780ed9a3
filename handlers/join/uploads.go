package join

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/document"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
	view "kindward/views/join"
	"kindward/views/ui"
)

// A file arrives part by part by the protocol tus 1.0 (https://tus.io/protocols/resumable-upload) with its extensions
// "creation" and "checksum", so that what has arrived need not be sent again. The form of its document, sent with the
// upload's id in place of the file, makes a document of it.
const tus = "1.0.0"

// statusChecksum is what tus answers where a part is not what its checksum says.
const statusChecksum = 460

// uploadsBegun is how many files an account, or a guest's link, begins to send.
var uploadsBegun = identity.AttemptLimit{Name: "uploads begun", Attempts: 60, Window: time.Hour,
	Windows: identity.Sliding}

// sender is the application for whoever sends files to it, somebody who takes part or a guest, and the address of the
// documents.
type sender struct {
	guest
	documents string
}

// invited tells a guest, who sends to one step alone.
func (s sender) invited() bool { return s.guest.step != nil }

// back is the page from which files are sent to a step.
func (s sender) back(step string) string {
	if s.invited() {
		return strings.TrimSuffix(s.documents, "/documents")
	}
	return s.stepPath(step)
}

func (h *Handlers) sender(c echo.Context) (s sender, err error) {
	if token := c.Param("token"); token != "" {
		s.guest, err = h.openGuest(c)
		s.documents = guestPath(s.id, token) + "/documents"
		return s, err
	}
	s.opened, err = h.open(c)
	s.documents = s.path() + "/documents"
	return s, err
}

// upload is one that the sender has on its way.
func (h *Handlers) upload(c echo.Context, s sender) (u document.Upload, err error) {
	id, err := web.ID(c, "upload")
	if err != nil {
		return u, err
	}
	u, err = h.Files.Upload(c.Request().Context(), s.scope, id, s.who, web.Now(c))
	if errors.Is(err, document.ErrNoUpload) {
		err = fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	return u, err
}

// CreateUpload says where a file is sent, and how much of it is there: of one that was begun before, what has arrived.
func (h *Handlers) CreateUpload(c echo.Context) error {
	s, err := h.sender(c)
	if err != nil {
		return err
	}
	u, err := s.announced(c.Request().Header)
	if err != nil {
		return err
	}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), uploadsBegun.For(s.who.String()))
	if err != nil {
		return err
	}
	u, err = h.Files.Begin(c.Request().Context(), s.scope, u, web.Now(c))
	if refused, ok := errors.AsType[*document.RefusedError](err); ok {
		return web.Send(c, http.StatusUnprocessableEntity, echo.MIMETextPlainCharsetUTF8, []byte(refused.Words))
	}
	if errors.Is(err, onboarding.ErrManyDocuments) {
		return web.Send(c, http.StatusUnprocessableEntity, echo.MIMETextPlainCharsetUTF8, []byte(manyDocuments))
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, s.documents+"/uploads/"+u.ID.String())
	return answerUpload(c, http.StatusCreated, u)
}

// announced is the file that headers announce.
func (s sender) announced(head http.Header) (u document.Upload, err error) {
	size, wrong := strconv.ParseInt(head.Get("Upload-Length"), 10, 64)
	said := map[string]string{}
	for pair := range strings.SplitSeq(head.Get("Upload-Metadata"), ",") {
		name, sealed, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.DecodeString(sealed)
		wrong = errors.Join(wrong, err)
		said[name] = string(value)
	}
	if wrong != nil || head.Get("Tus-Resumable") != tus {
		return u, fmt.Errorf("upload: %w: %w", web.ErrUnreadable, errors.Join(wrong, errors.New("no file is announced")))
	}
	step, k, err := s.wanted(said["step"], said["kind"])
	if err == nil && s.Status != onboarding.Open {
		err = web.ErrConflict
	}
	if err != nil {
		return u, err
	}
	return document.Upload{By: s.who, Step: step.Key, Kind: k.Key, Name: said["filename"], Hash: said["sha256"],
		Size: size}, nil
}

// wanted is the document that a form names, and its step.
func (s sender) wanted(step, kind string) (*onboarding.Step, *onboarding.DocumentKind, error) {
	at, err := s.opened.step(step)
	if err != nil {
		return nil, nil, err
	}
	k, ok := at.DocumentKind(kind)
	if !ok || s.invited() && at.Key != s.guest.step.Key {
		return nil, nil, web.ErrNotFound
	}
	return at, k, nil
}

// ShowUpload says how much of a file is there.
func (h *Handlers) ShowUpload(c echo.Context) error {
	s, err := h.sender(c)
	if err != nil {
		return err
	}
	u, err := h.upload(c, s)
	if err != nil {
		return err
	}
	return answerUpload(c, http.StatusNoContent, u)
}

// UpdateUpload takes the next part of a file, if it is what its checksum says.
func (h *Handlers) UpdateUpload(c echo.Context) error {
	s, err := h.sender(c)
	if err != nil {
		return err
	}
	u, err := h.upload(c, s)
	if err != nil {
		return err
	}
	if s.Status != onboarding.Open {
		return fmt.Errorf("upload: %s: %w", s.Status, web.ErrConflict)
	}
	head := c.Request().Header
	if head.Get("Upload-Offset") != strconv.FormatInt(u.Received, 10) {
		return fmt.Errorf("upload: %q is not the next part: %w", head.Get("Upload-Offset"), web.ErrConflict)
	}
	part, err := web.ReadPart(c, u.Rest())
	if err != nil {
		return err
	}
	if s, err = h.sender(c); err != nil { // reading took a while
		return err
	}
	if is := sha256.Sum256(part); head.Get("Upload-Checksum") != "sha256 "+base64.StdEncoding.EncodeToString(is[:]) {
		return c.NoContent(statusChecksum)
	}
	u.Received, err = h.Files.KeepPart(c.Request().Context(), s.scope, u, part, web.Now(c))
	switch {
	case errors.Is(err, document.ErrNotNext):
		return errors.Join(err, web.ErrConflict)
	case errors.Is(err, storage.ErrFull), errors.Is(err, document.ErrStore):
		return errors.Join(err, web.ErrUnavailable)
	case err != nil:
		return err
	}
	return answerUpload(c, http.StatusNoContent, u)
}

// RemoveUpload lets a file on its way go.
func (h *Handlers) RemoveUpload(c echo.Context) error {
	s, err := h.sender(c)
	if err != nil {
		return err
	}
	u, err := h.upload(c, s)
	if err != nil {
		return err
	}
	if err := h.Files.End(c.Request().Context(), s.scope, u); err != nil {
		return err
	}
	if c.Request().Header.Get("Tus-Resumable") != "" {
		return c.NoContent(http.StatusNoContent)
	}
	web.Flash(c, ui.Notice{Text: "“" + u.Name + "” is not sent. Nothing of it is kept.", Done: true})
	return web.Redirect(c, s.back(u.Step))
}

func answerUpload(c echo.Context, status int, u document.Upload) error {
	h := c.Response().Header()
	h.Set("Tus-Resumable", tus)
	h.Set("Upload-Offset", strconv.FormatInt(u.Received, 10))
	h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	h.Set(echo.HeaderCacheControl, "no-store")
	return c.NoContent(status)
}

// arriving are the files that somebody has on their way to a step, by the documents that they are to be.
func (h *Handlers) arriving(c echo.Context, o opened, s *onboarding.Step, documents string) (
	map[string]*view.Upload, error) {
	rows, err := h.Gateway.Shared(o.scope).Uploads(c.Request().Context(), o.who, web.Now(c))
	all := map[string]*view.Upload{}
	for _, r := range rows {
		if r.Step == s.Key {
			all[r.Kind] = &view.Upload{Name: r.Name, Size: document.Size(r.Size), Received: document.Size(r.Received),
				Remove: documents + "/uploads/" + r.ID.String() + "/removal"}
			if r.Received == r.Size {
				all[r.Kind].Whole = r.ID.String()
			}
		}
	}
	return all, err
}
