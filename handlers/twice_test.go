package handlers_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"kindward/handlers/webtest"
	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// button is one button that acts, with everything that pressing it sends.
type button struct {
	action, text string
	form         url.Values
}

// filled are what people type into the fields that are left empty.
var filled = map[string]string{"name": "Maya Okafor", "dob-month": "3", "dob-day": "27", "dob-year": "1988",
	"phone": "401 555 0134", "payer": "self", "share": "on", "why": "better", "life": "30", "scope": "slots.read",
	"reason": "This is no clinic.", "email": "new@example.test", "role": "billing",
	"contact": "Maya Okafor", "about": "It has expired"}

// buttonsOf are the buttons of a page that act; those round every page do nothing to anybody's data.
func buttonsOf(page webtest.Answer) (all []button) {
	for _, form := range page.All("form") {
		round := slices.Contains([]string{"/theme", "/sign-out", "/ops/people"}, form.Value("action"))
		if form.Value("method") != "post" || round {
			continue
		}
		for _, b := range form.All("button") {
			if slices.ContainsFunc(b.Attr, func(a html.Attribute) bool { return a.Key == "disabled" }) {
				continue // it keeps its place in a row and cannot be pressed
			}
			sent := url.Values{}
			for _, kind := range []string{"input", "select", "textarea"} {
				for _, field := range form.All(kind) {
					name, value := field.Value("name"), field.Value("value")
					if typed, known := filled[name]; known && (value == "" || field.Value("type") != "hidden") {
						value = typed
					}
					if strings.HasPrefix(name, "about-") {
						value = "It is not signed" // of a document
					}
					sent.Set(name, value)
				}
			}
			if b.Value("name") != "" {
				sent.Set(b.Value("name"), b.Value("value"))
			}
			action := form.Value("action")
			if other := b.Value("formaction"); other != "" {
				action = other
			}
			all = append(all, button{action, b.Text(), sent})
		}
	}
	return all
}

// pressed is a world of its own in which somebody stands on a page.
type pressed struct {
	site *webtest.Site
	who  *webtest.Person
	page string
}

// standing are the pages with buttons that act, each in a world of its own.
var standing = map[string]func(*testing.T, *webtest.Site) (*webtest.Person, string){
	"times": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		leo := s.Visitor(t)
		return leo, s.Times() + "?week=" + s.Day(9)
	},
	"hold": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		maya := s.Person(t, "Maya")
		return maya, maya.Hold(0)
	},
	"cancellation": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		maya := s.Person(t, "Maya")
		return maya, maya.Book(maya.Hold(0)) + "/cancellation"
	},
	"reschedule": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		maya := s.Person(t, "Maya")
		booking := maya.Book(maya.Hold(0))
		start := maya.Get(booking + "/reschedule?week=" + s.Day(16)).Starts()[1]
		return maya, booking + "/reschedule/confirmation?sequence=0&start=" + url.QueryEscape(start)
	},
	"day": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		s.Visit(t, s.Clinic(), 0)
		return s.Alice(t), webtest.Workplace(s.Clinic()) + "/appointments"
	},
	"member": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		bob := s.WithTwoFactors(t, "Bob")
		id := bob.Employ(s.Clinic(), "clinician")
		return s.Alice(t), webtest.Workplace(s.Clinic()) + "/members/" + id.String()
	},
	"invitation": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		return s.Alice(t), webtest.Workplace(s.Clinic()) + "/invitations"
	},
	"team": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		alice := s.Alice(t)
		alice.Post(webtest.Workplace(s.Clinic())+"/invitations", "email", "new@example.test", "role", "billing")
		return alice, webtest.Workplace(s.Clinic()) + "/members"
	},
	"keys": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		alice := s.Alice(t)
		alice.Post(webtest.Workplace(s.Clinic())+"/api-keys", "name", "A screen", "scope", "slots.read", "life", "30")
		return alice, webtest.Workplace(s.Clinic()) + "/api-keys"
	},
	"step": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		maya := s.Person(t, "Maya")
		return maya, maya.Post("/join", "kind", "clinic", "state", "RI", "number", "1234567893", "key",
			"k", "anyway", "yes").Location + "/steps/organization"
	},
	"application": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		rita := s.Staff(t, "Rita", "reviewer")
		page := "/ops/onboarding/" + sent(t, s, s.Person(t, "Maya")).String()
		return rita, page
	},
	"application claimed": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		rita := s.Staff(t, "Rita", "reviewer")
		page := "/ops/onboarding/" + sent(t, s, s.Person(t, "Maya")).String()
		rita.Post(page + "/claim").Goes(page)
		return rita, page
	},
	"rejection": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		rita := s.Staff(t, "Rita", "reviewer")
		page := "/ops/onboarding/" + sent(t, s, s.Person(t, "Maya")).String()
		rita.Post(page + "/claim").Goes(page)
		return rita, page + "/rejection"
	},
	"new key": func(t *testing.T, s *webtest.Site) (*webtest.Person, string) {
		return s.Alice(t), webtest.Workplace(s.Clinic()) + "/api-keys/new"
	},
}

// sent is an application to join that waits for the staff, with a number and a name that no other has.
func sent(t *testing.T, s *webtest.Site, who *webtest.Person) uuid.UUID {
	t.Helper()
	id, by := uuid.New(), tenancy.Caller{Subject: who.ID}
	err := onboarding.Begin(t.Context(), s.Gateway, by, id, who.Name, onboarding.Event{Kind: onboarding.Began, By: who.ID,
		At: s.Clock.Now(), Data: onboarding.Data{Kind: "clinic", State: "RI", Definition: onboarding.Latest,
			Answers: map[string]string{"npi": npi.Made(fmt.Sprintf("17%07d", rand.IntN(10_000_000)))}}})
	if err != nil {
		t.Fatal(err)
	}
	scope := s.Gateway.AdmitApplicant(id, by)
	for range 2 { // some registers are asked when all is answered
		if _, err := onboarding.Hear(t.Context(), s.Gateway, id, s.Clock.Now(), onboarding.Checked{
			Result: onboarding.Pass}); err != nil {
			t.Fatal(err)
		}
		if _, err := onboarding.Fill(t.Context(), s.Gateway, scope, who.ID, s.Clock.Now(),
			map[string]string{"name": "Narragansett " + id.String()[:8], "tests": "no"}); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// applicationID is the application whose page this is, if it is one.
func (p pressed) applicationID() (id uuid.UUID) {
	for part := range strings.SplitSeq(p.page, "/") {
		if found, err := uuid.Parse(part); err == nil && (strings.HasPrefix(p.page, "/join/") ||
			strings.HasPrefix(p.page, "/ops/onboarding/")) {
			id = found
		}
	}
	return id
}

func stand(t *testing.T, ready func(*testing.T, *webtest.Site) (*webtest.Person, string)) pressed {
	t.Helper()
	site := webtest.OpenWith(t, webtest.Options{HoldLimit: ratelimit.Unlimited})
	site.Clinic()
	who, page := ready(t, site)
	return pressed{site, who, page}
}

// effects are what is there now of the world's organization, without names and times: how many of what, in which state.
func (p pressed) effects(t *testing.T) string {
	t.Helper()
	return pgtest.Value[string](t, p.site.Clinic(), `select string_agg(what || ' ' || n, ', ' order by what) from (
		select 'appointment ' || status || ' ' || sequence || extended as what, count(*) as n from appointment group by 1
		union all select 'claim ' || state, count(*) from claim group by 1
		union all select 'consent', count(*) from consent union all select 'patient', count(*) from patient
		union all select 'key of a request', count(*) from request_key
		union all select 'event ' || kind, count(*) from outbox.event where tenant_id = $1 group by 1
		union all select 'done: ' || resource || ' ' || action, count(*) from audit.event where tenant_id = $1 and outcome = 'success'
			and action not in ('read', 'list', 'show') group by 1
		union all select 'member ' || role || (ended_at is null), count(*) from directory.membership where tenant_id = $1 group by 1
		union all select 'invitation', count(*) from directory.invitation where tenant_id = $1
		union all select 'of an application: ' || kind || ' ' || step, count(*) from onboarding.log
			where tenant_id = '`+p.applicationID().String()+`' group by 1
		union all select 'API key', count(*) from directory.api_key where tenant_id = $1) x`, p.site.Clinic().ID)
}

// press sends what a button sends, so often at once, and then once more.
func (p pressed) press(t *testing.T, b button, atOnce, after int) {
	t.Helper()
	begin := make(chan struct{})
	var group sync.WaitGroup
	send := func() {
		if a := p.who.Do(http.MethodPost, b.action, b.form); a.Status >= 500 {
			t.Errorf("%q: %d", b.text, a.Status)
		}
	}
	for range atOnce {
		group.Go(func() { <-begin; send() })
	}
	close(begin)
	group.Wait()
	for range after {
		send()
	}
}

func TestA55TheSecondPressOfAnyButtonDoesNothingElse(t *testing.T) {
	seen := 0
	for name, ready := range standing {
		t.Run(name, func(t *testing.T) {
			texts := map[string]bool{}
			for n := 0; ; n++ {
				once := stand(t, ready)
				buttons := buttonsOf(once.who.Get(once.page))
				for n < len(buttons) && texts[kindOf(buttons[n])] { // of many times one is enough
					n++
				}
				if n >= len(buttons) {
					break
				}
				b := buttons[n]
				texts[kindOf(b)] = true
				before := once.effects(t)
				if once.press(t, b, 1, 0); once.effects(t) == before {
					t.Errorf("%q does nothing when it is pressed: this proves nothing", b.text)
				}
				twice := stand(t, ready)
				others := buttonsOf(twice.who.Get(twice.page))
				twice.press(t, others[n], 2, 1)
				one, more := once.effects(t), twice.effects(t)
				if one != more {
					t.Errorf("%q does more when it is pressed again:\n%s\n%s", b.text, one, more)
				}
				seen++
			}
			if len(texts) == 0 {
				t.Error("no button was found: this proves nothing")
			}
		})
	}
	t.Logf("%d buttons", seen)
}

func TestA55ControlAFormWithoutItsNumberMakesTwoKeys(t *testing.T) {
	once, twice := stand(t, standing["new key"]), stand(t, standing["new key"])
	for p, after := range map[pressed]int{once: 0, twice: 1} {
		b := buttonsOf(p.who.Get(p.page))[0]
		b.form.Del("form")
		p.press(t, b, 1, after)
	}
	if once.effects(t) == twice.effects(t) {
		t.Error("what does more is not seen:", twice.effects(t))
	}
}

func TestA55TheSecondPressShowsTheKeyThatTheFirstMade(t *testing.T) {
	p := stand(t, standing["new key"])
	b := buttonsOf(p.who.Get(p.page))[0]
	first := p.who.Do(http.MethodPost, b.action, b.form)
	second := p.who.Do(http.MethodPost, b.action, b.form)
	if key := first.Field("key"); key == "" || second.Field("key") != key {
		t.Errorf("%d %q, then %d %q", first.Status, key, second.Status, second.Field("key"))
	}
	other := p.site.Member(t, p.site.Clinic(), "Bob", "owner")
	if a := other.Do(http.MethodPost, b.action, b.form); a.Field("key") == "" || a.Field("key") == first.Field("key") {
		t.Errorf("somebody else with the number of the form: %d", a.Status)
	}
	p.site.Clock.Forward(11 * time.Minute)
	if a := p.who.Do(http.MethodPost, b.action, b.form); a.Field("key") == first.Field("key") {
		t.Error("the key is shown again later")
	}
}

// kindOf names a button among those that do the same to different times.
func kindOf(b button) string {
	if b.form.Has("start") {
		return "a time"
	}
	return fmt.Sprint(b.text, strings.Contains(b.action, "extension"))
}
