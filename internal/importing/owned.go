package importing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// owned is what an organization has of one kind, by the folded names by which rows may name it.
type owned struct {
	ids    map[string][]uuid.UUID
	all    []uuid.UUID
	names  []string // as the organization writes them
	folded []string // the same, folded
}

// mostNamed is how many services a row names, one by one.
const mostNamed = 100

// mostNear is up to how many names one that is not known is compared with.
const mostNear = 500

func (o *owned) add(id uuid.UUID, name string, others ...string) {
	if o.ids == nil {
		o.ids = map[string][]uuid.UUID{}
	}
	o.all, o.names, o.folded = append(o.all, id), append(o.names, name), append(o.folded, folded(name))
	for _, n := range append(others, name) {
		if word := folded(n); word != "" && !slices.Contains(o.ids[word], id) {
			o.ids[word] = append(o.ids[word], id)
		}
	}
}

// find gives all that is called so. Near: nothing is, and this is called nearly so.
func (o *owned) find(text string, known *Known) (ids []uuid.UUID, near string) {
	word := folded(text)
	if ids = o.ids[word]; len(ids) > 0 || len(o.names) > mostNear {
		return ids, ""
	}
	nearest := 3
	for i, name := range o.folded {
		if len(word) < 5 {
			break
		}
		if d := known.apart(word, name); d < nearest {
			near, nearest = o.names[i], d
		}
	}
	return nil, near
}

// own reads the name of one thing that the organization has.
func own(field, missing, twice string) func(string, *Known) reading {
	return func(s string, known *Known) reading {
		all := known.Own[field]
		ids, near := all.find(s, known)
		switch {
		case len(ids) == 1:
			return reading{value: ids[0]}
		case len(ids) > 1:
			return reading{wrong: "is the name of several. " + twice}
		case near != "":
			return reading{wrong: "is not spelled so", proposal: DidYouMean, fix: near}
		}
		return reading{wrong: missing}
	}
}

// ownServices reads the names of services, or that all are meant. Several of one name are meant together.
func ownServices(s string, known *Known) reading {
	all := known.Own["services"]
	var ids []uuid.UUID
	if word := folded(s); word == "all" || word == "all services" || word == "every service" {
		if len(all.all) == 0 {
			return reading{wrong: "are none yet. Bring services in first"}
		}
		return reading{value: distinct(slices.Clone(all.all))}
	}
	if ids, _ = all.find(s, known); len(ids) > 0 {
		return reading{value: distinct(ids)}
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' })
	if len(words) == 1 {
		words = strings.Split(s, ",")
	}
	if len(words) > mostNamed {
		return reading{wrong: fmt.Sprintf("names more than %d services. Write “all”, or a row for some of them", mostNamed)}
	}
	var right []string
	mended, named := false, map[string]bool{}
	for _, word := range words {
		if named[folded(word)] {
			continue
		}
		named[folded(word)] = true
		found, near := all.find(word, known)
		if len(found) == 0 && near == "" {
			return reading{wrong: "has “" + strings.TrimSpace(word) + "”, which is no service here"}
		}
		if near == "" {
			near = strings.TrimSpace(word)
		} else {
			mended = true
		}
		ids, right = append(ids, found...), append(right, near)
	}
	if mended {
		return reading{wrong: "has a service that is not spelled so", proposal: DidYouMean, fix: strings.Join(right, "; ")}
	}
	return reading{value: distinct(ids)}
}

func distinct(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}
