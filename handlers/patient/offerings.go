package patient

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// offeringsShown is how many of its services an organization's page shows at once; whoever looks for another finds it
// by its name, its reason or its clinician.
const offeringsShown = 20

// offeringsPage is a part of what an organization offers, in order of name.
type offeringsPage struct {
	shown        []*search.Listing
	first, total int    // place of the first one among those that were found
	next         string // cursor of those that follow; empty = none
}

// order is the place of a listing in the list, whatever comes and goes beside it.
func order(a, b *search.Listing) int {
	return cmp.Or(strings.Compare(a.Service, b.Service), strings.Compare(a.ID.String(), b.ID.String()))
}

// pageOfOfferings are the listings that a search in them finds, those after a cursor.
func (h *Handlers) pageOfOfferings(all []*search.Listing, find, after string) (p offeringsPage) {
	found := slices.DeleteFunc(slices.Clone(all), func(l *search.Listing) bool { return !h.says(l, find) })
	slices.SortFunc(found, order)
	p.total = len(found)
	if last, ok := listingAt(after); ok {
		p.first = len(found)
		if at := slices.IndexFunc(found, func(l *search.Listing) bool { return order(l, &last) > 0 }); at >= 0 {
			p.first = at
		}
	}
	p.shown = found[p.first:min(p.first+offeringsShown, len(found))]
	if n := len(p.shown); n > 0 && p.first+n < p.total {
		p.next = cursorOf(p.shown[n-1])
	}
	return p
}

// A cursor is the last listing shown, by what it is ordered by, so that it holds also when that one is gone.
func cursorOf(l *search.Listing) string { return l.ID.String() + " " + l.Service }

func listingAt(cursor string) (l search.Listing, ok bool) {
	id, service, cut := strings.Cut(cursor, " ")
	var err error
	l.ID, err = uuid.Parse(id)
	l.Service = service
	return l, cut && err == nil
}

// says tells whether a listing has all the words that somebody looks for, in its name, its reason or its people.
func (h *Handlers) says(l *search.Listing, find string) bool {
	if strings.TrimSpace(find) == "" {
		return true
	}
	text := []string{l.Service, l.Practitioner, l.Specialty, l.LocationName}
	if r, ok := h.Market.Live().Index().Reason(l.Reason); ok {
		text = append(append(text, r.Name), r.Synonyms...)
	}
	return search.Says(strings.Join(text, " "), find)
}

// fill puts a part of the list on the page, with the way to the rest and the search in it where there is more.
func (p offeringsPage) fill(page *patient.OrganizationPage, self, find string, more bool) {
	page.Find = find
	if !more && find == "" {
		return
	}
	page.FindAction = self
	last := p.first + len(p.shown)
	switch {
	case p.total == 0:
		page.Pager.Shown = "Nothing here is called that"
	case p.first == 0 && last == p.total:
		page.Pager.Shown = patient.Count(p.total, "service", "services")
	default:
		page.Pager.Shown = strconv.Itoa(p.first+1) + " to " + strconv.Itoa(last) + " of " +
			patient.Count(p.total, "service", "services")
	}
	if p.next != "" {
		q := url.Values{"after": {p.next}}
		if find != "" {
			q.Set("find", find)
		}
		page.Pager.Next = &ui.Way{Text: "Show " + patient.Count(min(offeringsShown, p.total-last), "more", "more"),
			Href: self + "?" + q.Encode() + "#services"}
	}
}

// places and people are those of the listings that are shown.
func (p offeringsPage) places() (ids map[uuid.UUID]bool, people map[string]bool) {
	ids, people = map[uuid.UUID]bool{}, map[string]bool{}
	for _, l := range p.shown {
		ids[l.LocationID], people[l.Practitioner] = true, true
	}
	return ids, people
}
