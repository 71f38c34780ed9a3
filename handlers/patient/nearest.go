package patient

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
)

// FindNearestZIPCode says in which ZIP code somebody is whose browser says where it is, for the box of the search: what
// the box shows, and nothing if no ZIP code of the region is near. The point comes in a form, so no log has it, and is
// kept nowhere.
func (h *Handlers) FindNearestZIPCode(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	lat, noLat := strconv.ParseFloat(f.Raw("lat"), 64)
	lon, noLon := strconv.ParseFloat(f.Raw("lon"), 64)
	if noLat == nil && noLon == nil {
		if near, found := h.Market.Live().Index().NearestZIP(lat, lon); found {
			return c.String(http.StatusOK, near.Text)
		}
	}
	return c.NoContent(http.StatusNoContent)
}
