package patient

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/venue"
	"kindward/views/patient"
	"kindward/views/ui"
)

// lineOf is a line of what an organization does: how long, with whom, where, for how much, and when next.
func (h *Handlers) lineOf(c echo.Context, line offeringLine, q offeringQuery, self string) ui.Offering {
	soonest, next := h.soonest(line.listings, web.Now(c).Unix())
	o, _, _ := h.Market.Offering(soonest.ID)
	small := patient.Minutes(int(o.Schedule.VisitMinutes))
	people := clinicianNames(line.listings)
	switch {
	case len(people) > 1:
		small += ", " + patient.Count(len(people), "clinician", "clinicians")
	case len(people) == 1 && q.service == uuid.Nil:
		small += ", with " + soonest.Practitioner
	}
	if at := whereAll(line.listings); !q.alone || !soonest.Mode.Travels() {
		small += ", " + at
	} else if soonest.Telehealth {
		small += ", also by video"
	}
	out := ui.Offering{Name: line.name, Small: small, Price: priceOfAll(line.listings),
		Next: "No free time in the next four weeks", Href: timesPath(soonest.Slug, soonest.ID), Link: "See times"}
	if next > 0 {
		f := civil.TimeFormat{Now: web.Now(c), Zone: h.Market.Now().Location()}
		out.Next = "Next free " + shortTime(soonest.Mode.Times(f), o.Schedule.Local(next))
	}
	if len(line.listings) > 1 {
		q.service, q.after = soonest.ServiceID, ""
		text := "All " + patient.Count(len(people), "clinician", "clinicians")
		if len(people) < 2 {
			text = "All " + patient.Count(len(line.listings), "choice", "choices")
		}
		out.More = &ui.Way{Text: text, Href: q.path(self) + "#services"}
	}
	return out
}

// shortTime is a time that fits beside a link on a phone: "Tue 24 Nov, 9:20 am".
func shortTime(f civil.TimeFormat, at time.Time) string { return f.ShortDay(at) + ", " + f.Clock(at) }

// soonest is the listing with the next free time after now, and that time; the first one and 0 where there is none.
func (h *Handlers) soonest(all []*search.Listing, now int64) (best *search.Listing, next int64) {
	for _, l := range all {
		if at := h.Market.Next(l.ID); at > now && (next == 0 || at < next) {
			best, next = l, at
		}
	}
	if best == nil {
		best = all[0]
	}
	return best, next
}

// whereAll is where the visits of listings of one service happen.
func whereAll(all []*search.Listing) string {
	locations := map[uuid.UUID]bool{}
	for _, l := range all {
		locations[l.LocationID] = true
	}
	first := all[0]
	switch first.Mode {
	case venue.AtHome:
		return "at your home"
	case venue.ByVideo:
		return "by video"
	case venue.ByPhone:
		return "by phone"
	}
	at := first.LocationName
	if n := len(locations); n > 1 {
		at = patient.Count(n, "location", "locations")
	}
	if first.Telehealth {
		at += " or by video"
	}
	return at
}

// priceOfAll is what listings cost, from the lowest to the highest, as far as they say.
func priceOfAll(all []*search.Listing) string {
	var lowest, highest *search.Listing
	unsaid := false
	for _, l := range all {
		if _, stated := l.Price(); !stated {
			unsaid = true
			continue
		}
		if lowest == nil || l.PriceCents < lowest.PriceCents {
			lowest = l
		}
		if highest == nil || l.PriceCents > highest.PriceCents {
			highest = l
		}
	}
	if lowest == nil {
		return "Price not stated"
	}
	low, _ := lowest.Price()
	high, _ := highest.Price()
	switch {
	case unsaid:
		return "From " + low.String()
	case low != high:
		return low.String() + " to " + high.String()
	}
	return low.String()
}
