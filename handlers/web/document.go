package web

import (
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/document"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
)

// SendDocument answers with a document of an application. That it was opened is kept. One with a virus nobody opens.
func SendDocument(c echo.Context, files document.Files, s tenancy.Scope, id uuid.UUID) error {
	ctx := c.Request().Context()
	row, err := Found(files.Gateway.Shared(s).SeeDocument(ctx, id))
	if err != nil {
		return err
	}
	if row.State == string(onboarding.DocumentInfected) {
		return fmt.Errorf("a document with a virus: %w", ErrGone)
	}
	content, err := files.Content(ctx, s.Tenant(), id)
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("%w: %w", err, ErrGone)
	}
	if err != nil {
		return err
	}
	return sendUploaded(c, row.Type, row.Name, content)
}

// sendUploaded answers with a file that somebody else has sent: to be saved, and whatever a browser does with it all
// the same, it does in a place of its own, without scripts (A28).
func sendUploaded(c echo.Context, contentType, name string, content []byte) error {
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	return SendFile(c, contentType, name, func(w io.Writer) error { _, err := w.Write(content); return err })
}
