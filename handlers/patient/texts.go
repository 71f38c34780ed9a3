package patient

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/consent"
	"kindward/internal/search"
	"kindward/internal/textutil"
	"kindward/views/layout"
	"kindward/views/patient"
)

// ShowRanking says how results are ranked, with the numbers that are used right now.
func (h *Handlers) ShowRanking(c echo.Context) error {
	w := h.Market.Live().Index().Weights()
	return showText(c, layout.FindCare, patient.TextPage{Heading: "How we rank results",
		Lead: "Best match first means: who can help you soonest, nearest and best. Nobody can pay to stand higher; the ranking does not know who pays us what.",
		Sections: []patient.TextSection{
			{Title: "First, who fits at all", Lines: []string{
				"The reason for your visit is a gate: only places that do exactly that are results. Your filters are gates too.",
				"If you choose an insurance plan, places that refuse it are left out. Places that have not said are kept, labeled, and stand lower.",
				"If you say who it is for, clinicians who do not see people of that age are left out. If you do not, those who see only children and young people stand lower, except for what children come for."}},
			{Title: "Then, five things that we measure", Lines: []string{
				"How soon they have a free time for you, checked with their real calendar.",
				"How quickly they answer requests.",
				fmt.Sprintf("What patients said after a visit that really took place. A place with few answers counts as ordinary: we add %d average answers of %.1f to each.", int(w.PriorRatings), w.PriorRating),
				"How far it is from the place you gave: " + search.DistanceText(w.HalfKm) + " halve the score.",
				"How well your words fit the service."}},
			{Title: "Version", Lines: []string{"These are the weights of version " + w.Version +
				". Each result says in a line what brought it up."}},
		}})
}

// ShowPrivacy says what is kept, who sees it, and for how long.
func (h *Handlers) ShowPrivacy(c echo.Context) error {
	var shared []string
	for _, one := range consent.SharedFields() {
		shared = append(shared, one.Words)
	}
	return showText(c, layout.Nowhere, patient.TextPage{Heading: "Privacy and consent",
		Lead: "Your health details belong to you and to the place you book. They are kept apart from every other place, by the database itself.",
		Sections: []patient.TextSection{
			{Title: "What you search for",
				Lines: []string{"We do not keep your searches with your name. The place you typed stays in an encrypted cookie on your device, so that you need not type it again.",
					"If you press “Use my location”, your browser tells us where you are to about half a mile. We answer with the nearest ZIP code and keep nothing of it."}},
			{Title: "What you share when you book", Lines: []string{
				textutil.Capital(joinAnd(shared)) + ". These go to the place you book, after you tick the box, and to nobody else.",
				"If you change your phone number or email address under your account later, the places that you share with get the new one too. We keep the exact words that you agreed to. Under your account, My data and consents, you read them again, and end the consent: at once, or after a visit that is to come.",
				"Other places cannot see that you have an appointment."}},
			{Title: "Who looked", Lines: []string{
				"Every look at your record and every change is written to a log that can only grow."}},
			{Title: "Cookies", Lines: []string{
				"One keeps you signed in. One remembers for a year " + joinAnd(web.RememberedChoices()) + ". One tells your browser from others, and what you hold or have begun to type lies in some that end soon. There are no trackers."}},
		}})
}

// ShowAccessibility says what works, and what to do where it does not.
func (h *Handlers) ShowAccessibility(c echo.Context) error {
	return showText(c, layout.Nowhere, patient.TextPage{Heading: "Accessibility",
		Lead: "Every page works with a keyboard, with a screen reader, at four times the size, in light and dark, and without JavaScript.",
		Sections: []patient.TextSection{
			{Title: "Time limits", Lines: []string{
				"A time is held for " + civil.Duration(booking.HoldTime) + ". You can ask for " +
					civil.Duration(booking.MoreTime) + " more, once. If it runs out, what you typed stays, " +
					"and the nearest free times stand beside it."}},
			{Title: "Getting into places",
				Lines: []string{"Step-free entrances, sign language and quiet rooms are filters. Each place's page says who checked it, and when."}},
			{Title: "Something in your way?",
				Lines: []string{"Tell us on the help page, or by email to " + h.Help.Email +
					": the page, and what happened. We aim to meet WCAG 2.2 AA."}},
		}})
}

func showText(c echo.Context, here layout.Here, page patient.TextPage) error {
	page.Page = web.Page(c, page.Heading)
	page.Here = here
	return web.Render(c, http.StatusOK, patient.Text(page), "")
}
