package layout

import (
	"slices"

	"kindward/views/ui"
)

// Fault is what a visitor reads when something did not work: what is known of it, what to do, and a reference if the
// log has more to say. What failed in the middle (5xx) says nothing of what was done or was not: nobody knows here.
type Fault struct {
	Code  int
	Title string
	Text  string   // what is known
	Do    string   // what to do
	Ways  []ui.Way // where to go from here
	Ref   string   // "R-58F2A1", or empty
}

// FaultCodes are the statuses that have words of their own.
var FaultCodes = []int{403, 404, 405, 409, 410, 413, 415, 422, 424, 429, 500, 503}

// FaultOf gives the words for a status; one without words of its own gets those of 500. They
// need nothing of a request, so a server can render them all at start and still have them
// when nothing else works.
func FaultOf(code int) Fault {
	f, ok := faults[code]
	if !ok {
		f = faults[500]
		f.Code = code
	}
	f.Ways = slices.Clone(f.Ways)
	return f
}

// With is the fault with a reference, which the help page is told.
func (f Fault) With(ref string) Fault {
	f.Ref = ref
	for i, w := range f.Ways {
		if w.Href == "/help" {
			f.Ways[i].Href += "?reference=" + ref + "#write"
		}
	}
	return f
}

var faults = map[int]Fault{
	403: {Code: 403, Title: "You cannot open this page",
		Text: "Your account has no right to it, or the request came from another site.",
		Do:   "If a link brought you here, open it again while you are signed in with the account it was sent to.",
		Ways: []ui.Way{{Text: "Sign in", Href: "/sign-in"}, {Text: "My appointments", Href: "/bookings"}}},
	404: {Code: 404, Title: "There is no page here",
		Text: "The address may have a mistake in it, or the page has moved.",
		Do:   "These ways lead on:",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}, {Text: "My appointments", Href: "/bookings"},
			{Text: "Help", Href: "/help"}}},
	405: {Code: 405, Title: "That does not work from here",
		Text: "This address expects a button to be pressed on the page before. Nothing was changed.",
		Do:   "Go back to the page you came from and use its button.",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}, {Text: "My appointments", Href: "/bookings"}}},
	409: {Code: 409, Title: "Something changed while you were here",
		Text: "Nothing was booked or changed. Someone else was faster, or you did this in another window.",
		Do:   "Go back, load the page again and look at what is so now.",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}, {Text: "My appointments", Href: "/bookings"}}},
	410: {Code: 410, Title: "This link has been used or has run out",
		Text: "Nothing was changed now. If somebody has sent you the link, ask them for another one. " +
			"If you have just chosen a new password with it, it is in force: sign in with it.",
		Do: "These ways lead on:",
		Ways: []ui.Way{{Text: "Sign in", Href: "/sign-in"}, {Text: "My appointments", Href: "/bookings"},
			{Text: "Choose a new password", Href: "/password-reset"}}},
	413: {Code: 413, Title: "That is too much at once",
		Text: "What you sent is larger than we take. Nothing was saved.",
		Do:   "Go back, shorten it and send it again.",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}}},
	415: {Code: 415, Title: "We cannot take that kind of content",
		Text: "Nothing was saved.",
		Do:   "Go back to the page you came from and use its form.",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}, {Text: "Help", Href: "/help"}}},
	422: {Code: 422, Title: "We could not read that",
		Text: "Nothing was saved.",
		Do:   "Go back to the page you came from, load it again and fill it in once more.",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}, {Text: "My appointments", Href: "/bookings"}}},
	424: {Code: 424, Title: "We cannot read what this needs",
		Text: "Something that we keep locked for you does not open. Nothing that you typed was wrong, and nothing was changed.",
		Do:   "If you are signing in, use your passkey, or ask us to remove your second step. If your organization's sign-in brought you here, tell its administrator.",
		Ways: []ui.Way{{Text: "Sign in", Href: "/sign-in"}, {Text: "Help", Href: "/help"}}},
	429: {Code: 429, Title: "Too many tries in a short time",
		Text: "We have stopped for a moment, to keep accounts and times safe. Nothing was lost.",
		Do:   "Wait a minute, then try again.",
		Ways: []ui.Way{{Text: "Find care", Href: "/"}, {Text: "Choose a new password", Href: "/password-reset"}}},
	500: {Code: 500, Title: "Sorry, we could not do that",
		Text: "Something failed on our side while we worked on it.",
		Do: "If you were booking or changing an appointment, look at your appointments before you try again. " +
			"If it happens again, tell us the reference.",
		Ways: []ui.Way{{Text: "My appointments", Href: "/bookings"}, {Text: "Find care", Href: "/"},
			{Text: "Help and contact", Href: "/help"}}},
	503: {Code: 503, Title: "We are not open for a moment",
		Text: "Part of Kindward is being brought back. Appointments that are booked stand.",
		Do: "Try again in a minute. If you were booking or changing an appointment, look at your appointments first. " +
			"If yours is today, go; the place has it in its calendar.",
		Ways: []ui.Way{{Text: "My appointments", Href: "/bookings"}, {Text: "Find care", Href: "/"}}},
}
