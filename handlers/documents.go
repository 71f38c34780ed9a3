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

// documents are the lines of the table about the documents of an application.
func documents(p Pages) []Route {
	const (
		theirs, ours = "/join/:application/documents", "/ops/onboarding/:application/documents/:document"
		guests       = "/join/:application/guest/:token/documents"
	)
	get, post := http.MethodGet, http.MethodPost
	change, review := policy.ChangeApplication, policy.ChangeOnboarding
	return []Route{
		{post, theirs, "create document", p.Join.CreateDocument, change, attached},
		{get, theirs + "/:document", "document", p.Join.ShowDocument, policy.ReadApplication, action},
		{post, theirs + "/:document/removal", "remove document", p.Join.RemoveDocument, change, action},
		{post, guests, "create guest document", p.Join.CreateGuestDocument, policy.Anyone, attached},
		{get, ours, "application document", p.Ops.ShowApplicationDocument, policy.ReadOnboarding, action},
		{post, ours + "/acceptance", "accept document", p.Ops.AcceptDocument, review, action},
		{post, ours + "/rejection", "reject document", p.Ops.RejectDocument, review, action},
	}
}
