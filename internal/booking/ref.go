package booking

import (
	"crypto/rand"
	"strings"
)

// refAlphabet has no 0 O 1 I L: references are read out on the phone.
const refAlphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// NewRef makes a reference like KW-7QK4-M92. It names an appointment to people; it opens nothing.
func NewRef() string {
	var b strings.Builder
	b.WriteString("KW-")
	for i, c := range randomBelow(len(refAlphabet), 7) {
		if i == 4 {
			b.WriteByte('-')
		}
		b.WriteByte(refAlphabet[c])
	}
	return b.String()
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
