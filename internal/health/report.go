package health

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Report is what a process says about itself, to a balancer and to people. It tells no error's text.
type Report struct {
	Ready bool       `json:"ready"`
	Parts []PartLine `json:"parts"`
}

// PartLine is a part in a report. One without a limit is named only while something is wrong with it.
type PartLine struct {
	Name  string  `json:"name"`
	State string  `json:"state"` // ok, degraded (ready all the same), failing
	Age   float64 `json:"age_seconds"`
	Limit float64 `json:"limit_seconds,omitempty"`
}

// ReportOf is the report of what a watch knows.
func ReportOf(all []Status) Report {
	r := Report{Ready: true}
	for _, s := range all {
		state := "ok"
		switch {
		case !s.OK && s.Vital:
			r.Ready, state = false, "failing"
		case !s.OK:
			state = "degraded"
		}
		r.Parts = append(r.Parts, PartLine{s.Name, state, s.Age.Round(time.Millisecond).Seconds(), s.Limit.Seconds()})
	}
	return r
}

// Behind names the vital parts that are behind, nil if none is.
func (r Report) Behind() error {
	var all []string
	for _, p := range r.Parts {
		if p.State == "failing" {
			all = append(all, p.Name)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New("behind: " + strings.Join(all, ", "))
}

// Add names something that is wrong.
func (r *Report) Add(name string, ready bool) {
	state := "failing"
	if ready {
		state = "degraded"
	}
	r.Parts = append(r.Parts, PartLine{Name: name, State: state})
}

// Text is the report for people: the first line is the answer.
func (r Report) Text() string {
	var b strings.Builder
	b.WriteString("ready\n")
	if !r.Ready {
		b.Reset()
		b.WriteString("not ready\n")
	}
	for _, p := range r.Parts {
		fmt.Fprintf(&b, "%s: %s", p.Name, p.State)
		if p.Limit > 0 {
			fmt.Fprintf(&b, ", %.1f s old of at most %.0f s", p.Age, p.Limit)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
