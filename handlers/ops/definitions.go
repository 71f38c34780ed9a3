package ops

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ShowDefinition is what an organization of one kind in one state is asked, in one version: its steps as a picture, and
// who approves.
func (h *Handlers) ShowDefinition(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := view.DefinitionsPage{Kind: f.Raw("kind"), State: f.Raw("state"), Version: f.Raw("version")}
	if p.Kind == "" && p.State == "" && p.Version == "" {
		p.Kind, p.State, p.Version = "clinic", "RI", strconv.Itoa(onboarding.Latest)
	}
	version, _ := strconv.Atoi(p.Version)
	d, err := onboarding.Find(p.Kind, p.State, version)
	if err != nil {
		return web.ErrNotFound
	}
	for n := onboarding.Latest; n > 0; n-- {
		p.Versions = append(p.Versions, ui.Option{Value: strconv.Itoa(n), Text: "Version " + strconv.Itoa(n)})
	}
	p.Graph, p.Approval = graph(d, nil), d.WhoApproves()
	p.Page, p.Console = h.page(c, "/ops/onboarding", "What is asked", "What is asked: "+ui.KindName(p.Kind)+
		", "+ui.StateName(p.State))
	return web.Render(c, http.StatusOK, view.Definitions(p), "")
}
