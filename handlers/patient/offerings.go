package patient

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// offeringsShown is how many lines of what it does an organization's page shows at once; whoever looks for another
// finds it by its name, its reason or its clinician.
const offeringsShown = 10

// cliniciansToChoose is how many clinicians the page lets somebody choose among in a list; of more they are found by
// name.
const cliniciansToChoose = 150

// offeringQuery is what somebody looks for among what an organization does. Each part is empty where all will do.
type offeringQuery struct {
	find      string
	clinician uuid.UUID
	service   uuid.UUID // each of its clinicians and locations by itself, not one line for all
	after     string    // cursor
	alone     bool      // the organization has one location, which need not be said again
}

func offeringQueryOf(c echo.Context) (q offeringQuery) {
	q.find, q.after = c.QueryParam("find"), c.QueryParam("after")
	q.clinician, _ = uuid.Parse(c.QueryParam("clinician")) // what is none is nobody's choice
	q.service, _ = uuid.Parse(c.QueryParam("service"))
	return q
}

// asks tells whether anything is looked for.
func (q offeringQuery) asks() bool {
	return q.find != "" || q.clinician != uuid.Nil || q.service != uuid.Nil
}

// path is the address of the page that shows it.
func (q offeringQuery) path(self string) string {
	values := url.Values{}
	for name, v := range map[string]string{"find": q.find, "after": q.after} {
		if v != "" {
			values.Set(name, v)
		}
	}
	for name, id := range map[string]uuid.UUID{"clinician": q.clinician, "service": q.service} {
		if id != uuid.Nil {
			values.Set(name, id.String())
		}
	}
	if len(values) == 0 {
		return self
	}
	return self + "?" + values.Encode()
}

// offeringLine is what one line says: a service of one kind, by all who do it, or one of those.
type offeringLine struct {
	kind, name string
	key        string            // its place in the list, whatever comes and goes beside it
	listings   []*search.Listing // never empty
}

// among are the lines that a query finds, in order.
func (h *Handlers) among(all []*search.Listing, q offeringQuery) []offeringLine {
	at := map[string]int{}
	var lines []offeringLine
	for _, l := range all {
		if q.clinician != uuid.Nil && l.PractitionerID != q.clinician || q.service != uuid.Nil && l.ServiceID != q.service ||
			!h.says(l, q.find) {
			continue
		}
		line := offeringLine{kind: h.kindOf(l), name: l.Service}
		line.key = line.kind + "~" + line.name + "~" + l.ServiceID.String()
		if q.service != uuid.Nil {
			line.name = cmp.Or(l.Practitioner, l.LocationName)
			line.key = line.kind + "~" + line.name + "~" + l.ID.String()
		}
		i, known := at[line.key]
		if !known {
			i = len(lines)
			at[line.key], lines = i, append(lines, line)
		}
		lines[i].listings = append(lines[i].listings, l)
	}
	slices.SortFunc(lines, func(a, b offeringLine) int { return strings.Compare(a.key, b.key) })
	return lines
}

// kindOf is what kind of care a listing is: of a clinician, what they are; of a team, what is done.
func (h *Handlers) kindOf(l *search.Listing) string {
	if l.Specialty != "" {
		return l.Specialty
	}
	switch r, _ := h.Market.Live().Index().Reason(l.Reason); r.Kind {
	case search.KindLaboratory:
		return "Lab tests and imaging"
	case search.KindHomeCare:
		return "Care at home"
	}
	return "Other services"
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

// after are at most so many of a list in order of key, from the one that follows a key, also when that one is gone:
// the place of the first in the list, and the key to go on from, "" at its end.
func after[T any](all []T, key func(T) string, last string, most int) (shown []T, first int, next string) {
	if last != "" {
		first, _ = slices.BinarySearchFunc(all, last, func(one T, last string) int {
			if key(one) <= last {
				return -1
			}
			return 1
		})
	}
	shown = all[first:min(first+most, len(all))]
	if n := len(shown); n > 0 && first+n < len(all) {
		next = key(shown[n-1])
	}
	return shown, first, next
}

// offeredPart is the part of an organization's page that says what it does: some lines under their kinds, and the ways
// to the rest.
func (h *Handlers) offeredPart(c echo.Context, all []*search.Listing, q offeringQuery,
	self string) patient.OfferedPart {
	lines := h.among(all, q)
	shown, first, next := after(lines, func(l offeringLine) string { return l.key }, q.after, offeringsShown)
	q.alone = oneLocation(all)
	part := patient.OfferedPart{Later: first > 0}
	for i, line := range shown {
		if i == 0 || shown[i-1].kind != line.kind {
			part.Groups = append(part.Groups, patient.OfferingGroup{Kind: line.kind,
				Continued: i == 0 && first > 0 && lines[first-1].kind == line.kind})
		}
		group := &part.Groups[len(part.Groups)-1]
		group.Offerings = append(group.Offerings, h.lineOf(c, line, q, self))
	}
	if q.service != uuid.Nil && len(lines) > 0 {
		part.Of = lines[0].listings[0].Service
	}
	part.All = self + "#services"
	part.Narrowed = q.asks()
	part.Pager = offeredPager(q, self, first, len(shown), len(lines), next)
	return part
}

// oneLocation tells whether all visits to a location are to the same.
func oneLocation(all []*search.Listing) bool {
	return !slices.ContainsFunc(all, func(l *search.Listing) bool { return l.LocationID != all[0].LocationID })
}

// offeredPager says how much is shown, and leads on.
func offeredPager(q offeringQuery, self string, first, shown, total int, next string) (p ui.Pager) {
	one, many := "service", "services"
	if q.service != uuid.Nil {
		one, many = "choice", "choices"
	}
	last := first + shown
	switch {
	case total == 0 && q.find == "":
		p.Shown = "Nothing is listed here yet"
	case total == 0:
		p.Shown = "Nothing here is called that"
	case first == 0 && last == total:
		p.Shown = patient.Count(total, one, many)
	default:
		p.Shown = strconv.Itoa(first+1) + " to " + strconv.Itoa(last) + " of " + patient.Count(total, one, many)
	}
	if next == "" {
		return p
	}
	q.after = next
	href := q.path(self)
	p.Next = &ui.Way{Text: "Show " + patient.Count(min(offeringsShown, total-last), "more", "more"),
		Href: href + "#services"}
	p.Attrs = map[string]any{"hx-get": href, "hx-target": "#pager", "hx-swap": "outerHTML"}
	return p
}

// clinicianOptions are the clinicians of listings to choose among, or none where they are too many or one.
func clinicianOptions(all []*search.Listing) []ui.Option {
	people := clinicianNames(all)
	if len(people) < 2 || len(people) > cliniciansToChoose {
		return nil
	}
	options := []ui.Option{{Text: "Everybody"}}
	for _, p := range people {
		options = append(options, ui.Option{Value: p.id.String(), Text: p.text})
	}
	return options
}

// clinicianName is how a clinician is told from the others of an organization.
type clinicianName struct {
	id   uuid.UUID
	text string
}

// clinicianNames are the clinicians of listings in order of name: with what they are, and with where, where two of one
// name are that.
func clinicianNames(all []*search.Listing) (people []clinicianName) {
	at, texts := map[uuid.UUID]string{}, map[string]int{}
	for _, l := range all {
		if _, known := at[l.PractitionerID]; known || l.PractitionerID == uuid.Nil {
			continue
		}
		text := inLine(l.Practitioner, patient.Lower(l.Specialty))
		at[l.PractitionerID] = l.LocationName
		texts[text]++
		people = append(people, clinicianName{l.PractitionerID, text})
	}
	for i, p := range people {
		if texts[p.text] > 1 {
			people[i].text += ", " + at[p.id]
		}
	}
	slices.SortFunc(people, func(a, b clinicianName) int {
		return cmp.Or(strings.Compare(a.text, b.text), strings.Compare(a.id.String(), b.id.String()))
	})
	return people
}
