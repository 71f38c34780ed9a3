package ops_test

import (
	"net/http"
	"sync"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

func Test39AReviewerReadsWhyAPersonDecidesAndWhyOneWasApprovedByItself(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	j.rita.Get(j.path).Has(http.StatusOK, "Why a person decides", "An answer differs from what a register says.",
		"Whoever was verified is not whom the NPI registry names", "Where it stands", "We have it")
	j.rita.Get("/ops/onboarding?whose=itself").Lacks(j.path)
	_, _, err := onboarding.Act(t.Context(), j.Gateway, j.scope(tenancy.Caller{Staff: true}), onboarding.Event{
		Kind: onboarding.Approval, At: j.Clock.Now(), Data: onboarding.Data{Reasons: []string{"All is well."}}})
	if err != onboarding.ErrPerson {
		t.Fatalf("without a person: %v", err)
	}
	j.Admin(t, `insert into onboarding.log (tenant_id, version, kind, step, data, at)
		select tenant_id, version + 1, 'compared', '', '{}', now() from onboarding.application where tenant_id = $1`, j.id)
	j.Admin(t, `update onboarding.application set version = version + 1 where tenant_id = $1`, j.id)
	j.rita.Get(j.path).Has(http.StatusOK, "Kindward compared it with others: none is like it.")
}

func TestOfFourReviewersAtOnceOneHasItAndEachReadsWho(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	all := []*webtest.Person{j.rita, j.otto, j.Staff(t, "Uma", "reviewer"), j.Staff(t, "Vic", "reviewer")}
	answers := make([]webtest.Answer, len(all))
	var at sync.WaitGroup
	for i, who := range all {
		at.Go(func() { answers[i] = who.Post(j.path + "/claim") })
	}
	at.Wait()
	a, won := j.application(), 0
	for i, who := range all {
		if a.Claimed == who.ID {
			won++
			answers[i].Goes(j.path)
		} else {
			answers[i].Has(http.StatusConflict, " has taken it from the queue.")
		}
	}
	if won != 1 {
		t.Errorf("%d have it", won)
	}
}
