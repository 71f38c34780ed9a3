package patient

import (
	"slices"
	"strconv"
	"strings"

	"kindward/internal/search"
	"kindward/internal/venue"
	"kindward/views/patient"
	"kindward/views/ui"
)

// nameOf is a result's place with who would see the patient, where that is known.
func nameOf(l *search.Listing) string {
	if l.Practitioner != "" {
		return l.LocationName + ", " + l.Practitioner
	}
	return l.LocationName
}

func lineOf(l *search.Listing) string {
	switch {
	case l.Mode == venue.AtHome:
		return "Home visit, comes to you from " + l.City
	case l.Mode == venue.ByVideo:
		return inLine(l.Practitioner, patient.Lower(l.Specialty), "by video from "+l.City)
	case l.Mode == venue.ByPhone:
		return inLine(l.Practitioner, patient.Lower(l.Specialty), "calls you from "+l.City)
	case l.Practitioner != "":
		return inLine(l.Practitioner, patient.Lower(l.Specialty), l.Street, l.City)
	}
	return search.KindName(l.Kind) + ", " + l.Street + ", " + l.City
}

// inLine are the facts of a line that are known.
func inLine(facts ...string) string {
	return strings.Join(slices.DeleteFunc(facts, func(f string) bool { return f == "" }), ", ")
}

// cost is what a result says about paying (1.3): three-valued for the plan chosen, then the price for those who pay
// themselves.
func cost(m *search.Market, hit search.Hit, payer string) string {
	self := "price not stated"
	price, stated := hit.Listing.Price()
	if stated {
		self = price.String()
	}
	plan := ""
	for _, p := range m.Payers() {
		if p.ID == payer && p.Kind != search.SelfPay {
			plan = p.Name
		}
	}
	confirmed := ""
	if day := hit.Listing.PayersConfirmed; day != 0 {
		confirmed = " (confirmed " + day.Date().Long() + ")"
	}
	switch {
	case plan == "" && stated:
		return self + " if you pay yourself"
	case plan == "":
		return "Price not stated"
	case hit.Payer == search.PayerAccepted:
		return "In network with " + plan + confirmed + ", or " + self
	}
	return "Has not said whether it takes " + plan + ", or " + self
}

// tags are facts of a result that its line of why it stands here does not say already.
func tags(hit search.Hit, why string) []ui.Tag {
	l := hit.Listing
	var out []ui.Tag
	if hit.Km >= 0 && l.Mode.Travels() {
		out = append(out, ui.Tag{Icon: "map-pin", Text: search.DistanceText(hit.Km)})
	}
	if l.Ages != (search.Ages{}) && l.Ages != (search.Ages{From: search.Adult}) { // whoever sees adults is the usual
		out = append(out, ui.Tag{Icon: "check", Text: "Sees " + l.Ages.Text()})
	}
	if l.Ratings > 0 {
		out = append(out, ui.Tag{Icon: "star", Text: rating(float64(l.Rating)) + " from " +
			patient.Count(l.Ratings, "visit", "visits")})
	} else {
		out = append(out, ui.Tag{Icon: "star", Text: "New on Kindward"})
	}
	if l.ResponseMinutes > 0 && l.ResponseMinutes <= 120 {
		out = append(out, ui.Tag{Icon: "check", Text: l.Replies()})
	}
	for _, code := range l.Languages {
		if code != "en" {
			out = append(out, ui.Tag{Icon: "check", Text: "Speaks " + search.LanguageName(code)})
		}
	}
	if hit.Interpreter {
		out = append(out, ui.Tag{Icon: "check", Text: "Interpreter"})
	}
	why = strings.ToLower(why)
	said := func(t ui.Tag) bool { return strings.Contains(why, strings.ToLower(t.Text)) }
	out = slices.DeleteFunc(out, said)
	return out[:min(5, len(out))]
}

func rating(mean float64) string { return strconv.FormatFloat(mean, 'f', 1, 64) }
