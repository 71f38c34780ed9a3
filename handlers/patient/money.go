package patient

import (
	"slices"
	"strings"
	"time"

	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/patient"
	"kindward/views/ui"
)

// selfPay is the choice to pay without a plan.
const selfPay = "self"

// payable are the ways to pay that the page offers: oneself, and every plan that is not refused.
func payable(hold tenantdb.HoldPageRow) []string {
	ways := append([]string{selfPay}, hold.PayersAccepted...)
	return append(ways, notStated)
}

// notStated stands for a plan that the place says nothing about.
const notStated = "other"

func (h *Handlers) payerChoices(hold tenantdb.HoldPageRow, chosen string) []ui.Choice {
	self := ui.Choice{Value: selfPay, Label: "I pay myself", Small: "You pay at the place, not now.", Checked: chosen == selfPay}
	if hold.PriceCents != nil {
		self.Label += ", " + patient.Money(*hold.PriceCents)
	}
	choices := []ui.Choice{self}
	for _, p := range h.Market.Payers() {
		if slices.Contains(hold.PayersAccepted, p.ID) {
			choices = append(choices, ui.Choice{Value: p.ID, Label: p.Name, Small: "In network here. Your share depends on your plan.", Checked: chosen == p.ID})
		}
	}
	return append(choices, ui.Choice{Value: notStated, Label: "Another plan", Small: "The place has not said whether it takes it. Ask before you come.", Checked: chosen == notStated})
}

// prices is what the visit costs, as far as it is known before the visit.
func prices(service string, cents *int64, payer string) ui.Prices {
	if cents == nil {
		return ui.Prices{{Name: service, Amount: "Price not stated"}}
	}
	p := ui.Prices{{Name: service, Amount: patient.Exact(*cents)}}
	if payer != "" && payer != selfPay {
		return append(p, ui.Price{Name: "Your plan decides your share, at most", Amount: patient.Exact(*cents), Total: true})
	}
	return append(p, ui.Price{Name: "You pay at the place", Amount: patient.Exact(*cents), Total: true})
}

func cancelLine(start time.Time, minutes int32) string {
	return "Free to cancel until " + patient.When(start.Add(-time.Duration(minutes)*time.Minute)) + "."
}

func holdSummary(t tenancy.Tenant, hold tenantdb.HoldPageRow, start time.Time) ui.Summary {
	return visit{service: hold.Service, practitioner: hold.Practitioner, minutes: hold.Minutes, start: start, org: t.Name, kind: t.Kind, location: hold.Location,
		address: hold.Street + ", " + hold.City + ", " + hold.State + " " + hold.ZIP, directions: hold.Directions, prep: hold.Prep, bring: hold.Bring}.summary()
}

// visit is what a summary says of an appointment, held or booked.
type visit struct {
	service, practitioner, org, kind, location, address, directions, prep, bring string
	minutes                                                                      int32
	start                                                                        time.Time
}

func (v visit) summary() ui.Summary {
	what := "About " + patient.Minutes(int(v.minutes))
	if v.practitioner != "" {
		what = "With " + v.practitioner + ", about " + patient.Minutes(int(v.minutes))
	}
	where := ui.Row{Name: "Where", Value: v.org, Small: strings.TrimSpace(v.address + ". " + v.directions)}
	if v.kind == search.KindHomeCare {
		where = ui.Row{Name: "Who comes", Value: v.org, Small: "They come to your home. " + v.directions}
	}
	s := ui.Summary{{Name: "Appointment", Value: v.service, Small: what}, {Name: "When", Value: patient.When(v.start)}, where}
	if before := strings.TrimSpace(v.prep + " " + v.bring); before != "" {
		s = append(s, ui.Row{Name: "Before you go", Value: before})
	}
	return s
}
