package ops

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
)

// applicationLog is all that happened to an application, the latest first, as people read it.
func (h *Handlers) applicationLog(r reviewed, rows []shareddb.ApplicationLogRow) (all []view.Happened) {
	for i := len(rows) - 1; i >= 0; i-- {
		e := onboarding.Event{Kind: onboarding.EventKind(rows[i].Kind), Step: rows[i].Step}
		if rows[i].By != nil {
			e.By = *rows[i].By
		}
		if json.Unmarshal(rows[i].Data, &e.Data) != nil {
			continue // the application was played from the same rows
		}
		all = append(all, view.Happened{When: h.when(rows[i].At), What: r.happened(e), Why: why(e)})
	}
	return all
}

// why is the reason of an event in somebody's words, or those for which no person was asked.
func why(e onboarding.Event) string {
	return cmp.Or(e.Data.Reason, strings.Join(e.Data.Reasons, " "))
}

// itself are the sentences for which an application was approved without a person, if it was.
func itself(rows []shareddb.ApplicationLogRow) []string {
	for _, row := range slices.Backward(rows) {
		var data onboarding.Data
		if row.Kind == string(onboarding.Approval) && row.By == nil && json.Unmarshal(row.Data, &data) == nil {
			return data.Reasons
		}
	}
	return nil
}

// happened is one event in a sentence.
func (r reviewed) happened(e onboarding.Event) string {
	who, step := r.name(e.By, "Kindward"), r.stepName(e.Step)
	switch e.Kind {
	case onboarding.Began:
		return who + " began the application."
	case onboarding.Joined:
		return who + " takes part."
	case onboarding.Answered:
		return who + " answered “" + step + "”."
	case onboarding.Left:
		if e.By == e.Data.Who {
			return who + " takes no part any more."
		}
		return who + " took " + r.name(e.Data.Who, "somebody") + " out."
	case onboarding.Closed:
		return "It was closed, because nobody went on with it."
	case onboarding.Uploaded, onboarding.Removed, onboarding.Scanned, onboarding.Accepted, onboarding.Refused:
		return r.documentHappened(e, who)
	case onboarding.Signed:
		if e.Data.Signature == nil {
			return who + " signed the contract."
		}
		return who + " signed the contract as " + e.Data.Signature.Name + ", " + e.Data.Signature.Title + "."
	case onboarding.Reworded:
		return "The contract has another text, which is to be signed."
	case onboarding.CheckDone:
		if e.Data.Check == nil {
			return step + " was asked."
		}
		return step + ": " + string(e.Data.Check.Result) + ". " + e.Data.Check.Reason
	case onboarding.Claimed:
		return who + " took it from the queue."
	case onboarding.Released:
		return who + " put it back into the queue."
	case onboarding.Returned:
		var names []string
		for _, key := range e.Data.Steps {
			names = append(names, "“"+r.stepName(key)+"”")
		}
		return who + " gave back " + strings.Join(names, ", ") + "."
	case onboarding.Distinct:
		return who + " said that it is not the same as another."
	case onboarding.Duplicate:
		return who + " closed it as a duplicate of another."
	case onboarding.Compared:
		if len(e.Data.Similar) == 0 {
			return who + " compared it with others: none is like it."
		}
		return who + " compared it with others: " + count(int64(len(e.Data.Similar)), "may", "may") + " be the same."
	case onboarding.Approval:
		if e.By == uuid.Nil {
			return "It was approved by itself."
		}
		if e.Data.Signature != nil {
			return who + " approved it and countersigned the contract."
		}
		return who + " approved it."
	case onboarding.Rejection:
		return who + " rejected it."
	case onboarding.Withdrew:
		return who + " withdrew it."
	case onboarding.Reopened:
		return who + " opened it again."
	case onboarding.Waiving:
		return who + " let “" + step + "” pass."
	case onboarding.Provision:
		return provisioned[e.Step]
	}
	return who + ": " + string(e.Kind) + "."
}

// provisioned are the steps of setting an organization up, in words.
var provisioned = map[string]string{
	onboarding.MakeSchema:   "Its tables were made.",
	onboarding.MakeOwner:    "Whoever sent it became the owner.",
	onboarding.MakeLocation: "Its first location was made.",
	onboarding.Announce:     "It became an organization of Kindward.",
}

func (r reviewed) stepName(key string) string {
	if s, ok := r.definition.Step(key); ok {
		return s.Name
	}
	return key
}

// documentHappened is an event of a document in a sentence.
func (r reviewed) documentHappened(e onboarding.Event, who string) string {
	switch doc := e.Data.Document; {
	case e.Kind == onboarding.Uploaded && doc != nil:
		if e.Data.Guest != "" {
			who = e.Data.Guest + ", a guest,"
		}
		return who + " sent “" + doc.Name + "”."
	case e.Kind == onboarding.Scanned && doc != nil:
		return "A document was scanned: " + strings.ToLower(documentWords[doc.State].text) + "."
	case e.Kind == onboarding.Accepted:
		return who + " accepted a document."
	case e.Kind == onboarding.Refused:
		return who + " rejected a document."
	}
	return who + " took a document out."
}
