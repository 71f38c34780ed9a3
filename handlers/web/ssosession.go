package web

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/views/ui"
)

// letInBySSO notes whether the organization's own sign-in answers for whoever asks: it did, by the provider of now, and
// until lies ahead. One that is over ends a session that rests on nothing else.
func (state *requestState) letInBySSO(c echo.Context, proof Proof, until time.Time) {
	if proof.SSO == uuid.Nil || proof.Organization != state.organization.ID || until.Unix() == 0 {
		return
	}
	state.through = until.After(Now(c))
	if !proof.Own() {
		state.overBySSO, state.ssoUntil = !state.through, until
	}
}

// endBySSO ends the session of somebody whose sign-in at their organization is over, and leads there. What they had
// typed is kept for them.
func (state *requestState) endBySSO(c echo.Context) error {
	here, who := openedPage(c), state.signedIn(c)
	if err := SignOut(c); err != nil {
		return err
	}
	said := "The sign-in of " + state.organization.Name + " opens your work for a time, and that is over. " +
		"Sign in there once more."
	if !safe(c.Request().Method) {
		lost, err := state.keepTyped(c, who)
		if err != nil {
			return err
		}
		said += " What you just sent was not done."
		if lost {
			said += lostWords
		}
	}
	Flash(c, ui.Notice{Text: said})
	return Redirect(c, SingleSignOnPath(state.organization.Slug, here))
}
