package patient

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// asUnderstood is the question as the boxes show it: a place or a day that was said among the words for the reason
// stands in the box of its own.
func asUnderstood(query url.Values, r search.Reading) url.Values {
	q := maps.Clone(query)
	if r.Words != "" {
		q.Set("reason", r.Words)
	}
	if r.Query.Near.Text != "" {
		q.Set("near", r.Query.Near.Text)
	}
	if r.Query.From != 0 {
		q.Set("from", r.Query.From.String())
	}
	return q
}

// understood says what was looked for when the words were another name of it, or misspelled.
func (h *Handlers) understood(r search.Reading, name string) string {
	typed := strings.TrimSpace(r.Words)
	switch {
	case r.Mended != "" && !strings.EqualFold(r.Mended, name):
		return "We read “" + clip(typed) + "” as “" + clip(r.Mended) + "”: " + h.said(name) + "."
	case r.Mended != "":
		return "We read “" + clip(typed) + "” as “" + clip(r.Mended) + "”."
	case typed == "" || strings.Contains(strings.ToLower(name), strings.ToLower(typed)):
		return ""
	}
	return "We take “" + clip(typed) + "” to mean " + h.said(name) + "."
}

// said is a service in a sentence: "a blood test", "physical therapy". One that we have no sentence for is quoted.
func (h *Handlers) said(service string) string {
	if sentence := h.Market.Live().Index().Sentence(service); sentence != "" {
		return sentence
	}
	return "“" + service + "”"
}

// noMatch is the page when there is nothing to search for yet: an emergency, a name, several meanings, or words that we
// do not know. It says which box is in doubt, and leads on with what each way would find.
func (h *Handlers) noMatch(page *patient.SearchPage, query url.Values, r search.Reading, now time.Time) {
	reasons, places := waysFor(r.DidYouMean, "reason"), waysFor(r.DidYouMean, "near")
	typed := clip(strings.TrimSpace(query.Get("reason")))
	page.Heading, page.Empty = "What do you need?", &ui.Empty{Title: "Tell us what it is for",
		Text: "A service, a test or a complaint, like blood test, flu shot or back pain."}
	for _, p := range r.Problems {
		page.Heading = p.Message
	}
	switch {
	case r.Emergency != nil:
		page.Emergency = urgent(*r.Emergency)
		title := "If nobody is in danger now"
		if r.Emergency.Spanish {
			title = "Si nadie está en peligro ahora"
		}
		page.Empty = emptyOf(title, reasons)
	case len(r.Names) > 0:
		page.Heading = "Called “" + typed + "”"
		page.Empty = &ui.Empty{Title: "Places and clinicians", Ways: namedWays(r.Names)}
		page.Others = emptyOf("Services that fit these words", reasons)
	case r.Unplaced != "":
		page.Empty = &ui.Empty{Title: "Enter a town or ZIP above, or search anywhere in our region", Ways: reasons}
		if near := r.Query.Near.Text; near != "" {
			page.Empty.Title = "Enter a town or ZIP above, or search near " + near
		}
	case len(places) > 0:
		page.Heading = "We do not know the place “" + clip(query.Get("near")) + "”"
		page.Empty = &ui.Empty{Title: "Did you mean", Ways: places}
		page.Others = emptyOf("What you need", reasons)
	case len(reasons) > 0 && r.Asks:
		page.Heading = "Which one do you mean?"
		page.Empty = &ui.Empty{Title: "“" + typed + "” may be", Ways: reasons}
	case len(reasons) > 0:
		page.Heading = "We do not know “" + typed + "”"
		page.Empty = &ui.Empty{Title: "What comes closest here", Ways: reasons}
	case typed != "":
		page.Empty = &ui.Empty{Title: "Change the search above", Text: "Or begin with what others often look for:",
			Ways: h.oftenAsked(r.Query, now)}
	}
}

func emptyOf(title string, ways []ui.Way) *ui.Empty {
	if len(ways) == 0 {
		return nil
	}
	return &ui.Empty{Title: title, Ways: ways}
}

// oftenAsked are popular services that somebody offers near the place that was asked for, with how many.
func (h *Handlers) oftenAsked(w search.Query, now time.Time) (ways []ui.Way) {
	ix := h.Market.Live().Index()
	for _, code := range popular {
		r, known := ix.Reason(code)
		if !known {
			continue
		}
		one := search.Query{Reasons: []string{code}, Text: r.Name, Near: w.Near, Within: w.Within, From: w.From}
		if places := ix.Count(one, now); places > 0 {
			ways = append(ways, ui.Way{Text: r.Name, Href: "/search?" + one.Values().Encode(),
				Yield: patient.Count(places, "place", "places")})
		}
	}
	return ways
}

func waysFor(all []search.Correction, field string) []ui.Way {
	return waysOf(slices.DeleteFunc(slices.Clone(all), func(c search.Correction) bool { return c.Field != field }))
}

// waysOf are questions that may have been meant, each with what it finds.
func waysOf(all []search.Correction) (ways []ui.Way) {
	for _, d := range all {
		way := ui.Way{Text: d.Text, Href: "/search?" + d.Query.Encode()}
		if d.Locations > 0 {
			way.Yield = patient.Count(d.Locations, "place", "places")
		}
		if d.Matched != "" && !strings.EqualFold(d.Matched, d.Text) {
			way.Text += " (" + d.Matched + ")"
		}
		ways = append(ways, way)
	}
	return ways
}

func namedWays(names []search.Named) (ways []ui.Way) {
	for _, n := range names {
		ways = append(ways, ui.Way{Text: n.Name, Href: namePath(n), Yield: n.Line})
	}
	return ways
}

// namePath leads to a place, or to the page of a clinician there.
func namePath(n search.Named) string {
	if n.Specialty == "" {
		return "/places/" + n.Slug
	}
	return clinicianPath(n.Slug, n.Practitioner)
}

// urgent says whom to call, in the language of the question.
func urgent(e search.Emergency) *ui.Emergency {
	help := ui.Call{Text: "Call 911", Number: "911"}
	switch {
	case e.Spanish:
		return urgentInSpanish(e.Kind)
	case e.Kind == search.Crisis:
		return &ui.Emergency{Title: "Talk to somebody now: call or text 988",
			Text:  "The 988 lifeline answers day and night, free of charge and in confidence. If a life is in danger, call 911.",
			Calls: []ui.Call{{Text: "Call 988", Number: "988"}, help}}
	case e.Kind == search.Poison:
		return &ui.Emergency{Title: "Call 911 or poison control now",
			Text: "If somebody has collapsed, has a seizure, cannot breathe or cannot be woken, call 911. Otherwise call poison " +
				"control, day and night, at 1-800-222-1222.",
			Calls: []ui.Call{help, {Text: "Call 1-800-222-1222", Number: "18002221222"}}}
	}
	return &ui.Emergency{Title: "Call 911 now",
		Text:  "This may be an emergency. Do not wait for an appointment, and do not drive yourself.",
		Calls: []ui.Call{help}}
}

func urgentInSpanish(kind search.EmergencyKind) *ui.Emergency {
	help := ui.Call{Text: "Llame al 911", Number: "911"}
	switch kind {
	case search.Crisis:
		return &ui.Emergency{Lang: "es", Title: "Hable con alguien ahora: llame al 988",
			Text: "La línea 988 atiende día y noche, gratis y en confianza; para español oprima el 2. Si hay peligro de " +
				"muerte, llame al 911.",
			Calls: []ui.Call{{Text: "Llame al 988", Number: "988"}, help}}
	case search.Poison:
		return &ui.Emergency{Lang: "es", Title: "Llame ahora al 911 o al centro de envenenamiento",
			Text: "Si alguien se desmayó, tiene convulsiones, no respira o no despierta, llame al 911. Si no, llame al " +
				"1-800-222-1222, de día o de noche.",
			Calls: []ui.Call{help, {Text: "Llame al 1-800-222-1222", Number: "18002221222"}}}
	}
	return &ui.Emergency{Lang: "es", Title: "Llame al 911 ahora",
		Text:  "Esto puede ser una emergencia. No espere una cita y no maneje.",
		Calls: []ui.Call{help}}
}
