package bench

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Result is what a figure says about its floor.
type Result string

// The verdicts.
const (
	Met     Result = "met"
	Missed  Result = "missed"
	Refused Result = "spread too large"
	Told    Result = "" // no floor
)

// Figure is one line of the table.
type Figure struct {
	What   string  `json:"what"`
	Unit   string  `json:"unit"`
	Value  float64 `json:"value"` // the median of the rounds
	Rounds Series  `json:"rounds,omitempty"`
	Spread float64 `json:"spread"`          // of the rounds, see Series.Spread
	Floor  float64 `json:"floor,omitempty"` // what it must reach, or stay within if Less
	Less   bool    `json:"less,omitempty"`
	Result Result  `json:"verdict,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// figure makes a line from rounds and judges it. A floor of 0 is none.
func figure(what, unit string, rounds Series, floor float64, less bool, note string) Figure {
	f := Figure{What: what, Unit: unit, Value: rounds.Median(), Rounds: rounds, Spread: rounds.Spread(), Floor: floor,
		Less: less, Note: note}
	f.judge(floor != 0)
	return f
}

// exact is a figure that has to be what it is: none of something.
func exact(what, unit string, value, most float64, note string) Figure {
	f := Figure{What: what, Unit: unit, Value: value, Floor: most, Less: true, Note: note}
	f.judge(true)
	return f
}

func (f *Figure) judge(floor bool) {
	reached := f.Value >= f.Floor
	if f.Less {
		reached = f.Value <= f.Floor
	}
	switch {
	case f.Spread > widest && floor && !f.Rounds.clear(f.Floor, f.Less):
		f.Result = Refused
	case !floor:
		f.Result = Told
	case reached:
		f.Result = Met
	default:
		f.Result = Missed
	}
}

// Machine is what the figures were taken on, without a name.
type Machine struct {
	System     string  `json:"system"`
	CPUs       int     `json:"cpus"`
	CPU        string  `json:"cpu,omitempty"`
	MemoryMiB  int     `json:"memory_mib,omitempty"`
	Load       string  `json:"load,omitempty"` // of one, five and fifteen minutes, when it began
	PostgreSQL string  `json:"postgresql"`
	Go         string  `json:"go"`
	Limit      string  `json:"limit"` // what ran the bare SQL
	Listings   int     `json:"listings"`
	Tenants    int     `json:"tenants"`
	Clients    int     `json:"clients"`
	Seconds    float64 `json:"seconds"` // the whole bench took
}

// Report is the outcome of one run.
type Report struct {
	At      time.Time `json:"at"`
	Machine Machine   `json:"machine"`
	Figures []Figure  `json:"figures"`
}

// Err tells in one line which floors were not reached, or nil.
func (r Report) Err() error {
	var bad []string
	for _, f := range r.Figures {
		if f.Result == Missed || f.Result == Refused {
			bad = append(bad, fmt.Sprintf("%s: %s %s (%s)", f.What, number(f.Value), f.Unit, f.Result))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("floors of the performance table are not reached: %s", strings.Join(bad, "; "))
}

// Write prints the table for a person.
func (r Report) Write(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "\n%s, %d CPUs (%s), %d MiB, load %s; PostgreSQL %s, %s\n", m.System, m.CPUs, m.CPU, m.MemoryMiB,
		m.Load, m.PostgreSQL, m.Go)
	fmt.Fprintf(w, "%d listings of %d organizations; %d clients; the limit is measured with %s; %.0f s in all; %s\n\n",
		m.Listings, m.Tenants, m.Clients, m.Limit, m.Seconds, r.At.UTC().Format(time.DateOnly))
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "what\tmedian\tspread\tfloor\tverdict\tnote")
	for _, f := range r.Figures {
		floor, spread := "", ""
		if f.Floor != 0 || f.Result != Told {
			floor = ">= " + number(f.Floor)
			if f.Less {
				floor = "<= " + number(f.Floor)
			}
		}
		if len(f.Rounds) > 1 {
			spread = fmt.Sprintf("%.0f %%", 100*f.Spread)
		}
		fmt.Fprintf(t, "%s\t%s %s\t%s\t%s\t%s\t%s\n", f.What, number(f.Value), f.Unit, spread, floor, f.Result, f.Note)
	}
	return t.Flush()
}

// number has three digits that count.
func number(v float64) string {
	switch {
	case v >= 100 || v == float64(int64(v)):
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}
