package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/provider"
	"kindward/handlers/web"
	"kindward/internal/importing"
	"kindward/internal/policy"
)

// upload is a form with a file.
var upload = web.RouteOptions{BodyLimit: importing.MaxBytes + web.FormLimit,
	Accepts: []string{echo.MIMEMultipartForm, echo.MIMEApplicationForm}}

// imports are the lines of the table about what an organization brings along in files.
func imports(p *provider.Handlers) []Route {
	const all, one = "/organizations/:place/imports", "/organizations/:place/imports/:import"
	get, post, may := http.MethodGet, http.MethodPost, policy.ChangeListings
	return []Route{
		{get, all, "imports", p.ListImports, may, page},
		{post, all, "create import", p.CreateImport, may, upload},
		{get, all + "/new", "new import", p.NewImport, may, page},
		{get, all + "/sample.csv", "export sample", p.ExportSample, may, page},
		{get, one, "import", p.ShowImport, may, page},
		{get, one + "/progress", "import progress", p.ShowImportProgress, may, asking},
		{get, one + "/rows.csv", "export import rows", p.ExportImportRows, may, page},
		{post, one + "/sheet", "choose sheet", p.ChooseSheet, may, action},
		{post, one + "/columns", "update import columns", p.UpdateImportColumns, may, action},
		{post, one + "/proposals", "accept proposals", p.AcceptProposals, may, action},
		{post, one + "/run", "begin import", p.BeginImport, may, action},
		{post, one + "/retry", "retry import", p.RetryImport, may, action},
		{post, one + "/undo", "undo import", p.UndoImport, may, action},
	}
}
