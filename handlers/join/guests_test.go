package join_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/onboarding"
)

// link lets somebody make a guest's link to a step, and gives its path.
func (w world) link(who *webtest.Person, at, step string, more ...string) string {
	w.t.Helper()
	page := who.Post(at+"/guest-links", append([]string{"id", uuid.NewString(), "step", step}, more...)...)
	page.Has(http.StatusOK, "Copy it before you leave this page")
	path := strings.TrimPrefix(page.Field("link"), w.Web.BaseURL.String())
	if !strings.HasPrefix(path, at+"/guest/") {
		w.t.Fatalf("the link is %q", page.Field("link"))
	}
	return path
}

func Test31AGuestAnswersTheOneStepOfTheirLink(t *testing.T) {
	w := open(t)
	maya, rosa := w.Person(t, "Maya Okafor"), w.Visitor(t)
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	answer(maya, at+"/steps/organization", "name", "Narragansett Labs", "email", "secret@example.org", "later",
		"yes").Goes(at)
	maya.Get(at+"/guest-links").Has(http.StatusOK, "Let a guest answer one step")
	wrong := maya.HTMX().Post(at+"/guest-links", "id", uuid.NewString(), "step", "registry")
	wrong.Has(http.StatusUnprocessableEntity, "Choose the step that the guest answers")
	wrong.IsPart("guest-link")
	link := w.link(maya, at, "licenses")
	page := rosa.Get(link)
	page.Has(http.StatusOK, "Licenses", "Narragansett Labs asks you to answer this", "Your name", "opens nothing else")
	page.Lacks("secret@example.org", "Maya Okafor", `href="`+at)
	if page.Header.Get("Referrer-Policy") != "same-origin" || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", page.Header)
	}
	answer(rosa, link, "clia", "12", "director", "Dr Ifeoma Castellano").Has(http.StatusUnprocessableEntity,
		"Type your name", "Enter the CLIA number of a Rhode Island laboratory", `value="Dr Ifeoma Castellano"`)
	send := func(form webtest.Answer, answers ...string) webtest.Answer {
		return rosa.Post(link, append([]string{"version", form.Field("version"), "asked", "clia director"}, answers...)...)
	}
	send(page, "guest_name", "Rosa Lima, RN", "clia", "41d2093377", "director", "Dr Castellano").Goes(link)
	rosa.Get(link).Has(http.StatusOK, "Saved.", `value="Rosa Lima, RN"`, `value="41D2093377"`)
	if got := maya.Get(at + "/steps/licenses").Field("director"); got != "Dr Castellano" {
		t.Errorf("Maya sees %q", got)
	}
	maya.Post(at+"/steps/licenses", "version", page.Field("version"), "asked", "director", "director", "Dr Else",
		"later", "yes").Has(http.StatusConflict, "Rosa Lima, RN, a guest, has answered “Dr Castellano” meanwhile")
	before := rosa.Get(link)
	maya.Post(at+"/steps/licenses", "version", before.Field("version"), "asked", "director", "director", "Dr Else",
		"later", "yes").Goes(at)
	send(before, "guest_name", "Rosa Lima, RN", "clia", "41D2093377", "director", "Dr Third").Has(http.StatusConflict,
		"Somebody else has answered “Dr Else” meanwhile", `value="Dr Third"`)
	if n := w.Count(t, `select count(*) from onboarding.log where tenant_id = $1 and data->>'guest' = 'Rosa Lima, RN'
		and by = (select id from onboarding.guest_link where tenant_id = $1)`, webtest.IDOf(at)); n != 1 {
		t.Errorf("%d answers are the guest's", n)
	}
	page = maya.Get(at + "/guest-links")
	page.Has(http.StatusOK, "Open links", "Maya Okafor")
	page.Lacks(link)
}

func TestA64AGuestsLinkEndsAndNobodyGuessesOrForgesOne(t *testing.T) {
	w := open(t)
	maya, rosa, charlie := w.Person(t, "Maya"), w.Visitor(t), w.Person(t, "Charlie")
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	theirs := w.begin(charlie, "laboratory", "RI", "1234567893")
	charlie.Post(at+"/guest-links", "id", uuid.NewString(), "step", "licenses").Has(http.StatusNotFound)
	charlie.Get(at + "/guest-links").Has(http.StatusNotFound)
	link := w.link(maya, at, "licenses")
	rosa.Get(link).Has(http.StatusOK) // the control
	id := pgOne(w, `select id::text from onboarding.guest_link where tenant_id = $1`, webtest.IDOf(at))
	rosa.Get(link[:len(link)-1] + "x").Has(http.StatusGone)
	rosa.Get(strings.Replace(link, at, theirs, 1)).Has(http.StatusGone)
	rosa.Get(at + "/guest/" + id).Has(http.StatusGone)
	charlie.Post(at + "/guest-links/" + id + "/end").Has(http.StatusNotFound)
	charlie.Post(theirs + "/guest-links/" + id + "/end").Has(http.StatusNotFound)
	for _, change := range []string{`step = 'organization'`, `expires_at = expires_at + interval '1 day'`, `mac = ''`} {
		w.Admin(t, `create temporary table kept as select * from onboarding.guest_link where id = $1`, id)
		w.Admin(t, `update onboarding.guest_link set `+change+` where id = $1`, id)
		rosa.Get(link).Has(http.StatusGone)
		w.Admin(t, `update onboarding.guest_link g set step = k.step, expires_at = k.expires_at, mac = k.mac from kept k where g.id = k.id`)
		w.Admin(t, `drop table kept`)
	}
	rosa.Get(link).Has(http.StatusOK) // the control: as it was
	maya.Post(at + "/guest-links/" + id + "/end").Goes(at + "/guest-links")
	rosa.Get(link).Has(http.StatusGone)
	rosa.Post(link, "guest_name", "R", "asked", "director", "director", "Mine").Has(http.StatusGone)
	late := w.link(maya, at, "licenses")
	w.Clock.Forward(onboarding.GuestLinkLife + time.Minute)
	rosa.Get(late).Has(http.StatusGone)
	leo := w.Person(t, "Leo")
	w.join(maya, leo, at)
	byLeo := w.link(leo, at, "licenses")
	maya.Post(at + "/participants/" + leo.ID.String() + "/removal").Goes(at + "/participants")
	rosa.Get(byLeo).Has(http.StatusGone) // its maker is out
	maya.Get(at + "/guest-links").Lacks("Open links")
	if log := w.Log.Text(); strings.Contains(log, link[strings.LastIndexByte(link, '/')+1:]) {
		t.Error("the log has a secret")
	}
}

func pgOne(w world, sql string, args ...any) (s string) {
	w.t.Helper()
	if err := w.Connect(w.t, w.AdminURL()).QueryRow(w.t.Context(), sql, args...).Scan(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestLinksOfGuestsAreLimitedAndAFormMakesOne(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	form := uuid.NewString()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { maya.Post(at+"/guest-links", "id", form, "step", "licenses") })
	}
	all.Wait()
	if n := w.Count(t, `select count(*) from onboarding.guest_link where tenant_id = $1`, webtest.IDOf(at)); n != 1 {
		t.Errorf("one form made %d", n)
	}
	for range 9 {
		w.link(maya, at, "location")
	}
	maya.Post(at+"/guest-links", "id", uuid.NewString(), "step", "location").Has(http.StatusConflict, "End one first")
	rosa := w.Visitor(t)
	for range 30 {
		rosa.Get(at + "/guest/none").Has(http.StatusGone)
	}
	rosa.Get(at + "/guest/none").Has(http.StatusTooManyRequests)
}
