package ops

import (
	"strings"

	"kindward/internal/form"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
)

// evidence are the answers, each beside what a register says of the same.
func (h *Handlers) evidence(r reviewed) (all []view.Evidence) {
	current := r.Current()
	for _, s := range r.definition.Turns(r.Application) {
		if s.By != onboarding.Applicant {
			continue
		}
		part := view.Evidence{Step: s.Name, Asked: r.Asked[s.Key]}
		for _, f := range r.definition.Shown(s, current) {
			line := view.Answered{Question: f.Label, Source: f.Source, Answer: f.Words(current[f.Key])}
			if given := r.Answers[f.Key]; len(given) > 0 {
				last := given[len(given)-1]
				line.Who = r.name(last.By, "The register") + ", " + h.when(last.At)
			}
			line.Register, line.Differs = registered(r, f, current[f.Key])
			part.Answers = append(part.Answers, line)
		}
		all = append(all, part)
	}
	return all
}

// differing is how many answers are something else than a register says.
func differing(all []view.Evidence) (n int64) {
	for _, e := range all {
		for _, a := range e.Answers {
			if a.Differs {
				n++
			}
		}
	}
	return n
}

// registered is what registers say of what a field asks, and whether that is something else.
func registered(r reviewed, f *form.Field, answer string) (says string, differs bool) {
	if f.Fill == "" {
		return "", false
	}
	for _, s := range r.definition.Turns(r.Application) {
		if fact := r.Checks[s.Key].Facts[f.Fill]; fact != "" {
			return fact, plain(f, fact) != plain(f, answer)
		}
	}
	return "", false
}

// plain is an answer without what makes no difference: upper case, marks, spaces; of a telephone number its digits.
func plain(f *form.Field, s string) string {
	s = strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || f.Type != form.Phone && (c >= 'a' && c <= 'z' || c > 127) {
			return c
		}
		return -1
	}, strings.ToLower(s))
	if f.Type == form.Phone && len(s) == 11 {
		s = strings.TrimPrefix(s, "1")
	}
	return s
}
