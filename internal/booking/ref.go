package booking

import (
	"crypto/rand"
	"regexp"
	"strings"
	"unicode"
)

// refAlphabet has no 0 O 1 I L: references are read out on the phone.
const refAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// NewRef makes a reference like KW-7QK4-M92. It names an appointment to people; it opens nothing.
func NewRef() string {
	return RefFrom([7]int(randomBelow(len(refAlphabet), 7)))
}

// RefFrom is the reference that seven numbers make, none of them below zero: for data that follows from a seed.
func RefFrom(numbers [7]int) string {
	b := []byte("KW-____-___")
	for i, at := range []int{3, 4, 5, 6, 8, 9, 10} {
		b[at] = refAlphabet[numbers[i]%len(refAlphabet)]
	}
	return string(b)
}

var wholeRef = regexp.MustCompile(`^(?:KW)?([` + refAlphabet + `]{4})([` + refAlphabet + `]{3})$`)

// ReadRef brings what somebody typed into the form in which references are kept, with its prefix or without, in small
// letters, with the blanks and strokes that phones put between: "kw 7qk4–m92". False: it reads like none.
func ReadRef(typed string) (ref string, ok bool) {
	part := wholeRef.FindStringSubmatch(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || strings.ContainsRune(".·\u2212", r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed))
	if part == nil {
		return "", false
	}
	return "KW-" + part[1] + "-" + part[2], true
}

// randomBelow gives n numbers in [0, limit), without the bias of a remainder.
func randomBelow(limit, n int) []int {
	out := make([]int, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		rand.Read(buf)
		for _, b := range buf {
			if int(b) < 256-256%limit && len(out) < n {
				out = append(out, int(b)%limit)
			}
		}
	}
	return out
}
