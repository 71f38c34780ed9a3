package search

import (
	"slices"
	"strings"

	"kindward/internal/textutil"
)

// The codes a filter knows even while no listing has them, and the words people read for them.
var (
	kinds = [3]labeled{
		{KindClinic, "Clinic"}, {KindLaboratory, "Diagnostic lab"}, {KindHomeCare, "Comes to my home"},
	}
	genders = [3]labeled{{"female", "Woman"}, {"male", "Man"}, {"nonbinary", "Nonbinary"}}
	parts   = [4]labeled{
		{string(AnyTime), "Any time"}, {string(Morning), "Before noon"}, {string(Afternoon), "Afternoon"},
		{string(Evening), "After 5 pm"},
	}
	languages = []labeled{
		{"ar", "Arabic"}, {"de", "German"}, {"en", "English"}, {"es", "Spanish"}, {"fr", "French"}, {"hi", "Hindi"},
		{"ht", "Haitian Creole"},
		{"it", "Italian"}, {"ja", "Japanese"}, {"kea", "Cape Verdean Creole"}, {"km", "Khmer"}, {"ko", "Korean"},
		{"lo", "Lao"}, {"pl", "Polish"},
		{"pt", "Portuguese"}, {"ru", "Russian"}, {"sw", "Swahili"}, {"tl", "Tagalog"}, {"uk", "Ukrainian"},
		{"vi", "Vietnamese"}, {"zh", "Chinese"},
	}
	access = []labeled{
		{"asl", "American Sign Language"}, {"hearing_loop", "Hearing loop"}, {"low_sensory", "Low-sensory room"},
		{"parking", "Parking"},
		{"step_free", "Step-free entrance"}, {"transit", "Bus or train close by"},
	}
	priceDollars = [5]int64{25, 50, 100, 200, 500}
)

type labeled struct{ code, label string }

// OrganizationKinds are the kinds of organization, clinics first; the schema is held to this list by a test.
func OrganizationKinds() (all []string) {
	for _, k := range kinds {
		all = append(all, k.code)
	}
	return all
}

func labelIn(list []labeled, code string) (string, bool) {
	for _, l := range list {
		if l.code == code {
			return l.label, true
		}
	}
	return code, false
}

// KindName is a kind of organization in a patient's words.
func KindName(code string) string { s, _ := labelIn(kinds[:], code); return s }

// Genders are the codes of what can be said of a clinician's.
func Genders() (all []string) {
	for _, g := range genders {
		all = append(all, g.code)
	}
	return all
}

// GenderName is a clinician's gender in a patient's words.
func GenderName(code string) string { s, _ := labelIn(genders[:], code); return s }

// LanguageName is a language's English name, or its code where we have none.
func LanguageName(code string) string { s, _ := labelIn(languages, code); return s }

// LanguageCodes are the languages that have a name here, by it.
func LanguageCodes() (all []string) {
	for _, l := range slices.SortedFunc(slices.Values(languages), func(a, b labeled) int {
		return strings.Compare(a.label, b.label)
	}) {
		all = append(all, l.code)
	}
	return all
}

// AccessName is an accessibility feature in words; a code we have no words for is spelled out.
func AccessName(code string) string {
	s, known := labelIn(access, code)
	if known || s == "" {
		return s
	}
	s = strings.ReplaceAll(s, "_", " ")
	return textutil.Capital(s)
}

// states are the codes and folded names that may follow a town; the longer names come before the ones they end in.
var states = []labeled{
	{"WV", "west virginia"}, {"AL", "alabama"}, {"AK", "alaska"}, {"AZ", "arizona"}, {"AR", "arkansas"},
	{"CA", "california"},
	{"CO", "colorado"}, {"CT", "connecticut"}, {"DE", "delaware"}, {"DC", "district of columbia"}, {"FL", "florida"},
	{"GA", "georgia"},
	{"HI", "hawaii"}, {"ID", "idaho"}, {"IL", "illinois"}, {"IN", "indiana"}, {"IA", "iowa"}, {"KS", "kansas"},
	{"KY", "kentucky"},
	{"LA", "louisiana"}, {"ME", "maine"}, {"MD", "maryland"}, {"MA", "massachusetts"}, {"MI", "michigan"},
	{"MN", "minnesota"},
	{"MS", "mississippi"}, {"MO", "missouri"}, {"MT", "montana"}, {"NE", "nebraska"}, {"NV", "nevada"},
	{"NH", "new hampshire"},
	{"NJ", "new jersey"}, {"NM", "new mexico"}, {"NY", "new york"}, {"NC", "north carolina"}, {"ND", "north dakota"},
	{"OH", "ohio"},
	{"OK", "oklahoma"}, {"OR", "oregon"}, {"PA", "pennsylvania"}, {"PR", "puerto rico"}, {"RI", "rhode island"},
	{"SC", "south carolina"},
	{"SD", "south dakota"}, {"TN", "tennessee"}, {"TX", "texas"}, {"UT", "utah"}, {"VT", "vermont"}, {"VA", "virginia"},
	{"WA", "washington"}, {"WI", "wisconsin"}, {"WY", "wyoming"},
}
