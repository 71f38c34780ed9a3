package ops

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// contractsPage is how many contracts a page has.
const contractsPage = 50

// ListContracts shows which organizations are to sign another text of their contract, the one that was asked first
// first.
func (h *Handlers) ListContracts(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	after, err := f.OptionalID("after")
	if err != nil {
		return err
	}
	rows, err := h.Gateway.Shared(web.PublicScope(c)).ContractsToSign(c.Request().Context(), after, contractsPage+1)
	if err != nil {
		return err
	}
	p := view.ContractsPage{Pages: ui.Pages{Label: "Pages of contracts"}}
	if after != nil {
		p.Pages.First = "/ops/contracts"
	}
	if len(rows) > contractsPage {
		rows = rows[:contractsPage]
		p.Pages.Next = "/ops/contracts?after=" + rows[contractsPage-1].ID.String()
	}
	for _, r := range rows {
		due := r.At.Add(onboarding.SignWithin)
		one := view.ContractToSign{Href: applicationPath(r.ID), Name: r.Name, Asked: h.when(r.At),
			Due: civil.DateOf(due.In(h.zone())).Text()}
		if web.Now(c).After(due) {
			one.Due, one.Tone = one.Due+", late by "+span(web.Now(c).Sub(due)), "bad"
		}
		p.All = append(p.All, one)
	}
	says := "No organization is to sign another text of its contract."
	if len(p.All) > 0 {
		says = "Organizations are to sign another text of their contract."
	}
	p.Page, p.Console = h.page(c, "/ops/onboarding", "Contracts to be signed", says)
	return web.Render(c, http.StatusOK, view.Contracts(p), "")
}
