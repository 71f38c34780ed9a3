package join_test

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/npi/simulator"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
)

// tells lets two workers tell what is due, at once, until nothing is.
func (w world) tells() {
	w.t.Helper()
	for range 3 {
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				teller := onboarding.Teller{Due: w.checks.Due, Gateway: w.Gateway, Keys: w.Keys, Now: w.Clock.Now,
					Log: slog.New(slog.DiscardHandler)}
				if err := teller.Run(w.t.Context()); err != nil {
					w.t.Error(err)
				}
			})
		}
		both.Wait()
	}
}

// news are the kinds of emails about applications that somebody has had.
func (w world) news(who *webtest.Person) string {
	w.t.Helper()
	var kinds []string
	for _, e := range w.Mailbox().To(w.t, who.Email) {
		if kind, ours := strings.CutPrefix(string(e.Kind), "application-"); ours {
			kinds = append(kinds, kind)
		}
	}
	return strings.Join(kinds, " ")
}

// staff lets one of the staff do something to an application.
func (w world) staff(at string, dana uuid.UUID, kind onboarding.EventKind, reason string, steps ...string) {
	w.t.Helper()
	e := onboarding.Event{Kind: kind, By: dana, At: w.Clock.Now(), Data: onboarding.Data{Reason: reason, Steps: steps}}
	if kind == onboarding.Approval {
		e.Data.Signature = &onboarding.Signature{Name: "Dana", Proof: "totp"}
	}
	_, _, err := onboarding.Act(w.t.Context(), w.Gateway, w.Gateway.AdmitApplicant(webtest.IDOf(at),
		tenancy.Caller{Subject: dana, Staff: true}), e)
	if err != nil {
		w.t.Fatal(err)
	}
}

// sent is an application that waits for the staff.
func (w world) sent(who *webtest.Person) (at string) {
	w.t.Helper()
	at = w.begin(who, "home_care", "MA", "1234567893")
	w.asks()
	for _, step := range [][]string{
		{"organization", "email", "office@example.org", "contact", "Maya, owner"},
		{"location", "zip", "02720", "more_locations", "no"},
		{"area", "area_zips", "02720 02721", "visitors", "14"},
		{"licenses", "skilled", "no", "administrator", "Joana Medeiros", "administrator_born", "1970-07-01",
			"records_checks", "all"},
	} {
		answer(who, at+"/steps/"+step[0], step[1:]...).Goes(at)
	}
	w.asks()
	w.attach(who, at)
	answer(who, at+"/steps/agreement", "accurate", "yes", "signer", "Maya Okafor").Goes(at)
	return at
}

func Test311AllWhoTakePartAreToldOnceWhenItIsTheirTurnAgain(t *testing.T) {
	w := open(t)
	maya, leo, dana := w.Person(t, "Maya"), w.Person(t, "Leo"), w.Account(t, "Dana")
	at := w.sent(maya)
	w.join(maya, leo, at)
	w.tells()
	if got := w.news(maya) + "/" + w.news(leo); got != "received/received" {
		t.Errorf("sent: %s", got)
	}
	w.staff(at, dana, onboarding.Claimed, "")
	w.staff(at, dana, onboarding.Returned, "The license is another agency's.", "licenses")
	w.tells()
	w.tells()
	if got := w.news(maya) + "/" + w.news(leo); got != "received turn/received turn" {
		t.Errorf("returned: %s", got)
	}
	if mail := w.Mailbox().Last(leo.Email); !strings.Contains(mail.Text, "The license is another agency's.") ||
		!strings.Contains(mail.Text, "Licenses") || mail.Path() != at {
		t.Errorf("the email: %s", mail.Text)
	}
	maya.Post(at + "/participants/" + leo.ID.String() + "/removal").Goes(at + "/participants")
	answer(maya, at+"/steps/licenses").Goes(at)
	w.asks()
	answer(maya, at+"/steps/agreement", "accurate", "yes", "signer", "Maya Okafor").Goes(at)
	w.tells()
	w.staff(at, dana, onboarding.Claimed, "")
	w.staff(at, dana, onboarding.Rejection, "We do not open in this county yet.")
	w.tells()
	if got := w.news(maya) + "/" + w.news(leo); got != "received turn received decided/received turn left" {
		t.Errorf("decided: %s", got)
	}
	if mail := w.Mailbox().Last(maya.Email); !strings.Contains(mail.Text, "We do not open in this county yet.") {
		t.Errorf("the email: %s", mail.Text)
	}
}

func Test311ACheckThatFailedIsToldAndOneThatWasMendedMeanwhileIsNot(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	at := w.begin(maya, "clinic", "RI", simulator.Number(simulator.NotFound, 7))
	w.asks()
	w.tells()
	if mail := w.Mailbox().Last(maya.Email); w.news(maya) != "turn" ||
		!strings.Contains(mail.Text, "The registry does not know this number.") {
		t.Errorf("%s: %s", w.news(maya), mail.Text)
	}
	w.begin(leo, "clinic", "RI", "1234567893")
	w.asks()
	w.tells()
	if got := w.news(leo); got != "" {
		t.Errorf("of what passed he is told %s", got)
	}
	maya.Post(at + "/withdrawal").Goes(at)
	w.tells()
	if got := w.news(maya); got != "turn withdrawn" {
		t.Error(got)
	}
}

func Test311WhoeverSaysNothingIsRemindedAfterOneDayAndThreeAndClosedAfterSixty(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	w.asks()
	after := func(by time.Duration, want string) {
		t.Helper()
		w.Clock.Forward(by)
		w.tells()
		if got := w.news(maya); got != want {
			t.Fatalf("%s later she was told %q, not %q", by, got, want)
		}
	}
	const day = 24 * time.Hour
	after(day-time.Minute, "")
	maya.SignIn(1)
	answer(maya, at+"/steps/location", "city", "Bristol", "later", "yes").Goes(at) // it begins anew
	after(day-time.Minute, "")
	after(2*time.Minute, "reminder")
	after(day, "reminder")
	after(day, "reminder reminder")
	if mail := w.Mailbox().Last(maya.Email); !strings.Contains(mail.Text, "we close it in 57 days") {
		t.Error(mail.Text)
	}
	after(56*day, "reminder reminder")
	after(day, "reminder reminder closed")
	if path := w.Mailbox().Last(maya.Email).Path(); path != at {
		t.Errorf("the email leads to %s", path)
	}
	w.Clock.Forward(-60 * day) // no session is so long
	maya.SignIn(1)
	maya.Get(at).Has(http.StatusOK, "We have closed this application", "Nobody went on with it.", "Open it again")
	maya.Post(at + "/reopening").Goes(at)
	maya.Get(at).Has(http.StatusOK, "It is your turn")
	after(day+time.Minute, "reminder reminder closed reminder")
}

func Test311EachWhoWasTakenOutIsToldOnceAndNobodyWhoWentThemselves(t *testing.T) {
	w := open(t)
	maya, leo, noor, ines := w.Person(t, "Maya"), w.Person(t, "Leo"), w.Person(t, "Noor"), w.Person(t, "Ines")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	for _, who := range []*webtest.Person{leo, noor, ines} {
		w.join(maya, who, at)
	}
	w.tells()
	for _, who := range []*webtest.Person{leo, noor} { // before the worker looks
		maya.Post(at + "/participants/" + who.ID.String() + "/removal").Goes(at + "/participants")
		w.Clock.Forward(time.Second)
	}
	ines.Post(at + "/participants/" + ines.ID.String() + "/removal").Goes("/join")
	w.tells()
	w.tells()
	if got := w.news(maya) + "/" + w.news(leo) + "/" + w.news(noor) + "/" + w.news(ines); got != "/left/left/" {
		t.Errorf("told: %s", got)
	}
	if mail := w.Mailbox().Last(leo.Email); !strings.Contains(mail.Text, "goes on without you") {
		t.Error(mail.Text)
	}
	w.join(maya, leo, at)
	maya.Post(at + "/participants/" + leo.ID.String() + "/removal").Goes(at + "/participants")
	w.tells()
	if got := w.news(leo) + "/" + w.news(noor); got != "left left/left" {
		t.Errorf("told again: %s", got)
	}
}

func Test311WhoeverIsToProveWhoTheyAreIsToldOnce(t *testing.T) {
	v := openVerifying(t)
	maya := v.Person(t, "Maya")
	v.named(maya, "slow")
	v.asks()
	v.tells()
	v.asks()
	v.tells()
	if mail := v.Mailbox().Last(maya.Email); v.news(maya) != "turn" ||
		!strings.Contains(mail.Text, "Follow the link of that step.") {
		t.Errorf("%s: %s", v.news(maya), mail.Text)
	}
}
