package search

import (
	"cmp"
	"slices"
	"strings"
)

// gazetteer knows the places of the region: ZIP areas, and towns as the middle of their ZIP areas.
type gazetteer struct {
	byZIP   map[string]Near
	towns   []town
	byTown  map[string][]int32 // compact town -> towns; more than one if two states have it
	starts  []string           // folded "town zip" and "zip", sorted, for typing ahead
	display map[string]string
}

type town struct {
	near    Near
	compact string
	zips    []string
}

func newGazetteer(zipCodes []ZIPCode) *gazetteer {
	g := &gazetteer{byZIP: map[string]Near{}, byTown: map[string][]int32{}, display: map[string]string{}}
	at := map[string]int{}
	for _, p := range zipCodes {
		if _, twice := g.byZIP[p.ZIP]; twice || p.ZIP == "" || fold(p.Town) == "" {
			continue
		}
		g.byZIP[p.ZIP] = Near{Text: p.Town + " " + p.ZIP, ZIP: p.ZIP, Town: p.Town, State: p.State, Lat: p.Lat, Lon: p.Lon}
		key := withoutSpaces(fold(p.Town)) + "," + p.State
		i, known := at[key]
		if !known {
			i = len(g.towns)
			at[key] = i
			g.towns = append(g.towns, town{near: Near{Text: p.Town + ", " + p.State, Town: p.Town, State: p.State},
				compact: withoutSpaces(fold(p.Town))})
		}
		t := &g.towns[i]
		n := float64(len(t.zips))
		t.near.Lat = (t.near.Lat*n + p.Lat) / (n + 1)
		t.near.Lon = (t.near.Lon*n + p.Lon) / (n + 1)
		t.zips = append(t.zips, p.ZIP)
	}
	for i, t := range g.towns {
		g.byTown[t.compact] = append(g.byTown[t.compact], int32(i))
		g.addStart(fold(t.near.Town), t.near.Text)
		for _, zip := range t.zips {
			g.addStart(fold(t.near.Town)+" "+zip, g.byZIP[zip].Text)
			g.addStart(zip, g.byZIP[zip].Text)
		}
	}
	slices.Sort(g.starts)
	return g
}

func (g *gazetteer) addStart(typed, text string) {
	if _, twice := g.display[typed]; !twice {
		g.display[typed] = text
		g.starts = append(g.starts, typed)
	}
}

// SuggestLocations gives up to n places that begin with what is typed: towns before their ZIP areas, in the form the
// place box shows.
func (ix *Index) SuggestLocations(prefix string, n int) []string {
	g, typed := ix.zipCodes, fold(prefix)
	if typed == "" {
		return nil
	}
	var found []string
	at, _ := slices.BinarySearch(g.starts, typed)
	for ; at < len(g.starts) && len(found) < n && strings.HasPrefix(g.starts[at], typed); at++ {
		found = append(found, g.display[g.starts[at]])
	}
	return found
}

// asked is a place as typed, taken apart.
type asked struct{ town, state, zip string }

// takeApart reads "Providence 02906", "02906-1234", "Providence, RI", "providence rhode island usa".
func (g *gazetteer) takeApart(text string) asked {
	var a asked
	var rest []string
	for _, w := range spelledOut(strings.Fields(fold(text))) {
		switch {
		case allDigits(w) && len(w) == 5 && a.zip == "":
			a.zip = w
		case len(w) == 9 && allDigits(w) && a.zip == "": // ZIP+4 without its hyphen
			a.zip = w[:5]
		case len(w) == 4 && allDigits(w) && a.zip == "" && g.has("0"+w): // the zero in front is lost in a spreadsheet
			a.zip = "0" + w
		case len(w) == 5 && a.zip == "" && g.has(strings.ReplaceAll(w, "o", "0")): // the letter for the figure
			a.zip = strings.ReplaceAll(w, "o", "0")
		case allDigits(w) && len(w) == 4 && a.zip != "": // ZIP+4: the last four say the street, which we do not need
		case w == "usa":
		default:
			rest = append(rest, w)
		}
	}
	if a.town = strings.Join(rest, ""); len(g.byTown[a.town]) > 0 {
		return a
	}
	for _, s := range states {
		for _, n := range [2]int{strings.Count(s.label, " ") + 1, 1} { // the name's words, or the code
			tail := len(rest) - n
			if tail < 0 || tail == 0 && a.zip == "" {
				continue
			}
			if said := strings.Join(rest[tail:], " "); said == s.label || strings.EqualFold(said, s.code) {
				return asked{town: strings.Join(rest[:tail], ""), state: s.code, zip: a.zip}
			}
		}
	}
	return a
}

func (g *gazetteer) has(zip string) bool {
	_, known := g.byZIP[zip]
	return known
}

// shortWords are what people write before the name of a town.
var shortWords = map[string]string{"e": "east", "w": "west", "n": "north", "s": "south", "no": "north", "so": "south",
	"st": "saint", "ft": "fort", "mt": "mount", "pvd": "providence", "prov": "providence"}

// spelledOut writes short words out, and brings the letters of an abbreviated state together: "r. i." is RI.
func spelledOut(words []string) []string {
	for i, w := range words {
		if i > 0 && i+1 < len(words) && len(w) == 1 && len(words[i+1]) == 1 && !allDigits(w) {
			return append(append(words[:i:i], w+words[i+1]), words[i+2:]...)
		}
		if long := shortWords[w]; long != "" && (i+1 < len(words) || len(w) > 2) {
			words[i] = long
		}
	}
	return words
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// locate finds the place a text stands for. Two places of one name, and a place within a few slips of the finger, come
// back as choices.
func (g *gazetteer) locate(text string) (near Near, found bool, choices []Near) {
	a := g.takeApart(text)
	if a.zip != "" {
		if near, found = g.byZIP[a.zip]; found {
			return near, true, nil
		}
	}
	if a.town == "" {
		return Near{}, false, g.nearZIPs(a.zip)
	}
	if a.zip == "" {
		for _, i := range g.byTown[a.town] {
			if a.state == "" || a.state == g.towns[i].near.State {
				choices = append(choices, g.towns[i].near)
			}
		}
		if len(choices) == 1 {
			return choices[0], true, nil
		}
	}
	if len(choices) == 0 {
		choices = g.nearTowns(a)
	}
	return Near{}, false, choices
}

// knows tells whether a text is a place and nothing else.
func (g *gazetteer) knows(text string) bool {
	if _, found, _ := g.locate(text); !found {
		return false
	}
	a := g.takeApart(text)
	return a.town == "" || len(g.byTown[a.town]) > 0
}

func (g *gazetteer) nearTowns(a asked) []Near {
	type close struct {
		near  Near
		edits int
	}
	limit := allowedEdits(len(a.town))
	var found []close
	for _, t := range g.towns {
		if edits := editDistance(a.town, t.compact, limit); edits <= limit {
			if a.state != "" && a.state != t.near.State {
				edits++
			}
			found = append(found, close{t.near, edits})
		}
	}
	slices.SortFunc(found, func(a, b close) int {
		return cmp.Or(cmp.Compare(a.edits, b.edits), strings.Compare(a.near.Text, b.near.Text))
	})
	var choices []Near
	for _, f := range found[:min(len(found), maxOffered)] {
		choices = append(choices, f.near)
	}
	return choices
}

func (g *gazetteer) nearZIPs(zip string) []Near {
	var choices []Near
	for known, near := range g.byZIP {
		if zip != "" && editDistance(zip, known, 1) == 1 {
			choices = append(choices, near)
		}
	}
	slices.SortFunc(choices, func(a, b Near) int { return strings.Compare(a.ZIP, b.ZIP) })
	return choices[:min(len(choices), maxOffered)]
}
