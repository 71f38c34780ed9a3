package ops_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

const lostPhone = "She read her code to me"

// loser has an app, and has lost it.
func loser(t *testing.T, site *webtest.Site, who *webtest.Person) *webtest.Person {
	t.Helper()
	site.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, '\x0badc0de', now())`, who.ID)
	return who
}

func hasFactor(t *testing.T, site *webtest.Site, who *webtest.Person) bool {
	t.Helper()
	return site.Count(t, `select count(*) from directory.totp where account_id = $1`, who.ID) > 0
}

func openRequest(t *testing.T, site *webtest.Site, who *webtest.Person) string {
	t.Helper()
	return pgtest.One[string](t, site.DB, `select coalesce((select id::text from directory.factor_removal
		where account_id = $1 order by requested_at desc limit 1), '')`, who.ID)
}

func TestTheFactorsOfAnOwnerOrOfStaffAreRemovedByTwo(t *testing.T) {
	site := webtest.Open(t)
	for _, c := range []struct {
		lost            *webtest.Person
		path            string
		one, two, third *webtest.Person // who may ask, who may approve, who may neither
	}{
		{loser(t, site, site.Alice(t)), "/ops/people/", site.Staff(t, "Sam", "support"), site.Staff(t, "Sue", "support"),
			site.Staff(t, "Olga", "operator")},
		{loser(t, site, site.Staff(t, "Ada", "administrator")), "/ops/staff/people/", site.Staff(t, "Ben", "administrator"),
			site.Staff(t, "Bea", "administrator"), site.Staff(t, "Sid", "support")},
	} {
		page, removal := "/ops/people/"+c.lost.ID.String(), c.path+c.lost.ID.String()+"/second-factor-removal"
		c.one.Get(page).Has(200, "somebody else on the staff has to approve within 24 hours", "Ask for approval")
		c.third.Post(removal, "case", lostPhone).Has(403)
		c.one.Post(removal, "case", lostPhone).Goes(page)
		if l := site.Mailbox().Last(c.lost.Email); l.Kind != notify.KindFactorRemovalRequested ||
			!strings.Contains(l.Text, lostPhone) {
			t.Error("the owner is not told of the request:", l.Kind)
		}
		id := openRequest(t, site, c.lost)
		c.one.Get(page).Has(200, "to approve it, until", "Nothing is removed before")
		c.one.Get(page).Lacks("Approve the removal")
		c.two.Get("/ops").Has(200, "1 removal of second factors", "1 waits", `href="`+page+`"`,
			"Asked by "+c.one.Name)
		c.one.Post(removal, "case", lostPhone).Has(409)
		c.two.Post(removal, "case", lostPhone).Has(409)
		c.one.Post(removal+"/approval", "request", id).Has(409)
		c.third.Post(removal+"/approval", "request", id).Has(403)
		c.two.Post(removal+"/approval", "request", uuid.NewString()).Has(409)
		c.two.Post(removal+"/approval", "request", "none").Has(409)
		if a := c.lost.Get("/account"); a.Status != 200 || !hasFactor(t, site, c.lost) {
			t.Error("done by one person alone:", a.Status)
		}
		withdrawal := page + "/second-factor-removal/withdrawal"
		c.one.Get(page).Has(200, "Withdraw the request", `action="`+withdrawal+`"`)
		c.two.Get(page).Has(200, c.one.Name, lostPhone, "Approve the removal", `value="`+id+`"`)
		c.two.Post(removal+"/approval", "request", id).Goes(page)
		c.two.Get("/ops").Lacks("removal of second factors", `href="`+page+`"`)
		if a := c.lost.Get("/account"); a.Status != 303 || hasFactor(t, site, c.lost) {
			t.Error("not removed:", a.Status)
		}
		if l := site.Mailbox().Last(c.lost.Email); l.Kind != notify.KindFactorsRemoved ||
			!strings.Contains(l.Text, lostPhone) {
			t.Error("the owner is not told of the approval:", l.Kind)
		}
		for action, who := range map[string]uuid.UUID{"factor-removal-request": c.one.ID,
			"factor-removal-approve": c.two.ID, "factor-removed": c.two.ID} {
			if n := events(t, site, `action = $1 and actor = $2 and on_behalf_of = $3 and patient = $3`, action, who,
				c.lost.ID); n != 1 {
				t.Errorf("%d events of %s", n, action)
			}
		}
		c.two.Post(removal+"/approval", "request", id).Has(409)
		c.two.Post(withdrawal, "request", id).Has(409)
	}
}

func TestARequestToRemoveFactorsIsWithdrawnByWhoeverAskedOrAnyOfTheStaff(t *testing.T) {
	site := webtest.Open(t)
	alice, sam, sue := loser(t, site, site.Alice(t)), site.Staff(t, "Sam", "support"), site.Staff(t, "Sue", "support")
	olga := site.Staff(t, "Olga", "operator") // who could neither ask nor approve
	page := "/ops/people/" + alice.ID.String()
	removal := page + "/second-factor-removal"
	alice.Post(removal+"/withdrawal", "request", uuid.NewString()).Has(404)
	for _, stops := range []*webtest.Person{sam, sue, olga} {
		sam.Post(removal, "case", lostPhone).Goes(page)
		id := openRequest(t, site, alice)
		stops.Get(page).Has(200, lostPhone, "Withdraw the request", `value="`+id+`"`)
		stops.Post(removal+"/withdrawal", "request", id).Goes(page)
		stops.Get(page).Lacks("Withdraw the request")
		stops.Get(page).Has(200, "withdrew the request to remove", "Kindward support")
		sue.Post(removal+"/approval", "request", id).Has(409, "has withdrawn this request. Nothing was done now.",
			`aria-label="Console"`, alice.Name+" signs in with")
		stops.Post(removal+"/withdrawal", "request", id).Has(409)
		if l := site.Mailbox().Last(alice.Email); l.Kind != notify.KindFactorRemovalWithdrawn || !hasFactor(t, site, alice) {
			t.Errorf("%s: removed, or she is not told: %s", stops.Name, l.Kind)
		}
		if n := events(t, site, `action = 'factor-removal-withdraw' and actor = $1 and patient = $2 and resource_id = $3`,
			stops.ID, alice.ID, id); n != 1 {
			t.Errorf("%d events of %s", n, stops.Name)
		}
	}
	sam.Post(removal, "case", lostPhone).Goes(page) // control: one that nobody withdraws
	sue.Post(removal+"/approval", "request", openRequest(t, site, alice)).Goes(page)
	if hasFactor(t, site, alice) {
		t.Error("control: not removed")
	}
}

func TestOfManyRequestsAtOnceToRemoveFactorsOneWaits(t *testing.T) {
	site := webtest.Open(t)
	alice, sam := loser(t, site, site.Alice(t)), site.Staff(t, "Sam", "support")
	ask := func() (kept int) {
		var all sync.WaitGroup
		answers := make(chan error, 8)
		for range cap(answers) {
			all.Go(func() {
				answers <- identity.RequestFactorRemoval(t.Context(), site.Mail, tenancy.Caller{Subject: sam.ID, Staff: true},
					alice.ID, lostPhone, site.Clock.Now())
			})
		}
		all.Wait()
		close(answers)
		for err := range answers {
			if err == nil {
				kept++
			} else if !errors.Is(err, identity.ErrRemovalAsked) {
				t.Error(err)
			}
		}
		return kept
	}
	if n := ask(); n != 1 {
		t.Errorf("%d requests wait", n)
	}
	// control: the constraint is what keeps them out
	site.Admin(t, `delete from directory.factor_removal where account_id = $1`, alice.ID)
	const one = `alter table directory.factor_removal `
	was := pgtest.One[string](t, site.DB, `select pg_get_constraintdef(oid) from pg_constraint
		where conname = 'factor_removal_one_waits'`)
	site.Admin(t, one+`drop constraint factor_removal_one_waits`)
	defer func() {
		site.Admin(t, `delete from directory.factor_removal where account_id = $1`, alice.ID)
		site.Admin(t, one+`add constraint factor_removal_one_waits `+was)
	}()
	if n := ask(); n != 8 {
		t.Errorf("control: without the constraint %d wait", n)
	}
}

func TestARequestToRemoveFactorsRunsOutAfterADay(t *testing.T) {
	site := webtest.Open(t)
	alice, sam, sue := loser(t, site, site.Alice(t)), site.Staff(t, "Sam", "support"), site.Staff(t, "Sue", "support")
	page := "/ops/people/" + alice.ID.String()
	sam.Post(page+"/second-factor-removal", "case", lostPhone).Goes(page)
	late := openRequest(t, site, alice)
	site.Clock.Forward(identity.FactorRemovalLife)
	sam.SignIn(2)
	sue.SignIn(2)
	sue.Get(page).Lacks("Approve the removal")
	sue.Post(page+"/second-factor-removal/approval", "request", late).Has(409)
	if !hasFactor(t, site, alice) {
		t.Error("removed after its time")
	}
	sam.Post(page+"/second-factor-removal", "case", lostPhone).Goes(page) // control: a new one
	sue.Post(page+"/second-factor-removal/approval", "request", openRequest(t, site, alice)).Goes(page)
	if hasFactor(t, site, alice) {
		t.Error("control: not removed in time")
	}
}

func TestTheDatabaseKnowsThatItTakesTwo(t *testing.T) {
	site := webtest.Open(t)
	alice, sam := loser(t, site, site.Alice(t)), site.Staff(t, "Sam", "support")
	caller := tenancy.Caller{Subject: sam.ID, Staff: true}
	err := identity.RemoveFactors(t.Context(), site.Mail, caller, alice.ID, lostPhone, site.Clock.Now())
	if err != identity.ErrTakesTwo || !hasFactor(t, site, alice) {
		t.Error("removed by one:", err)
	}
	_, err = site.Connect(t, site.AdminURL()).Exec(t.Context(), `insert into directory.factor_removal
		(id, account_id, reason, requested_by, requested_at, expires_at, approved_by, approved_at)
		values ($1, $2, 'x', $3, now(), now(), $3, now())`, uuid.New(), alice.ID, sam.ID)
	if tenancy.Code(err) != "23514" {
		t.Error("the table lets somebody approve what they asked for:", err)
	}
	front := loser(t, site, site.Bob(t, "front_desk")) // control: nobody depends on this account
	err = identity.RemoveFactors(t.Context(), site.Mail, caller, front.ID, lostPhone, site.Clock.Now())
	if err != nil || hasFactor(t, site, front) {
		t.Error("control:", err)
	}
}

func TestARequestToRemoveFactorsEndsWithItsRequestersRole(t *testing.T) {
	site := webtest.Open(t)
	alice, sam, sue := loser(t, site, site.Alice(t)), site.Staff(t, "Sam", "support"), site.Staff(t, "Sue", "support")
	removal := "/ops/people/" + alice.ID.String() + "/second-factor-removal"
	sam.Post(removal, "case", lostPhone).Has(303)
	id := openRequest(t, site, alice)
	site.Admin(t, `update directory.staff set ended_at = now() where account_id = $1`, sam.ID)
	sue.Post(removal+"/approval", "request", id).Has(409)
	if !hasFactor(t, site, alice) {
		t.Error("removed at the request of somebody who is of the staff no more")
	}
	site.Admin(t, `update directory.staff set ended_at = null where account_id = $1`, sam.ID)
	sue.Post(removal+"/approval", "request", id).Has(303)
	if hasFactor(t, site, alice) {
		t.Error("control: not removed")
	}
}

// As if the request to approve had been let in before the role ended.
func TestA56WhoeverHasLeftTheStaffApprovesNoRemovalOfFactors(t *testing.T) {
	site := webtest.Open(t)
	alice, sam, sue := loser(t, site, site.Alice(t)), site.Staff(t, "Sam", "support"), site.Staff(t, "Sue", "support")
	sam.Post("/ops/people/"+alice.ID.String()+"/second-factor-removal", "case", lostPhone).Has(303)
	id := uuid.MustParse(openRequest(t, site, alice))
	approve := func() error {
		return identity.ApproveFactorRemoval(t.Context(), site.Mail, tenancy.Caller{Subject: sue.ID, Staff: true},
			alice.ID, id, site.Clock.Now())
	}
	site.Admin(t, `update directory.staff set ended_at = now() where account_id = $1`, sue.ID)
	if err := approve(); !errors.Is(err, identity.ErrNotFound) || !hasFactor(t, site, alice) {
		t.Error("approved by somebody who is of the staff no more:", err)
	}
	site.Admin(t, `update directory.staff set ended_at = null where account_id = $1`, sue.ID)
	if err := approve(); err != nil || hasFactor(t, site, alice) {
		t.Error("control:", err)
	}
}
