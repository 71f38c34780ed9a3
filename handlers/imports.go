package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/api"
	"kindward/handlers/provider"
	"kindward/handlers/web"
	"kindward/internal/importing"
	"kindward/internal/policy"
)

// upload is a form with a file.
var upload = web.RouteOptions{BodyLimit: importing.MaxBytes + web.FormLimit,
	Accepts: []string{echo.MIMEMultipartForm, echo.MIMEApplicationForm}}

// records are what an API client brings along.
var records = web.RouteOptions{BodyLimit: importing.MaxBytes, NoSession: true, Errors: web.ErrorProblem,
	Accepts: []string{echo.MIMEApplicationJSON, "application/x-ndjson"}}

// imports are the lines of the table about what an organization brings along, in files and by API clients.
func imports(p *provider.Handlers, a *api.Handlers) []Route {
	const all, one = "/organizations/:place/imports", "/organizations/:place/imports/:import"
	const api = "/api/v1" + all
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
		{post, api, "api create import", a.CreateImport, policy.KeyImports, records},
		{get, api + "/:import", "api import", a.ShowImport, policy.KeyImports, client},
		{get, api + "/:import/rows", "api import rows", a.ListImportRows, policy.KeyImports, client},
	}
}
