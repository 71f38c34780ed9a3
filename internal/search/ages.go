package search

import "strconv"

// Adult is the age from which somebody is one.
const Adult = 18

// Ages are whom a practitioner sees, in whole years, both ends included. A zero is no limit on that side, so the zero
// value is everybody.
type Ages struct{ From, To int16 }

// Include tells whether somebody of an age in whole years is seen.
func (a Ages) Include(age int) bool { return age >= int(a.From) && (a.To == 0 || age <= int(a.To)) }

// Text is whom they are in words that follow "sees": "all ages", "children up to 17".
func (a Ages) Text() string {
	from, to := strconv.Itoa(int(a.From)), strconv.Itoa(int(a.To))
	switch {
	case a == Ages{}:
		return "all ages"
	case a == Ages{From: Adult}:
		return "adults"
	case a.To == 0:
		return "people from " + from + " years of age"
	case a.From == 0 && a.To < Adult:
		return "children up to " + to
	case a.From == 0:
		return "people up to " + to
	case a.To < Adult:
		return "children from " + from + " to " + to
	}
	return "people from " + from + " to " + to
}

// AgesOf reads the limits of a row; nil is none.
func AgesOf(from, to *int16) (a Ages) {
	if from != nil {
		a.From = *from
	}
	if to != nil {
		a.To = *to
	}
	return a
}
