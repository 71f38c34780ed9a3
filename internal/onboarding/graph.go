package onboarding

import (
	"slices"

	"kindward/internal/form"
)

// Graph are steps as a picture shows them: each in a column behind all that it waits for.
type Graph struct {
	Steps []GraphStep
	Lines [][2]int // from a step to one that waits for it, by their places
}

// GraphStep is a step, and where it stands.
type GraphStep struct {
	*Step
	Column, Row int
	Waits       []string // for which steps, by their names
}

// Graph is the picture of all steps, or of those alone that exist for an application.
func (d *Definition) Graph(a *Application) (g Graph) {
	place, rows := map[string]int{}, map[int]int{}
	var waits [][]int
	for i := range d.Steps {
		s := &d.Steps[i]
		if a != nil && a.Steps[s.Key].State == "" {
			continue
		}
		at, before := GraphStep{Step: s}, d.before(s, place)
		for _, b := range before {
			at.Column = max(at.Column, g.Steps[b].Column+1)
		}
		for _, b := range direct(before, waits) {
			g.Lines = append(g.Lines, [2]int{b, len(g.Steps)})
			at.Waits = append(at.Waits, g.Steps[b].Name)
		}
		at.Row = rows[at.Column]
		rows[at.Column]++
		place[s.Key] = len(g.Steps)
		g.Steps, waits = append(g.Steps, at), append(waits, before)
	}
	return g
}

// before are the places of all that a step waits for: other steps, and the one that has what a register is asked about.
func (d *Definition) before(s *Step, place map[string]int) (all []int) {
	for i := range d.Steps {
		other := &d.Steps[i]
		at, there := place[other.Key]
		asked := s.Subject != "" && slices.ContainsFunc(other.Fields, func(f form.Field) bool {
			return f.Key == s.Subject
		})
		if there && (asked || slices.Contains(s.After, other.Key)) {
			all = append(all, at)
		}
	}
	return all
}

// direct are those of some places behind which none of the others waits: what is waited for anyway needs no line.
func direct(before []int, waits [][]int) []int {
	var reaches func(from, to int) bool
	reaches = func(from, to int) bool {
		return slices.ContainsFunc(waits[from], func(b int) bool { return b == to || reaches(b, to) })
	}
	return slices.DeleteFunc(slices.Clone(before), func(b int) bool {
		return slices.ContainsFunc(before, func(other int) bool { return other != b && reaches(other, b) })
	})
}
