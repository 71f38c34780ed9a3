package ops_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"kindward/handlers/webtest"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

const asked = "She cannot find her appointment"

// see lets one of support begin to see the site as somebody.
func see(b *webtest.Person, person *webtest.Person, more ...string) {
	b.T.Helper()
	b.Post("/ops/impersonations", append([]string{"person", person.ID.String(), "reason", asked},
		more...)...).Goes("/account")
}

func TestA35SupportSeesTheSiteAsAPersonWhoIsToldAndEveryRowIsMarked(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	sam.Get("/ops/people/"+maya.ID.String()).Has(200, "Maya Okafor signs in with a password and nothing else.",
		"See the site as Maya")
	before := sam.Token()
	see(sam, maya)
	if sam.Token() == before {
		t.Error("the session's token stayed the same")
	}
	for _, path := range []string{"/account", "/bookings", "/help"} {
		sam.Get(path).Has(200, "You see the site as Maya Okafor and change nothing.", "30 minutes",
			`action="/staff-access/end"`)
	}
	for path, status := range map[string]int{"/nothing-here": 404, "/bookings/" + uuid.NewString(): 404, "/ops": 403} {
		sam.Get(path).Has(status, "You see the site as Maya Okafor and change nothing.", `action="/staff-access/end"`)
	}
	sam.Get("/account").Has(200, maya.Email)
	email := site.Mailbox().Last(maya.Email)
	if email.Kind != notify.KindImpersonationBegun || !strings.Contains(email.Text, asked) ||
		!strings.HasSuffix(email.Link, "/account/access-log") || strings.Contains(email.Text, "Sam") {
		t.Error(email, email.Text)
	}
	act := pgtest.One[uuid.UUID](t, site.DB, `select id from directory.staff_access where person = $1`, maya.ID)
	if n := events(t, site, `patient = $1 and action = 'impersonation-begin' and actor = $2 and resource_id = $3`, maya.ID,
		sam.ID, act); n != 1 {
		t.Errorf("%d rows say that it began", n)
	}
	sam.Post("/account/sign-out-everywhere").Has(403, "Nothing was changed: you only look", `action="/staff-access/end"`)
	sam.Get("/ops").Has(403, "not open while you see the site as somebody else")
	if n := events(t, site, `staff_access_id = $1 and actor = $2 and on_behalf_of = $3 and outcome = 'denied' and policy_id <> ''`, act, sam.ID, maya.ID); n == 0 {
		t.Error("what was done under it is not marked")
	}
	sam.Post("/staff-access/end").Goes("/ops/people/" + maya.ID.String())
	sam.Get("/ops").Lacks("/staff-access/end")
	sam.Get("/account").Has(200, sam.Email)
	if n := events(t, site, `staff_access_id = $1 and action = 'impersonation-end' and actor = $2 and on_behalf_of = $3`,
		act, sam.ID, maya.ID); n != 1 {
		t.Errorf("%d rows say that it ended", n)
	}
	if n := events(t, site, `actor = $1 and on_behalf_of is null and staff_access_id is not null`, sam.ID); n != 0 {
		t.Error("control: rows of their own are marked too")
	}
}

func TestWhoOnlyLooksIsOfferedNoFormThatIsRefusedAndCanStopOnEveryPage(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	clinic := site.NewClinic(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	visit := site.VisitOf(t, clinic, maya.ID, maya.Name, 30)
	cancel := "/bookings/" + visit.ID.String() + "/cancellation"
	offered := func(p *webtest.Person, page, action string) (usable bool) {
		for _, form := range p.Get(page).All("form", "action", action) {
			for _, b := range form.All("button") {
				usable = usable || !slices.ContainsFunc(b.Attr, func(a html.Attribute) bool { return a.Key == "disabled" })
			}
		}
		return usable
	}
	maya.SignIn(2)
	if !offered(maya, cancel, cancel) {
		t.Fatal("control: she is not offered it herself")
	}
	see(sam, maya)
	if offered(sam, cancel, cancel) || offered(sam, "/account", "/account/sign-out-everywhere") {
		t.Error("a form is offered that is refused")
	}
	if !offered(sam, cancel, "/staff-access/end") || !offered(sam, cancel, "/theme") {
		t.Error("what may be sent is not offered")
	}
	site.Admin(t, `revoke select on market.appointment_index from kindward_app`)
	sam.Get("/bookings").Has(500, `action="/staff-access/end"`, "Reference")
	site.Admin(t, `grant select on market.appointment_index to kindward_app`)
	sam.Post("/staff-access/end").Goes("/ops/people/" + maya.ID.String())
	see(sam, maya, "may_change", "on")
	if !offered(sam, cancel, cancel) {
		t.Error("what they asked for is not offered")
	}
}

func TestA35NothingIsChangedConsentedOrSignedInForSomebodyElse(t *testing.T) {
	site := webtest.Open(t)
	clinic := site.NewClinic(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	site.Admin(t, `insert into directory.membership (id, tenant_id, account_id, role) values ($1, $2, $3, 'owner')`,
		uuid.New(), clinic.ID, maya.ID)
	maya.SignIn(2)
	change, consent := "/bookings/"+uuid.NewString()+"/cancellation",
		"/places/"+clinic.Slug+"/holds/"+uuid.NewString()+"/confirmation"
	own := []string{"/account/sign-out-everywhere", "/sign-in", "/password-reset", consent}
	work := []string{"/organizations/" + clinic.Slug + "/appointments", "/organizations/" + clinic.Slug + "/members",
		"/ops", "/ops/people"}
	refused := func(kind string) {
		t.Helper()
		for _, path := range own {
			if a := sam.Post(path); a.Status != 403 {
				t.Errorf("%s: POST %s is %d", kind, path, a.Status)
			}
		}
		for _, path := range work {
			if a := sam.Get(path); a.Status != 403 {
				t.Errorf("%s: GET %s is %d", kind, path, a.Status)
			}
		}
	}
	see(sam, maya)
	sam.Post(change).Has(403)
	refused("looking")
	sam.Post("/staff-access/end").Goes("/ops/people/" + maya.ID.String())
	see(sam, maya, "may_change", "on")
	sam.Get("/account").Has(200, "You act for Maya Okafor.")
	if a := sam.Post(change); a.Status == 403 {
		t.Error("control: what she asked to have changed is refused too")
	}
	refused("changing")
	if a := maya.Post(consent); a.Status == 403 {
		t.Error("control: she may not consent herself")
	}
	maya.Get(work[0]).Has(200)
}

func TestWhatSupportCancelsForSomebodyIsSaidToBeSupports(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	cancel := func(by *webtest.Person, booking string) {
		t.Helper()
		sequence := by.Get(booking + "/cancellation").Field("sequence")
		by.Post(booking+"/cancellation", "sequence", sequence, "why", "time").Goes(booking)
	}
	asked, own := maya.Book(maya.Hold(1)), maya.Book(maya.Hold(5))
	see(sam, maya, "may_change", "on")
	cancel(sam, asked)
	cancel(maya, own)
	for booking, want := range map[string]string{asked: "support", own: "patient"} {
		if by := pgtest.One[string](t, site.DB, `select cancelled_by from `+site.Clinic().Schema+`.appointment
			where id = $1`, webtest.IDOf(booking)); by != want {
			t.Errorf("canceled by %q and not by %q", by, want)
		}
	}
}

func TestA35ItEndsAfterThirtyMinutes(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	see(sam, maya)
	site.Clock.Forward(29 * time.Minute)
	sam.Get("/account").Has(200, maya.Email, "1 minute")
	site.Clock.Forward(time.Minute + time.Second)
	a := sam.Get("/account")
	a.Has(200, sam.Email)
	a.Lacks(maya.Email, "/staff-access/end")
	if n := pgtest.One[float64](t, site.DB,
		`select extract(epoch from expires_at - started_at)::float8 from directory.staff_access where person = $1`,
		maya.ID); n != 1800 {
		t.Errorf("it may last %v seconds", n)
	}
}

func TestA35WhatSupportWritesToTheHelpDeskForSomebodyIsSaidToBeSupports(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	see(sam, maya, "may_change", "on")
	for range 10 {
		sam.Post("/help", "email", "sam@example.test", "message", "Please remove my second step").Goes("/help")
	}
	sam.Post("/help", "email", "sam@example.test", "message", "And this").Has(http.StatusTooManyRequests)
	sent := site.Mailbox().Last(webtest.HelpEmail)
	if !strings.Contains(sent.Text, "Kindward staff, account "+sam.ID.String()+", acting for account "+maya.ID.String()) {
		t.Error(sent.Text)
	}
	if n := events(t, site, `patient = $1 and actor = $2 and on_behalf_of = $1 and action = 'help'
		and staff_access_id is not null`, maya.ID, sam.ID); n != 10 {
		t.Errorf("%d of 10 messages are in her log", n)
	}
	maya.Post("/help", "email", maya.Email, "message", "Hello").Goes("/help") // her own ten are hers
	maya.Get("/account/access-log").Has(200, "wrote to the help desk for you")
}

// A form of a page that was shown as somebody else is no form of one's own: not when the act is over while it stands in
// a tab, and not when the session is.
func TestA35WhatWasTypedForAPersonIsNeverDoneNorOfferedAsOnesOwn(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	const page = "/account/profile"
	form := func() []string {
		see(sam, maya, "may_change", "on")
		return []string{"name", "Maya O. Okafor", "street", "12 Hope St", "acting-for", sam.Get(page).Field("acting-for")}
	}
	if typed := form(); typed[5] != maya.ID.String() {
		t.Fatalf("the form is for %q", typed[5])
	} else {
		sam.Post("/staff-access/end").Goes("/ops/people/" + maya.ID.String())
		sam.Post(page, typed...).Goes("/")
		sam.Get("/").Has(200, "You do not act for that person any more.")
		sam.Get(page).Lacks("12 Hope St", "Maya")
	}
	typed := form()
	site.Admin(t, `update directory.session set revoked_at = now(), mac = '' where account_id = $1 and revoked_at is null`,
		sam.ID)
	if a := sam.Post(page, typed...); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Fatal("the session is over:", a.Status, a.Location)
	}
	sam.SignIn(2)
	sam.Get(page).Lacks("12 Hope St", "Maya")
	site.Admin(t, `update directory.staff_access set ended_at = now() where ended_at is null`)
	form()
	sam.Get("/help").Has(200)
	sam.Post(page, "name", "", "street", "14 Hope St").Has(422)
	sam.Post("/staff-access/end").Goes("/ops/people/" + maya.ID.String())
	sam.Get(page).Lacks("14 Hope St")
	if n := site.Count(t, `select count(*) from directory.account where id = $1 and name = 'Sam Support'`, sam.ID); n != 1 {
		t.Error("the staff member has the person's name")
	}
	ben := site.Person(t, "Ben Ito")
	typed = form()
	sam.Post("/staff-access/end").Goes("/ops/people/" + maya.ID.String())
	see(sam, ben, "may_change", "on")
	sam.Post(page, typed...).Goes("/")
	kept := func(name string) int {
		return site.Count(t, `select count(*) from directory.account where id = $1 and name = $2`, ben.ID, name)
	}
	if kept("Ben Ito") != 1 {
		t.Error("a form that was shown as one person is done as another")
	}
	typed[5] = ben.ID.String()
	if sam.Post(page, typed...); kept("Maya O. Okafor") != 1 {
		t.Error("control: his own form is not done either")
	}
}

func TestA35ItEndsWithTheNextRequestWhenSomebodyElseEndsIt(t *testing.T) {
	site := webtest.Open(t)
	maya, sam, olga := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support"),
		site.Staff(t, "Olga", "operator")
	act := func() string {
		return pgtest.One[string](t, site.DB,
			`select id::text from directory.staff_access where person = $1 and ended_at is null`, maya.ID)
	}
	see(sam, maya)
	olga.Get("/ops").Has(200, "As Maya Okafor", "Sam Support", asked)
	olga.Post("/ops/staff-access/" + act() + "/end").Goes("/ops")
	sam.Get("/account").Has(200, sam.Email)
	see(sam, maya)
	id := act()
	site.Admin(t, `update directory.staff_access set ended_at = now() where id = $1`, id)
	sam.Get("/account").Has(200, sam.Email)
	olga.Post("/ops/staff-access/" + id + "/end").Has(409)
	see(sam, maya)
	sam.Get("/account").Has(200, maya.Email)
	site.Admin(t, `update directory.account set disabled_at = now() where id = $1`, sam.ID)
	if a := sam.Get("/account"); a.Status != http.StatusSeeOther {
		t.Error("the account of a member of staff is closed and their act goes on:", a.Status)
	}
}

func TestA35TakingTheRoleAwayEndsWhatItBegan(t *testing.T) {
	site := webtest.Open(t)
	maya, sam, ada := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support"),
		site.Staff(t, "Ada", "administrator")
	see(sam, maya)
	role := pgtest.One[string](t, site.DB, `select id::text from directory.staff where account_id = $1`, sam.ID)
	ada.Post("/ops/staff/" + role + "/end").Goes("/ops/staff")
	a := sam.Get("/account")
	a.Has(200, sam.Email)
	a.Lacks(maya.Email)
	sam.Get("/ops").Has(404)
}

func TestA35NobodyActsAsStaffNorAsThemselvesNorWithoutAFreshProof(t *testing.T) {
	site := webtest.Open(t)
	maya, sam, ada := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support"),
		site.Staff(t, "Ada", "administrator")
	for _, who := range []*webtest.Person{ada, sam} {
		sam.Post("/ops/impersonations", "person", who.ID.String(), "reason", asked).Has(403)
		sam.Get("/ops/people/" + who.ID.String()).Lacks("See the site as")
	}
	sam.Post("/ops/impersonations", "person", uuid.NewString(), "reason", asked).Has(403)
	sam.Post("/ops/impersonations", "person", "nobody", "reason", asked).Has(422)
	site.Admin(t, `update directory.account set disabled_at = now() where id = $1`, maya.ID)
	sam.Post("/ops/impersonations", "person", maya.ID.String(), "reason", asked).Has(403)
	site.Admin(t, `update directory.account set disabled_at = null where id = $1`, maya.ID)
	site.Clock.Forward(11 * time.Minute)
	if a := sam.Post("/ops/impersonations", "person", maya.ID.String(), "reason", asked); !strings.HasPrefix(a.Location,
		"/account/confirm") {
		t.Error("an old proof is enough:", a.Status, a.Location)
	}
	if n := pgtest.One[int](t, site.DB, `select count(*) from directory.staff_access where actor = $1`, sam.ID); n != 0 {
		t.Errorf("%d acts began", n)
	}
	sam.SignIn(2)
	see(sam, maya)
}

func TestA35AReasonOfTenCharactersIsNeededAndWhatWasTypedStays(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	for _, reason := range []string{"", "too short", "         x", strings.Repeat("a", 401)} {
		a := sam.Post("/ops/impersonations", "person", maya.ID.String(), "reason", reason, "may_change", "on")
		a.Has(422, "<title>Error: ", "There is a problem", `href="#reason"`, `aria-invalid="true"`, "checked")
		if kept := url.QueryEscape(reason); len(reason) < 20 && reason != "" &&
			!strings.Contains(a.Body, `value="`+reason+`"`) {
			t.Errorf("%q is lost", kept)
		}
	}
	a := sam.HTMX().Post("/ops/impersonations", "person", maya.ID.String(), "reason", "no")
	a.Has(422, `id="see-as"`)
	a.Lacks("<html", "They lost their phone")
	if a := sam.HTMX().Post("/ops/impersonations", "person", maya.ID.String(), "reason", asked); a.Status != 204 ||
		a.Header.Get("HX-Redirect") != "/account" {
		t.Error(a.Status, a.Header.Get("HX-Redirect"))
	}
}

func TestA35AReasonTypedForOnePersonIsNotOfferedForAnother(t *testing.T) {
	site := webtest.Open(t)
	maya, leo, sam := site.Person(t, "Maya Okafor"), site.Person(t, "Leo Tan"), site.Staff(t, "Sam Support", "support")
	sam.Post("/ops/impersonations", "person", maya.ID.String(), "reason", "too short", "may_change", "on").Has(422)
	other := sam.Get("/ops/people/" + leo.ID.String())
	other.Has(200, "See the site as Leo")
	other.Lacks("too short", "checked")
	sam.Get("/ops/people/"+maya.ID.String()).Has(200, "too short", "checked") // the control: hers waits for her
}

func TestTheConsoleIsNothingToStrangersAndRefusesOtherRoles(t *testing.T) {
	site := webtest.Open(t)
	maya, charlie, olga := site.Person(t, "Maya Okafor"), site.Person(t, "Charlie"), site.Staff(t, "Olga", "operator")
	charlie.SignIn(2)
	id := uuid.NewString()
	pages := []string{"/ops", "/ops/people", "/ops/people/" + maya.ID.String(), "/ops/staff", "/ops/emergency-access",
		"/ops/policies"}
	acts := []string{"/ops/impersonations", "/ops/staff-access/" + id + "/end",
		"/ops/people/" + maya.ID.String() + "/sign-out", "/ops/people/" + maya.ID.String() + "/second-factor-removal",
		"/ops/emergency-access", "/ops/emergency-access/" + id + "/review", "/ops/staff", "/ops/staff/" + id + "/end",
		"/ops/staff/people/" + maya.ID.String() + "/sign-out",
		"/ops/staff/people/" + maya.ID.String() + "/second-factor-removal"}
	for _, path := range pages {
		charlie.Get(path).Has(404)
	}
	for _, path := range acts {
		charlie.Post(path, "person", maya.ID.String(), "reason", asked).Has(404)
	}
	for _, path := range []string{"/ops/impersonations", "/ops/staff", acts[2], acts[3], acts[5]} {
		olga.Post(path, "person", maya.ID.String(), "reason", asked).Has(403)
	}
	olga.Get("/ops/policies").Has(403)
	rea, pat, sam := site.Staff(t, "Rea", "reviewer"), site.Person(t, "Pat Patient"),
		site.Staff(t, "Sam Support", "support")
	see(sam, pat)
	olga.Get("/ops").Has(200, "As Pat Patient")
	rea.Get("/ops").Has(200, "for those to see who help people")
	rea.Get("/ops").Lacks("Pat Patient")
	olga.Get("/ops/people/" + maya.ID.String()).Has(200)
	olga.Get("/ops/people/"+maya.ID.String()).Lacks("See the site as", "Sign them out")
	olga.SignIn(1)
	if a := olga.Get("/ops"); !strings.HasPrefix(a.Location, "/account/second-factor") {
		t.Error("the console opens without a second factor:", a.Status, a.Location)
	}
	if n := pgtest.One[int](t, site.DB, `select count(*) from directory.staff_access where person = $1`, maya.ID); n != 0 {
		t.Error("somebody acts as her")
	}
}

func TestA35SigningOutEndsWhatRunsAndIsTheStaffMembersOwn(t *testing.T) {
	site := webtest.Open(t)
	maya, sam := site.Person(t, "Maya Okafor"), site.Staff(t, "Sam Support", "support")
	see(sam, maya)
	sam.Post("/sign-out").Goes("/")
	if n := events(t, site, `patient = $1 and action = 'sign-out'`, maya.ID); n != 0 {
		t.Errorf("%d rows say that the person signed out", n)
	}
	if n := events(t, site, `patient = $1 and action = 'sign-out' and actor = $1 and on_behalf_of is null
		and staff_access_id is null`, sam.ID); n != 1 {
		t.Errorf("%d rows say that the staff member signed out", n)
	}
	if n := site.Count(t, `select count(*) from directory.staff_access where person = $1 and ended_at is null`,
		maya.ID); n != 0 {
		t.Error("the act runs on")
	}
	if n := events(t, site, `patient = $1 and action = 'impersonation-end' and actor = $2`, maya.ID, sam.ID); n != 1 {
		t.Errorf("%d rows say that it ended", n)
	}
	maya.Get("/account").Has(200)
	maya.Post("/sign-out").Goes("/")
	if n := events(t, site, `patient = $1 and action = 'sign-out' and actor = $1`, maya.ID); n != 1 {
		t.Error("control: somebody's own signing out is not kept")
	}
}
