package search

import (
	"slices"
	"strconv"
	"strings"
)

// Age is how old the patient is, as far as a question says: nothing, a child or an adult, or years ("7"). An age is a
// gate: a clinician who does not see such patients is no result.
type Age string

// The ages that a filter offers, with their values in the URL.
const (
	AnyAge   Age = ""
	ChildAge Age = "child"
	AdultAge Age = "adult"
)

const (
	oldest = 120
	// youngUntil is the age up to which practices for the young see people who have grown up; who asks for an adult means
	// somebody whom they do not see.
	youngUntil = 21
)

var agesOffered = [3]labeled{{string(AnyAge), "Anyone"}, {string(ChildAge), "A child"}, {string(AdultAge), "An adult"}}

// years is the span of ages that an age asked for stands for.
func (a Age) years() (span Ages) {
	switch a {
	case AnyAge:
		return Ages{To: oldest}
	case ChildAge:
		return Ages{To: Adult - 1}
	case AdultAge:
		return Ages{From: youngUntil + 1, To: oldest}
	}
	n, _ := strconv.ParseInt(string(a), 10, 16)
	return Ages{From: int16(n), To: int16(n)}
}

// meet tells whether some age is in both. The other one has an end.
func (a Ages) meet(other Ages) bool { return a.From <= other.To && (a.To == 0 || a.To >= other.From) }

// onlyYoung tells whether somebody sees no adult but those who have just become one.
func (a Ages) onlyYoung() bool { return a.To > 0 && a.To <= youngUntil }

// text is an age as a choice: "A child", "A 7-year-old".
func (a Age) text() string {
	if name, known := labelIn(agesOffered[:], string(a)); known {
		return name
	}
	if a == "0" {
		return "A baby"
	}
	article := "A "
	if a == "11" || a == "18" || a[0] == '8' { // as they are said
		article = "An "
	}
	return article + string(a) + "-year-old"
}

// parseAge reads the value of a filter or a link.
func parseAge(v string) (Age, bool) {
	v = strings.ToLower(v)
	if v == "any" {
		return AnyAge, true
	}
	if _, known := labelIn(agesOffered[:], v); known {
		return Age(v), true
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 || n > oldest {
		return AnyAge, false
	}
	return Age(strconv.Itoa(n)), true
}

var childWords = setOf("child children childs childrens kid kids toddler toddlers infant infants newborn pediatric " +
	"paediatric pediatrician paediatrician pediatrics son daughter teen teenager nino nina ninos ninas hijo hija pediatra")

// aboutChildren tells whether words say that the patient is a child.
func aboutChildren(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return childWords[w] })
}

// ageIn reads "2 year old", "6 month old" and words for children.
func ageIn(words []string) Age {
	for i := 0; i+2 < len(words); i++ {
		if words[i+2] != "old" || !allDigits(words[i]) {
			continue
		}
		if !strings.HasPrefix(words[i+1], "y") {
			return "0"
		}
		if age, known := parseAge(words[i]); known {
			return age
		}
	}
	if aboutChildren(words) {
		return ChildAge
	}
	return AnyAge
}

// isCanonical tells whether a text is how a link names services: what such a text says of ages, its services say.
func (lx *lexicon) isCanonical(folded string) bool {
	set := lx.sets[withoutSpaces(folded)]
	return len(set) > 0 && fold(lx.canonical[lx.setKey(set)]) == folded
}
