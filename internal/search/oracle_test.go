package search

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
)

// The oracle answers a query the slow and plain way: for every listing, every filter, from the listing itself. It
// shares no code with the index but the weights, the labels and the tables of steps.
type oracle struct {
	listings []Listing
	payers   []Payer
}

func haversine(lat1, lon1, lat2, lon2 float64) float64 {
	rad := math.Pi / 180
	a := math.Pow(math.Sin((lat2-lat1)*rad/2), 2) +
		math.Cos(lat1*rad)*math.Cos(lat2*rad)*math.Pow(math.Sin((lon2-lon1)*rad/2), 2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(a))
}

func (o *oracle) from(w Query, now time.Time) civil.DayNumber {
	if w.From > civil.NumberOf(now) {
		return w.From
	}
	return civil.NumberOf(now)
}

// firstFree is the first day, counted from the query's first, and its part of day, in which the listing has a time to
// come.
func (o *oracle) firstFree(l *Listing, w Query, now time.Time) (day, part int, ok bool) {
	zone, _ := time.LoadLocation(l.Zone)
	local := now.In(zone)
	hourPart := map[bool]int{true: 0, false: 1}[local.Hour() < 12]
	if local.Hour() >= 17 {
		hourPart = 2
	}
	for day := range 7 {
		date := o.from(w, now) + civil.DayNumber(day)
		i := int(date - l.Availability.BaseDay)
		for part, name := range []PartOfDay{Morning, Afternoon, Evening} {
			passed := date < civil.NumberOf(local) || date == civil.NumberOf(local) && part < hourPart
			if i < 0 || i >= 28 || passed || w.Time != AnyTime && w.Time != name {
				continue
			}
			if l.Availability.Parts[i]&(1<<part) != 0 {
				return day, part, true
			}
		}
	}
	return 0, 0, false
}

// patientsOf are enough of the ages that each answer means to tell apart who sees any of them.
var patientsOf = map[Age][]int{AnyAge: {0, 7, 13, 17, 20, 40, 80}, ChildAge: {0, 7, 13, 17}, AdultAge: {40, 80},
	"7": {7}}

func has(list []string, v string) bool { return slices.Contains(list, v) }

// meets names the filters one by one.
func (o *oracle) meets(l *Listing, w Query, now time.Time) bool {
	if !has(w.Reasons, l.Reason) {
		return false
	}
	if !l.AcceptsNew && !slices.Contains(w.KnownAt, l.Tenant) {
		return false
	}
	if w.Telehealth && !(w.Near.Text != "" && l.Telehealth && has(l.TelehealthStates, w.Near.State)) {
		return false
	}
	if w.Near.Text != "" && !w.Telehealth {
		km := haversine(w.Near.Lat, w.Near.Lon, l.Lat, l.Lon)
		if l.Kind == KindHomeCare && km > l.AreaKm || l.Kind != KindHomeCare && km > float64(w.Within)*1.609344 {
			return false
		}
	}
	if len(w.Kinds) > 0 && !has(w.Kinds, l.Kind) || len(w.Genders) > 0 && !has(w.Genders, l.Gender) {
		return false
	}
	if w.Payer != "" && has(l.PayersRefused, w.Payer) {
		return false
	}
	if !slices.ContainsFunc(patientsOf[w.Age], l.Ages.Include) {
		return false
	}
	if w.PriceCents > 0 && (l.PriceCents == 0 || l.PriceCents > w.PriceCents) {
		return false
	}
	spoken := func(code string) bool { return has(l.Languages, code) || has(l.Interpreted, code) }
	if len(w.Languages) > 0 && !slices.ContainsFunc(w.Languages, spoken) {
		return false
	}
	for _, need := range w.Access {
		if !has(l.Access, need) {
			return false
		}
	}
	_, _, free := o.firstFree(l, w, now)
	return free
}

type oracleHit struct {
	listing *Listing
	score   float64
}

func (o *oracle) search(w Query, now time.Time) (hits []oracleHit, places int) {
	offices := map[string]bool{}
	for i := range o.listings {
		if l := &o.listings[i]; o.meets(l, w, now) {
			hits = append(hits, oracleHit{l, o.score(l, w, now)})
			offices[l.LocationID.String()] = true
		}
	}
	slices.SortFunc(hits, func(a, b oracleHit) int {
		if math.Abs(a.score-b.score) > 1e-9 {
			return map[bool]int{true: -1, false: 1}[a.score > b.score]
		}
		return bytes.Compare(a.listing.ID[:], b.listing.ID[:])
	})
	return hits, len(offices)
}

func (o *oracle) score(l *Listing, w Query, now time.Time) float64 {
	c := CurrentWeights
	day, part, _ := o.firstFree(l, w, now)
	minutes := float64(l.ResponseMinutes)
	if minutes == 0 {
		minutes = float64(c.UnknownResponse)
	}
	n := float64(l.Ratings)
	score := math.Pow(1/(1+(float64(day)+float64(part)/3)/c.WaitDays), c.Availability) *
		math.Pow(1/(1+minutes/c.ResponseMinutes), c.Response) *
		(c.PriorRating*c.PriorRatings + float64(l.Rating)*n) / (c.PriorRatings + n) / 5
	if w.Age == AnyAge && l.Ages.To > 0 && l.Ages.To < 22 && l.Reason != "C05" && l.Reason != "C06" {
		score *= c.OnlyYoung
	}
	if w.Near.Text != "" && !w.Telehealth {
		score /= 1 + haversine(w.Near.Lat, w.Near.Lon, l.Lat, l.Lon)/c.HalfKm
	}
	if w.Payer != "" && !has(l.PayersAccepted, w.Payer) {
		score *= c.NotStated
	}
	if len(w.Languages) > 0 && !slices.ContainsFunc(w.Languages,
		func(code string) bool { return has(l.Languages, code) }) {
		score *= c.Interpreter
	}
	return score
}

// count is how many places have what is asked for, and how many of them have it for sure.
func (o *oracle) count(w Query, now time.Time, sure func(*Listing) bool) (all, certain int) {
	places := map[uuid.UUID]bool{}
	for i := range o.listings {
		if l := &o.listings[i]; o.meets(l, w, now) {
			places[l.LocationID] = places[l.LocationID] || sure == nil || sure(l)
		}
	}
	for _, is := range places {
		if is {
			certain++
		}
	}
	return len(places), certain
}

// facets makes each choice in turn and counts the places, exactly as a person would who tries them all.
func (o *oracle) facets(w Query, now time.Time, spoken, features []string) (f Facets) {
	try := func(group *[]Choice, value, label string, chosen bool, sure func(*Listing) bool, change func(*Query)) {
		changed := w
		change(&changed)
		all, certain := o.count(changed, now, sure)
		*group = append(*group, Choice{value, label, all, certain, chosen})
	}
	for _, k := range kinds {
		try(&f.Kind, k.code, k.label, has(w.Kinds, k.code), nil, func(w *Query) { w.Kinds = []string{k.code} })
	}
	for _, a := range []Choice{{Value: "", Label: "Anyone"}, {Value: "child", Label: "A child"},
		{Value: "adult", Label: "An adult"}, {Value: "7", Label: "A 7-year-old"}} {
		if a.Value != "7" || w.Age == "7" {
			try(&f.Age, a.Value, a.Label, string(w.Age) == a.Value, nil, func(w *Query) { w.Age = Age(a.Value) })
		}
	}
	if w.Age == AnyAge && f.Age[0].Count == f.Age[1].Count && f.Age[0].Count == f.Age[2].Count {
		f.Age = nil
	}
	for _, p := range parts {
		try(&f.Time, p.code, p.label, string(w.Time) == p.code, nil, func(w *Query) { w.Time = PartOfDay(p.code) })
	}
	for _, miles := range []int{5, 10, 25, 50} {
		if w.Near.Text != "" {
			try(&f.Within, strconv.Itoa(miles), strconv.Itoa(miles)+" miles", w.Within == miles, nil,
				func(w *Query) { w.Within = miles })
		}
	}
	for _, p := range o.payers {
		try(&f.Payer, p.ID, p.Name, w.Payer == p.ID,
			func(l *Listing) bool { return has(l.PayersAccepted, p.ID) && !has(l.PayersRefused, p.ID) },
			func(w *Query) { w.Payer = p.ID })
	}
	limits := []int64{25, 50, 100, 200, 500}
	if own := w.PriceCents / 100; own > 0 && !slices.Contains(limits, own) {
		limits = append(limits, own)
		slices.Sort(limits)
	}
	for _, dollars := range limits {
		try(&f.Price, strconv.FormatInt(dollars, 10), priceLabel(dollars), w.PriceCents == dollars*100, nil,
			func(w *Query) { w.PriceCents = dollars * 100 })
	}
	if w.Near.Text != "" {
		try(&f.Telehealth, "1", "Video visit", w.Telehealth, nil, func(w *Query) { w.Telehealth = true })
	}
	for _, code := range spoken {
		try(&f.Language, code, LanguageName(code), has(w.Languages, code),
			func(l *Listing) bool { return has(l.Languages, code) },
			func(w *Query) { w.Languages = []string{code} })
	}
	for _, g := range genders {
		try(&f.Gender, g.code, g.label, has(w.Genders, g.code), nil, func(w *Query) { w.Genders = []string{g.code} })
	}
	for _, code := range features {
		try(&f.Access, code, AccessName(code), has(w.Access, code), nil, func(w *Query) {
			if !has(w.Access, code) {
				w.Access = append(slices.Clone(w.Access), code)
			}
		})
	}
	return f
}
