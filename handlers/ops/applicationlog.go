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

// acts are what somebody did, of the events that say no more.
var acts = map[onboarding.EventKind]string{
	onboarding.Began:         "began the application",
	onboarding.Joined:        "takes part",
	onboarding.Claimed:       "took it from the queue",
	onboarding.Released:      "put it back into the queue",
	onboarding.Distinct:      "said that it is not the same as another",
	onboarding.Duplicate:     "closed it as a duplicate of another",
	onboarding.Rejection:     "rejected it",
	onboarding.Withdrew:      "withdrew it",
	onboarding.Reopened:      "opened it again",
	onboarding.SignedAgain:   "signed the other text of the contract",
	onboarding.Countersigned: "countersigned the other text of the contract",
}

// happened is one event in a sentence.
func (r reviewed) happened(e onboarding.Event) string {
	who, step := r.name(e.By, "Kindward"), r.stepName(e.Step)
	if act, ok := acts[e.Kind]; ok {
		return who + " " + act + "."
	}
	switch e.Kind {
	case onboarding.Answered:
		return who + " answered “" + step + "”."
	case onboarding.Left:
		return who + r.tookOut(e)
	case onboarding.Closed:
		return "It was closed, because nobody went on with it."
	case onboarding.Uploaded, onboarding.Removed, onboarding.Scanned, onboarding.Accepted, onboarding.Refused:
		return r.documentHappened(e, who)
	case onboarding.Signed, onboarding.Approval:
		return signing(e, who)
	case onboarding.Reworded:
		return "The contract has another text, which is to be signed."
	case onboarding.CheckDone:
		return checkResult(e, step)
	case onboarding.Returned:
		return who + " gave back " + strings.Join(r.stepNames(e.Data.Steps), ", ") + "."
	case onboarding.Compared:
		return who + " compared it with others: " + likeIt(len(e.Data.Similar)) + "."
	case onboarding.Waiving:
		return who + " let “" + step + "” pass."
	case onboarding.Provision:
		return provisioned[e.Step]
	}
	return who + ": " + string(e.Kind) + "."
}

func (r reviewed) tookOut(e onboarding.Event) string {
	if e.By == e.Data.Who {
		return " takes no part any more."
	}
	return " took " + r.name(e.Data.Who, "somebody") + " out."
}

// signing is a signature, or an approval, which countersigns.
func signing(e onboarding.Event, who string) string {
	by := e.Data.Signature
	switch {
	case e.Kind == onboarding.Approval && e.By == uuid.Nil:
		return "It was approved by itself."
	case e.Kind == onboarding.Approval && by != nil:
		return who + " approved it and countersigned the contract."
	case e.Kind == onboarding.Approval:
		return who + " approved it."
	case by == nil:
		return who + " signed the contract."
	}
	return who + " signed the contract as " + by.Name + ", " + by.Title + "."
}

func checkResult(e onboarding.Event, step string) string {
	if e.Data.Check == nil {
		return step + " was asked."
	}
	return step + ": " + string(e.Data.Check.Result) + ". " + e.Data.Check.Reason
}

func likeIt(others int) string {
	if others == 0 {
		return "none is like it"
	}
	return count(int64(others), "may", "may") + " be the same"
}

func (r reviewed) stepNames(keys []string) (names []string) {
	for _, key := range keys {
		names = append(names, "“"+r.stepName(key)+"”")
	}
	return names
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
