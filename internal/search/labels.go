package search

import "strings"

// The codes a filter knows even while no listing has them, and the words people read for them.
var (
	kinds = [3]labelled{
		{KindClinic, "Clinic"}, {KindLaboratory, "Diagnostic lab"}, {KindHomeCare, "Comes to my home"},
	}
	genders = [3]labelled{{"female", "Woman"}, {"male", "Man"}, {"nonbinary", "Nonbinary"}}
	parts   = [4]labelled{
		{string(AnyTime), "Any time"}, {string(Morning), "Before noon"}, {string(Afternoon), "Afternoon"}, {string(Evening), "After 5 pm"},
	}
	languages = []labelled{
		{"ar", "Arabic"}, {"de", "German"}, {"en", "English"}, {"es", "Spanish"}, {"fr", "French"}, {"hi", "Hindi"}, {"ht", "Haitian Creole"},
		{"it", "Italian"}, {"ja", "Japanese"}, {"kea", "Cape Verdean Creole"}, {"km", "Khmer"}, {"ko", "Korean"}, {"lo", "Lao"}, {"pl", "Polish"},
		{"pt", "Portuguese"}, {"ru", "Russian"}, {"sw", "Swahili"}, {"tl", "Tagalog"}, {"uk", "Ukrainian"}, {"vi", "Vietnamese"}, {"zh", "Chinese"},
	}
	access = []labelled{
		{"asl", "American Sign Language"}, {"hearing_loop", "Hearing loop"}, {"low_sensory", "Low-sensory room"}, {"parking", "Parking"},
		{"step_free", "Step-free entrance"}, {"transit", "Bus or train close by"},
	}
	priceDollars = [5]int64{25, 50, 100, 200, 500}
)

type labelled struct{ code, label string }

func labelIn(list []labelled, code string) (string, bool) {
	for _, l := range list {
		if l.code == code {
			return l.label, true
		}
	}
	return code, false
}

// KindName is a kind of organisation in a patient's words.
func KindName(code string) string { s, _ := labelIn(kinds[:], code); return s }

// LanguageName is a language's English name, or its code where we have none.
func LanguageName(code string) string { s, _ := labelIn(languages, code); return s }

// AccessName is an accessibility fact in words; a code we have no words for is spelled out.
func AccessName(code string) string {
	s, known := labelIn(access, code)
	if known || s == "" {
		return s
	}
	s = strings.ReplaceAll(s, "_", " ")
	return strings.ToUpper(s[:1]) + s[1:]
}
