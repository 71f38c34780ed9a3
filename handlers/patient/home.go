package patient

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// popular are the searches that the home page offers, one of each kind of place.
var popular = []string{"L01", "C07", "C01", "C09", "H01"}

// ShowHome starts the search and explains itself.
func (h *Handlers) ShowHome(c echo.Context) error {
	ix, near := h.Market.Live().Index(), web.PreferencesOf(c).Near
	page := patient.HomePage{Page: web.Page(c, "")}
	page.Frame, page.Here = layout.Bleed, layout.FindCare
	page.Hero = ui.Hero{Title: "Find care and book a time that is really yours",
		Lead:   "Clinics, diagnostic laboratories and home care near you, with the times that are free right now. What you pick is held for you while you finish.",
		Search: *searchBar(url.Values{"near": {near}}, h.Market.Now())}
	for _, code := range popular {
		if r, ok := ix.Reason(code); ok {
			page.Popular = append(page.Popular, ui.Way{Text: r.Name, Href: searchPath(r.Name, near, "")})
		}
	}
	page.Steps = ui.Route{
		{Title: "Say what you need",
			Text: "In your own words: “heart doctor”, “blood work”, “flu shot”. We show who does it, what it costs and when they can see you."},
		{Title: "Take a time", Text: "It is yours from the moment you press it, for " + civil.Duration(booking.HoldTime) +
			". Nobody can take it while you type."},
		{Title: "Book it", Text: "You get a reference, an entry for your calendar and what to bring. You can move it or cancel it here yourself."},
	}
	for _, k := range h.Market.Kinds() {
		page.Kinds = append(page.Kinds, ui.Way{Text: k.Reason,
			Href: "/search?reason=" + url.QueryEscape(k.Reason) + "&kind=" + k.Kind + "&near=" + url.QueryEscape(near),
			Yield: "most offered among the " + patient.Count(k.Listings, "service", "services") + " of " +
				patient.Count(k.Organizations, kinds[k.Kind].one, kinds[k.Kind].many)})
	}
	h.tellHeld(c, &page.Page)
	return web.Render(c, http.StatusOK, patient.Home(page), "")
}

// kinds are what organizations of a kind are called, one and together.
var kinds = map[string]struct{ one, many string }{search.KindClinic: {"clinic", "clinics"},
	search.KindLaboratory: {"diagnostic laboratory", "diagnostic laboratories"},
	search.KindHomeCare:   {"home-care agency", "home-care agencies"}}

// suggestionsShown is how many reasons are suggested, namesShown how many places and clinicians below them.
const suggestionsShown, namesShown = 7, 3

// ListSuggestions answers while the visitor types: whom to call in an emergency, reasons that fit, each with its
// search, and places and clinicians that are called so.
func (h *Handlers) ListSuggestions(c echo.Context) error {
	ix, typed := h.Market.Live().Index(), c.QueryParam("reason")
	hints := ix.Hints(typed, civil.NumberOf(h.Market.Now()))
	near, from := cmp.Or(hints.Near, c.QueryParam("near")), c.QueryParam("from")
	if hints.From != 0 {
		from = hints.From.String()
	}
	var all []ui.Suggestion
	if e := ix.Emergency(typed); e != nil {
		help := urgent(*e)
		all = append(all, ui.Suggestion{Text: help.Calls[0].Text, Href: "tel:" + help.Calls[0].Number, Small: help.Title})
	}
	for _, s := range ix.Suggest(typed, suggestionsShown) {
		suggestion := ui.Suggestion{Text: s.Name, Href: searchPath(s.Name, near, from)}
		if s.Matched != "" && s.Matched != s.Name {
			suggestion.Small = "also called " + s.Matched
		}
		all = append(all, suggestion)
	}
	if len(strings.TrimSpace(typed)) > 2 && len(all) < suggestionsShown {
		for _, n := range ix.Names(hints.Rest, namesShown, false) {
			all = append(all, ui.Suggestion{Text: n.Name, Href: namePath(n), Small: n.Line})
		}
	}
	page := patient.SuggestionsPage{Page: web.Page(c, "Suggestions"), All: all, Near: c.QueryParam("near"),
		From: c.QueryParam("from")}
	return web.Render(c, http.StatusOK, patient.Suggestions(page), patient.Suggested)
}

func searchPath(reason, near, from string) string {
	q := url.Values{"reason": {reason}}
	if near != "" {
		q.Set("near", near)
	}
	if from != "" {
		q.Set("from", from)
	}
	return "/search?" + q.Encode()
}
