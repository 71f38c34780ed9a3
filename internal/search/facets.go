package search

import (
	"slices"
	"strconv"

	"kindward/internal/money"
)

// Facets are the filters with what each choice would give. A group that cannot narrow anything is empty.
type Facets struct {
	Kind, Age, Time, Within, Payer, Price, Telehealth, Language, Gender, Access []Choice
}

// Choice is one value of a filter. Count is the number of places found if it were chosen and all other filters stayed:
// in Access, where all chosen values must hold, together with the chosen ones; elsewhere instead of those chosen in its
// group.
type Choice struct {
	Value, Label string
	Count        int
	// Sure is the part of Count without a condition: insurance accepted (the rest has not stated), language spoken (the
	// rest through an interpreter). Otherwise it is Count.
	Sure   int
	Chosen bool
}

func (ix *Index) facets(w *Query, q *compiledQuery, c *counter) Facets {
	c.empty()
	lo := ix.layout
	size := 3 + 4 + 4 + 4 + len(ix.payers) + len(priceDollars) + 1 + 1 + len(lo.languages) + 3 + len(lo.access)
	b := facetBuilder{choices: make([]Choice, 0, size)}
	var f Facets
	for i, k := range kinds {
		b.add(k.code, k.label, c.with(kindBit+i), slices.Contains(w.Kinds, k.code))
	}
	f.Kind = b.group()
	f.Age = b.ages(w, c)
	b.add(parts[0].code, parts[0].label, c.anyTime, w.Time == AnyTime)
	for i, p := range parts[1:] {
		b.add(p.code, p.label, c.free[i], string(w.Time) == p.code)
	}
	f.Time = b.group()
	if q.near {
		within := 0
		for i, miles := range withinMiles {
			within += c.bands[i]
			b.add(milesValue[i], milesLabel[i], within, w.Within == miles)
		}
	}
	f.Within = b.group()
	for i, p := range ix.payers {
		b.add(p.ID, p.Name, c.with(lo.openBit+i), w.Payer == p.ID)
		b.sure(c.with(lo.acceptedBit + i))
	}
	f.Payer = b.group()
	f.Price = b.price(w, c)
	if q.state != 0 {
		b.add("1", "Video visit", c.licensed, w.Telehealth)
	}
	f.Telehealth = b.group()
	for i, code := range lo.languages {
		b.add(code, LanguageName(code), c.with(lo.helpedBit+i), slices.Contains(w.Languages, code))
		b.sure(c.with(lo.spokenBit + i))
	}
	b.absent(w.Languages, lo.languages, LanguageName)
	f.Language = b.group()
	for i, g := range genders {
		b.add(g.code, g.label, c.with(genderBit+i), slices.Contains(w.Genders, g.code))
	}
	f.Gender = b.group()
	for i, code := range lo.access {
		b.add(code, AccessName(code), c.with(lo.accessBit+i), slices.Contains(w.Access, code))
	}
	b.absent(w.Access, lo.access, AccessName)
	f.Access = b.group()
	return f
}

// facetBuilder keeps the choices of all groups in one block of memory.
type facetBuilder struct {
	choices []Choice
	begin   int
}

func (b *facetBuilder) add(value, label string, count int, chosen bool) {
	b.choices = append(b.choices, Choice{value, label, count, count, chosen})
}

func (b *facetBuilder) sure(n int) { b.choices[len(b.choices)-1].Sure = n }

// absent adds what was chosen though no listing has it, so that it can be taken back.
func (b *facetBuilder) absent(chosen, known []string, name func(string) string) {
	for _, code := range chosen {
		if _, is := slices.BinarySearch(known, code); !is {
			b.add(code, name(code), 0, true)
		}
	}
}

func (b *facetBuilder) group() []Choice {
	group := b.choices[b.begin:len(b.choices):len(b.choices)]
	b.begin = len(b.choices)
	return group
}

// ages are offered where somebody does not see everybody, and while one is chosen.
func (b *facetBuilder) ages(w *Query, c *counter) []Choice {
	anyone := c.with(ageBit)
	narrows := w.Age != AnyAge
	for i, a := range agesOffered {
		n := c.with(ageBit + i)
		narrows = narrows || n < anyone
		b.add(a.code, a.label, n, string(w.Age) == a.code)
	}
	if !narrows {
		b.choices = b.choices[:b.begin]
	} else if _, offered := labelIn(agesOffered[:], string(w.Age)); !offered {
		b.add(string(w.Age), w.Age.text(), c.locations, true)
	}
	return b.group()
}

// price offers our steps, and the person's own limit if it is not among them.
func (b *facetBuilder) price(w *Query, c *counter) []Choice {
	own := w.PriceCents > 0
	for i, dollars := range priceDollars {
		if own && w.PriceCents < dollars*100 {
			b.add(strconv.FormatInt(w.PriceCents/100, 10), priceLabel(w.PriceCents/100), c.locations, true)
			own = false
		}
		chosen := w.PriceCents == dollars*100
		own = own && !chosen
		b.add(priceValue[i], priceText[i], c.with(priceBit+i), chosen)
	}
	if own {
		b.add(strconv.FormatInt(w.PriceCents/100, 10), priceLabel(w.PriceCents/100), c.locations, true)
	}
	return b.group()
}

func priceLabel(dollars int64) string {
	return "Up to " + money.Of(dollars*100, money.USD).String() + " myself"
}

// The words of the fixed steps, spelled once instead of in each query.
var (
	milesValue = [len(withinMiles)]string{"5", "10", "25", "50"}
	milesLabel = [len(withinMiles)]string{"5 miles", "10 miles", "25 miles", "50 miles"}
	priceValue = [len(priceDollars)]string{"25", "50", "100", "200", "500"}
	priceText  = [len(priceDollars)]string{"Up to $25 myself", "Up to $50 myself", "Up to $100 myself",
		"Up to $200 myself", "Up to $500 myself"}
)
