package patient

import (
	"net/http"
	"net/url"

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
		{Title: "Book it", Text: "You get a reference, an entry for your calendar and what to bring. Move it or cancel it with one press."},
	}
	for _, k := range h.Market.Kinds() {
		page.Kinds = append(page.Kinds, ui.Way{Text: web.Named(kinds, k.Kind, "Organizations"),
			Href: "/search?reason=" + url.QueryEscape(k.Reason) + "&kind=" + k.Kind + "&near=" + url.QueryEscape(near),
			Yield: patient.Count(k.Organizations, "organization", "organizations") + " with " +
				patient.Count(k.Listings, "service", "services")})
	}
	h.tellHeld(c, &page.Page)
	return web.Render(c, http.StatusOK, patient.Home(page), "")
}

// kinds are what organizations of a kind are called together.
var kinds = map[string]string{search.KindClinic: "Clinics", search.KindLaboratory: "Diagnostic laboratories",
	search.KindHomeCare: "Home-care agencies"}

// ListSuggestions answers while the visitor types: reasons that fit, each with its search.
func (h *Handlers) ListSuggestions(c echo.Context) error {
	var all []ui.Suggestion
	for _, s := range h.Market.Live().Index().Suggest(c.QueryParam("reason"), 7) {
		suggestion := ui.Suggestion{Text: s.Name, Href: searchPath(s.Name, c.QueryParam("near"), c.QueryParam("from"))}
		if s.Matched != s.Name {
			suggestion.Match = s.Matched
		}
		all = append(all, suggestion)
	}
	return web.Render(c, http.StatusOK,
		patient.Suggestions(patient.SuggestionsPage{Page: web.Page(c, "Suggestions"), All: all}), patient.Suggested)
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
