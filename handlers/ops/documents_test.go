package ops_test

import (
	"net/http"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/document"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

// sends uploads a document again, in place of the sample.
func (j *joining) sends(kind, name, content string) {
	j.t.Helper()
	j.maya.Upload("/join/"+j.id.String()+"/documents", name, document.Sample(content), "step", "documents", "kind", kind).
		Goes("/join/" + j.id.String() + "/steps/documents")
}

// gives lets whoever has claimed it give it back.
func (j *joining) gives(who *webtest.Person, steps ...string) webtest.Answer {
	form := []string{"about", "It has expired"}
	for _, s := range steps {
		form = append(form, "step-"+s, "on")
	}
	return who.Post(j.path+"/return", form...)
}

func Test35WhoeverReviewsAcceptsOrRejectsADocumentAndItIsReplaced(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	w9 := func() onboarding.Document { return j.application().Documents["w9"] }
	at := func() string { return j.path + "/documents/" + w9().ID.String() }
	j.rita.Get(j.path).Has(http.StatusOK, "Form W-9", "To be looked at")
	j.rita.Post(at()+"/acceptance").Has(http.StatusConflict, "Take it from the queue first.")
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.otto.Post(at()+"/rejection", "about-"+w9().ID.String(), "It is not signed").Has(http.StatusConflict)
	j.otto.Post(at()+"/rejection").Has(http.StatusConflict, "Rita has taken it from the queue.")
	j.otto.Get(j.path).Lacks(at() + "/acceptance")
	j.rita.Get(j.path).Has(http.StatusOK, at()+"/acceptance") // the control
	reject, reason, words := at()+"/rejection", "about-"+w9().ID.String(), "words-"+w9().ID.String()
	j.rita.Post(reject, reason, "nonsense").Has(http.StatusUnprocessableEntity, "Choose a reason")
	part := j.rita.HTMX().Post(reject, reason, "Something else", words, " ")
	part.Has(http.StatusUnprocessableEntity, "Say in a sentence what they are to do", `value="Something else" selected`)
	part.Lacks("<html")
	j.rita.Post(reject, reason, "It is not signed").Goes(j.path)
	j.rita.Get(j.path).Has(http.StatusOK, "Rejected", "It is not signed")
	j.rita.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", "Rita").Has(http.StatusConflict,
		"A document is not accepted.")
	step := "/join/" + j.id.String() + "/steps/documents"
	j.maya.Get(step).Lacks("It is not signed") // they learn of it once it is theirs again
	j.gives(j.rita).Goes(j.path)
	j.maya.Get(step).Has(http.StatusOK, "Rejected", "It is not signed", "Replace: Form W-9")
	j.sends("w9", "signed.pdf", "canary of Maya")
	unscanned := j.rita.Get(at())
	unscanned.Has(http.StatusGone)
	unscanned.Lacks("canary of Maya")
	j.rita.Get(j.path).Lacks(`href="` + at() + `"`)
	j.hears(onboarding.Pass) // and nothing is found in it
	j.fill()
	j.rita.Post(j.path + "/claim").Goes(j.path)
	got := j.rita.Get(at())
	got.Has(http.StatusOK, "canary of Maya")
	if h := got.Header; !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") ||
		!strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Content-Type") != "application/pdf" {
		t.Errorf("A28: %v", h)
	}
	for _, who := range []*webtest.Person{j.olga, j.Person(t, "Leo"), j.Visitor(t)} {
		who.Get(at()).Lacks("canary of Maya")
		who.Post(at() + "/acceptance").Lacks("The document is accepted.")
	}
	other := applied(t, onboarding.Pass, number())
	other.rita.Get(other.path + "/documents/" + w9().ID.String()).Has(http.StatusNotFound)
	other.rita.Post(other.path + "/documents/" + w9().ID.String() + "/acceptance").Has(http.StatusNotFound)
	j.rita.Post(at() + "/acceptance").Goes(j.path)
	j.accepts(j.rita)
	j.rita.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", "Rita").Goes(j.path)
	if n := j.Count(t, `select count(*) from audit.event where resource = 'ApplicationDocument' and action = 'read'
		and actor = $1`, j.rita.ID); n != 1 {
		t.Errorf("%d looks of Rita's are kept", n)
	}
}

func Test35AnApplicantsTicketAcceptsNoDocument(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	j.rita.Post(j.path + "/claim").Goes(j.path)
	accept := func(who tenancy.Caller) error {
		_, _, err := onboarding.Act(t.Context(), j.Gateway, j.scope(who), onboarding.Event{Kind: onboarding.Accepted,
			By: j.rita.ID, At: j.Clock.Now(), Data: onboarding.Data{Document: &onboarding.Document{
				ID: j.application().Documents["w9"].ID}}})
		return err
	}
	if err := accept(tenancy.Caller{Subject: j.maya.ID}); tenancy.Code(err) != "42501" {
		t.Errorf("with Maya's ticket: %v", err)
	}
	if err := accept(tenancy.Caller{Subject: j.rita.ID, Staff: true}); err != nil {
		t.Errorf("control: %v", err)
	}
}
