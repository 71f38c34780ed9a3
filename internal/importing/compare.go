package importing

import "strings"

// order sees to pairs of fields that must come in order. Ages and dates in the other order are proposed so.
func order(pairs ...string) func(map[string]any, *Known) (string, reading) {
	return func(record map[string]any, _ *Known) (string, reading) {
		for i := 0; i < len(pairs); i += 2 {
			switch from := record[pairs[i]].(type) {
			case int:
				if to, ok := record[pairs[i+1]].(int); ok && to < from {
					return pairs[i+1], reading{wrong: "is below the youngest"}
				}
			case string:
				if to, ok := record[pairs[i+1]].(string); ok && to < from {
					return pairs[i+1], reading{wrong: "is before the day on which it begins"}
				}
			}
		}
		return "", reading{}
	}
}

// place sees to it that a ZIP code lies where its row says, and adds where that is.
func place(record map[string]any, known *Known) (string, reading) {
	zip, _ := record["zip"].(string)
	town := known.ZIPs[zip]
	if record["state"] != town.State {
		return "state", reading{wrong: "is another than that of the ZIP code", proposal: TownOfZIP, fix: town.State}
	}
	record["lat"], record["lon"], record["zone"] = town.Lat, town.Lon, known.Zone
	return "", reading{}
}

// apart is by how many letters that are added, left out, changed or changed with the next one two words differ. Words
// of more than 60 letters differ by all of them.
func apart(a, b string) int {
	x, y := []rune(a), []rune(b)
	if a == b {
		return 0
	}
	if len(x) > 60 || len(y) > 60 || len(x)-len(y) > 3 || len(y)-len(x) > 3 {
		return max(len(x), len(y))
	}
	before, last := make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row := make([]int, len(y)+1)
		row[0] = i + 1
		for j := range y {
			changed := 1
			if x[i] == y[j] {
				changed = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+changed)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}

// sentence is a sentence that begins with a label.
func sentence(label, wrong string) string { return strings.TrimSpace(label+" "+wrong) + "." }
