package search

// allowedEdits is how many slips are forgiven in a word: none in two letters, one up to five, two beyond.
func allowedEdits(length int) int {
	switch {
	case length <= 2:
		return 0
	case length <= 5:
		return 1
	}
	return 2
}

// maxTyped bounds the words that are compared; longer input is no slip of the finger.
const maxTyped = 48

// editDistance counts the insertions, deletions, changes and swaps of neighbors (Damerau, each place edited once)
// between a and b, and gives limit+1 as soon as it must be more than limit. It allocates nothing.
func editDistance(a, b string, limit int) int {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit || len(b) > maxTyped {
		return limit + 1
	}
	for len(a) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 {
		return len(b)
	}
	var rows [3][maxTyped + 1]uint8
	before, last, this := &rows[0], &rows[1], &rows[2]
	for j := 0; j <= len(b); j++ {
		last[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		this[0] = uint8(i)
		least := i
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			best := min(last[j]+1, this[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				best = min(best, before[j-2]+1)
			}
			this[j] = best
			least = min(least, int(best))
		}
		if least > limit {
			return limit + 1
		}
		before, last, this = last, this, before
	}
	return min(int(last[len(b)]), limit+1)
}
