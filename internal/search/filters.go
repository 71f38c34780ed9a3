package search

import (
	"slices"
	"strconv"
	"strings"

	"kindward/internal/civil"
	"kindward/internal/money"
)

func (r *reader) filters() {
	r.from()
	r.Query.Within = defaultWithin
	if v := r.text("within"); v != "" {
		if miles, err := strconv.Atoi(v); err == nil && slices.Contains(withinMiles[:], miles) {
			r.Query.Within = miles
		} else {
			r.problem("within", "Choose a distance of 5, 10, 25 or 50 miles. We searched within 10.")
		}
	}
	if v := r.text("time"); v != "" && v != "any" {
		if _, known := labelIn(parts[:], strings.ToLower(v)); known {
			r.Query.Time = PartOfDay(strings.ToLower(v))
		} else {
			r.problem("time", "Choose before noon, afternoon or after 5 pm. We searched for any time.")
		}
	}
	if v := r.text("age"); v != "" {
		age, known := parseAge(v)
		if r.Query.Age = age; !known {
			r.problem("age", "Choose a child or an adult, or give an age in years. We searched for anyone.")
		}
	}
	if v := Sort(strings.ToLower(r.text("sort"))); v == "best" || slices.Contains(Sorts, v) {
		r.Query.Sort = Sort(strings.TrimSuffix(string(v), "best"))
	} else {
		r.problem("sort", "Results are sorted by best match, soonest, nearest or price. These are the best matches.")
	}
	r.payer()
	r.price()
	switch v := strings.ToLower(r.text("telehealth")); v {
	case "", "0", "no", "off":
	case "1", "yes", "on", "true":
		r.Query.Telehealth = true
	default:
		r.problem("telehealth", "Choose video visits or not. We searched for all visits.")
	}
	r.Query.Kinds = r.list("kind", "kind of place", codesOf(kinds[:]))
	r.Query.Genders = r.list("gender", "choice of clinician", codesOf(genders[:]))
	r.Query.Languages = r.list("language", "language", append(codesOf(languages), r.ix.layout.languages...))
	r.Query.Access = r.list("access", "access need", append(codesOf(access), r.ix.layout.access...))
	if v := r.text("page"); v != "" {
		if n, err := strconv.Atoi(v); err == nil && n >= 1 && n <= MaxPage {
			r.Query.Page = n
		} else {
			r.problem("page", "There are pages 1 to "+strconv.Itoa(MaxPage)+". This is the first.")
		}
	}
}

func codesOf(list []labeled) []string {
	codes := make([]string, len(list))
	for i, l := range list {
		codes[i] = l.code
	}
	return codes
}

// list reads a filter of several values: sorted, without repeats, only what is known.
func (r *reader) list(name, what string, known []string) []string {
	values := r.q[name]
	if len(values) > maxValues {
		values = values[:maxValues]
	}
	var kept []string
	left := 0
	for _, v := range values {
		if v = strings.ToLower(strings.TrimSpace(v)); v == "" {
			continue
		}
		if slices.Contains(known, v) {
			kept = append(kept, v)
		} else {
			left++
		}
	}
	if left > 0 || len(r.q[name]) > maxValues {
		r.problem(name, "We do not know one "+what+" in this link. We searched without it.")
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

func (r *reader) payer() {
	v := fold(r.text("payer"))
	if v == "" {
		return
	}
	for _, p := range r.ix.payers {
		if fold(p.ID) == v || fold(p.Name) == v {
			r.Query.Payer = p.ID
			return
		}
	}
	r.problem("payer", "We do not know that insurance plan. We searched without it.")
}

// maxPrice is in dollars; above it a limit limits nothing.
const maxPrice = 100_000

func (r *reader) price() {
	v := r.text("price")
	if strings.Trim(v, "$, ") == "" {
		return
	}
	price, err := money.ParseWhole(v, money.USD)
	if err != nil || price.Minor < 100 || price.Minor > maxPrice*100 {
		r.problem("price", "Enter a price in whole dollars, like 50. We searched for any price.")
		return
	}
	r.Query.PriceCents = price.Minor
}

// from accepts today up to three weeks ahead, so that the week asked for is one we know.
func (r *reader) from() {
	last := r.today + DaysKnown - DaysSearched
	v := strings.ToLower(r.text("from"))
	date, err := civil.ParseDate(v)
	day := date.Number()
	switch {
	case v == "" || v == "today":
		return
	case v == "tomorrow":
		day = r.today + 1
	case err != nil:
		r.problem("from", "The first day must be a real date, like "+r.today.String()+". We searched from today.")
		return
	}
	switch {
	case day < r.today:
		r.problem("from", day.Date().Long()+" has passed. We searched from today.")
	case day > last:
		r.problem("from", "We know free times four weeks ahead. We searched from "+last.Date().Long()+".")
		r.Query.From = last
	case day > r.today:
		r.Query.From = day
	}
}
