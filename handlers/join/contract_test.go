package join_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/handlers/webtest"
)

// signs signs the contract as its page has it.
func signs(who *webtest.Person, at string, fields ...string) webtest.Answer {
	page := who.Get(at + "/steps/contract")
	given := webtest.Form("hash", page.Field("hash"), "signer_name", "Maya Okafor", "signer_title", "Owner", "agree",
		"yes")
	for i := 0; i < len(fields); i += 2 {
		given.Set(fields[i], fields[i+1])
	}
	return who.Do(http.MethodPost, at+"/signature", given)
}

// named is an application whose organization has a name.
func (w world) named(who *webtest.Person, name string) (at string) {
	w.t.Helper()
	at = w.begin(who, "clinic", "RI", "1234567893")
	answer(who, at+"/steps/organization", "name", name, "phone", "(401) 555-0142", "email",
		"office@example.org", "contact", "Maya, owner").Goes(at)
	return at
}

func signatures(w world, at string) int {
	return w.Count(w.t, `select count(*) from onboarding.signature where tenant_id = $1`, webtest.IDOf(at))
}

func Test36TheContractIsReadSignedAndAskedForAgainWhenItsTextChanges(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya Okafor")
	at := w.named(maya, "Harbor Health LLC")
	step := at + "/steps/contract"
	page := maya.Get(step)
	page.Has(http.StatusOK, "Provider agreement", "Harbor Health LLC, a clinic in Rhode Island",
		"I may sign for Harbor Health LLC", "SHA-256")
	before := page.Field("hash")
	for _, wrong := range [][]string{{"signer_name", "Maya"}, {"signer_name", " "}, {"signer_title", ""}} {
		signs(maya, at, wrong...).Has(http.StatusUnprocessableEntity, "There is a problem")
	}
	part := maya.HTMX().Post(at+"/signature", "hash", before, "signer_name", "Maya Okafor", "signer_title", "Owner")
	part.Has(http.StatusUnprocessableEntity, "Say that you may sign for the organization", `value="Maya Okafor"`,
		`value="Owner"`)
	part.IsPart("signature")
	signs(maya, at, "hash", strings.Repeat("0", 64)).Has(http.StatusConflict, "The text has changed since you opened",
		`value="Maya Okafor"`)
	if n := signatures(w, at); n != 0 {
		t.Fatalf("%d signatures are kept of what was refused", n)
	}
	signs(maya, at).Goes(at)
	maya.Get(at).Has(http.StatusOK, "The contract is signed.", "The contract as it is signed")
	page = maya.Get(step)
	page.Has(http.StatusOK, "Signed by Maya Okafor, Owner,", "We countersign it")
	page.Lacks("Sign the contract")
	file := maya.Get(at + "/contract.pdf")
	if file.Status != http.StatusOK || !strings.HasPrefix(file.Body, "%PDF-") ||
		!strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d, %v", file.Status, file.Header)
	}
	if n := w.Count(t, `select count(*) from audit.event where tenant_id = $1 and resource = 'ApplicationContract'
		and (action = 'read' or action = 'sign' and fields = array['side:organization', 'sha256:' || $3]) and actor = $2`,
		webtest.IDOf(at), maya.ID, before); n != 2 {
		t.Errorf("%d events of two acts", n)
	}
	answer(maya, at+"/steps/organization", "name", "Harbor Health Inc.").Goes(at)
	maya.Get(at).Has(http.StatusOK, "Its text has changed since Maya Okafor signed it")
	page = maya.Get(step)
	page.Has(http.StatusOK, "Harbor Health Inc., a clinic", "Maya Okafor signed another text")
	signs(maya, at, "hash", before).Has(http.StatusConflict, "The text has changed")
	signs(maya, at).Goes(at)
	if n := signatures(w, at); n != 2 {
		t.Errorf("%d signatures are kept of two", n)
	}
}

func TestA75OnlyWhoTakesPartAndHasJustShownWhoTheyAreSigns(t *testing.T) {
	w := open(t)
	maya, leo := w.WithTwoFactors(t, "Maya Okafor"), w.Person(t, "Leo Park")
	at := w.named(maya, "Harbor Health LLC")
	hash := maya.Get(at + "/steps/contract").Field("hash")
	sign := func(who *webtest.Person, at string) webtest.Answer {
		return who.Post(at+"/signature", "hash", hash, "signer_name", "Maya Okafor", "signer_title", "Owner", "agree", "yes")
	}
	theirs := w.named(leo, "Harbor Health LLC")
	sign(leo, at).Has(http.StatusNotFound)
	leo.Get(at + "/contract.pdf").Has(http.StatusNotFound)
	leo.Get(theirs + "/contract.pdf").Has(http.StatusOK) // the control
	if a := sign(w.Visitor(t), at); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("a visitor: %d %s", a.Status, a.Location)
	}
	w.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, 'x', now())`, maya.ID)
	maya.SignIn(1)
	if a := sign(maya, at); !strings.HasPrefix(a.Location, "/account/confirm") {
		t.Errorf("A41: half a session: %d %s", a.Status, a.Location)
	}
	maya.SignIn(2)
	w.Clock.Forward(11 * time.Minute)
	a := maya.Post(at+"/signature", "hash", hash, "signer_name", "Maya J. Okafor", "signer_title", "Owner", "agree", "yes")
	if !strings.HasPrefix(a.Location, "/account/confirm") || signatures(w, at) != 0 {
		t.Fatalf("an old proof: %d %s, %d signatures", a.Status, a.Location, signatures(w, at))
	}
	maya.SignInAs(maya, 2) // in the same browser
	if page := maya.Get(at + "/steps/contract"); page.Field("signer_name") != "Maya J. Okafor" ||
		page.Field("signer_title") != "Owner" {
		t.Errorf("what was typed: %q", page.Field("signer_name"))
	}
	sign(maya, at).Goes(at) // the control
	if got := pgOne(w, `select proof from onboarding.signature where tenant_id = $1`, webtest.IDOf(at)); got == "" {
		t.Error("how they had shown it is not kept")
	}
}

func Test36OfTwoWhoSignAtOnceOneHasSignedAndTheOtherReadsSo(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya Okafor"), w.Person(t, "Leo Park")
	at := w.named(maya, "Harbor Health LLC")
	w.join(maya, leo, at)
	hash := maya.Get(at + "/steps/contract").Field("hash")
	var all sync.WaitGroup
	answers := make([]webtest.Answer, 2)
	for i, who := range []*webtest.Person{maya, leo} {
		all.Go(func() {
			answers[i] = who.Post(at+"/signature", "hash", hash, "signer_name", who.Name, "signer_title", "Owner", "agree",
				"yes")
		})
	}
	all.Wait()
	if answers[0].Status == http.StatusSeeOther {
		answers[0], answers[1] = answers[1], answers[0]
	}
	answers[0].Has(http.StatusConflict, "It is signed already", "Signed by")
	answers[1].Goes(at)
	if n := signatures(w, at); n != 1 {
		t.Errorf("%d signatures are kept", n)
	}
}

func TestA75AKeptTextThatIsNotWhatWasSignedIsToldWhereItIsShown(t *testing.T) {
	w := open(t)
	maya, rita := w.Person(t, "Maya Okafor"), w.Staff(t, "Rita", "reviewer")
	at := w.named(maya, "Harbor Health LLC")
	signs(maya, at).Goes(at)
	desk := "/ops/onboarding/" + webtest.IDOf(at).String()
	const told = "What is kept of this signature is not what was signed."
	rita.Get(desk).Lacks(told) // the control
	right := maya.Get(at + "/contract.pdf").Body
	w.Admin(t, `update onboarding.signature set text = replace(text, '60 days', '6 days') where tenant_id = $1`,
		webtest.IDOf(at))
	rita.Get(desk).Has(http.StatusOK, told)
	if wrong := rita.Get(desk + "/contract.pdf"); wrong.Status != http.StatusOK ||
		len(wrong.Body) <= len(right)+20 { // it says so
		t.Errorf("%d, and the file is no longer", wrong.Status)
	}
	w.Admin(t, `delete from onboarding.signature where tenant_id = $1`, webtest.IDOf(at))
	rita.Get(desk).Has(http.StatusOK, "The log has other signatures than those that are kept.")
}
