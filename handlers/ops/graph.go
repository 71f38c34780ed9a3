package ops

import (
	"fmt"
	"strings"

	"kindward/internal/onboarding"
	view "kindward/views/ops"
)

// What a picture of steps measures, in its own units.
const (
	stepWidth, stepHeight = 176, 40
	gapWidth, gapHeight   = 40, 14
)

// graph is the picture of a definition, with where an application stands in it, if one is given.
func graph(d *onboarding.Definition, a *onboarding.Application) view.Graph {
	g, p := d.Graph(a), view.Graph{}
	for _, s := range g.Steps {
		one := view.GraphStep{X: s.Column * (stepWidth + gapWidth), Y: s.Row * (stepHeight + gapHeight), Name: s.Name,
			State: waited[s.By], Class: "locked", Waits: strings.Join(s.Waits, ", ")}
		if a != nil {
			one.State, one.Class = stands(d, s.Step, a.Steps[s.Key])
		}
		p.Width, p.Height = max(p.Width, one.X+stepWidth), max(p.Height, one.Y+stepHeight+gapHeight)
		p.Steps = append(p.Steps, one)
	}
	for _, line := range g.Lines {
		p.Lines = append(p.Lines, curve(p.Steps[line[0]], p.Steps[line[1]]))
	}
	return p
}

// stands is where a step is, in words, and as the class of its color.
func stands(d *onboarding.Definition, s *onboarding.Step, at onboarding.Standing) (words, class string) {
	class = string(at.State)
	switch at.State {
	case onboarding.StepDone:
		return "Done", class
	case onboarding.StepWaived:
		return "Let pass", class
	case onboarding.StepFailed:
		return "Did not pass", class
	}
	if who, turn := d.Ball(s.Key, at); turn {
		return waited[who] + map[onboarding.Actor]string{onboarding.Applicant: " has it", onboarding.Staff: " have it",
			onboarding.Outside: " has it"}[who], class
	}
	return "Not yet", class
}

// curve leads from the end of a step to the beginning of one that waits for it. What stands between them it passes
// below.
func curve(from, to view.GraphStep) string {
	x, y, u, v := from.X+stepWidth, from.Y+stepHeight/2, to.X, to.Y+stepHeight/2
	if u-x == gapWidth {
		return fmt.Sprintf("M%d %d%s", x, y, bend(x, y, v))
	}
	below, end := from.Y+stepHeight+gapHeight/2, u-gapWidth
	return fmt.Sprintf("M%d %d%sH%d%s", x, y, bend(x, y, below), end, bend(end, below, v))
}

// bend leads through the gap behind a column from one height to another.
func bend(x, from, to int) string {
	return fmt.Sprintf("C%d %d %d %d %d %d", x+gapWidth/2, from, x+gapWidth/2, to, x+gapWidth, to)
}
