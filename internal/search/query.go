package search

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// Query is one normalized question. Lists are sorted and free of repeats, so that the same query is the same value.
// It comes from [Index.Normalize]; only KnownAt is set by the handler.
type Query struct {
	Reasons    []string // codes; a result has one of them (hard gate)
	Text       string   // the canonical words for Reasons
	Near       Near
	Within     int             // miles, one of withinMiles
	From       civil.DayNumber // 0 = today
	Time       PartOfDay
	Age        Age      // of the patient; leaves out who does not see such people
	Kinds      []string // any of; empty = all
	Payer      string   // id; leaves out who refuses it, keeps who has not said
	PriceCents int64    // at most, paid by the patient herself; 0 = no limit
	Telehealth bool     // only by video, licensed in the state of Near
	Languages  []string // any of
	Genders    []string // any of
	Access     []string // all of
	Sort       Sort
	Page       int // from 1

	// KnownAt lists the tenants where this patient has been before. A listing that takes no new patients is shown only to
	// them. It is derived from history by the caller and never read from a URL.
	KnownAt []uuid.UUID
}

// Near is where the patient is. The zero value means that no place was given.
type Near struct {
	Text             string // canonical: "Providence 02906" or "Providence, RI"
	ZIP, Town, State string // ZIP is empty for a whole town
	Lat, Lon         float64
}

// Sort is the order of results.
type Sort string

// The orders, with their values in the URL.
const (
	BestFirst    Sort = ""
	SoonestFirst Sort = "soonest"
	Nearest      Sort = "nearest"
	Cheapest     Sort = "price"
)

// Sorts are all orders, the usual one first.
var Sorts = []Sort{BestFirst, SoonestFirst, Nearest, Cheapest}

const defaultWithin = 10

var withinMiles = [4]int{5, defaultWithin, 25, 50}

// Values is the query as URL parameters, in one canonical form: what has its default value is left out.
func (w Query) Values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("reason", w.Text)
	set("near", w.Near.Text)
	if w.From != 0 {
		q.Set("from", w.From.String())
	}
	if w.Within != 0 && w.Within != defaultWithin {
		q.Set("within", strconv.Itoa(w.Within))
	}
	set("time", string(w.Time))
	set("age", string(w.Age))
	set("sort", string(w.Sort))
	set("payer", w.Payer)
	if w.PriceCents > 0 {
		q.Set("price", strconv.FormatInt(w.PriceCents/100, 10))
	}
	if w.Telehealth {
		q.Set("telehealth", "1")
	}
	for name, values := range map[string][]string{"kind": w.Kinds, "language": w.Languages, "gender": w.Genders,
		"access": w.Access} {
		if len(values) > 0 {
			q[name] = append([]string(nil), values...)
		}
	}
	if w.Page > 1 {
		q.Set("page", strconv.Itoa(w.Page))
	}
	return q
}

// Key is equal for equal queries and different for different ones.
func (w Query) Key() string {
	var b strings.Builder
	b.Grow(128)
	list := func(values []string) {
		for i, v := range values {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(v)
		}
		b.WriteByte('|')
	}
	number := func(n int64) {
		b.WriteString(strconv.FormatInt(n, 10))
		b.WriteByte('|')
	}
	list(w.Reasons)
	b.WriteString(w.Near.Text)
	b.WriteByte('|')
	number(int64(w.Within))
	number(int64(w.From))
	b.WriteString(string(w.Time))
	b.WriteByte('|')
	b.WriteString(string(w.Age))
	b.WriteByte('|')
	list(w.Kinds)
	b.WriteString(w.Payer)
	b.WriteByte('|')
	number(w.PriceCents)
	b.WriteString(strconv.FormatBool(w.Telehealth))
	b.WriteByte('|')
	list(w.Languages)
	list(w.Genders)
	list(w.Access)
	b.WriteString(string(w.Sort))
	b.WriteByte('|')
	number(int64(w.Page))
	for _, id := range w.KnownAt {
		b.Write(id[:])
	}
	return b.String()
}

// For is the query of a patient who has been at these tenants before (1.8).
func (w Query) For(knownAt []uuid.UUID) Query {
	w.KnownAt = slices.Clone(knownAt)
	slices.SortFunc(w.KnownAt, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	w.KnownAt = slices.Compact(w.KnownAt)
	return w
}
