package ops_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	view "kindward/views/ops"
)

func TestWhatReviewersReadOfPeopleIsSo(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	leo := j.Person(t, "Leo")
	do := func(who tenancy.Caller, e onboarding.Event) {
		t.Helper()
		e.At = j.Clock.Now()
		if _, _, err := onboarding.Act(t.Context(), j.Gateway, j.scope(who), e); err != nil {
			t.Fatal(err)
		}
	}
	join := func() {
		do(tenancy.Caller{Subject: leo.ID}, onboarding.Event{Kind: onboarding.Joined, By: leo.ID,
			Data: onboarding.Data{Name: "Leo"}})
	}
	join()
	do(tenancy.Caller{Subject: j.maya.ID}, onboarding.Event{Kind: onboarding.Left, By: j.maya.ID,
		Data: onboarding.Data{Who: leo.ID}})
	j.rita.Get(j.path).Has(http.StatusOK, "Maya took Leo out.")
	join()
	do(tenancy.Caller{Subject: leo.ID}, onboarding.Event{Kind: onboarding.Left, By: leo.ID,
		Data: onboarding.Data{Who: leo.ID}})
	j.rita.Get(j.path).Has(http.StatusOK, "Leo takes no part any more.")
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.rita.Post(j.path+"/return", "step-licenses", "on", "about", "It has expired").Goes(j.path)
	do(tenancy.Caller{}, onboarding.Event{Kind: onboarding.Answered, Step: "licenses", By: uuid.New(),
		Data: onboarding.Data{Base: j.application().Version, Answers: map[string]string{"director": "Dr Rosa"},
			Guest: "Rosa Lima, RN", Later: true}})
	page := j.rita.Get(j.path)
	page.Has(http.StatusOK, "Rosa Lima, RN, a guest answered")
	page.Lacks("Somebody without an account")
}

func TestARejectedApplicationIsOverAndThePageSaysSo(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	ask, at := j.path+"/rejection", "/join/"+j.id.String()
	j.rita.Post(j.path + "/claim").Goes(j.path)
	page := j.rita.Get(ask)
	page.Has(http.StatusOK, "This application is over then; they can begin another one.")
	j.rita.Post(ask, "reason", "This is no clinic but a person.").Goes(j.path)
	if a := j.maya.Post(at + "/reopening"); a.Status != http.StatusConflict {
		t.Errorf("opened again: %d", a.Status)
	}
	j.maya.Get(at).Lacks("Open it again")
}

func Test39WhatDiffersIsApprovedByWhoeverSaysWhyAndTheLogKeepsIt(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	approval := j.path + "/approval"
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.accepts(j.rita)
	j.rita.Get(j.path).Has(http.StatusOK, "Approve and countersign", "Why it may be approved")
	j.rita.Post(approval).Has(http.StatusUnprocessableEntity, "Say in a sentence why it may be approved", `href="#because"`)
	part := j.rita.HTMX().Post(approval, "because", "Fine.")
	part.IsPart(view.ApprovalForm)
	part.Has(http.StatusUnprocessableEntity, "Say in a sentence why it may be approved", "Fine.")
	if a := j.application(); a.Status != onboarding.Submitted {
		t.Fatalf("without a reason it is %s", a.Status)
	}
	j.rita.Post(approval, "because", "They changed their name in May.", "countersignature", "Rita").Goes(j.path)
	j.rita.Get(j.path).Has(http.StatusOK, "Rita approved it and countersigned the contract.", "They changed their name in May.")
	j.maya.Get("/join/" + j.id.String()).Lacks("They changed their name in May.")
}

// Control: where nothing differs nothing is asked.
func Test39WhatAgreesIsApprovedAtOnce(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	j.Admin(t, `update onboarding.log set data = replace(data::text, 'Narragansett Care LLC',
		(select name from onboarding.application where tenant_id = $1))::jsonb where tenant_id = $1`, j.id)
	j.rita.Get(j.path).Lacks("differs")
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.accepts(j.rita)
	j.rita.Get(j.path).Lacks("Why it may be approved")
	j.rita.Post(j.path+"/approval", "countersignature", "Rita").Goes(j.path)
}
