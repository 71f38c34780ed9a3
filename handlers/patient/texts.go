package patient

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/identity"
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
				"If you choose an insurance plan, places that refuse it are left out. Places that have not said are kept, labeled, and stand lower."}},
			{Title: "Then, five things that we measure", Lines: []string{
				"How soon they have a free time for you, checked with their real calendar.",
				"How quickly they answer requests.",
				fmt.Sprintf("What patients said after a visit that really took place. A place with few answers counts as ordinary: we add %d average answers of %.1f to each.", int(w.PriorRatings), w.PriorRating),
				"How far it is from the place you gave: 10 km halve the score.",
				"How well your words fit the service."}},
			{Title: "Version", Lines: []string{"These are the weights of version " + w.Version +
				". Each result says in a line what brought it up."}},
		}})
}

// ShowPrivacy says what is kept, who sees it, and for how long.
func (h *Handlers) ShowPrivacy(c echo.Context) error {
	return showText(c, layout.Nowhere, patient.TextPage{Heading: "Privacy and consent",
		Lead: "Your health details belong to you and to the place you book. They are kept apart from every other place, by the database itself.",
		Sections: []patient.TextSection{
			{Title: "What you search for",
				Lines: []string{"We do not keep your searches with your name. The place you typed stays in an encrypted cookie on your device, so that you need not type it again."}},
			{Title: "What you share when you book", Lines: []string{
				"Your name, date of birth, phone number, the way you pay and your note go to the place you book, after you tick the box, and to nobody else. We keep the exact words that you agreed to.",
				"Other places cannot see that you have an appointment."}},
			{Title: "Who looked", Lines: []string{
				"Every look at your record and every change is written to a log that can only grow."}},
			{Title: "Cookies", Lines: []string{
				"One keeps you signed in, one remembers your colors and your place, one tells your browser from others, and what you hold or have begun to type lies in some that end soon. There are no trackers."}},
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
				Lines: []string{"Tell us by email to access@kindward.example: the page, and what happened. We aim to meet WCAG 2.2 AA."}},
		}})
}

// ShowHelp answers what people ask most.
func (h *Handlers) ShowHelp(c echo.Context) error {
	return showText(c, layout.Help, patient.TextPage{Heading: "How can we help?",
		Lead: "In an emergency call 911. Kindward books appointments; it gives no medical advice.",
		Sections: []patient.TextSection{
			{Title: "How do I find the right place?",
				Lines: []string{"Say what it is for, in your own words, and where you are. If we are not sure what you mean, we ask; we never search for something else without saying so."}},
			{Title: "Is the time really mine?",
				Lines: []string{"Yes. From the moment you press it nobody else can take it, for " +
					civil.Duration(booking.HoldTime) + ". When you book, it is yours for good."}},
			{Title: "How do I move or cancel?",
				Lines: []string{"Open My appointments and choose the appointment. Close to the visit you may have to call the place; the page says when and gives the number."}},
			{Title: "What does it cost?",
				Lines: []string{"Booking is free. The price of the visit stands beside each result. With insurance, your plan decides your share."}},
			{Title: "I cannot sign in",
				Lines: []string{"Press “Choose a new password” on the sign-in page. We send you a link that works for " +
					civil.Duration(identity.ResetLife) + "."}},
			{Title: "I am asked for a code, and my phone is gone",
				Lines: []string{"Type one of your recovery codes instead: we showed you " +
					strconv.Itoa(identity.RecoveryCodes) + " when you turned the second step on, and each signs you in once. " +
					"A passkey signs you in as well.",
					"With neither, answer any email that you have from us. Once we know that it is you, our support takes the " +
						"second step away and tells you by email. For whoever owns an organization two of us have to agree."}},
			{Title: "What is a passkey?",
				Lines: []string{"A key that your phone, computer or security key keeps. It signs you in after your finger, face " +
					"or PIN, without password and code. Make one on your account's page, and a second one on another device, so " +
					"that losing one locks you out of nothing."}},
		}})
}

func showText(c echo.Context, here layout.Here, page patient.TextPage) error {
	page.Page = web.Page(c, page.Heading)
	page.Here = here
	return web.Render(c, http.StatusOK, patient.Text(page), "")
}
