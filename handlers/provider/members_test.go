package provider_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

func (h *house) roleOf(t *testing.T, p *person) (role string) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select coalesce(min(role), '') from directory.membership where account_id = $1 and tenant_id = $2 and ended_at is null`, p.ID, h.clinic.ID).Scan(&role)
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func TestATeamChangesAndItsHistoryStays(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice Owner", "owner")
	bob := h.somebody(t, "Bob Desk")
	member := bob.employ(h.clinic, "front_desk")
	path := at(h.clinic) + "/members/" + member.String()
	has(t, alice.get(at(h.clinic)+"/members"), http.StatusOK, "2 people work here", "Bob Desk", "Front desk", path)
	has(t, alice.get(path), http.StatusOK, "What may Bob Desk do here?")
	alice.htmx = true
	part := alice.post(path+"/role", "role", "king")
	has(t, part, http.StatusUnprocessableEntity, `id="member"`, "Choose a role")
	lacks(t, part, "<html")
	alice.htmx = false
	if a := alice.post(path+"/role", "role", "clinician"); a.to != at(h.clinic)+"/members" {
		t.Fatal(a.status, a.body)
	}
	has(t, alice.get(at(h.clinic)+"/members"), http.StatusOK, "The role is clinician from now on", "What changed", "Front desk")
	has(t, bob.get(at(h.clinic)+"/patients"), http.StatusOK)                 // at once
	has(t, alice.post(path+"/role", "role", "billing"), http.StatusNotFound) // that membership is over
	var now uuid.UUID
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select id from directory.membership where account_id = $1 and ended_at is null`, bob.ID).Scan(&now); err != nil {
		t.Fatal(err)
	}
	if a := alice.post(at(h.clinic) + "/members/" + now.String() + "/end"); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	has(t, bob.get(at(h.clinic)+"/patients"), http.StatusNotFound) // at once
	if n := h.count(t, `select count(*) from audit.event where tenant_id = $1 and actor = $2 and resource = 'Membership'`, h.clinic.ID, alice.ID); n != 2 {
		t.Error("kept", n, "times")
	}
}

func TestTheLastOwnerStaysAndManagersMakeNone(t *testing.T) {
	h := open(t)
	alice := h.somebody(t, "Alice")
	owner := at(h.clinic) + "/members/" + alice.employ(h.clinic, "owner").String()
	has(t, alice.get(owner), http.StatusOK, "is the only owner")
	has(t, alice.post(owner+"/role", "role", "manager"), http.StatusConflict, "keeps one owner")
	has(t, alice.post(owner+"/end"), http.StatusConflict, "keeps one owner")
	manager := h.somebody(t, "Manuel")
	own := at(h.clinic) + "/members/" + manager.employ(h.clinic, "manager").String()
	lacks(t, manager.get(own), `value="owner"`)
	has(t, manager.post(own+"/role", "role", "owner"), http.StatusUnprocessableEntity)
	has(t, manager.get(owner), http.StatusForbidden)
	has(t, manager.post(owner+"/end"), http.StatusForbidden)
	has(t, manager.post(owner+"/role", "role", "billing"), http.StatusForbidden)
	has(t, manager.post(at(h.clinic)+"/invitations", "email", "me@example.test", "role", "owner"), http.StatusUnprocessableEntity)
	if h.roleOf(t, alice) != "owner" || h.roleOf(t, manager) != "manager" {
		t.Error("roles changed")
	}
}

func TestTwoOwnersWhoEndEachOtherAtOnceLeaveOne(t *testing.T) {
	h := open(t)
	for range 5 {
		h.Admin(t, `update directory.membership set ended_at = now() where tenant_id = $1`, h.clinic.ID)
		var both [2]*person
		var paths [2]string
		for i := range both {
			both[i] = h.somebody(t, "Owner")
			paths[1-i] = at(h.clinic) + "/members/" + both[i].employ(h.clinic, "owner").String() + "/end"
		}
		var wg sync.WaitGroup
		for i := range both {
			wg.Go(func() { both[i].post(paths[i]) })
		}
		wg.Wait()
		if n := h.count(t, `select count(*) from directory.membership where tenant_id = $1 and role = 'owner' and ended_at is null`, h.clinic.ID); n != 1 {
			t.Fatal("owners left:", n)
		}
	}
}

func TestA04OnlyTheFieldsOfTheFormAreRead(t *testing.T) {
	h := open(t)
	desk := h.somebody(t, "Desk")
	own := desk.employ(h.clinic, "front_desk")
	appointment, _, _ := h.visit(t, h.clinic, 0)
	extra := []string{"role", "owner", "tenant_id", h.other.ID.String(), "provider_id", uuid.NewString(), "price_cents", "0", "account_id", desk.ID.String(), "practitioner_id", uuid.NewString()}
	before := row(t, h, appointment)
	if a := desk.post(at(h.clinic)+"/appointments/"+appointment.String()+"/status", append([]string{"status", "arrived", "was", "booked"}, extra...)...); a.status != http.StatusSeeOther {
		t.Fatal(a.status)
	}
	if after := row(t, h, appointment); strings.Replace(before, `"booked"`, `"arrived"`, 1) != after {
		t.Errorf("more than the status changed:\n%s\n%s", before, after)
	}
	has(t, desk.post(at(h.clinic)+"/members/"+own.String()+"/role", extra...), http.StatusForbidden)
	has(t, desk.post(at(h.clinic)+"/invitations", append(extra, "email", "new@example.test")...), http.StatusForbidden)
	if h.roleOf(t, desk) != "front_desk" {
		t.Error("the front desk has become", h.roleOf(t, desk))
	}
	alice := h.worker(t, h.clinic, "Alice", "owner")
	if a := alice.post(at(h.clinic)+"/members/"+own.String()+"/role", append(extra[2:], "role", "billing")...); a.status != http.StatusSeeOther {
		t.Fatal(a.status, a.body)
	}
	if n := h.count(t, `select count(*) from directory.membership where account_id = $1 and ended_at is null and role = 'billing' and tenant_id = $2 and practitioner_id is null`, desk.ID, h.clinic.ID); n != 1 {
		t.Error("a field that no form has was read")
	}
}

// row is an appointment without what always moves.
func row(t *testing.T, h *house, id uuid.UUID) (all string) {
	t.Helper()
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select (to_jsonb(a) - 'updated_at')::text from `+h.clinic.Schema+`.appointment a where id = $1`, id).Scan(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// invite has the clinic's owner invite an address and gives the link's path.
func (h *house) invite(t *testing.T, owner *person, email, role string) string {
	t.Helper()
	if a := owner.post(at(h.clinic)+"/invitations", "email", email, "role", role); a.to != at(h.clinic)+"/members" {
		t.Fatal(a.status, a.body)
	}
	l := h.letter(email)
	if !strings.Contains(l.Text(), l.URL) || !strings.HasPrefix(l.Subject(), h.clinic.Name+" invites you") {
		t.Error(l.Subject(), l.Text())
	}
	return strings.TrimPrefix(l.URL, h.URL)
}

func TestAnInvitationIsAcceptedByThoseItIsFor(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice Owner", "owner")
	bob := h.somebody(t, "Bob")
	has(t, alice.post(at(h.clinic)+"/invitations", "email", "bob@", "role", "boss"), http.StatusUnprocessableEntity, `value="bob@"`, "Enter your e-mail address", "Choose what they may do here", "<title>Error: ")
	path := h.invite(t, alice, bob.Email, "clinician")
	has(t, alice.get(at(h.clinic)+"/members"), http.StatusOK, bob.Email, "Take back")
	if n := h.count(t, `select count(*) from directory.invitation where token_hash = convert_to($1, 'UTF8')`, path[strings.LastIndexByte(path, '/')+1:]); n > 0 {
		t.Error("the token itself is kept")
	}
	has(t, h.visitor(t).get(path), http.StatusOK, "invites you to work there as clinician", "Sign in to accept", "/sign-in?next=%2Finvitations%2F")
	has(t, bob.get(path), http.StatusOK, "Accept the invitation", "Alice Owner invited you")
	if h.roleOf(t, bob) != "" {
		t.Error("looking was accepting")
	}
	if a := bob.post(path); a.to != at(h.clinic) {
		t.Fatal(a.status, a.body)
	}
	has(t, bob.get(at(h.clinic)), http.StatusOK, "You work at "+h.clinic.Name+" now")
	has(t, bob.get(path), http.StatusGone)
	has(t, bob.post(path), http.StatusGone)
	has(t, alice.post(at(h.clinic)+"/invitations", "email", bob.Email, "role", "billing"), http.StatusConflict, "works here already")
}

func TestA08AnInvitationTouchesNoAccountBeforeItsOwnerAccepts(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	victim := h.somebody(t, "Maya Okafor")
	before := h.account(t, victim.ID)
	path := h.invite(t, alice, victim.Email, "manager")
	mallory := h.somebody(t, "Mallory") // has the link, from a mailbox or a log, but not the account
	has(t, mallory.get(path), http.StatusOK, "another address")
	lacks(t, mallory.get(path), victim.Email, "Accept the invitation")
	has(t, mallory.post(path), http.StatusForbidden)
	if a := h.visitor(t).post(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to, "/sign-in") {
		t.Error("nobody accepted it:", a.status, a.to)
	}
	// Signing up with the victim's address by the link ends at the letter "you have an account".
	v := h.visitor(t)
	v.post("/sign-up", "name", "Mallory", "email", victim.Email, "password", "seven green bicycles", "next", path)
	if l := h.letter(victim.Email); l.Kind != "have-account" {
		t.Error("the letter is", l.Kind)
	}
	if after := h.account(t, victim.ID); after != before || h.roleOf(t, victim) != "" || h.roleOf(t, mallory) != "" {
		t.Errorf("the account was touched:\n%s\n%s", before, after)
	}
	// The control: whoever the invitation is for is let in by the same request, and then the test sees it.
	if a := victim.post(path); a.status != http.StatusSeeOther || h.roleOf(t, victim) != "manager" {
		t.Error("the control", a.status, h.roleOf(t, victim))
	}
}

// account is all that is kept about somebody.
func (h *house) account(t *testing.T, id uuid.UUID) (all string) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select concat(to_jsonb(a), (select jsonb_agg(p) from directory.password p where p.account_id = a.id), (select jsonb_agg(m) from directory.membership m where m.account_id = a.id))
		from directory.account a where a.id = $1`, id).Scan(&all)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnInvitationEndsWithTimeWithAWordAndWithWhoeverMadeIt(t *testing.T) {
	h := open(t)
	alice := h.worker(t, h.clinic, "Alice", "owner")
	manager := h.somebody(t, "Manuel")
	manager.employ(h.clinic, "manager")
	t.Run("sent again, the first link is void", func(t *testing.T) {
		bob := h.somebody(t, "Bob")
		first := h.invite(t, alice, bob.Email, "billing")
		var id uuid.UUID
		if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select id from directory.invitation where email = $1`, bob.Email).Scan(&id); err != nil {
			t.Fatal(err)
		}
		has(t, manager.post(at(h.clinic)+"/invitations/"+id.String()+"/letter"), http.StatusSeeOther)
		second := strings.TrimPrefix(h.letter(bob.Email).URL, h.URL)
		has(t, bob.get(first), http.StatusGone)
		has(t, bob.get(second), http.StatusOK)
		charlie := h.worker(t, h.other, "Charlie", "owner")
		has(t, charlie.post(at(h.other)+"/invitations/"+id.String()+"/revocation"), http.StatusNotFound)
		if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select id from directory.invitation where email = $1 and revoked_at is null`, bob.Email).Scan(&id); err != nil {
			t.Fatal(err)
		}
		has(t, alice.post(at(h.clinic)+"/invitations/"+id.String()+"/revocation"), http.StatusSeeOther)
		has(t, bob.post(second), http.StatusGone)
	})
	t.Run("its address is another organization's", func(t *testing.T) {
		bob := h.somebody(t, "Bob")
		path := h.invite(t, alice, bob.Email, "billing")
		has(t, bob.post(strings.Replace(path, h.clinic.Slug, h.other.Slug, 1)), http.StatusGone)
	})
	t.Run("whoever made it works here no more", func(t *testing.T) {
		bob := h.somebody(t, "Bob")
		path := h.invite(t, manager, bob.Email, "manager")
		h.Admin(t, `update directory.membership set ended_at = now() where account_id = $1`, manager.ID)
		has(t, bob.post(path), http.StatusGone)
		if h.roleOf(t, bob) != "" {
			t.Error("somebody who was let go let somebody in")
		}
	})
	t.Run("its time is over", func(t *testing.T) {
		bob := h.somebody(t, "Bob")
		path := h.invite(t, alice, bob.Email, "billing")
		h.ahead.Add(int64(7*24*time.Hour + time.Second))
		has(t, h.visitor(t).get(path), http.StatusGone)
	})
}
