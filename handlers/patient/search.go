package patient

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// Search answers a search: who fits, best first, with real free times. Its address holds the whole state.
func (h *Handlers) Search(c echo.Context) error {
	query := c.QueryParams()
	if query.Get("near") == "" {
		query.Set("near", web.PreferencesOf(c).Near)
	}
	web.NoStore(c) // times go, and one's own must be one's own after "back"
	now := h.Market.Now()
	reading := h.Market.Live().Index().Normalize(query, now)
	page := patient.SearchPage{Page: web.Page(c, "Search results")}
	page.Here, page.Frame = layout.FindCare, layout.Column
	h.tellHeld(c, &page.Page)
	page.Search = searchBar(asUnderstood(query, reading), now)
	if !reading.Ready {
		h.noMatch(&page, query, reading, now)
		return web.Render(c, http.StatusOK, patient.Search(page), patient.Found)
	}
	if err := h.addKnownOrganizations(c, &reading.Query); err != nil {
		return err
	}
	found, err := h.Market.Live().Search(c.Request().Context(), reading.Query, now)
	if err != nil {
		return err
	}
	remember(c, reading.Query)
	if web.Partial(c) { // without the filters that say nothing
		c.Response().Header().Set("HX-Push-Url", "/search?"+reading.Query.Values().Encode())
	}
	page.Lead = h.understood(reading, found.Query.Text)
	if all := h.Market.Live().Index().Meanings(reading.Query, now); len(all) > 1 {
		page.Meanings = waysOf(all)
	}
	page.Notices = notices(reading.Problems)
	page.Filters = filtersOf(found, reading.Query, h.waysToPay(found.Facets.Payer))
	if err := offerHolder(c); err != nil {
		return err
	}
	if err := h.fillResults(c, &page, found, reading); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, patient.Search(page), patient.Found)
}

// notices says in one notice what was left out of the question.
func notices(problems []search.Problem) []ui.Notice {
	var all []string
	for _, p := range problems {
		all = append(all, p.Message)
	}
	if len(all) == 0 {
		return nil
	}
	return []ui.Notice{{Warn: true, Text: strings.Join(all, " ")}}
}

// addKnownOrganizations tells the query where this person has been before (1.8): those places may take them though they
// take nobody new.
func (h *Handlers) addKnownOrganizations(c echo.Context, w *search.Query) error {
	account, ok := web.OwnAccount(c)
	if !ok {
		return nil
	}
	known, err := h.Gateway.Shared(web.PublicScope(c)).AppointmentTenants(c.Request().Context(), account.ID)
	w.KnownAt = known
	return err
}

// remember keeps the place for the next search, and the insurance and the way to meet for a booking, on this device
// only.
func remember(c echo.Context, w search.Query) {
	p := web.PreferencesOf(c)
	if w.Near.Text != "" {
		p.Near = w.Near.Text
	}
	p.Payer, p.Video = w.Payer, w.Telehealth // chosen here, they stay chosen where the time is booked
	web.SetPreferences(c, p)
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// fillResults adds headline, timetable and pager. Free times are read now, in one query for all results shown.
func (h *Handlers) fillResults(c echo.Context, page *patient.SearchPage, found *search.Page,
	reading search.Reading) error {
	t := timetable{h: h, c: c, found: found, now: h.Market.Now(), from: found.From.Date()}
	if found.Locations == 0 {
		page.Heading = "No one " + nearText(found.Query) + "has times for " + h.said(found.Query.Text) + " " + week(found)
		page.Empty = &ui.Empty{Title: "What finds somebody"}
		for _, s := range found.Relaxations {
			page.Empty.Ways = append(page.Empty.Ways, ui.Way{Text: s.Label, Href: "/search?" + s.Query.Encode(),
				Yield: patient.Count(s.Locations, "place has", "places have") + " times"})
		}
		page.Others = emptyOf("A service close to it", waysOf(h.Market.Live().Index().Neighbors(found.Query, t.now)))
		if len(found.Relaxations) == 0 {
			page.Empty = &ui.Empty{Title: "Nothing nearby fits", Text: "Try another word for what you need, or another town."}
		}
		return nil
	}
	if err := t.read(); err != nil {
		return err
	}
	page.Heading = patient.Count(found.Locations, "place has", "places have") + " times for " + h.said(found.Query.Text) +
		" " + week(found)
	page.Table, page.Results = t.head(), t.results()
	if first := search.PageSize * (found.Query.Page - 1); web.Partial(c) && first > 0 && first < len(page.Results) {
		page.Results[first].Focus = true
	}
	unmet, err := t.unmet(reading)
	if len(unmet) == 0 {
		page.Lead = strings.TrimSpace(page.Lead + " " + t.soonest())
	}
	page.Notices = append(page.Notices, unmet...)
	page.Pager = pager(found)
	return err
}

// nearText is where, in a sentence.
func nearText(w search.Query) string {
	if w.Near.Text == "" {
		return ""
	}
	return "near " + w.Near.Text + " "
}

func week(found *search.Page) string {
	if found.From == found.Today {
		return "this week"
	}
	return "in the week from " + found.From.Date().Long()
}

func pager(found *search.Page) ui.Pager {
	p := ui.Pager{Shown: patient.Count(len(found.Hits), "of", "of") + " " +
		patient.Count(found.Locations, "place shown", "places shown")}
	if n := found.More(); n > 0 {
		next := found.Query
		next.Page = max(1, next.Page) + 1
		href := "/search?" + next.Values().Encode()
		p.Next = &ui.Way{Text: "Show " + patient.Count(n, "more place", "more places"),
			Href: href + "#" + resultID(found.Hits[len(found.Hits)-1].Listing)}
		p.Attrs = map[string]any{"hx-get": href, "hx-target": "#found", "hx-swap": "outerHTML", "hx-push-url": "true",
			"hx-sync": "#found:replace"}
	}
	return p
}

func resultID(l *search.Listing) string { return "l-" + l.ID.String() }

// searchBar is the masthead's form with what was asked.
func searchBar(query url.Values, now time.Time) *ui.SearchBar {
	bar := &ui.SearchBar{Reason: query.Get("reason"), Near: query.Get("near"), From: query.Get("from"),
		Days: days(civil.DateOf(now), query.Get("from"))}
	return bar
}

// days are the answers to "from when": the coming days, weeks later, and the day that is chosen.
func days(today civil.Date, chosen string) []ui.Option {
	tomorrow := today.AddDays(1)
	options := []ui.Option{{Value: "", Text: "Today, " + today.Short()},
		{Value: tomorrow.String(), Text: "Tomorrow, " + tomorrow.Short()}}
	for n := 2; n <= 21; n++ {
		if d := today.AddDays(n); n < 7 || d.Weekday() == time.Monday || d.String() == chosen {
			options = append(options, ui.Option{Value: d.String(), Text: d.Weekday().String() + ", " + d.Short()})
		}
	}
	return options
}
