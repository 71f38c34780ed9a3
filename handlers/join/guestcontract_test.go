package join_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/onboarding"
)

func Test36AGuestSignsByTheirLinkAndTheCodeThatTheirMailboxGot(t *testing.T) {
	w := open(t)
	maya, rosa, charlie := w.Person(t, "Maya Okafor"), w.Visitor(t), w.Person(t, "Charlie")
	const canary = "Canary Health LLC"
	at, theirs := w.named(maya, "Harbor Health LLC"), w.named(charlie, canary)
	maya.Post(at+"/guest-links", "id", uuid.NewString(), "step", "contract", "email", "rosa@").Has(
		http.StatusUnprocessableEntity, "Enter their email address", `value="rosa@"`)
	const mailbox = "rosa@law.example"
	link := w.link(maya, at, "contract", "email", mailbox)
	maya.Get(at+"/guest-links").Has(http.StatusOK, "Contract, for "+mailbox)
	page := rosa.Get(link)
	page.Has(http.StatusOK, "Provider agreement", "Harbor Health LLC, a clinic", "Send me the code", "opens nothing else")
	page.Lacks(mailbox, "office@example.org", "Maya, owner", `href="`+at, canary)
	sign := func(by *webtest.Person, link, code string) webtest.Answer {
		return by.Post(link+"/signature", "hash", page.Field("hash"), "signer_name", "Rosa Lima", "signer_title", "Attorney",
			"agree", "yes", "code", code)
	}
	sign(rosa, link, "").Has(http.StatusUnprocessableEntity, "Type the code that we sent", `value="Rosa Lima"`)
	sign(rosa, link, "000000").Has(http.StatusUnprocessableEntity, "This is not the code", `value="Rosa Lima"`)
	if w.Mailbox().Last(mailbox).Text != "" {
		t.Error("a code was sent that nobody asked for")
	}
	rosa.Post(link + "/code").Has(http.StatusSeeOther)
	code := w.code(mailbox)
	for _, act := range []string{"", "/signature"} { // another application
		other := strings.Replace(link, at, theirs, 1)
		a := rosa.Get(other)
		if act != "" {
			a = sign(rosa, other, code)
		}
		a.Has(http.StatusGone)
		a.Lacks(canary)
	}
	w.Clock.Forward(2*onboarding.GuestCodeLife + time.Second)
	sign(rosa, link, code).Has(http.StatusUnprocessableEntity, "it is too old")
	rosa.Post(link + "/code").Has(http.StatusSeeOther)
	code = w.code(mailbox)
	sign(rosa, link, code[:3]+" "+code[3:]).Goes(link)
	rosa.Get(link).Has(http.StatusOK, "Signed by Rosa Lima, Attorney,")
	maya.Get(at+"/steps/contract").Has(http.StatusOK, "Signed by Rosa Lima, Attorney,")
	rita := w.Staff(t, "Rita", "reviewer")
	rita.Get("/ops/onboarding/"+webtest.IDOf(at).String()).Has(http.StatusOK, "By a link, their mailbox confirmed by a code.",
		"Rosa Lima, a guest signed the contract as Rosa Lima, Attorney.")
	if n := w.Count(t, `select count(*) from onboarding.signature where tenant_id = $1 and email = $2
		and proof = 'email_code' and by = (select id from onboarding.guest_link where tenant_id = $1)`, webtest.IDOf(at),
		mailbox); n != 1 {
		t.Errorf("%d signatures are Rosa's", n)
	}
	sign(rosa, link, code).Has(http.StatusConflict, "It is signed already", "Signed by Rosa Lima")
	answer(maya, at+"/steps/organization", "name", "Harbor Health Inc.").Goes(at)
	again := rosa.Get(link)
	again.Has(http.StatusOK, "Harbor Health Inc., a clinic", "Send me the code")
	page = again
	sign(rosa, link, code).Has(http.StatusUnprocessableEntity, "This is not the code") // a code signs once
	w.Clock.Forward(onboarding.GuestLinkLife)
	rosa.Get(link).Has(http.StatusGone)
	sign(rosa, link, code).Has(http.StatusGone)
}

func Test36OfTwoWhoSignByOneLinkAtOnceOneHasSigned(t *testing.T) {
	w := open(t)
	maya, rosa := w.Person(t, "Maya Okafor"), w.Visitor(t)
	at := w.named(maya, "Harbor Health LLC")
	link := w.link(maya, at, "contract", "email", "rosa@law.example")
	hash := rosa.Get(link).Field("hash")
	rosa.Post(link + "/code").Has(http.StatusSeeOther)
	code := w.code("rosa@law.example")
	var all sync.WaitGroup
	answers := make([]webtest.Answer, 2)
	for i, who := range []*webtest.Person{rosa, w.Visitor(t)} {
		all.Go(func() {
			answers[i] = who.Post(link+"/signature", "hash", hash, "signer_name", "Rosa Lima", "signer_title", "Attorney",
				"agree", "yes", "code", code)
		})
	}
	all.Wait()
	if answers[0].Status == http.StatusSeeOther {
		answers[0], answers[1] = answers[1], answers[0]
	}
	answers[0].Has(http.StatusConflict, "It is signed already")
	answers[1].Goes(link)
	if n := signatures(w, at); n != 1 {
		t.Errorf("%d signatures are kept", n)
	}
}

// code is the one of six digits that a mailbox got last.
func (w world) code(mailbox string) string {
	found := regexp.MustCompile(`\d{3} \d{3}`).FindString(w.Mailbox().Last(mailbox).Text)
	return strings.ReplaceAll(found, " ", "")
}

func TestA77AGuestsCodeIsNotGuessedNorSentOftenAndNoOtherLinkSigns(t *testing.T) {
	w := open(t)
	maya, rosa := w.Person(t, "Maya Okafor"), w.Visitor(t)
	at := w.named(maya, "Harbor Health LLC")
	link := w.link(maya, at, "contract", "email", "rosa@law.example")
	other := w.link(maya, at, "location")
	for _, act := range []string{"/code", "/signature"} {
		rosa.Post(other + act).Has(http.StatusNotFound)
	}
	rosa.Post(link, "guest_name", "Rosa", "asked", "name", "name", "Rosa's").Has(http.StatusNotFound)
	hash := rosa.Get(link).Field("hash")
	try := func(code string) int {
		return rosa.Post(link+"/signature", "hash", hash, "signer_name", "Rosa Lima", "signer_title", "Attorney", "agree",
			"yes", "code", code).Status
	}
	for n := range 10 {
		if status := try(fmt.Sprintf("%06d", n)); status != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: %d", n, status)
		}
	}
	if status := try("000010"); status != http.StatusTooManyRequests || signatures(w, at) != 0 {
		t.Errorf("one guess more: %d", status)
	}
	for n := range 5 {
		if a := rosa.Post(link + "/code"); a.Status != http.StatusSeeOther {
			t.Fatalf("code %d: %d", n, a.Status)
		}
	}
	rosa.Post(link+"/code").Has(http.StatusTooManyRequests, "Many codes were sent already")
	w.Admin(t, `update onboarding.guest_link set email = 'eve@example.org' where tenant_id = $1`, webtest.IDOf(at))
	rosa.Get(link).Has(http.StatusGone) // whose mailbox it is cannot be changed past the program
}
