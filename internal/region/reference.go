package region

import (
	"bytes"
	"embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"kindward/internal/search"
	"kindward/queries/shareddb"
)

// data is what the demo region is made from: own words and invented names; coordinates of towns are approximate.
//
//go:embed data/*.csv
var data embed.FS

type reason struct {
	code, kind, name, synonyms, prep string
	minutes                          int
	low, high                        int // cents
}

type town struct {
	zip, name, state string
	lat, lon         int // ten-thousandths of a degree
	weight           int // how many organizations are at home there, relative to the others
}

type payer struct{ id, name, kind string }

type specialty struct {
	field, label, title, credentials string
	reasons                          []string
	ages                             []ages
}

// ages are whom somebody sees, in whole years; nil is without a limit.
type ages struct{ from, to *int16 }

// family is one group of names as people of this region have them.
type family struct {
	group                string
	female, male, family []string
}

type reference struct {
	reasons     []reason
	byCode      map[string]reason
	towns       []town
	payers      []payer
	specialties []specialty
	families    map[string]family
	streets     []string
	prefixes    []string            // of organizations' names
	suffixes    map[string][]string // by kind of organization
}

// table reads one embedded file and gives its rows by the names of its columns.
func table(name string) ([]map[string]string, error) {
	raw, err := data.ReadFile("data/" + name + ".csv")
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s.csv: %w", name, err)
	}
	rows := make([]map[string]string, 0, len(lines)-1)
	for _, line := range lines[1:] {
		row := make(map[string]string, len(line))
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func readReference() (reference, error) {
	r := reference{byCode: map[string]reason{}, families: map[string]family{}, suffixes: map[string][]string{}}
	var wrong error
	number := func(s string) int {
		n, err := strconv.Atoi(strings.Replace(s, ".", "", 1)) // 41.8187 degrees are 418187 ten-thousandths
		if err != nil {
			wrong = err
		}
		return n
	}
	kind := func(s string) string {
		if s == "lab" {
			return search.KindLaboratory
		}
		return s
	}
	for _, file := range []struct {
		name string
		row  func(map[string]string)
	}{
		{"services", func(f map[string]string) {
			s := reason{code: f["code"], kind: kind(f["provider_type"]), name: f["name"], synonyms: f["synonyms"],
				prep:    f["prep"],
				minutes: number(f["minutes"]), low: number(f["price_low_cents"]), high: number(f["price_high_cents"])}
			r.reasons = append(r.reasons, s)
			r.byCode[s.code] = s
		}},
		{"towns", func(f map[string]string) {
			r.towns = append(r.towns, town{f["zip"], f["town"], f["state"], number(f["lat"]), number(f["lon"]),
				number(f["weight"])})
		}},
		{"payers", func(f map[string]string) { r.payers = append(r.payers, payer{f["payer_id"], f["name"], f["kind"]}) }},
		{"specialties", func(f map[string]string) {
			r.specialties = append(r.specialties, specialty{f["field"], f["label"], f["title"], f["credentials"],
				strings.Fields(f["reasons"]), agesIn(f["ages"], number)})
		}},
		{"people", func(f map[string]string) {
			list := func(column string) []string { return strings.Split(f[column], ";") }
			r.families[f["group"]] = family{f["group"], list("female"), list("male"), list("family")}
		}},
		{"streets", func(f map[string]string) { r.streets = append(r.streets, f["street"]) }},
		{"name_parts", func(f map[string]string) {
			if f["kind"] == "prefix" {
				r.prefixes = append(r.prefixes, f["text"])
			} else {
				r.suffixes[kind(f["provider_type"])] = append(r.suffixes[kind(f["provider_type"])], f["text"])
			}
		}},
	} {
		rows, err := table(file.name)
		if err != nil {
			return r, err
		}
		for _, row := range rows {
			file.row(row)
		}
		if wrong != nil {
			return r, fmt.Errorf("%s.csv: %w", file.name, wrong)
		}
	}
	return r, nil
}

func (r *reference) reasonRows() shareddb.WriteReasonsParams {
	var p shareddb.WriteReasonsParams
	for _, s := range r.reasons {
		p.Codes, p.Kinds, p.Names = append(p.Codes, s.code), append(p.Kinds, s.kind), append(p.Names, s.name)
		p.Synonyms, p.Minutes = append(p.Synonyms, s.synonyms), append(p.Minutes, int32(s.minutes))
		p.Lows, p.Highs, p.Preps = append(p.Lows, int64(s.low)), append(p.Highs, int64(s.high)), append(p.Preps, s.prep)
	}
	return p
}

func (r *reference) placeRows() shareddb.WriteZIPCodesParams {
	var p shareddb.WriteZIPCodesParams
	for _, t := range r.towns {
		p.Zips, p.Towns, p.States = append(p.Zips, t.zip), append(p.Towns, t.name), append(p.States, t.state)
		p.Lats, p.Lons = append(p.Lats, degrees(t.lat)), append(p.Lons, degrees(t.lon))
	}
	return p
}

func (r *reference) payerRows() (ids, names, kinds []string) {
	for _, p := range r.payers {
		ids, names, kinds = append(ids, p.id), append(names, p.name), append(kinds, p.kind)
	}
	return ids, names, kinds
}

func degrees(tenThousandths int) float64 { return float64(tenThousandths) / 10_000 }

// agesIn reads what people of a specialty see, one or another: "18- 13-21 -17 -".
func agesIn(list string, number func(string) int) (all []ages) {
	limit := func(s string) *int16 {
		if s == "" {
			return nil
		}
		return new(int16(number(s)))
	}
	for _, s := range strings.Fields(list) {
		from, to, _ := strings.Cut(s, "-")
		all = append(all, ages{limit(from), limit(to)})
	}
	return all
}
