package patient

import (
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/money"
	"kindward/internal/search"
	"kindward/internal/venue"
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

// network is what an organization says about insurance plans for an offering.
type network struct {
	organization      string
	accepted, refused []string
	confirmed         *time.Time // when it last said so
}

// state says how a plan stands here (1.3): in network, refused, or not said, and since when that is known.
func (n network) state(plan string, f civil.TimeFormat) string {
	since := "; it has not said when it last checked"
	if n.confirmed != nil {
		since = " on " + f.Day(*n.confirmed)
	}
	switch {
	case slices.Contains(n.accepted, plan):
		return "In network: " + n.organization + " confirmed it" + since + "."
	case slices.Contains(n.refused, plan):
		return "Not in network: " + n.organization + " said so" + since + "."
	}
	return n.organization + " has not said whether it takes this plan. Ask before the visit."
}

// plans are the insurance plans that the page offers: those in network here, those of which nothing is said, then
// "another". Those that are refused are left out.
func (h *Handlers) plans(n network) []ui.Option {
	options, unsaid := []ui.Option{{Text: "Choose a plan"}}, []ui.Option(nil)
	for _, p := range h.Market.Payers() {
		switch {
		case p.Kind == search.SelfPay || slices.Contains(n.refused, p.ID):
		case slices.Contains(n.accepted, p.ID):
			options = append(options, ui.Option{Value: p.ID, Text: p.Name + ", in network"})
		default:
			unsaid = append(unsaid, ui.Option{Value: p.ID, Text: p.Name + ", not said whether in network"})
		}
	}
	options = append(options, unsaid...)
	return append(options, ui.Option{Value: otherPlan, Text: "Another plan; ask before you come"})
}

// planName is a plan in words, "" where there is none.
func (h *Handlers) planName(id string) string {
	for _, p := range h.Market.Payers() {
		if p.ID == id && p.Kind != search.SelfPay {
			return p.Name
		}
	}
	return ""
}

// offered are the plans that the page of a hold offers.
func (h *Handlers) offered(n network) (ids []string) {
	for _, o := range h.plans(n) {
		if o.Value != "" {
			ids = append(ids, o.Value)
		}
	}
	return ids
}

// chosenBefore puts the plan of the search, or else that of the profile, into a form that does not say yet how to pay,
// if it can be chosen here.
func (h *Handlers) chosenBefore(c echo.Context, n network, form *patient.DetailsForm, own string) {
	plan, which := web.PreferencesOf(c).Payer, "which you searched with"
	if plan == "" {
		plan, which = own, "which your account names"
	}
	if form.Payer == "" && plan != "" && plan == h.ownPurse() {
		form.Payer = selfPay
		return
	}
	name := h.planName(plan)
	if name == "" || form.Payer != "" {
		return
	}
	if slices.Contains(n.refused, plan) {
		form.PlanSmall = name + ", " + which + ", is not taken here."
		return
	}
	form.Payer, form.Plan = byPlan, plan
}

// ownPurse is the payer who is the patient, as profiles name it; "" where there is none.
func (h *Handlers) ownPurse() string {
	for _, p := range h.Market.Payers() {
		if p.Kind == search.SelfPay {
			return p.ID
		}
	}
	return ""
}

// payment is how a visit is paid, as far as that is known.
func (h *Handlers) payment(payer string, n network, f civil.TimeFormat) ui.Row {
	row := ui.Row{Name: "How you pay", Value: "You pay yourself"}
	switch name := h.planName(payer); {
	case name != "":
		row.Value, row.Small = name, n.state(payer, f)+" What the plan pays of it is not known here."
	case payer == otherPlan:
		row.Value = "With another plan"
		row.Small = "Which one is not known here: ask " + n.organization + " before the visit whether it is taken."
	case payer != "" && payer != selfPay:
		row.Value, row.Small = "With insurance", n.state(payer, f)
	}
	return row
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

// waysToPay are the payers to choose from in a search; the patient is the first of them.
func (h *Handlers) waysToPay(all []search.Choice) []search.Choice {
	all = slices.Clone(all)
	own := h.ownPurse()
	at := slices.IndexFunc(all, func(c search.Choice) bool { return c.Value == own })
	if at < 0 {
		return all
	}
	self := all[at]
	self.Label = "None, I pay myself"
	return slices.Insert(slices.Delete(all, at, at+1), 0, self)
}

// prices is what the visit costs, as far as it is known before the visit.
func prices(service string, price *money.Amount, payer string, at venue.Where) ui.Prices {
	if price == nil {
		return ui.Prices{{Name: service, Amount: "Price not stated"}}
	}
	p := ui.Prices{{Name: service, Amount: price.Exact()}}
	if payer != "" && payer != selfPay {
		return append(p, ui.Price{Name: "Your plan decides your share, at most", Amount: price.Exact(), Total: true})
	}
	return append(p, ui.Price{Name: at.Pays(), Amount: price.Exact(), Total: true})
}
