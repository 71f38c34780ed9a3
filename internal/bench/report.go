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
	Aimed   Result = "met, aim too"
	Missed  Result = "missed"
	Spread  Result = "spread too large"
	Foreign Result = "other work on the machine"
	Told    Result = "" // no floor
)

// Figure is one line of the table.
type Figure struct {
	What    string  `json:"what"`
	Unit    string  `json:"unit"`
	Value   float64 `json:"value"` // the median of the rounds
	Rounds  Series  `json:"rounds,omitempty"`
	Spread  float64 `json:"spread"`            // of the rounds, see Series.Spread
	Foreign float64 `json:"foreign,omitempty"` // share of the machine that others used, the median of the rounds
	Floor   float64 `json:"floor,omitempty"`   // what it must reach, or stay within if Less
	Aim     float64 `json:"aim,omitempty"`     // what it should
	Less    bool    `json:"less,omitempty"`
	Result  Result  `json:"verdict,omitempty"`
	Note    string  `json:"note,omitempty"`

	Change string `json:"-"` // against the last table: "better by 12 %"
}

// figure makes a line from rounds and judges it.
func figure(what, unit string, rounds Series, g goal, note string) Figure {
	f := Figure{What: what, Unit: unit, Value: rounds.Median(), Rounds: rounds, Spread: rounds.Spread(), Floor: g.floor,
		Aim: g.aim, Less: g.less, Note: note}
	f.judge(g.floor != 0)
	return f
}

// exact is a figure that has to be what it is: none of something.
func exact(what, unit string, value, most float64, note string) Figure {
	f := Figure{What: what, Unit: unit, Value: value, Floor: most, Less: true, Note: note}
	f.judge(true)
	return f
}

// amid adds what share of the machine others used in each round: it refuses what a quiet machine might not have shown.
func (f Figure) amid(foreign Series) Figure {
	f.Foreign = foreign.Median()
	f.judge(f.Floor != 0)
	return f
}

// judge refuses what noise may have decided, unless each round is far beyond the floor.
func (f *Figure) judge(floor bool) {
	sure := f.Rounds.clear(f.Floor, f.Less)
	switch {
	case !floor:
		f.Result = Told
	case f.Foreign > busiest && !sure:
		f.Result = Foreign
	case f.Spread > widest && !sure:
		f.Result = Spread
	case !f.reaches(f.Floor):
		f.Result = Missed
	case f.Aim != 0 && f.reaches(f.Aim) && f.Value >= 0: // a cost below zero is noise: far below the floor, and no more
		f.Result = Aimed
	default:
		f.Result = Met
	}
}

func (f *Figure) reaches(goal float64) bool {
	if f.Less {
		return f.Value <= goal
	}
	return f.Value >= goal
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
		if f.Result == Missed || f.Result == Spread || f.Result == Foreign {
			bad = append(bad, fmt.Sprintf("%s: %s %s (%s)", f.What, number(f.Value), f.Unit, f.Result))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("floors of the performance table are not reached: %s", strings.Join(bad, "; "))
}

// Write prints the table for a person, as it stands in docs/performance.md.
func (r Report) Write(w io.Writer) error {
	m := r.Machine
	fmt.Fprintf(w, "\n%s, %d CPUs (%s), %d MiB, load %s; PostgreSQL %s, %s\n", m.System, m.CPUs, m.CPU, m.MemoryMiB,
		m.Load, m.PostgreSQL, m.Go)
	fmt.Fprintf(w, "%d listings of %d organizations; %d clients; %.0f s in all; %s\n\n",
		m.Listings, m.Tenants, m.Clients, m.Seconds, r.At.UTC().Format(time.DateOnly))
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "| what\t| median\t| spread\t| others\t| floor\t| aim\t| verdict\t| since the last table\t| |")
	fmt.Fprintln(t, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---\t|---|")
	for _, f := range r.Figures {
		floor, aim := "", ""
		if f.Result != Told {
			floor = sign(f.Less) + number(f.Floor)
		}
		if f.Aim != 0 {
			aim = sign(f.Less) + number(f.Aim)
		}
		cells := []string{f.What, strings.TrimSpace(number(f.Value) + " " + f.Unit), share(f.Spread, len(f.Rounds) > 1),
			share(f.Foreign, f.Foreign > 0), floor, aim, string(f.Result), f.Change, f.Note}
		fmt.Fprintf(t, "| %s |\n", strings.Join(cells, "\t| "))
	}
	return t.Flush()
}

func sign(less bool) string {
	if less {
		return "≤ "
	}
	return "≥ "
}

func share(v float64, told bool) string {
	if !told {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*v)
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
