package provider

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/money"
	"kindward/internal/offering"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
)

func (h *Handlers) service(c echo.Context) (of tenantdb.ServiceRow, err error) {
	id, err := web.ID(c, "service")
	if err != nil {
		return of, err
	}
	return web.Found(h.Gateway.Once(web.Scope(c, web.Organization(c))).Service(c.Request().Context(), id))
}

// ShowService is how long a service takes, what it costs and where its visits are, to be changed.
func (h *Handlers) ShowService(c echo.Context) error {
	of, err := h.service(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Raw("form") == "" {
		setAll(f, "minutes", strconv.Itoa(int(of.Minutes)), "price", priceOf(of), "mode", of.VisitMode)
	}
	return h.showService(c, http.StatusOK, f, &of)
}

// UpdateService changes a service at once. Visits that are booked keep their time and their price.
func (h *Handlers) UpdateService(c echo.Context) error {
	of, err := h.service(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	now := tenantdb.UpdateServiceParams{ID: of.ID, PriceCents: of.PriceCents,
		VisitMode: f.OneOf("mode", "Choose where the visits happen", venue.Modes()...)}
	minutes, _ := strconv.Atoi(f.OneOf("minutes", "Choose how long a visit is", lengthsWith(&of)...))
	now.Minutes = int32(minutes)
	if f.Raw("price") != priceOf(of) { // of one in cents, as a file may bring, the form says the dollars
		now.PriceCents = readPrice(f)
	}
	if !f.OK() {
		return h.showService(c, http.StatusUnprocessableEntity, f, &of)
	}
	return h.update(c, "Service", of.Name, offering.Change{Subject: of.ID}, func(q *tenantdb.Queries) error {
		return q.UpdateService(c.Request().Context(), now)
	})
}

// priceOf is a price as the form has it, or "".
func priceOf(of tenantdb.ServiceRow) string {
	if of.PriceCents == nil {
		return ""
	}
	return money.Of(*of.PriceCents, money.Currency(of.Currency)).String()
}

// lengthsWith are how long a visit may be, with how long it is.
func lengthsWith(of *tenantdb.ServiceRow) []string {
	if of == nil || slices.Contains(lengths, strconv.Itoa(int(of.Minutes))) {
		return lengths
	}
	return append([]string{strconv.Itoa(int(of.Minutes))}, lengths...)
}
