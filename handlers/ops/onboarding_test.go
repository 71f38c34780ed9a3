package ops_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// joining is a site with an application to join, and reviewers.
type joining struct {
	*webtest.Site
	t                *testing.T
	maya             *webtest.Person // fills it in
	rita, otto, olga *webtest.Person // of the staff: two reviewers, an operator
	id               uuid.UUID
	path             string
}

// applied is one whose register has said something, answered and sent as far as that lets it.
func applied(t *testing.T, said onboarding.Result, number string) *joining {
	t.Helper()
	j := &joining{Site: webtest.Open(t), t: t, id: uuid.New()}
	j.maya = j.Person(t, "Maya")
	j.rita, j.otto, j.olga = j.Staff(t, "Rita", "reviewer"), j.Staff(t, "Otto", "reviewer"), j.Staff(t, "Olga", "operator")
	j.path = "/ops/onboarding/" + j.id.String()
	who := tenancy.Caller{Subject: j.maya.ID}
	err := onboarding.Begin(t.Context(), j.Gateway, who, j.id, j.maya.Name, onboarding.Event{Kind: onboarding.Began,
		By: j.maya.ID, At: j.Clock.Now(), Data: onboarding.Data{Kind: "clinic", State: "RI",
			Definition: onboarding.Latest, Answers: map[string]string{"npi": number}}})
	if err != nil {
		t.Fatal(err)
	}
	j.hears(said)
	j.fill()
	j.hears(onboarding.Pass)
	j.fill()
	return j
}

// number is one that no other test of this package uses.
func number() string { return npi.Made(fmt.Sprintf("17%07d", rand.IntN(10_000_000))) }

func (j *joining) scope(who tenancy.Caller) tenancy.Scope { return j.Gateway.AdmitApplicant(j.id, who) }

// hears lets the registers that are waited for say something.
func (j *joining) hears(said onboarding.Result) {
	j.t.Helper()
	_, err := onboarding.Hear(j.t.Context(), j.Gateway, j.id, j.Clock.Now(), onboarding.Checked{
		Result: said, Reason: "So it says.", Facts: map[string]string{"name": "Narragansett Care LLC", "zip": "02906"}})
	if err != nil {
		j.t.Fatal(err)
	}
}

func (j *joining) fill() {
	j.t.Helper()
	_, err := onboarding.Fill(j.t.Context(), j.Gateway, j.scope(tenancy.Caller{Subject: j.maya.ID}), j.maya.ID,
		j.Clock.Now(), map[string]string{"name": "Narragansett Pediatrics " + j.id.String()[:8], "zip": "02906",
			"tests": "no"})
	if err != nil {
		j.t.Fatal(err)
	}
}

// accepts lets whoever has claimed it accept every document.
func (j *joining) accepts(who *webtest.Person) {
	j.t.Helper()
	err := onboarding.AcceptDocuments(j.t.Context(), j.Gateway, j.scope(tenancy.Caller{Subject: who.ID, Staff: true}),
		who.ID, j.Clock.Now())
	if err != nil {
		j.t.Fatal(err)
	}
}

func (j *joining) application() onboarding.Application {
	j.t.Helper()
	_, a, err := onboarding.Load(j.t.Context(), j.Gateway, j.scope(tenancy.Caller{Staff: true}))
	if err != nil {
		j.t.Fatal(err)
	}
	return a
}

func Test39TheQueueSaysWhatWaitsSinceWhenAndWhoHasIt(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	site := webtest.OpenWith(t, webtest.Options{DB: db})
	site.Staff(t, "Rita", "reviewer").Get("/ops/onboarding").Has(http.StatusOK, "No application waits for us.",
		"No application is here.")
	j := applied(t, onboarding.Pass, number())
	name := j.application().Name()
	queue := j.rita.Get("/ops/onboarding?kind=clinic&state=RI")
	queue.Has(http.StatusOK, name, "Clinic, Rhode Island", "47 hours left", "1 answer differs", "Nobody", j.path)
	queue.Lacks("Nothing open")
	j.rita.Get("/ops/onboarding?kind=laboratory").Lacks(name)
	j.rita.Get("/ops/onboarding?whose=decided").Lacks(name)
	j.rita.Get("/ops/onboarding?mine=on").Lacks(name)
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.rita.Get("/ops/onboarding?mine=on").Has(http.StatusOK, name, "You")
	j.otto.Get("/ops/onboarding").Has(http.StatusOK, name, "Rita")
	j.rita.Get(j.path).Has(http.StatusOK, "waits for a decision, 47 hours left: 1 answer differs")
	j.Clock.Forward(48*time.Hour + 30*time.Minute)
	for _, who := range []*webtest.Person{j.rita, j.otto} {
		who.SignIn(2)
	}
	j.rita.Get("/ops/onboarding").Has(http.StatusOK, "Late by 1 hour")
	j.rita.Get("/ops/onboarding?whose=nobody").Has(http.StatusNotFound)
	j.rita.Get("/ops/onboarding?after=nobody").Has(http.StatusNotFound)
	j.olga.Get("/ops").Lacks("/ops/onboarding")
	if n := events(t, j.Site, `actor = $1 and resource = 'Application' and action = 'list'`, j.rita.ID); n == 0 {
		t.Error("that the queue was seen is not kept")
	}
}

func TestAnOpenQueueHearsOfWhatHappensAndOfNothingElse(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	page := j.rita.HTMX().Get("/ops/onboarding")
	poll := page.All("div", "id", "queue")[0].Value("hx-get")
	if a := j.rita.HTMX().Get(poll); a.Status != http.StatusNoContent {
		t.Errorf("nothing happened: %d", a.Status)
	}
	j.otto.Post(j.path + "/claim").Goes(j.path)
	a := j.rita.HTMX().Get(poll)
	a.Has(http.StatusOK, "Otto", `hx-swap-oob="true"`)
	a.Lacks("<html")
	j.rita.Get(poll).Goes("/ops/onboarding")
}

func Test39ThePageHasWhatWasAnsweredBesideWhatTheRegisterSaysAndWhatIsSimilar(t *testing.T) {
	same := number()
	first := applied(t, onboarding.Pass, same)
	j := applied(t, onboarding.Pass, same)
	page := j.rita.Get(j.path)
	page.Has(http.StatusOK, "1 answer differs from what a register says. 1 other may be the same organization.",
		"1 answer differs, and it may be one that we have")
	j.rita.Get("/ops/onboarding").Has(http.StatusOK, "1 answer differs, and it may be one that we have")
	page.Has(http.StatusOK, "Narragansett Care LLC", "It differs", "Maya", "PASS", "Maya began the application.",
		"Take it from the queue", "An application, submitted, with the same Organization NPI",
		first.application().Name(), "45 CFR 162.410")
	if n := strings.Count(page.Body, "It differs"); n != 1 {
		t.Errorf("%d answers differ, and the name alone does", n)
	}
	clinic := j.NewClinic(t)
	j.Admin(t, `update directory.tenant set name = $2 where id = $1`, clinic.ID, strings.ToUpper(j.application().Name()))
	j.rita.Get(j.path).Has(http.StatusOK, "An organization of the same name")
	if n := events(t, j.Site, `actor = $1 and resource = 'Application' and action = 'read' and tenant_id = $2`, j.rita.ID,
		j.id); n != 2 {
		t.Errorf("that it was read is kept %d times", n)
	}
	j.olga.Get(j.path).Has(http.StatusForbidden)
	j.maya.Get(j.path).Has(http.StatusNotFound)
	j.rita.Get("/ops/onboarding/" + uuid.NewString()).Has(http.StatusNotFound)
}

func Test39OfTwoReviewersAtOnceOneWinsAndTheOtherReadsWho(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	var all sync.WaitGroup
	answers := map[*webtest.Person]*webtest.Answer{j.rita: {}, j.otto: {}}
	for who, answer := range answers {
		all.Go(func() { *answer = who.Post(j.path + "/claim") })
	}
	all.Wait()
	winner, loser := j.rita, j.otto
	if answers[j.rita].Status == http.StatusConflict {
		winner, loser = j.otto, j.rita
	}
	answers[winner].Goes(j.path)
	answers[loser].Has(http.StatusConflict, winner.Name+" has taken it from the queue.")
	if got := j.application().Claimed; got != winner.ID {
		t.Errorf("it is %s's", got)
	}
	loser.Post(j.path+"/approval").Has(http.StatusConflict, winner.Name+" has taken it from the queue.")
	loser.Post(j.path + "/release").Goes(j.path)
	loser.Post(j.path+"/approval").Has(http.StatusConflict, "Take it from the queue first.")
	loser.Post(j.path + "/claim").Goes(j.path)
	loser.Post(j.path+"/approval").Has(http.StatusConflict, "A document is not accepted.")
	j.accepts(loser)
	loser.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", loser.Name).Goes(j.path)
	if a := j.application(); a.Status != onboarding.Approved {
		t.Errorf("it is %s", a.Status)
	}
	loser.Get("/ops/onboarding?whose=decided").Has(http.StatusOK, "Approved, being set up")
}

func Test39StepsAreGivenBackWithAReasonAndNothingTypedIsLost(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	back := j.path + "/return"
	j.rita.Post(back).Has(http.StatusConflict, "Take it from the queue first.") // nobody fills a form in for nothing
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.rita.Post(back, "step-registry", "on", "about", "It has expired").Has(http.StatusUnprocessableEntity,
		"Choose what they are to look at again") // a register's is no step of theirs
	j.rita.Post(back, "about", "It has expired", "words", "Ask the state").Has(http.StatusUnprocessableEntity,
		"Choose what they are to look at again", "Ask the state", `href="#step-organization"`)
	a := j.rita.HTMX().Post(back, "step-licenses", "on", "about", "Something else")
	a.Has(http.StatusUnprocessableEntity, `id="return"`, "Say in a sentence what they are to do", `href="#words"`)
	a.Lacks("<html")
	if len(a.All("input", "id", "step-licenses")) != 1 || !strings.Contains(a.Body, `checked`) {
		t.Error("what was ticked is lost")
	}
	j.rita.Post(back, "step-licenses", "on", "about", "nonsense").Has(http.StatusUnprocessableEntity, "Choose a reason")
	j.rita.Post(back, "step-licenses", "on").Has(http.StatusUnprocessableEntity, "Choose a reason")
	j.rita.Post(back, "step-licenses", "on", "about", "It has expired", "words", "Send the new one").Goes(j.path)
	j.maya.Get("/join/"+j.id.String()).Has(http.StatusOK, "It has expired: Send the new one", "We need more")
	j.rita.Get("/ops/onboarding?whose=applicant").Has(http.StatusOK, j.path, "With the applicant")
	j.rita.Get(j.path).Has(http.StatusOK, "is with the applicant", "Rita gave back “Licenses and people”.")
	j.rita.Post(back, "step-licenses", "on", "about", "It has expired").Has(http.StatusConflict)
	j.fill()
	j.rita.Get(j.path).Has(http.StatusOK, "waits for a decision", "Take it from the queue")
}

func TestARejectionIsAskedFirstAndTheApplicantReadsWhy(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	ask := j.path + "/rejection"
	j.rita.Get(ask).Goes(j.path) // not theirs yet
	j.rita.Post(ask).Has(http.StatusConflict, "Take it from the queue first.")
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.otto.Get(ask).Goes(j.path)
	j.rita.Get(ask).Has(http.StatusOK, "Reject the application", "Go back")
	j.rita.Post(ask, "reason", "No.").Has(http.StatusUnprocessableEntity, "Say in a sentence why", "No.")
	j.rita.HTMX().Post(ask, "reason", "").Has(http.StatusUnprocessableEntity, `id="rejection"`)
	j.rita.Post(ask, "reason", "This is no clinic but a person.").Goes(j.path)
	j.maya.Get("/join/"+j.id.String()).Has(http.StatusOK, "We have rejected this application",
		"This is no clinic but a person.")
	j.rita.Post(ask, "reason", "This is no clinic but a person.").Has(http.StatusConflict)
	if a := j.application(); a.Status != onboarding.Rejected {
		t.Errorf("it is %s", a.Status)
	}
}

func TestA65AReviewerWhoTakesPartDecidesNothing(t *testing.T) {
	j := applied(t, onboarding.Pass, number())
	j.Admin(t, `insert into directory.staff (id, account_id, role, created_at) values ($1, $2, 'reviewer', now() -
		interval '30 days')`, uuid.New(), j.maya.ID)
	j.maya.SignIn(2)
	page := j.maya.Get(j.path)
	page.Has(http.StatusOK, "You take part in this application, so others decide on it.")
	page.Lacks(`action="` + j.path + `/claim"`)
	for _, act := range []string{"/claim", "/approval", "/rejection", "/steps/registry/waiver"} {
		j.maya.Post(j.path+act, "because", "Because it is mine.",
			"reason", "Because it is mine.", "words-registry", "Because it is mine.").Has(
			http.StatusConflict)
	}
	j.maya.Post(j.path + "/steps/registry/waiver").Has(http.StatusConflict) // whatever she typed
	if a := j.application(); a.Status != onboarding.Submitted || a.Claimed != uuid.Nil {
		t.Errorf("it is %s, claimed by %s", a.Status, a.Claimed)
	}
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.accepts(j.rita)
	j.rita.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", "Rita").Goes(j.path)
	if a := j.application(); a.Status != onboarding.Approved {
		t.Error("control: nobody can approve it")
	}
}

func TestA66WhatARegisterDidNotPassTakesTwoReviewers(t *testing.T) {
	j := applied(t, onboarding.Fail, number())
	j.rita.Get("/ops/onboarding?whose=applicant").Has(http.StatusOK, "1 check failed", j.path)
	waiver := j.path + "/steps/registry/waiver"
	j.rita.Get(j.path).Has(http.StatusOK, "FAIL", "So it says.", `action="`+waiver+`"`)
	j.rita.Post(waiver, "words-registry", "short").Has(http.StatusUnprocessableEntity, "Say in a sentence why it may pass",
		"short")
	j.rita.HTMX().Post(waiver).Has(http.StatusUnprocessableEntity, `id="check-registry"`)
	j.rita.Post(j.path+"/steps/location/waiver", "words-location", "That is no check at all.").Has(http.StatusNotFound)
	j.rita.Post(waiver, "words-registry", "It was merged with another last month.").Goes(j.path)
	j.rita.Get(j.path).Has(http.StatusOK, "Rita let it pass: It was merged with another last month.")
	j.maya.Get("/join/"+j.id.String()).Has(http.StatusOK, "Let pass by us")
	j.fill()
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.rita.Get(j.path).Has(http.StatusOK, "You let a check of it pass, so somebody else approves it.")
	j.rita.Post(j.path+"/approval").Has(http.StatusConflict, "You let a check of it pass, so somebody else approves it.")
	j.rita.Post(j.path + "/release").Goes(j.path)
	j.otto.Post(j.path + "/claim").Goes(j.path)
	j.accepts(j.otto)
	// both may be one person who was given a second account a minute ago
	const young = "both of the two that it takes must have been on the staff for 24 hours"
	since := func(who *webtest.Person, hours int) {
		j.Admin(t, `update directory.staff set created_at = now() - make_interval(hours => $2) where account_id = $1`, who.ID,
			hours)
	}
	for _, hours := range [][2]int{{0, 0}, {25, 0}, {0, 25}} {
		since(j.rita, hours[0])
		since(j.otto, hours[1])
		j.otto.Get(j.path).Has(http.StatusOK, young)
		j.otto.Post(j.path+"/approval").Has(http.StatusConflict, young)
	}
	since(j.rita, 25)
	j.otto.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", "Otto").Goes(j.path)
	if a := j.application(); a.Status != onboarding.Approved {
		t.Errorf("it is %s", a.Status)
	}
}

func TestA66AWaiverOfANumberThatIsNoLongerAnsweredTakesNoSecondReviewer(t *testing.T) {
	j := applied(t, onboarding.Fail, number())
	j.rita.Post(j.path+"/steps/registry/waiver", "words-registry", "It was merged with another last month.").Goes(j.path)
	_, _, err := onboarding.Act(t.Context(), j.Gateway, j.scope(tenancy.Caller{Subject: j.maya.ID}), onboarding.Event{
		Kind: onboarding.Answered, Step: "organization", By: j.maya.ID, At: j.Clock.Now(), Data: onboarding.Data{
			Base: j.application().Version, Answers: map[string]string{"npi": number()}}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		j.hears(onboarding.Pass)
		j.fill()
	}
	j.rita.Post(j.path + "/claim").Goes(j.path)
	j.accepts(j.rita)
	j.rita.Post(j.path+"/approval", "because", "The name was mended.", "countersignature", "Rita").Goes(j.path)
	if a := j.application(); a.Status != onboarding.Approved {
		t.Errorf("it is %s", a.Status)
	}
}
