package patient

import (
	"slices"
	"strconv"

	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// othersShown is how many further clinicians and services of a place a result lists; the place's page has all.
const othersShown = 4

// service names what a result is for, where the search covers several services or the place calls it otherwise.
func (t *timetable) service(l *search.Listing) string {
	if len(t.found.Query.Reasons) < 2 && l.Service == t.found.Query.Text {
		return ""
	}
	return l.Service
}

// ownFirst shows a place by the clinician and service whose time the visitor holds, if there is one (E8).
func ownFirst(hit search.Hit, mine []openHold) search.Hit {
	for i, l := range hit.Others {
		if slices.ContainsFunc(mine, func(own openHold) bool { return own.Listing == l.ID }) {
			hit.Others = slices.Clone(hit.Others)
			hit.Listing, hit.Others[i] = l, hit.Listing
			return hit
		}
	}
	return hit
}

// others are the further clinicians and services at the place of a result: how many, from what price, and the next time
// of each.
func (t *timetable) others(hit search.Hit) ui.Others {
	if len(hit.Others) == 0 {
		return ui.Others{}
	}
	all := append([]*search.Listing{hit.Listing}, hit.Others...)
	out := ui.Others{Summary: summaryOf(all)}
	for _, l := range hit.Others[:min(othersShown, len(hit.Others))] {
		out.All = append(out.All, t.other(l))
	}
	if n := len(hit.Others) - len(out.All); n > 0 {
		out.More = &ui.Way{Text: patient.Count(n, "more here", "more here"), Href: "/places/" + hit.Listing.Slug}
	}
	return out
}

func (t *timetable) other(l *search.Listing) ui.Other {
	o, _, _ := t.h.Market.Offering(l.ID)
	name := l.Service
	if l.Practitioner != "" {
		name = l.Practitioner
		if len(t.found.Query.Reasons) > 1 {
			name += ", " + l.Service
		}
	}
	next := "no free time" + partText(t.found.Query.Time) + " in the next four weeks"
	if _, at := t.nextOf(l, o, t.from); at != "" {
		next = "next free " + at
	}
	price := "price not stated"
	if p, stated := l.Price(); stated {
		price = p.String()
	}
	facts := price + ", " + next
	if l.Ages != (search.Ages{}) {
		facts = "sees " + l.Ages.Text() + ", " + facts
	}
	return ui.Other{Name: name, Href: timesPath(l.Slug, l.ID), Facts: facts}
}

// summaryOf is "4 clinicians, from $150" or "3 services, from $35".
func summaryOf(all []*search.Listing) string {
	people, services := map[string]bool{}, map[string]bool{}
	var lowest *search.Listing
	for _, l := range all {
		people[l.PractitionerID.String()] = true
		services[l.Service] = true
		if _, stated := l.Price(); stated && (lowest == nil || l.PriceCents < lowest.PriceCents) {
			lowest = l
		}
	}
	text := strconv.Itoa(len(services)) + " services"
	if someone := slices.ContainsFunc(all, func(l *search.Listing) bool { return l.Practitioner != "" }); someone &&
		len(people) > 1 {
		text = strconv.Itoa(len(people)) + " clinicians"
	}
	if lowest == nil {
		return text
	}
	price, _ := lowest.Price()
	return text + ", from " + price.String()
}
