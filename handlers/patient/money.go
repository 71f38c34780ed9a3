package patient

import (
	"slices"
	"strings"
	"time"

	"kindward/internal/booking"
	"kindward/internal/money"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/patient"
	"kindward/views/ui"
)

// The two ways to pay; a plan is named by its id.
const (
	selfPay = booking.SelfPay
	byPlan  = "plan"
)

// otherPlan stands for a plan that the place says nothing about.
const otherPlan = booking.OtherPlan

// plans are the insurance plans that the page offers: those in network here, then "another".
func (h *Handlers) plans(hold tenantdb.HoldPageRow) []ui.Option {
	options := []ui.Option{{Text: "Choose a plan"}}
	for _, p := range h.Market.Payers() {
		if p.Kind != noPlan && slices.Contains(hold.PayersAccepted, p.ID) {
			options = append(options, ui.Option{Value: p.ID, Text: p.Name + ", in network"})
		}
	}
	return append(options, ui.Option{Value: otherPlan, Text: "Another plan; ask before you come"})
}

// selfLabel is the choice to pay without insurance, with the price if it is known.
func selfLabel(price *money.Amount) string {
	if price == nil {
		return "I pay myself"
	}
	return "I pay myself, " + price.String()
}

// priceOf is a price as rows have it, nil if it is not stated.
func priceOf(minor *int64, currency string) *money.Amount {
	if minor == nil {
		return nil
	}
	return new(money.Of(*minor, money.Currency(currency)))
}

// noPlan is the kind of the payer who is the patient.
const noPlan = "self_pay"

// plansOf is how many plans the listing takes.
func (h *Handlers) plansOf(l *search.Listing) (n int) {
	for _, p := range h.Market.Payers() {
		if p.Kind != noPlan && slices.Contains(l.PayersAccepted, p.ID) {
			n++
		}
	}
	return n
}

// realPlans are the payers to choose from where somebody looks for a plan.
func (h *Handlers) realPlans(all []search.Choice) []search.Choice {
	return slices.DeleteFunc(slices.Clone(all), func(c search.Choice) bool {
		return slices.ContainsFunc(h.Market.Payers(),
			func(p search.Payer) bool { return p.Kind == noPlan && p.ID == c.Value })
	})
}

// prices is what the visit costs, as far as it is known before the visit.
func prices(service string, price *money.Amount, payer string) ui.Prices {
	if price == nil {
		return ui.Prices{{Name: service, Amount: "Price not stated"}}
	}
	p := ui.Prices{{Name: service, Amount: price.Exact()}}
	if payer != "" && payer != selfPay {
		return append(p, ui.Price{Name: "Your plan decides your share, at most", Amount: price.Exact(), Total: true})
	}
	return append(p, ui.Price{Name: "You pay at the place", Amount: price.Exact(), Total: true})
}

func holdSummary(t tenancy.Tenant, hold tenantdb.HoldPageRow, start time.Time) ui.Summary {
	return visit{service: hold.Service, practitioner: hold.Practitioner, minutes: hold.Minutes, start: start, org: t.Name,
		kind: t.Kind, location: hold.Location,
		address: hold.Street + ", " + hold.City + ", " + hold.State + " " + hold.ZIP, directions: hold.Directions,
		prep: hold.Prep, bring: hold.Bring}.summary()
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
	s := ui.Summary{{Name: "Appointment", Value: v.service, Small: what}, {Name: "When", Value: patient.When(v.start)},
		where}
	if before := strings.TrimSpace(v.prep + " " + v.bring); before != "" {
		s = append(s, ui.Row{Name: "Before you go", Value: before})
	}
	return s
}
