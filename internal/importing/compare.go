package importing

import (
	"strings"
	"unicode/utf8"

	"github.com/hbollon/go-edlib"
)

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
	if a != b && unlike(a, b) {
		return max(utf8.RuneCountInString(a), utf8.RuneCountInString(b))
	}
	return edlib.OSADamerauLevenshteinDistance(a, b)
}

// unlike tells by their lengths that two words are not near each other.
func unlike(a, b string) bool {
	x, y := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	return max(x, y) > 60 || x-y > 3 || y-x > 3
}

// mostCompared is how much is compared for a file, letters by letters: some seconds.
const mostCompared = 200_000_000

// apart is apart of a word of the file and one of ours. Once the file has had its share, what is not ours is near
// nothing.
func (k *Known) apart(typed, ours string) int {
	if typed != ours && !unlike(typed, ours) {
		if k.compared += len(typed) * len(ours); k.compared > mostCompared {
			return mostCompared
		}
	}
	return apart(typed, ours)
}

// sentence is a sentence that begins with a label.
func sentence(label, wrong string) string { return strings.TrimSpace(label+" "+wrong) + "." }
