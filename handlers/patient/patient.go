// Package patient answers people who look for care: search, places, times, holds and their own appointments.
package patient

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/ratelimit"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/views/ui"
)

// Handlers are the patient's pages.
type Handlers struct {
	Gateway *tenancy.Gateway
	Market  *search.Market
	Notify  func() // tells the consumers of events that there are some; called after the commit
	Help    Help

	HoldLimit  ratelimit.Limit    // how fast one range of addresses takes times; zero is the usual
	HoldLimits booking.HoldLimits // how many are held at once; zero is the usual

	limitOnce sync.Once
	limits    holdLimits
}

func (h *Handlers) notify() {
	if h.Notify != nil {
		h.Notify()
	}
}

func holdPath(slug string, id uuid.UUID) string { return "/places/" + slug + "/holds/" + id.String() }

func bookingPath(id uuid.UUID) string { return "/bookings/" + id.String() }

func holdsPath(slug string) string { return "/places/" + slug + "/holds" }

func timesPath(slug string, listing uuid.UUID) string {
	return "/places/" + slug + "/listings/" + listing.String() + "/times"
}

// mine are the visitor's living holds on this listing, as slots that lead back to them (E8).
func (h *Handlers) mine(c echo.Context, o listed) []ui.Slot {
	var out []ui.Slot
	for _, own := range openHolds(c) {
		if own.Listing == o.listing.ID {
			slot := slotOf(h.timesOf(c, o.listing), civil.ClockLayout,
				own.Start.In(o.offering.Schedule.Location()), o.listing.OrgName)
			slot.State, slot.Href = ui.Mine, holdPath(own.Organization, own.ID)
			slot.Value = own.Start.UTC().Format(time.RFC3339)
			out = append(out, slot)
		}
	}
	return out
}
