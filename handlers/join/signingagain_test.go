package join_test

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/contract"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// rewords lets two workers ask for another text at once.
func (w world) rewords(newest int) {
	w.t.Helper()
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			r := onboarding.Rewording{Gateway: w.Gateway, Newest: newest, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
			if err := r.Run(w.t.Context()); err != nil {
				w.t.Error(err)
			}
		})
	}
	both.Wait()
}

// toSign lets the worker tell what is due, and gives the subjects of all that a mailbox has.
func (w world) toSign(mailbox string) (subjects []string) {
	w.t.Helper()
	teller := onboarding.Teller{Due: w.checks.Due, Gateway: w.Gateway, Keys: w.Keys, Now: w.Clock.Now,
		Log: slog.New(slog.DiscardHandler)}
	if err := teller.Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	for _, e := range w.Mailbox().To(w.t, mailbox) {
		if strings.Contains(e.Subject, "contract with Kindward") {
			subjects = append(subjects, e.Subject)
		}
	}
	return subjects
}

func Test36AnOrganizationIsAskedOnceForAnotherTextAndItsOwnerSignsIt(t *testing.T) {
	w := openWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})}) // the worker's rounds ask everybody
	w.Clinic()
	maya, leo, rita := w.Person(t, "Maya Okafor"), w.Person(t, "Leo Park"), w.Staff(t, "Rita", "reviewer")
	at, tenant := w.joins(maya)
	theirs := w.named(leo, "Park Imaging LLC")
	signs(leo, theirs).Goes(theirs)
	home := "/organizations/" + tenant.Slug
	page, sign := home+"/contract", home+"/contract/signature"
	maya.SignIn(2)
	manager := w.Member(t, &pgtest.Clinic{DB: w.DB, Tenant: tenant}, "Nora", "manager")

	a := maya.Get(home)
	a.Has(http.StatusOK, "Read the contract with Kindward")
	a.Lacks("A new text")
	a = maya.Get(page)
	a.Has(http.StatusOK, "Signed by both", "Harbor, a clinic in Rhode Island", "Rita", "Maya")
	a.Lacks("Sign the contract")
	file := maya.Get(page + ".pdf")
	if file.Status != http.StatusOK || !strings.HasPrefix(file.Body, "%PDF-") {
		t.Errorf("the file: %d", file.Status)
	}
	if n := w.Count(t, `select count(*) from audit.event where tenant_id = $1 and actor = $2
		and resource = 'ApplicationContract' and action = 'read'`, tenant.ID, maya.ID); n != 1 {
		t.Errorf("%d looks are kept of one", n)
	}
	for _, other := range []*webtest.Person{manager, w.Charlie(t)} {
		for _, path := range []string{page, page + ".pdf"} {
			if got := other.Get(path).Status; got != http.StatusForbidden && got != http.StatusNotFound {
				t.Errorf("%s: %d for %s", path, got, other.Name)
			}
		}
	}
	a = manager.Get(home)
	a.Has(http.StatusOK)
	a.Lacks("Read the contract with Kindward")

	const newest = 73
	t.Cleanup(contract.AddToCome(newest, "# Another text\n\nFor {organization}, which signs again.\n"))
	w.rewords(newest)
	w.rewords(newest)
	if n := w.Count(t, `select count(*) from onboarding.log where kind = 'reworded'`); n != 2 {
		t.Errorf("%d of two are asked once", n)
	}
	leo.Get(theirs+"/steps/contract").Has(http.StatusOK, "Maya Okafor signed another text", "For Park Imaging LLC, which")
	if told := w.toSign(maya.Email); len(told) != 1 || !strings.Contains(told[0], "A new text") {
		t.Fatalf("told: %q", told)
	}
	if told := w.toSign(manager.Email); len(told) != 0 {
		t.Errorf("who cannot sign is told: %q", told)
	}
	maya.Get(home).Has(http.StatusOK, "A new text of the contract with Kindward is to be signed by")
	asked := maya.Get(page)
	asked.Has(http.StatusOK, "A new text is to be signed by", "For Harbor, which signs again.",
		"I may sign for Harbor,", "Sign the contract")
	a = rita.Get("/ops/contracts")
	a.Has(http.StatusOK, "Harbor", "To be signed by")
	a.Lacks("late by", "Park Imaging")

	w.Clock.Forward(24 * 24 * time.Hour)
	if told := w.toSign(maya.Email); len(told) != 2 || !strings.Contains(told[1], "is to be signed by") {
		t.Errorf("reminded: %q", told)
	}
	w.Clock.Forward(7 * 24 * time.Hour)
	rita.SignIn(2)
	rita.Get("/ops/contracts").Has(http.StatusOK, "late by ")
	maya.SignIn(2)
	maya.Get(home).Has(http.StatusOK, "A new text") // and nothing is taken away
	given := []string{"hash", asked.Field("hash"), "signer_name", "Maya Okafor", "signer_title", "Owner", "agree", "yes"}
	part := maya.HTMX().Post(sign, given[:6]...)
	part.IsPart("signature")
	part.Has(http.StatusUnprocessableEntity, "Say that you may sign", `value="Maya Okafor"`, `value="Owner"`)
	maya.Post(sign, append([]string{"hash", strings.Repeat("0", 64)}, given[2:]...)...).Has(http.StatusConflict,
		"The text has changed")
	manager.SignIn(2)
	manager.Post(sign, given...).Has(http.StatusForbidden)
	maya.Post(at+"/signature", given...).Has(http.StatusConflict) // whoever applied signs no more by that
	maya.Post(sign, given...).Goes(page)
	maya.Get(page).Has(http.StatusOK, "We countersign it within minutes", "For Harbor, which signs again.")
	w.rewords(newest)
	maya.Get(page).Has(http.StatusOK, "Signed by both", "by its rules, without a person")
	maya.Post(sign, given...).Has(http.StatusConflict, "It is signed already")
	rita.Get("/ops/contracts").Has(http.StatusOK, "No organization is to sign")
	if n := w.Count(t, `select count(*) from onboarding.signature where tenant_id = $1 and contract = $2`, tenant.ID,
		newest); n != 2 {
		t.Errorf("%d signatures are under it", n)
	}
	w.Clock.Forward(60 * 24 * time.Hour)
	if told := w.toSign(maya.Email); len(told) != 2 {
		t.Errorf("told again: %q", told)
	}
}
