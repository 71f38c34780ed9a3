package provider_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/notify"
)

func roleOf(t *testing.T, site *webtest.Site, p *webtest.Person) (role string) {
	t.Helper()
	err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
		`select coalesce(min(role), '') from directory.membership where account_id = $1 and tenant_id = $2 and ended_at is null`, p.ID, site.Clinic().ID).Scan(&role)
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func TestATeamChangesAndItsHistoryStays(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Member(t, site.Clinic(), "Alice Owner", "owner")
	bob := site.WithTwoFactors(t, "Bob Desk")
	member := bob.Employ(site.Clinic(), "front_desk")
	path := webtest.Workplace(site.Clinic()) + "/members/" + member.String()
	alice.Get(webtest.Workplace(site.Clinic())+"/members").Has(http.StatusOK, "2 people work here", "Bob Desk",
		"Front desk", path)
	alice.Get(path).Has(http.StatusOK, "What may Bob Desk do here?")
	part := alice.HTMX().Post(path+"/role", "role", "king")
	part.Has(http.StatusUnprocessableEntity, "Choose a role")
	part.IsPart("member")
	if a := alice.Post(path+"/role", "role", "clinician"); a.Location != webtest.Workplace(site.Clinic())+"/members" {
		t.Fatal(a.Status, a.Body)
	}
	alice.Get(webtest.Workplace(site.Clinic())+"/members").Has(http.StatusOK, "The role is clinician from now on",
		"What changed", "Front desk")
	bob.Get(webtest.Workplace(site.Clinic()) + "/patients").Has(http.StatusOK) // at once
	alice.Post(path+"/role", "role", "billing").Has(http.StatusNotFound)       // that membership is over
	var now uuid.UUID
	if err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
		`select id from directory.membership where account_id = $1 and ended_at is null`, bob.ID).Scan(&now); err != nil {
		t.Fatal(err)
	}
	if a := alice.Post(webtest.Workplace(site.Clinic()) + "/members/" + now.String() +
		"/end"); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	bob.Get(webtest.Workplace(site.Clinic()) + "/patients").Has(http.StatusNotFound) // at once
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and actor = $2 and resource = 'Membership'`, site.Clinic().ID, alice.ID); n != 2 {
		t.Error("kept", n, "times")
	}
}

func TestTheLastOwnerStaysAndManagersMakeNone(t *testing.T) {
	site := webtest.Open(t)
	alice := site.WithTwoFactors(t, "Alice")
	owner := webtest.Workplace(site.Clinic()) + "/members/" + alice.Employ(site.Clinic(), "owner").String()
	alice.Get(owner).Has(http.StatusOK, "is the only owner")
	alice.Post(owner+"/role", "role", "manager").Has(http.StatusConflict, "keeps one owner")
	alice.Post(owner+"/end").Has(http.StatusConflict, "keeps one owner")
	manager := site.WithTwoFactors(t, "Manuel")
	own := webtest.Workplace(site.Clinic()) + "/members/" + manager.Employ(site.Clinic(), "manager").String()
	manager.Get(own).Lacks(`value="owner"`)
	manager.Post(own+"/role", "role", "owner").Has(http.StatusUnprocessableEntity)
	manager.Get(owner).Has(http.StatusForbidden)
	manager.Post(owner + "/end").Has(http.StatusForbidden)
	manager.Post(owner+"/role", "role", "billing").Has(http.StatusForbidden)
	manager.Post(webtest.Workplace(site.Clinic())+"/invitations", "email", "me@example.test", "role",
		"owner").Has(http.StatusUnprocessableEntity)
	if roleOf(t, site, alice) != "owner" || roleOf(t, site, manager) != "manager" {
		t.Error("roles changed")
	}
}

func TestTwoOwnersWhoEndEachOtherAtOnceLeaveOne(t *testing.T) {
	site := webtest.Open(t)
	for range 5 {
		site.Admin(t, `update directory.membership set ended_at = now() where tenant_id = $1`, site.Clinic().ID)
		var both [2]*webtest.Person
		var paths [2]string
		for i := range both {
			both[i] = site.WithTwoFactors(t, "Owner")
			paths[1-i] = webtest.Workplace(site.Clinic()) + "/members/" + both[i].Employ(site.Clinic(), "owner").String() +
				"/end"
		}
		var wg sync.WaitGroup
		for i := range both {
			wg.Go(func() { both[i].Post(paths[i]) })
		}
		wg.Wait()
		if n := site.Count(t, `select count(*) from directory.membership where tenant_id = $1 and role = 'owner' and ended_at is null`, site.Clinic().ID); n != 1 {
			t.Fatal("owners left:", n)
		}
	}
}

func TestA04OnlyTheFieldsOfTheFormAreRead(t *testing.T) {
	site := webtest.Open(t)
	desk := site.WithTwoFactors(t, "Desk")
	own := desk.Employ(site.Clinic(), "front_desk")
	visit := site.Visit(t, site.Clinic(), 0)
	extra := []string{"role", "owner", "tenant_id", site.Other().ID.String(), "provider_id", uuid.NewString(),
		"price_cents", "0", "account_id", desk.ID.String(), "practitioner_id", uuid.NewString()}
	before := row(t, site, visit.ID)
	if a := desk.Post(webtest.Workplace(site.Clinic())+"/appointments/"+visit.ID.String()+"/status",
		append([]string{"status", "sure:arrived", "was", "booked"}, extra...)...); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if after := row(t, site, visit.ID); strings.Replace(before, `"booked"`, `"arrived"`, 1) != after {
		t.Errorf("more than the status changed:\n%s\n%s", before, after)
	}
	desk.Post(webtest.Workplace(site.Clinic())+"/members/"+own.String()+"/role", extra...).Has(http.StatusForbidden)
	desk.Post(webtest.Workplace(site.Clinic())+"/invitations",
		append(extra, "email", "new@example.test")...).Has(http.StatusForbidden)
	if roleOf(t, site, desk) != "front_desk" {
		t.Error("the front desk has become", roleOf(t, site, desk))
	}
	alice := site.Alice(t)
	if a := alice.Post(webtest.Workplace(site.Clinic())+"/members/"+own.String()+"/role",
		append(extra[2:], "role", "billing")...); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status, a.Body)
	}
	if n := site.Count(t, `select count(*) from directory.membership where account_id = $1 and ended_at is null and role = 'billing' and tenant_id = $2 and practitioner_id is null`, desk.ID, site.Clinic().ID); n != 1 {
		t.Error("a field that no form has was read")
	}
}

// row is an visit.ID without what always moves.
func row(t *testing.T, site *webtest.Site, id uuid.UUID) (all string) {
	t.Helper()
	if err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
		`select (to_jsonb(a) - 'updated_at' - 'arrived_at')::text from `+site.Clinic().Schema+`.appointment a where id = $1`,
		id).Scan(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// invite has the clinic's owner invite an address and gives the link's path.
func invite(t *testing.T, site *webtest.Site, owner *webtest.Person, email, role string) string {
	t.Helper()
	if a := owner.Post(webtest.Workplace(site.Clinic())+"/invitations", "email", email, "role",
		role); a.Location != webtest.Workplace(site.Clinic())+"/members" {
		t.Fatal(a.Status, a.Body)
	}
	l := site.Mailbox().Last(email)
	if !strings.Contains(l.Text, l.Link) || !strings.HasPrefix(l.Subject, site.Clinic().Name+" invites you") {
		t.Error(l.Subject, l.Text)
	}
	return strings.TrimPrefix(l.Link, site.URL)
}

func TestAnInvitationIsAcceptedByThoseItIsFor(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Member(t, site.Clinic(), "Alice Owner", "owner")
	bob := site.WithTwoFactors(t, "Bob")
	alice.Post(webtest.Workplace(site.Clinic())+"/invitations", "email", "bob@", "role",
		"boss").Has(http.StatusUnprocessableEntity, `value="bob@"`, "Enter their email address",
		"Choose what they may do here", "<title>Error: ")
	path := invite(t, site, alice, bob.Email, "clinician")
	alice.Get(webtest.Workplace(site.Clinic())+"/members").Has(http.StatusOK, bob.Email, "Take back")
	if n := site.Count(t, `select count(*) from directory.invitation where token_hash = convert_to($1, 'UTF8')`,
		path[strings.LastIndexByte(path, '/')+1:]); n > 0 {
		t.Error("the token itself is kept")
	}
	site.Visitor(t).Get(path).Has(http.StatusOK, "invites you to work there as clinician", "Sign in to accept",
		"/sign-in?next=%2Finvitations%2F")
	bob.Get(path).Has(http.StatusOK, "Accept the invitation", "Alice Owner invited you")
	if roleOf(t, site, bob) != "" {
		t.Error("looking was accepting")
	}
	if a := bob.Post(path); a.Location != webtest.Workplace(site.Clinic()) {
		t.Fatal(a.Status, a.Body)
	}
	bob.Get(webtest.Workplace(site.Clinic())).Has(http.StatusOK, "You work at "+site.Clinic().Name+" now")
	bob.Get(path).Has(http.StatusGone)
	bob.Post(path).Has(http.StatusGone)
	alice.Post(webtest.Workplace(site.Clinic())+"/invitations", "email", bob.Email, "role",
		"billing").Has(http.StatusConflict, "works here already")
}

func TestA08AnInvitationTouchesNoAccountBeforeItsOwnerAccepts(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	victim := site.WithTwoFactors(t, "Maya Okafor")
	before := accountRow(t, site, victim.ID)
	path := invite(t, site, alice, victim.Email, "manager")
	mallory := site.WithTwoFactors(t, "Mallory") // has the link, from a mailbox or a log, but not the account
	mallory.Get(path).Has(http.StatusOK, "another address")
	mallory.Get(path).Lacks(victim.Email, "Accept the invitation")
	mallory.Post(path).Has(http.StatusForbidden)
	if a := site.Visitor(t).Post(path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/sign-in") {
		t.Error("nobody accepted it:", a.Status, a.Location)
	}
	// Signing up with the victim's address by the link ends at the email "you have an account".
	v := site.Visitor(t)
	v.Post("/sign-up", "name", "Mallory", "email", victim.Email, "password", "seven green bicycles", "next", path)
	if l := site.Mailbox().Last(victim.Email); l.Kind != notify.KindHaveAccount {
		t.Error("the email is", l.Kind)
	}
	if after := accountRow(t, site, victim.ID); after != before || roleOf(t, site, victim) != "" ||
		roleOf(t, site, mallory) != "" {
		t.Errorf("the account was touched:\n%s\n%s", before, after)
	}
	// The control: whoever the invitation is for is let in by the same request, and then the test sees it.
	if a := victim.Post(path); a.Status != http.StatusSeeOther || roleOf(t, site, victim) != "manager" {
		t.Error("the control", a.Status, roleOf(t, site, victim))
	}
}

// account is all that is kept about somebody.
func accountRow(t *testing.T, site *webtest.Site, id uuid.UUID) (all string) {
	t.Helper()
	err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(), `select concat(to_jsonb(a), (select jsonb_agg(p) from directory.password p where p.account_id = a.id), (select jsonb_agg(m) from directory.membership m where m.account_id = a.id))
		from directory.account a where a.id = $1`, id).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnInvitationEndsWithTimeWithAWordAndWithWhoeverMadeIt(t *testing.T) {
	site := webtest.Open(t)
	alice := site.Alice(t)
	manager := site.WithTwoFactors(t, "Manuel")
	manager.Employ(site.Clinic(), "manager")
	t.Run("sent again, the first link is void", func(t *testing.T) {
		bob := site.WithTwoFactors(t, "Bob")
		first := invite(t, site, alice, bob.Email, "billing")
		var id uuid.UUID
		if err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
			`select id from directory.invitation where email = $1`, bob.Email).Scan(&id); err != nil {
			t.Fatal(err)
		}
		manager.Post(webtest.Workplace(site.Clinic()) + "/invitations/" + id.String() + "/email").Has(http.StatusSeeOther)
		second := strings.TrimPrefix(site.Mailbox().Last(bob.Email).Link, site.URL)
		bob.Get(first).Has(http.StatusGone)
		bob.Get(second).Has(http.StatusOK)
		charlie := site.Charlie(t)
		charlie.Post(webtest.Workplace(site.Other()) + "/invitations/" + id.String() + "/revocation").Has(http.StatusNotFound)
		if err := site.Connect(t, site.AdminURL()).QueryRow(t.Context(),
			`select id from directory.invitation where email = $1 and revoked_at is null`, bob.Email).Scan(&id); err != nil {
			t.Fatal(err)
		}
		alice.Post(webtest.Workplace(site.Clinic()) + "/invitations/" + id.String() + "/revocation").Has(http.StatusSeeOther)
		bob.Post(second).Has(http.StatusGone)
	})
	t.Run("its address is another organization's", func(t *testing.T) {
		bob := site.WithTwoFactors(t, "Bob")
		path := invite(t, site, alice, bob.Email, "billing")
		bob.Post(strings.Replace(path, site.Clinic().Slug, site.Other().Slug, 1)).Has(http.StatusGone)
	})
	t.Run("whoever made it works here no more", func(t *testing.T) {
		bob := site.WithTwoFactors(t, "Bob")
		path := invite(t, site, manager, bob.Email, "manager")
		site.Admin(t, `update directory.membership set ended_at = now() where account_id = $1`, manager.ID)
		bob.Post(path).Has(http.StatusGone)
		if roleOf(t, site, bob) != "" {
			t.Error("somebody who was let go let somebody in")
		}
	})
	t.Run("its time is over", func(t *testing.T) {
		bob := site.WithTwoFactors(t, "Bob")
		path := invite(t, site, alice, bob.Email, "billing")
		site.Clock.Forward(7*24*time.Hour + time.Second)
		site.Visitor(t).Get(path).Has(http.StatusGone)
	})
}
