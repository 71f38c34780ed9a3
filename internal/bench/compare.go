package bench

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
)

//go:embed last.json
var lastTable []byte

// Last is the table that docs/performance.md shows: what every run is compared with. A better one takes its place
// (kindward bench --json internal/bench/last.json).
func Last() (Report, error) {
	var r Report
	err := json.Unmarshal(lastTable, &r)
	return r, err
}

// least is the change below which a figure counts as the same, whatever its spread.
const least = 0.03

// CompareWith says of each figure how it has changed, as far as noise lets it.
func (r Report) CompareWith(last Report) {
	known := map[string]Figure{}
	for _, f := range last.Figures {
		known[f.What] = f
	}
	for i, f := range r.Figures {
		if before, ok := known[f.What]; ok && before.Unit == f.Unit {
			r.Figures[i].Change = f.change(before)
		} else {
			r.Figures[i].Change = "new"
		}
	}
}

func (f Figure) change(before Figure) string {
	word := "better"
	if f.Value > before.Value == f.Less {
		word = "worse"
	}
	was := number(before.Value)
	if before.Value == 0 {
		if f.Value == 0 {
			return "same"
		}
		return word + ", was " + was
	}
	by := math.Abs(f.Value-before.Value) / math.Abs(before.Value)
	if by <= max(least, f.Spread, before.Spread) {
		return "same, was " + was
	}
	return fmt.Sprintf("%s by %.0f %%, was %s", word, 100*by, was)
}
