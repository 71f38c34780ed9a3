package join_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/events"
	"kindward/internal/npi"
	"kindward/internal/npi/simulator"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// world is the product with a registry that can be told what to do.
type world struct {
	*webtest.Site
	t        testing.TB
	registry *simulator.Registry
	checks   *onboarding.Checks
}

func open(t testing.TB) world { t.Helper(); return openWith(t, webtest.Options{}) }

func openWith(t testing.TB, o webtest.Options) world {
	t.Helper()
	w := world{Site: webtest.OpenWith(t, o), t: t, registry: &simulator.Registry{}}
	server := httptest.NewServer(w.registry)
	t.Cleanup(server.Close)
	outbox, err := events.Open(t.Context(), w.RelayURL(), events.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(outbox.Close)
	w.checks = &onboarding.Checks{Due: outbox.LongQueries(), Gateway: w.Gateway,
		Registry: npi.NewRegistry(server.URL + "/api/"), Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	return w
}

// asks lets the worker ask the registers that are due.
func (w world) asks() {
	w.t.Helper()
	if err := w.checks.Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// begin is an application of somebody, by its address.
func (w world) begin(who *webtest.Person, kind, state, number string) string {
	w.t.Helper()
	a := who.Post("/join", "kind", kind, "state", state, "number", number, "key", uuid.NewString(), "anyway", "yes")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/join/") {
		w.t.Fatalf("begun: %d %s %s", a.Status, a.Location, a.Text())
	}
	return a.Location
}

// answer sends the form of a step as its page has it, with some answers.
func answer(who *webtest.Person, step string, answers ...string) webtest.Answer {
	page := who.Get(step)
	given := map[string]string{}
	for i := 0; i < len(answers); i += 2 {
		given[answers[i]] = answers[i+1]
	}
	fields := []string{"version", page.Field("version"), "asked", page.Field("asked")}
	for _, key := range strings.Fields(page.Field("asked")) {
		value, said := given[key]
		if !said {
			value = chosen(page, key)
		}
		fields = append(fields, key, value)
	}
	if _, later := given["later"]; later {
		fields = append(fields, "later", "yes")
	}
	return who.Post(step, fields...)
}

// chosen is the value of a field of a page; of radios the one that is on.
func chosen(page webtest.Answer, key string) string {
	for _, in := range page.All("input", "name", key) {
		if in.Value("type") != "radio" {
			return in.Value("value")
		}
		for _, a := range in.Attr {
			if a.Key == "checked" {
				return in.Value("value")
			}
		}
	}
	if len(page.All("input", "name", key)) > 0 {
		return ""
	}
	return page.Field(key)
}

func Test311AnApplicationBeginsWithANumberAndIsFilledFromTheRegistry(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	page := maya.Get("/join")
	page.Has(http.StatusOK, "Join Kindward as a provider", "Organization NPI, CLIA number or CCN")
	if n := len(page.All("h1")); n != 1 {
		t.Errorf("%d headings", n)
	}
	maya.Post("/join", "kind", "clinic", "state", "", "number", "12345", "key", "k").Has(
		http.StatusUnprocessableEntity, "Choose your state", "10 digits", `value="12345"`)
	maya.HTMX().Post("/join", "kind", "boat", "state", "RI", "number", "1234567893", "key", "k").Has(
		http.StatusUnprocessableEntity, "Choose what kind of provider you are")
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	maya.Get(at).Has(http.StatusOK, "It is your turn: Your organization", "Waiting for the NPI registry", "Not started",
		"Steps done: 0 of 10.")
	w.asks()
	maya.Get(at).Has(http.StatusOK, "Steps done: 1 of 10.")
	page = maya.Get(at + "/steps/organization")
	if page.Field("name") != "Harbor Health 7893" || page.Field("phone") != "401-555-0142" {
		t.Errorf("filled: %q, %q", page.Field("name"), page.Field("phone"))
	}
	page.Has(http.StatusOK, "From the NPI registry.", "Why we ask: 45 CFR 162.410")
	place := maya.Get(at + "/steps/location")
	if place.Field("zip") != "02906" || place.Field("suite") != "STE 200" {
		t.Errorf("ZIP code %q, suite %q", place.Field("zip"), place.Field("suite"))
	}
	maya.Get("/join").Has(http.StatusOK, "Harbor Health 7893", "Diagnostic lab, Rhode Island. Open.", at)
}

func TestAVisitorSignsUpFirstAndComesBackWithWhatTheyChose(t *testing.T) {
	w := open(t)
	a := w.Visitor(t).Post("/join", "kind", "clinic", "state", "MA", "number", "1234567893", "key", "k")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/sign-up?next=%2Fjoin%3F") {
		t.Fatalf("%d %s", a.Status, a.Location)
	}
	page := w.Person(t, "Maya").Get("/join?kind=clinic&number=1234567893&state=MA")
	page.Has(http.StatusOK, `value="1234567893"`, "Begin the application")
}

func TestA55PressedTwiceItIsOneApplicationAndNobodyChoosesItsID(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	key := w.Clinic().ID.String() // an organization's id
	press := func(who *webtest.Person) string {
		return who.Post("/join", "kind", "clinic", "state", "RI", "number", "1234567893", "key", key, "anyway",
			"yes").Location
	}
	first := press(maya)
	if again := press(maya); again != first {
		t.Errorf("twice: %s and %s", first, again)
	}
	if others := press(leo); others == first || strings.Contains(first+others, key) {
		t.Errorf("another person's is %s", others)
	}
}

func TestTheSameFormWithAnotherChoiceIsAnotherApplication(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	key := uuid.NewString()
	begins := func(kind string) string {
		return maya.Post("/join", "kind", kind, "state", "RI", "number", "1234567893", "key", key, "anyway", "yes").Location
	}
	first, other := begins("clinic"), begins("laboratory")
	if first == other || !strings.HasPrefix(other, "/join/") {
		t.Errorf("%s, %s", first, other)
	}
}

func Test34AStepIsAnsweredAndSaysWhatIsWrongAndKeepsWhatWasTyped(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	step := at + "/steps/licenses"
	wrong := answer(maya, step, "clia", "22D0650331", "director", "Dr Ifeoma Castellano")
	wrong.Has(http.StatusUnprocessableEntity, "Enter the CLIA number of a Rhode Island laboratory",
		"Choose an answer: Kind of CLIA certificate", `value="22D0650331"`, `value="Dr Ifeoma Castellano"`)
	right := []string{"clia", "41d2093377", "certificate", "waiver", "director", "Dr Ifeoma Castellano", "director_npi",
		"1245319599", "director_born", "1970-07-01", "home_draws", "no", "license", "LCI01234", "stations", "no"}
	answer(maya, step, right...).Goes(at)
	maya.Get(at).Has(http.StatusOK, "Saved.", "Steps done: 1 of 11.")
	if got := maya.Get(step).Field("clia"); got != "41D2093377" {
		t.Errorf("kept as %q", got)
	}
	answer(maya, step, append(right, "certificate", "accreditation")...).Goes(step)
	maya.Get(step).Has(http.StatusOK, "Your answers bring up more questions", "Who accredits it?", `class="because"`)
	answer(maya, step, append(right, "certificate", "accreditation", "accreditor", "cap")...).Goes(at)
	answer(maya, step, right...).Goes(at)
	maya.Get(at).Has(http.StatusOK, "Not asked any more: Who accredits it?.")
}

func TestWithScriptsAChoiceBringsOnlyWhatFollowsAndSavesNothing(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	step := w.begin(maya, "laboratory", "RI", "1234567893") + "/steps/licenses"
	typed := []string{"follow", "yes", "version", "1", "asked", "clia certificate stations", "clia", "typed",
		"certificate", "accreditation", "stations", "yes"}
	page := maya.HTMX().Post(step, typed...)
	page.Has(http.StatusOK, "Who accredits it?", "License of each station", `id="because-accreditor"`,
		`id="asked" name="asked" value="clia certificate accreditor`)
	page.Lacks("<html", `value="typed"`, `id="clia"`, `id="because-accreditor_name"`) // what is typed there stays
	if all, apart := len(page.All("div", "class", "because")), strings.Count(page.Body, "hx-swap-oob"); apart != all+1 {
		t.Errorf("%d questions come, %d parts find their place", all, apart)
	}
	// chosen otherwise they go, and what was typed there waits
	gone := maya.HTMX().Post(step, "follow", "yes", "version", "1", "asked", "clia certificate accreditor stations",
		"certificate", "waiver", "accreditor", "cap", "stations", "")
	gone.Has(http.StatusOK, `id="because-accreditor" hidden`, `name="accreditor" value="cap"`)
	gone.Lacks("Who accredits it?")
	back := maya.HTMX().Post(step, "follow", "yes", "version", "1", "asked", "clia certificate stations",
		"certificate", "accreditation", "accreditor", "cap")
	if got := chosen(back, "accreditor"); got != "cap" {
		t.Errorf("asked again the answer is %q", got)
	}
	if again := maya.Get(step); again.Field("clia") != "" || strings.Contains(again.Body, "Who accredits it?") {
		t.Error("looking at what follows has saved it")
	}
	for _, radio := range maya.Get(step).All("input", "type", "radio") {
		if radio.Value("hx-sync") != "closest form:replace" || radio.Value("hx-post") != step || radio.Value("id") == "" {
			t.Errorf("a choice asks as %v", radio.Attr)
		}
	}
	// without scripts the same comes as a page
	maya.Post(step, typed...).Has(http.StatusOK, "<html", "Who accredits it?", `value="typed"`)
	if page := maya.Get(step + "?asked=clia&clia=shown"); page.Field("clia") != "" {
		t.Error("an address has answers")
	}
}

func TestWhatWasTypedWhenTheSessionWasOverAtAChoiceStandsInTheFormAgain(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	step := at + "/steps/licenses"
	maya.Get(step)
	w.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, maya.ID)
	over := maya.HTMX().Do(http.MethodPost, step, webtest.Form("follow", "yes", "version", "1", "asked",
		"clia certificate accreditor stations", "clia", "41D2093377", "certificate", "accreditation", "accreditor", "cap",
		"stations", "yes"), "HX-Current-URL", w.URL+step)
	over.Goes("/sign-in?next=" + url.QueryEscape(step))
	maya.HTMX().Do(http.MethodGet, at+"/progress?version=1", nil, "HX-Current-URL", w.URL+at).Goes(
		"/sign-in?next=" + url.QueryEscape(at)) // the tracker that asks by itself has a way back too
	maya.SignInAs(maya, 1)
	page := maya.Get(step)
	page.Has(http.StatusOK, `value="41D2093377"`, "Who accredits it?", "License of each station")
	if got := chosen(page, "accreditor"); got != "cap" {
		t.Errorf("a question that followed is answered %q", got)
	}
	if again := maya.Get(step); again.Field("clia") != "" {
		t.Error("it stands there for ever")
	}
}

func TestWhatIsSentIsWhatWasSeen(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "home_care", "MA", "1234567893")
	w.asks()
	for _, step := range [][]string{
		{"organization", "email", "office@example.org", "contact", "Maya, owner"},
		{"location", "zip", "02720", "more_locations", "no"},
		{"area", "area_zips", "02720 02721", "visitors", "14"},
		{"licenses", "skilled", "no", "administrator", "Joana Medeiros", "administrator_born", "1970-07-01",
			"records_checks", "all"},
	} {
		answer(maya, at+"/steps/"+step[0], step[1:]...).Goes(at)
	}
	w.asks()
	w.attach(maya, at)
	page := maya.Get(at + "/steps/agreement")
	page.Has(http.StatusOK, "Your organization", "Legal name", "Harbor Health 7893", "Joana Medeiros", "02720 02721",
		`href="`+at+`/steps/licenses#administrator"`, `href="`+at+`/steps/organization#npi"`)
	page.Lacks("Are you certified for Medicare?") // which is not asked
	answer(maya, at+"/steps/area", "visitors", "15").Goes(at)
	send := func(version string) webtest.Answer {
		return maya.Post(at+"/steps/agreement", "version", version, "asked", "accurate signer", "accurate", "yes",
			"signer", "Maya Okafor")
	}
	again := send(page.Field("version"))
	again.Has(http.StatusConflict, "Nothing is sent yet", "How many people visit patients?: “14” is “15” now, by Maya.",
		`value="Maya Okafor"`)
	if chosen(again, "accurate") != "" {
		t.Error("they have said already that it is true")
	}
	send("").Has(http.StatusConflict, "Nothing is sent yet") // nothing seen
	send(again.Field("version")).Goes(at)
	maya.Get(at).Has(http.StatusOK, "Your application is sent")
}

func TestWhatIsSavedForLaterIsThereAsItWasTyped(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "CT", "1234567893")
	answer(maya, at+"/steps/location", "street", "12 Hope", "zip", "29", "later", "yes").Goes(at)
	maya.Get(at).Has(http.StatusOK, "Saved. Go on whenever you like.", "Steps done: 0 of 10.")
	if page := maya.Get(at + "/steps/location"); page.Field("zip") != "29" || page.Field("street") != "12 Hope" {
		t.Errorf("%q, %q", page.Field("zip"), page.Field("street"))
	}
}

func TestTwoWindowsKeepEachOthersAnswersAndAConflictNamesBoth(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	step := w.begin(maya, "clinic", "RI", "1234567893") + "/steps/location"
	send := func(version, street, city string) webtest.Answer {
		return maya.Post(step, "version", version, "asked", "street city", "street", street, "city", city, "later", "yes")
	}
	send("1", "1 First St", "").Has(http.StatusSeeOther)
	send("1", "", "Bristol").Has(http.StatusSeeOther)
	if page := maya.Get(step); page.Field("street") != "1 First St" || page.Field("city") != "Bristol" {
		t.Errorf("merged: %q, %q", page.Field("street"), page.Field("city"))
	}
	page := send("1", "2 Second St", "")
	page.Has(http.StatusConflict, "Street and number: Maya has answered “1 First St” meanwhile, you “2 Second St”",
		`value="2 Second St"`, `value="Bristol"`)
	send(page.Field("version"), "2 Second St", "Bristol").Has(http.StatusSeeOther)
	if street := maya.Get(step).Field("street"); street != "2 Second St" {
		t.Errorf("having seen both it is %q", street)
	}
}

func Test311WhoeverTypesFasterThanTheRegistryAnswersSavesAllTheSame(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	step := w.begin(maya, "clinic", "RI", "1234567893") + "/steps/organization"
	before := maya.Get(step)
	w.asks()
	maya.Post(step, "version", before.Field("version"), "asked", before.Field("asked"), "npi", "1234567893", "name",
		"As Typed LLC", "phone", "", "email", "office@example.org", "contact", "Maya Okafor").Has(http.StatusSeeOther)
	after := maya.Get(step)
	if after.Field("name") != "As Typed LLC" || after.Field("phone") != "401-555-0142" {
		t.Errorf("name %q, phone %q", after.Field("name"), after.Field("phone"))
	}
}

func TestA60CharlieFindsNoApplicationThatIsNotTheirs(t *testing.T) {
	w := open(t)
	at := w.begin(w.Person(t, "Maya"), "clinic", "RI", "1234567893")
	charlie := w.Person(t, "Charlie")
	for _, path := range []string{at, at + "/progress", at + "/steps/organization", "/join/none",
		"/join/" + w.Clinic().ID.String()} {
		charlie.Get(path).Has(http.StatusNotFound)
	}
	charlie.Post(at+"/steps/location", "version", "1", "asked", "city", "city", "Mine").Has(http.StatusNotFound)
	if page := charlie.Get("/join"); strings.Contains(page.Body, at) {
		t.Error("it is listed")
	}
	if a := w.Visitor(t).Get(at); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("a visitor: %d %s", a.Status, a.Location)
	}
}

func TestF08WhileTheRegistryIsDownTheTrackerSaysSinceWhenAndGoesOnByItself(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1245319599")
	w.registry.Down(true)
	for range 3 {
		w.asks()
	}
	maya.Get(at).Has(http.StatusOK, "Waiting for the NPI registry", "Since", "It did not answer. We ask it again")
	if n := w.registry.Asked("1245319599"); n != 1 {
		t.Errorf("asked %d times in a moment", n)
	}
	page := maya.Get(at)
	poll := page.All("div", "id", "steps")[0].Value("hx-get")
	if a := maya.HTMX().Get(poll); a.Status != http.StatusNoContent {
		t.Errorf("nothing has changed: %d", a.Status)
	}
	w.registry.Down(false)
	w.Clock.Forward(31 * time.Second)
	w.asks()
	maya.HTMX().Get(poll).Has(http.StatusOK, "Steps done: 1 of 10.", `id="steps"`)
	maya.Get(poll).Goes(at)
}

func TestANumberThatTheRegistryDoesNotKnowIsSaidAndCanBeChanged(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	for b, says := range map[simulator.Behavior]string{simulator.NotFound: "The registry does not know this number.",
		simulator.Deactivated: "deactivated", simulator.Person: "the number of a person"} {
		at := w.begin(maya, "clinic", "RI", simulator.Number(b, 2))
		w.asks()
		maya.Get(at).Has(http.StatusOK, "NPI registry did not pass", "Did not pass", says, "Change the answer to: Organization NPI.")
		answer(maya, at+"/steps/organization", "npi", "1234567893", "later", "yes").Goes(at)
		w.asks()
		maya.Get(at).Has(http.StatusOK, "Steps done: 1 of 10.")
	}
}

func TestWhatIsAnsweredIsSentAndThenStandsAsItIs(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "home_care", "MA", "1234567893")
	w.asks()
	for _, step := range [][]string{
		{"organization", "email", "office@example.org", "contact", "Maya, owner"},
		{"location", "zip", "02720", "more_locations", "no"},
		{"area", "area_zips", "02720 02721", "visitors", "14"},
		{"licenses", "skilled", "no", "administrator", "Joana Medeiros", "administrator_born", "1970-07-01",
			"records_checks", "all"},
	} {
		answer(maya, at+"/steps/"+step[0], step[1:]...).Goes(at)
	}
	w.attach(maya, at)
	maya.Get(at).Has(http.StatusOK, "We wait for a register", "Waiting for the list of exclusions",
		"Why we ask: 42 CFR 1001.1901")
	w.asks()
	maya.Get(at).Has(http.StatusOK, "It is your turn: Check and send", "Steps done: 9 of 11.")
	answer(maya, at+"/steps/agreement", "accurate", "yes", "signer", "Maya Okafor").Goes(at)
	maya.Get(at).Has(http.StatusOK, "Your application is sent", "Steps done: 10 of 11.", "With us")
	step := at + "/steps/location"
	maya.Get(step).Has(http.StatusOK, "These answers are sent.")
	answer(maya, step, "city", "Elsewhere").Has(http.StatusConflict)
	if city := maya.Get(step).Field("city"); city != "Providence" {
		t.Errorf("after it was sent: %q", city)
	}
}

func Test31AnApplicationBeginsWithACLIANumberOrWithoutANumber(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya Okafor")
	at := w.begin(maya, "laboratory", "RI", "41d2093377")
	maya.Get(at).Has(http.StatusOK, "It is your turn: Your organization", "Not started")
	if clia := maya.Get(at + "/steps/licenses").Field("clia"); clia != "41D2093377" {
		t.Errorf("filled: %q", clia)
	}
	maya.Post("/join", "kind", "home_care", "state", "RI", "number", "41D2093377", "key", "k").Has(
		http.StatusUnprocessableEntity, "begins the application of a laboratory or a clinic", `value="41D2093377"`)
	a := maya.Post("/join", "kind", "clinic", "state", "CT", "number", "", "key", "k2", "by", "email")
	page := maya.Get(a.Location + "/steps/organization")
	if page.Field("email") != maya.Email || page.Field("contact") != "Maya Okafor" || page.Field("npi") != "" {
		t.Errorf("%s: %q, %q", a.Location, page.Field("email"), page.Field("contact"))
	}
	visitor := w.Visitor(t).Post("/join", "kind", "clinic", "state", "CT", "key", "k", "by", "email")
	if !strings.Contains(visitor.Location, "by%3Demail") {
		t.Errorf("a visitor goes on to %s", visitor.Location)
	}
	w.Visitor(t).Get("/").Has(http.StatusOK, `href="/join"`)
}

func TestApplicationsAndNumbersOfAnAccountAreLimited(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	for range 10 {
		w.begin(maya, "clinic", "RI", "1234567893")
	}
	refused := func(who *webtest.Person, words string) {
		t.Helper()
		who.Post("/join", "kind", "clinic", "state", "RI", "number", "1245319599", "key", uuid.NewString()).Has(
			http.StatusTooManyRequests, words, `value="1245319599"`)
	}
	refused(maya, "Send or withdraw one first")
	at := w.begin(leo, "clinic", "RI", "1234567893")
	for n := range 9 {
		leo.Post(w.begin(leo, "clinic", "RI", simulator.Number(simulator.Found, n)) + "/withdrawal").Has(http.StatusSeeOther)
	}
	refused(leo, "Begin this one tomorrow")
	step := at + "/steps/organization"
	for n := range 10 {
		answer(leo, step, "npi", simulator.Number(simulator.Found, n), "later", "yes").Goes(at)
	}
	answer(leo, step, "npi", simulator.Number(simulator.Found, 11), "later", "yes").Has(http.StatusTooManyRequests,
		"asked about many numbers today")
	answer(leo, step, "npi", simulator.Number(simulator.Found, 9), "phone", "401-555-0142", "later",
		"yes").Goes(at) // what asks no register is saved
}

func TestWhoeverBeginsWithANumberThatIsAppliedWithIsToldHowToBeInvitedAndNotWhoseItIs(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya Okafor"), w.Person(t, "Leo")
	number := simulator.Number(simulator.Found, 71)
	at := w.begin(maya, "clinic", "RI", number)
	answer(maya, at+"/steps/organization", "name", "Secret Harbor", "later", "yes").Goes(at)
	begins := func(who *webtest.Person, number string) {
		t.Helper()
		a := who.Post("/join", "kind", "clinic", "state", "RI", "number", number, "key", uuid.NewString())
		if !strings.HasPrefix(a.Location, "/join/") {
			t.Errorf("%d %s", a.Status, a.Text())
		}
	}
	begins(maya, number) // one's own is no news
	fields := []string{"kind", "clinic", "state", "RI", "number", number, "key", uuid.NewString()}
	said := leo.HTMX().Post("/join", fields...)
	said.Has(http.StatusConflict, "There is an application with this number already", "can invite you",
		`value="`+number+`"`, "Begin another one")
	said.Lacks("Maya", "Secret Harbor", maya.Email, at)
	said.IsPart("begin")
	if a := leo.Post("/join", append(fields, "anyway", "yes")...); !strings.HasPrefix(a.Location, "/join/") {
		t.Errorf("anyway: %d %s", a.Status, a.Location)
	}
	other := simulator.Number(simulator.Found, 72)
	at = w.begin(maya, "clinic", "RI", other)
	maya.Post(at + "/withdrawal").Goes(at)
	begins(leo, other) // what is over is in nobody's way
}

func Test311TheTrackerSaysHowLongOthersUsuallyTakeOnceFiveAreMeasured(t *testing.T) {
	w := open(t)
	w.Admin(t, `delete from onboarding.step_time`)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "laboratory", "CT", "1234567893")
	maya.Get(at).Lacks("Usually") // nothing was measured
	for n := range 5 {
		page := maya.Get(at)
		if strings.Contains(page.Body, "Usually 3 hours.") {
			t.Fatalf("measured %d times it is told", n)
		}
		w.Admin(t, `insert into onboarding.step_time (kind, step, seconds) select 'laboratory', s, $1
			from unnest('{location,registry}'::text[]) s`, []int{60, 10000, 90000, 10900, 11000}[n])
	}
	if page := maya.Get(at); strings.Count(page.Body, "Usually 3 hours.") != 1 { // of the register, not of their own
		t.Errorf("told %d times", strings.Count(page.Body, "Usually 3 hours."))
	}
	w.asks()
	if n := w.Count(t, `select count(*) from onboarding.step_time where kind = 'laboratory' and step = 'registry'`); n == 0 {
		t.Error("a step that a register has done is not measured")
	}
	before := w.Count(t, `select count(*) from onboarding.step_time`)
	answer(maya, at+"/steps/organization", "email", "office@example.org", "contact", "Maya, owner")
	if n := w.Count(t, `select count(*) from onboarding.step_time`); n != before {
		t.Error("what an applicant did is measured")
	}
	forge := func(who tenancy.Caller) error {
		return w.Gateway.Shared(w.Gateway.AdmitApplicant(webtest.IDOf(at), who)).AddStepTime(t.Context(),
			shareddb.AddStepTimeParams{Kind: "laboratory", Step: "review", Seconds: 1, At: w.Clock.Now()})
	}
	if err := forge(tenancy.Caller{Subject: maya.ID}); tenancy.Code(err) != "42501" {
		t.Errorf("an applicant's SQL makes usual times up: %v", err)
	}
	if err := forge(tenancy.Caller{Staff: true}); err != nil {
		t.Errorf("control: %v", err)
	}
}
