package search

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Named is a place or a clinician that somebody may look for by name. Practitioner is nil for a place.
type Named struct {
	Name, Line   string // Line is where: the street of a place, the place of a clinician
	Slug         string
	Practitioner uuid.UUID
	Specialty    string
	listings     int
}

// nameIndex finds places and clinicians by the words of their names. It is made when somebody first asks, from the
// listings of its snapshot: a change of times keeps it, a change of listings makes another.
type nameIndex struct {
	once  sync.Once
	all   []Named
	words []nameWord // sorted
	known []nameWord // each word once
}

type nameWord struct {
	word string
	mask uint32
	of   int32
}

// titles are words before and after a name that are no part of it.
var titles = setOf("dr dra doctor doctora md do dds dmd np rn pa phd mr mrs ms prof")

func (ix *Index) namesNow() *nameIndex {
	ix.names.once.Do(func() { ix.names.fill(ix.groups) })
	return ix.names
}

func (n *nameIndex) fill(groups []group) {
	at := map[uuid.UUID]int32{}
	note := func(id uuid.UUID, make func() Named) {
		i, known := at[id]
		if !known {
			i = int32(len(n.all))
			at[id] = i
			n.all = append(n.all, make())
		}
		n.all[i].listings++
	}
	for g := range groups {
		for _, l := range groups[g].listings {
			note(l.Tenant, func() Named { return Named{Name: l.OrgName, Line: l.Street + ", " + l.City, Slug: l.Slug} })
			if l.LocationName != l.OrgName {
				note(l.LocationID, func() Named {
					return Named{Name: l.LocationName, Line: l.OrgName + ", " + l.Street + ", " + l.City, Slug: l.Slug}
				})
			}
			if l.Practitioner != "" {
				note(l.PractitionerID, func() Named {
					return Named{Name: l.Practitioner, Line: l.Specialty + " at " + l.OrgName + ", " + l.City, Slug: l.Slug,
						Practitioner: l.PractitionerID, Specialty: l.Specialty}
				})
			}
		}
	}
	for i := range n.all {
		for w := range strings.FieldsSeq(fold(n.all[i].Name)) {
			if !titles[w] {
				n.words = append(n.words, nameWord{w, letters(w), int32(i)})
			}
		}
	}
	slices.SortFunc(n.words, func(a, b nameWord) int {
		return cmp.Or(strings.Compare(a.word, b.word), cmp.Compare(a.of, b.of))
	})
	n.known = slices.CompactFunc(slices.Clone(n.words), func(a, b nameWord) bool { return a.word == b.word })
}

// nameWords are the words of a text that may be of a name.
func nameWords(text string) (words []string) {
	for w := range strings.FieldsSeq(fold(text)) {
		if !titles[w] && w != "at" && w != "the" {
			words = append(words, w)
		}
	}
	return words
}

// Names gives up to n places and clinicians with all words of a text in their names; whole says that they must be whole
// words, otherwise they may be beginnings. Those that others share least come first: the shortest names.
func (ix *Index) Names(text string, n int, whole bool) []Named {
	return ix.named(nameWords(text), n, whole)
}

func (ix *Index) named(words []string, n int, whole bool) (found []Named) {
	if len(words) == 0 {
		return nil
	}
	all := ix.namesNow()
	longest := slices.MaxFunc(words, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	at, _ := slices.BinarySearchFunc(all.words, longest, func(w nameWord, word string) int {
		return strings.Compare(w.word, word)
	})
	seen := map[int32]bool{}
	for ; at < len(all.words) && strings.HasPrefix(all.words[at].word, longest); at++ {
		if i := all.words[at].of; !seen[i] && hasWords(all.all[i].Name, words, whole) {
			seen[i] = true
			found = append(found, all.all[i])
		}
	}
	slices.SortFunc(found, func(a, b Named) int {
		return cmp.Or(cmp.Compare(len(a.Name), len(b.Name)), strings.Compare(a.Name, b.Name), strings.Compare(a.Line, b.Line))
	})
	return found[:min(n, len(found))]
}

func hasWords(name string, words []string, whole bool) bool {
	have := strings.Fields(fold(name))
	for _, w := range words {
		if !slices.ContainsFunc(have, func(h string) bool { return h == w || !whole && strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// maxNamed is how many names an answer lists.
const maxNamed = 10

// calledSo gives the places and clinicians that a question can only mean: it is the whole of a name, or has a word that
// nothing but a name has. A name that is a slip away is found if nothing is called as it was typed.
func (ix *Index) calledSo(text string) []Named {
	words := nameWords(text)
	if len(words) == 0 || len(text) > maxText {
		return nil
	}
	own := slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && !ix.lexicon.written[w] && !unsaid[w] })
	found := ix.named(words, maxNamed, true)
	if own && len(found) == 0 {
		found = ix.named(words, maxNamed, false)
	}
	if own && len(found) == 0 {
		found = ix.named(ix.respelled(words), maxNamed, true)
	}
	if own {
		return found
	}
	return slices.DeleteFunc(found, func(n Named) bool { return len(nameWords(n.Name)) != len(words) })
}

// respelled puts the nearest word of a name in the place of each that is no word of one, nil if one has none.
func (ix *Index) respelled(words []string) []string {
	all := ix.namesNow().known
	out := slices.Clone(words)
	for i, w := range words {
		limit := min(1, allowedEdits(len(w)))
		if len(w) < 4 || len(w) > maxTyped {
			return nil
		}
		mask, near := letters(w), ""
		for j := range all {
			if differ(mask, all[j].mask) > 2*limit {
				continue
			}
			if edits := editDistance(w, all[j].word, limit); edits <= limit && (near == "" || edits == 0) {
				near = all[j].word
			}
		}
		if near == "" {
			return nil
		}
		out[i] = near
	}
	return out
}
