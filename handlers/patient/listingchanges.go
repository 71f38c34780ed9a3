package patient

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// changed lets go what this process knows to be taken of the listings' people, and tells whoever takes events. Called
// after each commit that takes or frees time and before the answer, so that the visitor's next page shows it.
func (h *Handlers) changed(tenant uuid.UUID, listings ...uuid.UUID) {
	for _, id := range listings {
		if o, _, live := h.Market.Offering(id); live {
			h.Market.Busy().Forget(tenant, o.Resources...)
		} else {
			h.Market.Busy().ForgetTenant(tenant) // whose people it had is not known here
		}
	}
	h.notify()
}

// prolonged is changed for a hold that lives on: until is when it ends now, zero for a booking.
func (h *Handlers) prolonged(c echo.Context, tenant, id uuid.UUID, until time.Time) {
	own := openHoldOf(c, id)
	if own.Claim.ID == uuid.Nil {
		h.changed(tenant, own.Listing)
		return
	}
	h.Market.Busy().Prolonged(tenant, own.Claim, until)
	h.notify()
}

// heldAt are the listings of this visitor's holds at one organization, which give way for another hold there.
func heldAt(c echo.Context, organization string) (listings []uuid.UUID) {
	for _, own := range openHolds(c) {
		if own.Organization == organization {
			listings = append(listings, own.Listing)
		}
	}
	return listings
}
