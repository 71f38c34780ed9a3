package twoprocess_test

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The words by which pages say what is so, from handlers/patient and the views. A page that has none says nothing.
const (
	wordsHeld     = "We are holding this time for you"
	wordsNotHeld  = "has gone back to everyone"
	wordsDenied   = "It did not go through"
	wordsTaken    = "Someone else has just taken"
	wordsChecking = "We are checking whether"
	wordsBooked   = "You are booked for "
	wordsCanceled = "Canceled. The time is free for somebody else"
	wordsMoved    = "Moved to "
	wordsStill    = "You still have "
)

// claims are words that a page may not have that failed: it knows nothing.
var claims = []string{wordsHeld, wordsNotHeld, wordsDenied, wordsTaken, wordsBooked, wordsCanceled, wordsMoved,
	wordsStill, "othing was booked", "othing was changed", "othing was saved"}

var (
	listedVisit = regexp.MustCompile(`(?s)<article class="visit">.*?href="/bookings/([0-9a-f-]{36})".*?</article>`)
	dayRow      = regexp.MustCompile(`(?s)<tr id="visit-([0-9a-f-]{36})">.*?</tr>`)
	visitState  = regexp.MustCompile(`<span class="state [^"]*">([^<]*)</span>`)
	ownHold     = regexp.MustCompile(`href="/places/[^/"]+/holds/([0-9a-f-]{36})"`)
	mainHeading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
	reference   = regexp.MustCompile(`R-[0-9A-Za-z-]{8,}`)
	tag         = regexp.MustCompile(`<[^>]*>`)
)

// text is what people read of a part of a page.
func text(part string) string {
	return strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(part, " ")))
}

// headed is a page's main heading.
func headed(body string) string { return text(first(mainHeading, body)) }

// statesIn are how a list says that each appointment stands, by the word of a person's own list.
func statesIn(pattern *regexp.Regexp, body string) map[string]string {
	all := map[string]string{}
	for _, m := range pattern.FindAllStringSubmatch(body, -1) {
		word := text(first(visitState, m[0]))
		if word == "Expected" { // where they work
			word = "Booked"
		}
		all[m[1]] = word
	}
	return all
}

// freeIn are the times that a page offers, in order.
func freeIn(body string) (all []string) {
	for _, m := range freeStart.FindAllStringSubmatch(body, -1) {
		all = append(all, strings.Clone(m[1]))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ownIn are the holds to which a page leads as the visitor's own.
func ownIn(body string) (all []uuid.UUID) {
	for _, m := range ownHold.FindAllStringSubmatch(body, -1) {
		all = append(all, appointmentIn(m[1]))
	}
	return all
}

// appointmentIn is the id that an address names last.
func appointmentIn(path string) (id uuid.UUID) {
	path, _, _ = strings.Cut(path, "?")
	for part := range strings.SplitSeq(path, "/") {
		if parsed, err := uuid.Parse(part); err == nil {
			id = parsed
		}
	}
	return id
}

// saysOf is what a page of an appointment says of it: booked for when, canceled, or nothing that is known here.
func saysOf(body string, zone *time.Location, times []string) (what string, start time.Time) {
	title := headed(body)
	for _, value := range times {
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			continue
		}
		for _, what := range []string{saysBooked, saysCanceled} {
			if title == heading(what, at.In(zone)) {
				return what, at
			}
		}
	}
	return "", start
}
