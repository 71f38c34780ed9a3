package patient

import (
	"slices"

	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/views/patient"
)

// insuranceOf is which plans listings take: by all of them, or by some. It names nothing that nobody takes.
func (h *Handlers) insuranceOf(all []*search.Listing) (out patient.Insurance) {
	var confirmed civil.DayNumber
	for _, p := range h.Market.Payers() {
		takes := 0
		for _, l := range all {
			if slices.Contains(l.PayersAccepted, p.ID) {
				takes++
				confirmed = max(confirmed, l.PayersConfirmed)
			}
		}
		switch {
		case p.Kind == search.SelfPay || takes == 0:
		case takes == len(all):
			out.Plans = append(out.Plans, patient.Plan{Name: p.Name})
		default:
			out.Plans = append(out.Plans, patient.Plan{Name: p.Name, Some: true})
		}
	}
	if n := len(out.Plans); n > 0 {
		out.Summary = "In network with " + patient.Count(n, "plan", "plans")
	}
	if confirmed != 0 {
		out.Confirmed = "Last confirmed on " + confirmed.Date().Long()
	}
	return out
}
