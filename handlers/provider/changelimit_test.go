package provider_test

import (
	"net/http"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
)

// Each change has a register asked, and a person: without a limit one organization had the register asked about all
// numbers there are, and the queue for itself.
func TestA43AnOrganizationAsksForAsManyChangesADayAsAreLookedAt(t *testing.T) {
	site := webtest.Open(t)
	c, other := site.NewClinic(t), site.NewClinic(t)
	alice, oscar := site.Member(t, c, "Alice Owner", "owner"), site.Member(t, other, "Oscar Owner", "owner")
	page := webtest.Workplace(c) + "/practitioners/" + c.Practitioner.String()
	theirs := webtest.Workplace(other) + "/practitioners/" + other.Practitioner.String()
	save := func(who *webtest.Person, page, name, specialty string) webtest.Answer {
		return who.Post(page, "name", name, "specialty", specialty, "npi", "", "language", "en", "gender", "", "age_from", "",
			"age_to", "", "license", "MD01234", "valid_until", "2031-02-03")
	}
	limiter := identity.AttemptLimiter{Gateway: site.Gateway, Keys: site.Keys, Now: site.Clock.Now}
	day := identity.AttemptLimit{Name: "changes asked", Attempts: 100, Window: 24 * time.Hour, Windows: identity.Sliding}
	for range 99 {
		if _, err := limiter.Reserve(t.Context(), day.For(c.ID.String())); err != nil {
			t.Fatal(err)
		}
	}
	save(alice, page, "Dr. One", "Skin doctor").Goes(webtest.Workplace(c) + "/listings")
	save(alice, page, "Dr. Two", "Lung doctor").Has(http.StatusUnprocessableEntity,
		"as many changes as we look at in a day", `value="Dr. Two"`, `value="2031-02-03"`)
	if got := listing(t, c, "specialty"); got != "Skin doctor" {
		t.Errorf("what was refused is live: %s", got)
	}
	if waits := pgtest.One[string](t, site.DB, `select becomes ->> 'name' from onboarding.change where tenant_id = $1
		and status = 'waiting'`, c.ID); waits != "Dr. One" {
		t.Errorf("%s waits", waits)
	}
	alice.Post(page, "name", "Dr. Test", "specialty", "Lung doctor", "npi", "", "language", "en", "gender", "",
		"age_from", "", "age_to", "").Goes(webtest.Workplace(c) + "/listings") // control: what nobody looks at
	save(oscar, theirs, "Dr. One", "Skin doctor").Goes(webtest.Workplace(other) + "/listings") // control: another's
}
