package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/document"
	"kindward/internal/policy"
)

// attached is a form with a file that is not read before it is known who sends it.
var attached = web.RouteOptions{BodyLimit: document.MaxSize + web.FormLimit, Streamed: true,
	Accepts: []string{echo.MIMEMultipartForm, echo.MIMEApplicationForm}}

// part is one of a file: see handlers/join/uploads.go.
var part = web.RouteOptions{BodyLimit: document.PartSize, Streamed: true,
	Accepts: []string{"application/offset+octet-stream"}}

// documents are the lines of the table about the documents of an application.
func documents(p Pages) []Route {
	const (
		theirs, ours = "/join/:application/documents", "/ops/onboarding/:application/documents/:document"
		guests       = "/join/:application/guest/:token/documents"
	)
	get, post := http.MethodGet, http.MethodPost
	change, review := policy.ChangeApplication, policy.ChangeOnboarding
	const theirUploads, guestUploads = theirs + "/uploads", guests + "/uploads"
	return []Route{
		{post, theirs, "create document", p.Join.CreateDocument, change, attached},
		{get, theirs + "/:document", "document", p.Join.ShowDocument, policy.ReadApplication, action},
		{post, theirs + "/:document/removal", "remove document", p.Join.RemoveDocument, change, action},
		{post, guests, "create guest document", p.Join.CreateDocument, policy.Anyone, attached},
		{post, theirUploads, "create upload", p.Join.CreateUpload, change, action},
		{get, theirUploads + "/:upload", "upload", p.Join.ShowUpload, change, action},
		{http.MethodPatch, theirUploads + "/:upload", "update upload", p.Join.UpdateUpload, change, part},
		{post, theirUploads + "/:upload/removal", "remove upload", p.Join.RemoveUpload, change, action},
		{post, guestUploads, "create guest upload", p.Join.CreateUpload, policy.Anyone, action},
		{get, guestUploads + "/:upload", "guest upload", p.Join.ShowUpload, policy.Anyone, action},
		{http.MethodPatch, guestUploads + "/:upload", "update guest upload", p.Join.UpdateUpload, policy.Anyone, part},
		{post, guestUploads + "/:upload/removal", "remove guest upload", p.Join.RemoveUpload, policy.Anyone, action},
		{get, ours, "application document", p.Ops.ShowApplicationDocument, policy.ReadOnboarding, action},
		{post, ours + "/acceptance", "accept document", p.Ops.AcceptDocument, review, action},
		{post, ours + "/rejection", "reject document", p.Ops.RejectDocument, review, action},
	}
}
