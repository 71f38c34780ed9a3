package search

import (
	"slices"
	"strings"
)

// layout says which bit of a listing's facet words stands for what. The words of all listings have the same length, as
// many as the region's languages, access features and payers need; kind, gender and price are always in the first.
type layout struct {
	words                       int
	languages, access           []string // sorted, lower case
	payerAt                     map[string]int
	payers                      int
	spokenBit, helpedBit        int // helped: spoken or through an interpreter
	accessBit                   int
	acceptedBit, refusedBit     int
	stateAt                     map[string]int
	kindMask, genderMask, price uint64
}

const (
	kindBit   = 0
	genderBit = kindBit + len(kinds)
	priceBit  = genderBit + len(genders)
	firstFree = priceBit + len(priceDollars)
)

func newLayout(payers []Payer, listings []Listing) *layout {
	lo := &layout{payerAt: map[string]int{}, payers: len(payers), stateAt: map[string]int{}}
	for i, p := range payers {
		lo.payerAt[p.ID] = i
	}
	spoken, features := map[string]bool{}, map[string]bool{}
	for i := range listings {
		l := &listings[i]
		for _, list := range [2][]string{l.Languages, l.Interpreted} {
			for _, code := range list {
				spoken[code] = true
			}
		}
		for _, code := range l.Access {
			features[code] = true
		}
		for _, state := range l.TelehealthStates {
			if _, known := lo.stateAt[state]; !known && len(lo.stateAt) < 64 {
				lo.stateAt[state] = len(lo.stateAt)
			}
		}
	}
	lo.languages, lo.access = sortedCodes(spoken), sortedCodes(features)
	lo.spokenBit = firstFree
	lo.helpedBit = lo.spokenBit + len(lo.languages)
	lo.accessBit = lo.helpedBit + len(lo.languages)
	lo.acceptedBit = lo.accessBit + len(lo.access)
	lo.refusedBit = lo.acceptedBit + lo.payers
	lo.words = (lo.refusedBit + lo.payers + 63) / 64
	lo.kindMask = ones(kindBit, len(kinds))
	lo.genderMask = ones(genderBit, len(genders))
	lo.price = ones(priceBit, len(priceDollars))
	return lo
}

func ones(from, n int) uint64 { return (1<<n - 1) << from }

func sortedCodes(set map[string]bool) []string {
	var list []string
	for code := range set {
		if code = strings.ToLower(code); code != "" {
			list = append(list, code)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// bits is a set of facet bits as long as a listing's words.
type bits []uint64

func (b bits) set(bit int) { b[bit/64] |= 1 << (bit % 64) }

func (b bits) clear(bit int) { b[bit/64] &^= 1 << (bit % 64) }

func (b bits) has(bit int) bool { return b[bit/64]&(1<<(bit%64)) != 0 }

// meets reports a common bit.
func (b bits) meets(other bits) bool {
	for i, w := range other {
		if b[i]&w != 0 {
			return true
		}
	}
	return false
}

// covers reports that every bit of other is here.
func (b bits) covers(other bits) bool {
	for i, w := range other {
		if b[i]&w != w {
			return false
		}
	}
	return true
}

// describe sets the bits of one listing.
func (lo *layout) describe(l *Listing, b bits) {
	if k := indexOf(kinds[:], l.Kind); k >= 0 {
		b.set(kindBit + k)
	}
	if g := indexOf(genders[:], l.Gender); g >= 0 {
		b.set(genderBit + g)
	}
	for i, dollars := range priceDollars {
		if l.PriceCents > 0 && l.PriceCents <= dollars*100 {
			b.set(priceBit + i)
		}
	}
	lo.each(lo.languages, l.Languages, func(i int) { b.set(lo.spokenBit + i); b.set(lo.helpedBit + i) })
	lo.each(lo.languages, l.Interpreted, func(i int) { b.set(lo.helpedBit + i) })
	lo.each(lo.access, l.Access, func(i int) { b.set(lo.accessBit + i) })
	for _, id := range l.PayersAccepted {
		if i, known := lo.payerAt[id]; known {
			b.set(lo.acceptedBit + i)
		}
	}
	for _, id := range l.PayersRefused { // in both lists: a refusal is the costlier thing to be wrong about
		if i, known := lo.payerAt[id]; known {
			b.set(lo.refusedBit + i)
			b.clear(lo.acceptedBit + i)
		}
	}
}

func (lo *layout) each(known, codes []string, found func(int)) {
	for _, code := range codes {
		if i, ok := slices.BinarySearch(known, strings.ToLower(code)); ok {
			found(i)
		}
	}
}

func indexOf(list []labeled, code string) int {
	return slices.IndexFunc(list, func(l labeled) bool { return l.code == code })
}

// licensed is the set of states as bits.
func (lo *layout) licensed(l *Listing) (set uint64) {
	if !l.Telehealth {
		return 0
	}
	for _, s := range l.TelehealthStates {
		if i, known := lo.stateAt[s]; known {
			set |= 1 << i
		}
	}
	return set
}
