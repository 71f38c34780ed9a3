package ops

import (
	"encoding/json"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
)

// evidence are the answers, each beside what a register says of the same.
func (h *Handlers) evidence(r reviewed) (all []view.Evidence) {
	current, facts := r.Current(), r.Facts()
	for _, s := range r.definition.Turns(r.Application) {
		if s.By != onboarding.Applicant || len(s.Documents) > 0 {
			continue
		}
		part := view.Evidence{Step: s.Name, Asked: r.Asked[s.Key]}
		for _, f := range r.definition.Shown(s, current) {
			line := view.Answered{Question: f.Label, Source: f.Source, Answer: f.Words(current[f.Key])}
			if given := r.Answers[f.Key]; len(given) > 0 {
				last := given[len(given)-1]
				line.Who, line.When = r.name(last.By, "The register"), h.when(last.At)
			}
			line.Register, line.Differs = r.definition.Registered(f, current, facts)
			part.Answers = append(part.Answers, line)
		}
		if len(part.Answers) > 0 || part.Asked != "" {
			all = append(all, part)
		}
	}
	return all
}

// against is what whoever approves has to know in a sentence or two: how many answers differ from what registers say,
// and how many others may be the same organization. Empty: nothing.
func against(differing, similar int64) (said string) {
	if differing > 0 {
		said = count(differing, "answer differs", "answers differ") + " from what a register says."
	}
	if similar > 0 {
		said += " " + count(similar, "other", "others") + " may be the same organization."
	}
	return said
}

// doubt is against in a few words, for a row of the queue.
func doubt(differing, similar int64) string {
	switch {
	case differing > 0 && similar > 0:
		return count(differing, "answer differs", "answers differ") + ", and it may be one that we have"
	case differing > 0:
		return count(differing, "answer differs", "answers differ")
	case similar > 0:
		return "It may be one that we have"
	}
	return ""
}

// doubts are those of some applications of the queue, by their ids.
func (h *Handlers) doubts(c echo.Context, rows []shareddb.QueuedApplicationsRow) (map[uuid.UUID]string, error) {
	var ids []uuid.UUID
	for _, r := range rows {
		ids = append(ids, r.TenantID)
	}
	found := map[uuid.UUID]string{}
	all, err := h.Gateway.Shared(web.PublicScope(c)).QueuedEvidence(c.Request().Context(), ids)
	for _, e := range all {
		var answers map[string]string
		var facts onboarding.Facts
		if err := json.Unmarshal(e.Answers, &answers); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(e.Facts, &facts); err != nil {
			return nil, err
		}
		d, err := onboarding.Find(e.Kind, e.State, int(e.Definition))
		if err != nil {
			return nil, err
		}
		found[e.TenantID] = doubt(d.Differing(answers, facts), e.Similar)
	}
	return found, err
}
