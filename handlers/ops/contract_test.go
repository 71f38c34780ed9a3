package ops_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/onboarding"
	view "kindward/views/ops"
)

func Test36WhoApprovesCountersignsByTheirOwnNameAndAfterAFreshProof(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	approval, because := j.path+"/approval", "The name was mended."
	j.rita.Get(j.path).Has(http.StatusOK, "Contract", "Maya Okafor, Owner", "For the organization, by Maya",
		"signed the contract as Maya Okafor, Owner.", j.path+"/contract.pdf")
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.rita.Get("/ops/onboarding?mine=yes").Has(http.StatusOK, "Signed by Maya Okafor")
	j.accepts(j.rita)
	part := j.rita.HTMX().Post(approval, "because", because)
	part.IsPart(view.ApprovalForm)
	part.Has(http.StatusUnprocessableEntity, "Type your full name", because)
	j.rita.Post(approval, "because", because, "countersignature", "Otto").Has(http.StatusUnprocessableEntity,
		"Type your name as your account has it: Rita", `value="Otto"`)
	j.Clock.Forward(11 * time.Minute)
	a := j.rita.Post(approval, "because", because, "countersignature", "rita")
	if !strings.HasPrefix(a.Location, "/account/confirm") || j.application().Status != onboarding.Submitted {
		t.Fatalf("an old proof: %d %s, %s", a.Status, a.Location, j.application().Status)
	}
	j.rita.SignIn(2)
	j.rita.Post(approval, "because", because, "countersignature", "rita").Goes(j.path) // the control
	j.rita.Get(j.path).Has(http.StatusOK, "Signed and countersigned", "For Kindward",
		"Rita approved it and countersigned the contract.")
	for _, who := range []string{"organization", "platform"} {
		if n := events(t, j.Site, `tenant_id = $1 and resource = 'ApplicationContract' and action = 'sign'
			and 'side:' || $2 = any (fields)`, j.id, who); n != 1 {
			t.Errorf("%d events of the %s's signature", n, who)
		}
	}
	file := j.rita.Get(j.path + "/contract.pdf")
	if file.Status != http.StatusOK || !strings.HasPrefix(file.Body, "%PDF-") {
		t.Errorf("the file: %d", file.Status)
	}
	if n := events(t, j.Site, `actor = $1 and resource = 'ApplicationContract' and action = 'read'`, j.rita.ID); n != 1 {
		t.Errorf("%d looks are kept", n)
	}
	j.olga.Get(j.path + "/contract.pdf").Has(http.StatusForbidden)
	j.maya.Get("/join/"+j.id.String()+"/steps/contract").Has(http.StatusOK, "Countersigned for Kindward by Rita")
}
