package ops_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	relay "kindward/internal/events"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
)

// twin is a second application with the number of one, by somebody else, claimed by Rita.
func twin(t *testing.T) (first, second *joining) {
	t.Helper()
	same := number()
	first, second = applied(t, onboarding.Pass, same), applied(t, onboarding.Pass, same)
	second.rita.Post(second.path + "/claim").Goes(second.path)
	return first, second
}

// tells lets the worker tell what is due.
func (j *joining) tells() {
	j.t.Helper()
	log := slog.New(slog.DiscardHandler)
	outbox, err := relay.Open(j.t.Context(), j.RelayURL(), relay.Options{Log: log})
	if err != nil {
		j.t.Fatal(err)
	}
	j.t.Cleanup(outbox.Close)
	teller := onboarding.Teller{Due: outbox.LongQueries(), Gateway: j.Gateway, Keys: j.Keys, Now: j.Clock.Now, Log: log}
	if err := teller.Run(j.t.Context()); err != nil {
		j.t.Fatal(err)
	}
}

func Test39AnotherThatIsNotTheSameIsToldApartWithAReason(t *testing.T) {
	first, j := twin(t)
	id, apart := first.id.String(), j.path+"/distinction"
	j.rita.Get(j.path).Has(http.StatusOK, "1 other may be the same organization.", "It is not the same", "It is the same")
	j.rita.Post(apart, "other", id, "words-"+id, "No.").Has(http.StatusUnprocessableEntity,
		"Say in a sentence why it is not the same", "No.", `href="#words-`+id)
	part := j.rita.HTMX().Post(apart, "other", id)
	part.Has(http.StatusUnprocessableEntity, `id="similar-`+id)
	part.Lacks("<html")
	const why = "They share a billing number, and are two clinics."
	j.rita.Post(apart, "other", uuid.NewString(), "words-"+id, why).Has(http.StatusNotFound)
	j.otto.Post(apart, "other", id, "words-"+id, why).Has(http.StatusConflict)
	j.maya.Post(apart, "other", id, "words-"+id, why).Has(http.StatusNotFound)
	j.rita.Post(apart, "other", id, "words-"+id, why).Goes(j.path)
	page := j.rita.Get(j.path)
	page.Has(http.StatusOK, "Not the same: "+why, "Rita said that it is not the same as another.")
	page.Lacks("may be the same organization.", "It is not the same<")
	j.rita.Get("/ops/onboarding?mine=on").Lacks("it may be one that we have")
	j.rita.Post(j.path+"/duplicate", "other", id).Has(http.StatusConflict)
}

func Test39ADuplicateIsClosedAndThoseWhoAppliedFirstLetItsPeopleInOrNot(t *testing.T) {
	first, j := twin(t)
	id := first.id.String()
	j.otto.Post(j.path+"/duplicate", "other", id).Has(http.StatusConflict)
	j.olga.Post(j.path+"/duplicate", "other", id).Has(http.StatusForbidden)
	j.maya.Post(j.path+"/duplicate", "other", id).Has(http.StatusNotFound)
	j.rita.Post(j.path+"/duplicate", "other", id).Goes(j.path)
	j.rita.Get(j.path).Has(http.StatusOK, "Rita closed it as a duplicate of another.")
	j.maya.Get("/join/"+j.id.String()).Has(http.StatusOK, "We have closed this application as a duplicate")
	j.tells()
	mail := first.Mailbox().Last(first.maya.Email)
	if !strings.Contains(mail.Text, j.maya.Email) || !strings.Contains(mail.Text, "/join/"+id+"/participants") {
		t.Errorf("who applied first is told: %s", mail.Text)
	}
	if mail := j.Mailbox().Last(j.maya.Email); !strings.Contains(mail.Text, "is closed") ||
		strings.Contains(mail.Text, first.maya.Email) {
		t.Errorf("who applied second is told: %s", mail.Text)
	}
	j.maya.Get("/join/" + id).Has(http.StatusNotFound)
	if n := pgtest.One[int](t, j.DB, `select count(*) from onboarding.notice where tenant_id = $1`, j.id); n != 0 {
		t.Errorf("%d notices wait", n)
	}
	if strings.Contains(j.maya.Get("/join/"+j.id.String()).Body, first.application().Name()) {
		t.Error("its people read whose the first one is")
	}
}
