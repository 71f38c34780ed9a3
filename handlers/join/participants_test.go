package join_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
)

// invite lets somebody invite an address, and gives the path of the link in the email.
func (w world) invite(by *webtest.Person, at, email string) string {
	w.t.Helper()
	by.Post(at+"/invitations", "id", uuid.NewString(), "email", email).Goes(at + "/participants")
	return w.Mailbox().Last(email).Path()
}

// join lets somebody accept an invitation.
func (w world) join(by, who *webtest.Person, at string) {
	w.t.Helper()
	who.Post(w.invite(by, at, who.Email)).Goes(at)
}

func Test31AColleagueIsInvitedAndTakesPart(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya Okafor"), w.Person(t, "Leo Medeiros")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	maya.Get(at).Has(http.StatusOK, "Who fills this in", at+"/participants")
	people := at + "/participants"
	maya.Get(people).Has(http.StatusOK, "Maya Okafor", "Invite a colleague")
	wrong := maya.HTMX().Post(at+"/invitations", "id", uuid.NewString(), "email", "leo at home")
	wrong.Has(http.StatusUnprocessableEntity, `value="leo at home"`)
	wrong.IsPart("invite")
	maya.Post(at+"/invitations", "id", uuid.NewString(), "email", maya.Email).Has(http.StatusConflict,
		"takes part already", maya.Email)
	link := w.invite(maya, at, leo.Email)
	if mail := w.Mailbox().Last(leo.Email); !strings.HasPrefix(link, at+"/invitations/") ||
		!strings.Contains(mail.Text, maya.Email) || strings.Contains(mail.Text, "Okafor") {
		t.Errorf("%s\n%s", link, mail.Text)
	}
	maya.Get(people).Has(http.StatusOK, leo.Email, "Invited by Maya Okafor")
	leo.Get(at).Has(http.StatusNotFound)
	leo.Get(link).Has(http.StatusOK, "Maya Okafor asks you to fill in an application together", "Accept the invitation")
	leo.Get(at).Has(http.StatusNotFound) // looking is not accepting
	leo.Post(link).Goes(at)
	leo.Get(at).Has(http.StatusOK, "You take part now", "It is your turn")
	leo.Post(link).Goes(at) // pressed twice
	page := maya.Get(people)
	page.Has(http.StatusOK, "Leo Medeiros")
	page.Lacks("Invited by")
	answer(leo, at+"/steps/location", "city", "Bristol", "later", "yes").Goes(at)
	if n := w.Count(t, `select count(*) from onboarding.log where tenant_id = $1 and kind = 'joined' and by = $2`,
		webtest.IDOf(at), leo.ID); n != 1 {
		t.Errorf("the log says %d times that he came", n)
	}
	for action, want := range map[string]int{"create": 1, "accept": 1, "revoke": 0} {
		if n := w.Count(t, `select count(*) from audit.event where tenant_id = $1 and action = $2
			and resource = 'ApplicantInvitation'`, webtest.IDOf(at), action); n != want {
			t.Errorf("the audit has %d of %s", n, action)
		}
	}
}

func TestA63AnInvitationOpensOnlyForItsAddressOnceAndWhileItsMakerTakesPart(t *testing.T) {
	w := open(t)
	maya, leo, mallory := w.Person(t, "Maya"), w.Person(t, "Leo"), w.Person(t, "Mallory")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	others := w.begin(mallory, "clinic", "RI", "1234567893")
	link := w.invite(maya, at, leo.Email)
	mallory.Get(link).Has(http.StatusOK, "another address than", "Sign out")
	mallory.Post(link).Has(http.StatusGone)
	if a := w.Visitor(t).Post(link); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("a visitor: %d %s", a.Status, a.Location)
	}
	w.Visitor(t).Get(link).Has(http.StatusOK, "Sign in to accept", "Create an account")
	leo.Post(strings.Replace(link, at, others, 1)).Has(http.StatusGone) // at another application
	leo.Post(link[:len(link)-1] + "x").Has(http.StatusGone)
	again := w.invite(maya, at, leo.Email)
	leo.Get(link).Has(http.StatusGone) // replaced
	taken := w.open(maya, at)
	maya.Post(taken).Goes(at + "/participants")
	leo.Post(again).Has(http.StatusGone) // taken back
	late := w.invite(maya, at, leo.Email)
	w.Clock.Forward(identity.InvitationLife + time.Minute)
	maya.SignIn(1)
	leo.SignIn(1)
	leo.Post(late).Has(http.StatusGone) // run out
	leo.Get(late).Has(http.StatusGone)
	eve, bob := w.Person(t, "Eve"), w.Person(t, "Bob")
	w.join(maya, bob, at)
	byBob := w.invite(bob, at, eve.Email)
	maya.Post(at + "/participants/" + bob.ID.String() + "/removal").Goes(at + "/participants")
	eve.Post(byBob).Has(http.StatusGone) // its maker is out
	eve.Get(byBob).Has(http.StatusGone)
	maya.Get(at + "/participants").Lacks("Invited by")
	if n := w.Count(t, `select count(*) from onboarding.participant where tenant_id = $1 and ended_at is null`,
		webtest.IDOf(at)); n != 1 {
		t.Errorf("%d take part", n)
	}
	used := w.invite(maya, at, leo.Email)
	leo.Post(used).Goes(at) // the control
	w.Visitor(t).Get(used).Has(http.StatusGone)
}

// open is where the one open invitation of an application is taken back.
func (w world) open(who *webtest.Person, at string) string {
	w.t.Helper()
	for _, form := range who.Get(at + "/participants").All("form") {
		if action := form.Value("action"); strings.HasSuffix(action, "/revocation") {
			return action
		}
	}
	w.t.Fatal("nobody is invited")
	return ""
}

func TestAnInvitationPressedInManyWindowsAtOnceLetsInOnce(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	link := w.invite(maya, at, leo.Email)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if a := leo.Post(link); a.Location != at {
				t.Errorf("%d %s", a.Status, a.Location)
			}
		})
	}
	all.Wait()
	if n := w.Count(t, `select count(*) from onboarding.log where tenant_id = $1 and kind = 'joined'`,
		webtest.IDOf(at)); n != 1 {
		t.Errorf("he came %d times", n)
	}
}

func TestSomebodyIsTakenOutAndWhatTheyAnsweredStaysWithTheirName(t *testing.T) {
	w := open(t)
	maya, leo, charlie := w.Person(t, "Maya"), w.Person(t, "Leo Medeiros"), w.Person(t, "Charlie")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	out := func(who *webtest.Person) string { return at + "/participants/" + who.ID.String() + "/removal" }
	maya.Post(out(maya)).Has(http.StatusConflict) // the last one stays
	maya.Post(out(leo)).Has(http.StatusNotFound)
	w.join(maya, leo, at)
	charlie.Post(out(maya)).Has(http.StatusNotFound)
	charlie.Get(at + "/participants").Has(http.StatusNotFound)
	charlie.Post(at+"/invitations", "email", charlie.Email).Has(http.StatusNotFound)
	step := at + "/steps/location"
	version := maya.Get(step).Field("version")
	answer(leo, step, "city", "Bristol", "later", "yes").Goes(at)
	maya.Post(out(leo)).Goes(at + "/participants")
	maya.Get(at+"/participants").Has(http.StatusOK, "Leo Medeiros does not take part any more")
	for _, path := range []string{at, step, at + "/participants", at + "/guest-links", at + "/progress"} {
		leo.Get(path).Has(http.StatusNotFound)
	}
	if page := leo.Get("/join"); strings.Contains(page.Body, at) {
		t.Error("it is listed still")
	}
	maya.Post(step, "version", version, "asked", "city", "city", "Warren", "later", "yes").Has(http.StatusConflict,
		"Leo Medeiros has answered “Bristol” meanwhile")
	w.join(maya, leo, at) // and back
	leo.Post(out(leo)).Goes("/join")
}

func TestTwoWhoTakeEachOtherOutAtOnceLeaveOne(t *testing.T) {
	w := open(t)
	for range 4 {
		both := [2]*webtest.Person{w.Person(t, "Maya"), w.Person(t, "Leo")}
		at := w.begin(both[0], "clinic", "RI", "1234567893")
		w.join(both[0], both[1], at)
		var all sync.WaitGroup
		for i := range both {
			all.Go(func() { both[i].Post(at + "/participants/" + both[1-i].ID.String() + "/removal") })
		}
		all.Wait()
		if n := w.Count(t, `select count(*) from onboarding.participant where tenant_id = $1 and ended_at is null`,
			webtest.IDOf(at)); n != 1 {
			t.Fatalf("%d are left", n)
		}
	}
}

func TestInvitationsOfAnApplicationAreLimited(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	for range 10 {
		w.invite(maya, at, uuid.NewString()+"@example.test")
	}
	maya.Post(at+"/invitations", "id", uuid.NewString(), "email", "eleventh@example.test").Has(http.StatusConflict,
		"Take one back first", `value="eleventh@example.test"`)
	other := w.begin(maya, "laboratory", "RI", "1234567893")
	for range 9 {
		w.invite(maya, other, uuid.NewString()+"@example.test")
	}
	maya.Post(other+"/invitations", "id", uuid.NewString(), "email", "last@example.test").Has(
		http.StatusTooManyRequests, "Try again tomorrow") // at whichever of hers
}
