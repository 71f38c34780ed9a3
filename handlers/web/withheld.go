package web

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/net/html"

	"kindward/internal/policy"
)

// withhold takes the buttons and boxes out of use of each form that would be refused to whoever sees the site as
// somebody else: what cannot be sent is not offered. All pages and parts have it from here. It costs nothing where
// nobody does.
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
			off = attribute(token, "method") == "post" && !state.sends(attribute(token, "action"))
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
