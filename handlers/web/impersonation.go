package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"kindward/internal/policy"
	"kindward/views/ui"
)

// actingField says, in each form of a page that is shown to whoever sees the site as somebody else, as whom: what was
// typed for a person is not done, nor offered again, as anybody else.
const actingField = "acting-for"

// withhold takes the buttons and boxes out of use of each form that would be refused to whoever sees the site as
// somebody else: what cannot be sent is not offered. The others get actingField. All pages and parts have it from here.
// It costs nothing where nobody does.
func (state *requestState) withhold(page []byte) []byte {
	if !state.asOther {
		return page
	}
	out := bytes.NewBuffer(make([]byte, 0, len(page)+1024))
	z, off := html.NewTokenizer(bytes.NewReader(page)), false
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes()
		}
		raw := slices.Clone(z.Raw()) // what follows overwrites it
		token := z.Token()
		switch {
		case token.Data == "form" && kind == html.StartTagToken:
			posts := attribute(token, "method") == "post"
			off = posts && !state.sends(attribute(token, "action"))
			if posts && !off {
				raw = fmt.Appendf(raw, `<input type="hidden" name="%s" value="%s">`, actingField,
					state.account.ID)
			}
		case token.Data == "form" && kind == html.EndTagToken:
			off = false
		case off && kind != html.EndTagToken &&
			slices.Contains([]string{"button", "input", "select", "textarea"}, token.Data):
			if attribute(token, "type") != "hidden" && mark(&token, "disabled", true) {
				raw = []byte(token.String())
			}
		}
		out.Write(raw)
	}
}

// sends tells whether a form may be sent to an address, as whoever is seen now.
func (state *requestState) sends(action string) bool {
	to, err := url.Parse(action)
	if err != nil {
		return false
	}
	line, known := state.site.routes.find(http.MethodPost, to.Path)
	if !known {
		return true // nobody is refused there: it is 404 or 405
	}
	q := policy.Question{Action: line.Action, Changes: true}
	q.Account, q.AsOther, q.MayChange = state.account.ID, true, state.staffAccess.MayChange
	q.SecondFactor, q.Recent = true, true
	return state.site.Policies.Decide(q).Allowed
}

// actingFor is as whom a form was shown to be sent; nil: as whoever sends it.
func actingFor(c echo.Context) uuid.UUID {
	id, _ := uuid.Parse(Field(c, actingField)) // else none of ours
	return id
}

// outdated tells that a form was made for somebody as whom its sender acts no more, in this tab or another one.
func (state *requestState) outdated(c echo.Context) bool {
	if safe(c.Request().Method) || state.account.ID == uuid.Nil {
		return false
	}
	person := actingFor(c)
	return person != uuid.Nil && (!state.asOther || person != state.account.ID)
}

// refuseOutdated does nothing of what such a form asks for.
func refuseOutdated(c echo.Context) error {
	Flash(c, ui.Notice{Text: "You do not act for that person any more. What you just sent was not done, and is not kept."})
	stateOf(c).keptTyped = true
	return Redirect(c, "/")
}
