package search

import (
	"maps"
	"slices"
	"strings"
)

// layout says which bit of a listing's facet words stands for what. The words of all listings have the same length, as
// many as the region's languages, access features and payers need; kind, gender, price and age are always in the first.
type layout struct {
	words                int
	languages, access    []string // sorted, lower case
	payerAt              map[string]int
	payers               int
	spokenBit, helpedBit int // helped: spoken or through an interpreter
	accessBit            int
	acceptedBit, openBit int // open: accepted or not stated
	stateAt              map[string]int
	used                 codesUsed // when it was made: which codes have a bit

	kindMask, genderMask, priceMask, ageMask uint64
}

const (
	kindBit   = 0
	genderBit = kindBit + len(kinds)
	priceBit  = genderBit + len(genders)
	ageBit    = priceBit + len(priceDollars)
	firstFree = ageBit + len(agesOffered)
)

// codesUsed counts the codes that listings name and that queries can ask for.
type codesUsed map[codeUsed]int

type codeUsed struct{ of, code string }

const (
	usedLanguage = "language"
	usedAccess   = "access"
	usedState    = "state" // of telehealth
)

// count adds a listing's codes so many times.
func (u codesUsed) count(l *Listing, n int) {
	for _, list := range [2][]string{l.Languages, l.Interpreted} {
		for _, code := range list {
			u.add(usedLanguage, strings.ToLower(code), n)
		}
	}
	for _, code := range l.Access {
		u.add(usedAccess, strings.ToLower(code), n)
	}
	for _, state := range l.TelehealthStates {
		u.add(usedState, state, n)
	}
}

func (u codesUsed) add(of, code string, n int) {
	key := codeUsed{of, code}
	if u[key] += n; u[key] == 0 {
		delete(u, key)
	}
}

// of are the codes of one kind, sorted, without the empty one.
func (u codesUsed) of(kind string) (codes []string) {
	for key := range u {
		if key.of == kind && key.code != "" {
			codes = append(codes, key.code)
		}
	}
	slices.Sort(codes)
	return codes
}

func newLayout(payers []Payer, used codesUsed) *layout {
	lo := &layout{payerAt: map[string]int{}, payers: len(payers), stateAt: map[string]int{}, used: maps.Clone(used)}
	for i, p := range payers {
		lo.payerAt[p.ID] = i
	}
	for i, state := range used.of(usedState) {
		if i < 64 {
			lo.stateAt[state] = i
		}
	}
	lo.languages, lo.access = used.of(usedLanguage), used.of(usedAccess)
	lo.spokenBit = firstFree
	lo.helpedBit = lo.spokenBit + len(lo.languages)
	lo.accessBit = lo.helpedBit + len(lo.languages)
	lo.acceptedBit = lo.accessBit + len(lo.access)
	lo.openBit = lo.acceptedBit + lo.payers
	lo.words = (lo.openBit + lo.payers + 63) / 64
	lo.kindMask = ones(kindBit, len(kinds))
	lo.genderMask = ones(genderBit, len(genders))
	lo.priceMask = ones(priceBit, len(priceDollars))
	lo.ageMask = ones(ageBit, len(agesOffered))
	return lo
}

func ones(from, n int) uint64 { return (1<<n - 1) << from }

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
	for i, age := range agesOffered {
		if l.Ages.meet(Age(age.code).years()) {
			b.set(ageBit + i)
		}
	}
	lo.each(lo.languages, l.Languages, func(i int) { b.set(lo.spokenBit + i); b.set(lo.helpedBit + i) })
	lo.each(lo.languages, l.Interpreted, func(i int) { b.set(lo.helpedBit + i) })
	lo.each(lo.access, l.Access, func(i int) { b.set(lo.accessBit + i) })
	for i := range lo.payers {
		b.set(lo.openBit + i)
	}
	for _, id := range l.PayersAccepted {
		if i, known := lo.payerAt[id]; known {
			b.set(lo.acceptedBit + i)
		}
	}
	for _, id := range l.PayersRefused { // in both lists: a refusal is the costlier thing to be wrong about
		if i, known := lo.payerAt[id]; known {
			b.clear(lo.openBit + i)
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
