package join_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

// Whoever sends an application owns the organization that is made of it, so a password alone invites nobody to it.
func TestA41HalfASessionChangesNothingOfAnApplication(t *testing.T) {
	w := open(t)
	maya := w.WithTwoFactors(t, "Maya Okafor")
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	posts := [][]string{{"/withdrawal"}, {"/reopening"},
		{"/invitations", "id", uuid.NewString(), "email", "eve@example.org"},
		{"/guest-links", "id", uuid.NewString(), "step", "licenses"},
		{"/steps/organization", "version", "1", "asked", "name", "name", "Eve's", "later", "yes"}}
	state := func() string {
		return pgOne(w, `select a.version || ' ' ||
			(select count(*) from onboarding.invitation i where i.tenant_id = a.tenant_id) || ' ' ||
			(select count(*) from onboarding.guest_link g where g.tenant_id = a.tenant_id)
			from onboarding.application a where a.tenant_id = $1`, webtest.IDOf(at))
	}
	before := state()
	w.Admin(t, `insert into directory.totp (account_id, secret, confirmed_at) values ($1, 'x', now())`, maya.ID)
	maya.SignIn(1)
	maya.Get(at).Has(http.StatusOK)
	for _, p := range posts {
		a := maya.Post(at+p[0], p[1:]...)
		if !strings.HasPrefix(a.Location, "/account/confirm") || state() != before {
			t.Errorf("%s: %d %s, %s", p[0], a.Status, a.Location, state())
		}
	}
	maya.SignIn(2) // the control
	for _, p := range posts {
		if a := maya.Post(at+p[0], p[1:]...); a.Status >= http.StatusBadRequest || strings.Contains(a.Location, "confirm") {
			t.Errorf("control, %s: %d %s", p[0], a.Status, a.Location)
		}
	}
}
