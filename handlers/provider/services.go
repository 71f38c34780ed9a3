package provider

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/money"
	"kindward/internal/offering"
	"kindward/internal/textutil"
	"kindward/internal/venue"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// modeWords are where a service's visits can happen.
var modeWords = map[venue.Mode]string{venue.AtClinic: "at the location", venue.ByVideo: "by video",
	venue.AtHome: "at the patient's home", venue.ByPhone: "by phone"}

// lengths are how long a visit may be, in minutes.
var lengths = []string{"10", "15", "20", "30", "40", "45", "60", "90", "120", "180", "240"}

// reasons are what people come for at an organization of this kind.
func (h *Handlers) reasons(c echo.Context) (fit []shareddb.MarketReason, err error) {
	all, err := h.Gateway.Public().Reasons(c.Request().Context())
	for _, r := range all {
		if r.Kind == web.Organization(c).Kind {
			fit = append(fit, r)
		}
	}
	return fit, err
}

// NewService asks what patients come for.
func (h *Handlers) NewService(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showService(c, http.StatusOK, f, nil)
}

// showService is the form of a new service, or of one that is there.
func (h *Handlers) showService(c echo.Context, status int, f *web.Form, of *tenantdb.ServiceRow) error {
	title := "Add a service"
	if of != nil {
		title = of.Name
	}
	page, work, err := h.frame(c, title, "/listings", f.Problems)
	if err != nil {
		return err
	}
	p := view.ServicePage{Page: page, Work: work, Problems: f.Problems, Form: formNumber(f),
		Action: work.Home + "/services", Heading: "What do patients come for?", Button: "Add the service",
		Reason: f.Raw("reason"), Minutes: f.Raw("minutes"), Price: f.Raw("price"),
		Reasons: []ui.Option{{Text: "Choose"}}, Lengths: []ui.Option{{Text: "As usual for it"}}}
	all, err := h.reasons(c)
	if err != nil {
		return err
	}
	for _, r := range all {
		p.Reasons = append(p.Reasons, ui.Option{Value: r.Code, Text: r.Name})
	}
	if of != nil {
		p.Action, p.Heading, p.Button = p.Action+"/"+of.ID.String(), of.Name, "Save"
		p.Reasons, p.Lengths = nil, nil
	}
	for _, n := range lengthsWith(of) {
		p.Lengths = append(p.Lengths, ui.Option{Value: n, Text: n + " minutes"})
	}
	for _, m := range venue.Modes() {
		p.Modes = append(p.Modes, ui.Choice{Value: m, Label: textutil.Capital(modeWords[venue.Mode(m)]),
			Checked: f.Raw("mode") == m})
	}
	return web.Render(c, status, view.NewService(p), view.ServiceForm)
}

// CreateService adds a service.
func (h *Handlers) CreateService(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	all, err := h.reasons(c)
	if err != nil {
		return err
	}
	s := offering.Service{VisitMode: f.OneOf("mode", "Choose where the visits happen", venue.Modes()...)}
	if n := slices.IndexFunc(all, func(r shareddb.MarketReason) bool { return r.Code == f.Raw("reason") }); n < 0 {
		f.Wrong("reason", "Choose what patients come for")
	} else {
		s.Reason, s.Name, s.Prep, s.Minutes = all[n].Code, all[n].Name, all[n].Prep, int(all[n].Minutes)
	}
	if f.Raw("minutes") != "" {
		s.Minutes, _ = strconv.Atoi(f.OneOf("minutes", "Choose how long a visit is", lengths...))
	}
	s.PriceCents = readPrice(f)
	if !f.OK() {
		return h.showService(c, http.StatusUnprocessableEntity, f, nil)
	}
	scope := web.Scope(c, web.Organization(c))
	s.ID = addedID(web.Organization(c), f, s.Reason, s.Minutes, f.Raw("price"), s.VisitMode)
	err = h.Gateway.Within(c.Request().Context(), scope, func(q *tenantdb.Queries) error {
		return offering.AddService(c.Request().Context(), q, s)
	})
	return h.added(c, s.Name, err)
}

// readPrice is a price in whole dollars, or none.
func readPrice(f *web.Form) *int64 {
	if f.Raw("price") == "" {
		return nil
	}
	price, err := money.ParseWhole(f.Raw("price"), money.USD)
	if err != nil || price.Minor < 0 || price.Minor > 100_000_00 {
		f.Wrong("price", "Enter the price in whole dollars, like 120, or leave it out")
	}
	return &price.Minor
}
