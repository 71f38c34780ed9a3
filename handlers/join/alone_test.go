package join_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/kyc"
	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

// unsampled is an application of a clinic that no person looks at all the same, as one in twenty.
func (w world) unsampled(who *webtest.Person) (at string) {
	w.t.Helper()
	for _, number := range []string{"155443311", "155443312", "155443313", "155443314", "155443315"} {
		at = w.begin(who, "clinic", "RI", npi.Made(number))
		d, a, err := onboarding.Load(w.t.Context(), w.Gateway,
			w.Gateway.AdmitApplicant(webtest.IDOf(at), tenancy.Caller{Subject: who.ID}))
		if err != nil {
			w.t.Fatal(err)
		}
		if _, doubts := d.Automatic(a); !slices.ContainsFunc(doubts, func(doubt string) bool {
			return strings.Contains(doubt, "one in 20")
		}) {
			return at
		}
		who.Post(at + "/withdrawal").Goes(at)
	}
	w.t.Fatal("five of five are looked at by a person")
	return ""
}

func Test39WhatIsApprovedByItselfIsReadWithItsReasonsByWhoeverReviewsAndAsADecisionByWhoeverApplied(t *testing.T) {
	w := open(t)
	maya, rita := w.Person(t, "Maya"), w.Staff(t, "Rita", "reviewer")
	at := w.unsampled(maya)
	id, page := webtest.IDOf(at), "/ops/onboarding/"+webtest.IDOf(at).String()
	facts := map[string]string{"name": "Quonset Family Practice", "zip": "02852", "official_first": "ADA",
		"official_last": "MEDEIROS", kyc.FactWho: kyc.PersonKey("Ada", "Medeiros")}
	scope := w.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: maya.ID})
	for range 2 { // some registers are asked when all is answered
		if _, err := onboarding.Hear(t.Context(), w.Gateway, id, w.Clock.Now(),
			onboarding.Checked{Result: onboarding.Pass, Facts: facts}); err != nil {
			t.Fatal(err)
		}
		if _, err := onboarding.Fill(t.Context(), w.Gateway, scope, maya.ID, w.Clock.Now(), map[string]string{
			"name": facts["name"], "zip": facts["zip"], "practitioner_owned": "yes", "tests": "no"}); err != nil {
			t.Fatal(err)
		}
	}
	maya.Get(at).Has(http.StatusOK, "Your application is sent")
	rita.Get(page).Lacks("Approved by itself")
	w.asks()
	review := rita.Get(page)
	review.Has(http.StatusOK, "Approved by itself", "Its risk is limited.", "All checks have passed: NPI registry",
		"No answer differs from what a register says.", "authorized official in the NPI registry",
		"No other application or organization is like it.", "The contract is signed.")
	review.Lacks("Take it from the queue", "Why a person decides")
	rita.Get("/ops/onboarding?whose=itself").Has(http.StatusOK, facts["name"], page)
	rita.Get("/ops/onboarding?whose=itself&kind=laboratory").Lacks(page)
	theirs := maya.Get(at)
	theirs.Has(http.StatusOK, "This application is approved", "We set your organization up next.")
	theirs.Lacks("Its risk", "authorized official")
	maya.Get(at+"/steps/contract").Has(http.StatusOK, "Countersigned for Kindward by")
	w.tells()
	if mail := w.Mailbox().Last(maya.Email); !strings.Contains(mail.Subject, "approved") {
		t.Errorf("the email says %q", mail.Subject)
	}
}
