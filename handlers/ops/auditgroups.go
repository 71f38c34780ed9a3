package ops

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// Under what events can be asked for that were done in a certain way.
const howOthers = "others"

var howWords = map[string]string{tenancy.Impersonation: "Seeing Kindward as the patient",
	tenancy.EmergencyAccess: "Emergency access"}

func howOptions() []ui.Option {
	return []ui.Option{{Value: "", Text: "Any"}, {Value: howOthers, Text: "Others, not the person"},
		{Value: tenancy.Impersonation, Text: howWords[tenancy.Impersonation]},
		{Value: tenancy.EmergencyAccess, Text: howWords[tenancy.EmergencyAccess]}}
}

// chartOf is the chart of somebody without an account whom an event is about, or nil.
func chartOf(r shareddb.AuditEventRow) uuid.UUID {
	if r.Patient != nil {
		return uuid.Nil
	}
	if r.Resource == "Patient" && r.ResourceID != nil {
		return *r.ResourceID
	}
	for _, f := range r.Fields {
		if id, is := strings.CutPrefix(f, "chart:"); is {
			chart, err := uuid.Parse(id)
			if err == nil {
				return chart
			}
		}
	}
	return uuid.Nil
}

// groups puts events that one request wrote into one line, which opens. Events come the latest first, those of one
// request beside one another.
func (h *Handlers) groups(rows []shareddb.SearchAuditRow) (all []view.AuditGroup) {
	for _, r := range rows {
		e := h.auditEvent(r)
		if n := len(all); n > 0 && e.Request != "" && e.Request == all[n-1].Request {
			all[n-1].More = append(all[n-1].More, e)
			continue
		}
		all = append(all, view.AuditGroup{AuditEvent: e})
	}
	for i := range all {
		all[i].Says = groupWords(all[i])
	}
	return all
}

// groupWords say how much is behind a line: "14 events, about 12 people".
func groupWords(p view.AuditGroup) string {
	if len(p.More) == 0 {
		return ""
	}
	people := map[string]bool{}
	for _, e := range append([]view.AuditEvent{p.AuditEvent}, p.More...) {
		if e.Patient != "" {
			people[e.Patient] = true
		}
	}
	says := fmt.Sprintf("%d events of one request", len(p.More)+1)
	if len(people) > 0 {
		says += ", about " + count(int64(len(people)), "person", "people")
	}
	return says
}
