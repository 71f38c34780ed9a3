package region

import (
	"fmt"
	"strings"
)

// spoken are the languages besides English: how many in a thousand speak one, and whose names most of them have.
var spoken = []struct {
	language, group string
	permille        int
	named           int // percent of the speakers with a name of the group
}{
	{"es", "hispanic", 280, 70}, {"pt", "portuguese", 120, 70}, {"zh", "chinese", 80, 85}, {"vi", "vietnamese", 40, 90},
	{"ht", "haitian", 60, 90},
}

type crowd struct {
	group   string
	percent int
}

// others are the groups of people who speak none of these, by percent.
var others = []crowd{{"newengland", 74}, {"southasian", 9}, {"african", 8}, {"portuguese", 5}, {"hispanic", 4}}

func languages(d random) []string {
	list := []string{"en"}
	for _, s := range spoken {
		if d.permille(s.permille) {
			list = append(list, s.language)
		}
	}
	return list
}

// group is a family of names that fits somebody who speaks these languages.
func (g *generator) group(d random, languages []string) family {
	for _, s := range spoken {
		for _, l := range languages {
			if l == s.language && d.percent(s.named) {
				return g.families[s.group]
			}
		}
	}
	return g.families[others[weighted(d, others, func(c crowd) int { return c.percent })].group]
}

func gender(d random) string {
	switch n := d.below(100); {
	case n < 54:
		return "female"
	case n < 94:
		return "male"
	case n < 96:
		return "nonbinary"
	}
	return "" // not stated
}

// name is a given and a family name.
func name(d random, f family, gender string) string {
	given := f.female
	if gender == "male" || gender != "female" && d.percent(50) {
		given = f.male
	}
	return pick(d, given) + " " + pick(d, f.family)
}

// freshName draws until the name is not yet used in this organization; after a while a second family name makes it so.
func (g *generator) freshName(d random, used map[string]bool, languages []string, gender string) string {
	for try := 0; ; try++ {
		f := g.group(d, languages)
		n := name(d, f, gender)
		if try > 20 {
			n += "-" + pick(d, f.family)
		}
		if !used[n] {
			used[n] = true
			return n
		}
	}
}

// phone is a number of the range that is reserved for invention.
func phone(d random) string { return fmt.Sprintf("401-555-01%02d", d.below(100)) }

// slug is a name as a word in an address.
func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		case c == '\'' || c == '.':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}
