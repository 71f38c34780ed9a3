package web

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
)

// What was typed into a form whose sender had to sign in again or to prove who they are, or that was refused, is kept
// for an hour as a draft: of all forms that act, for the account that typed it and no other, by the address that it was
// sent to. The next whole page that has the form shows it again (refill.go), once.

// typedInto begins the names of such drafts; the account and the form's address follow.
const typedInto = "form "

// unkept are the fields that are in no draft: what proves who somebody is, and what they agree to, which they do each
// time.
var unkept = regexp.MustCompile(`password|secret|code|token|answer|^key$|^agree$|^share$|^` + actingField)

// typedDraft is the name of a draft. What somebody typed who acted for a person is for when they act for them again,
// and no part of their own.
func typedDraft(account, person uuid.UUID, path string) string {
	name := typedInto + account.String()
	if person != uuid.Nil {
		name += " for " + person.String()
	}
	return name + " " + path
}

// person is as whom somebody sees the site who is signed in as themself; nil: as themself.
func (state *requestState) person() uuid.UUID {
	if !state.asOther {
		return uuid.Nil
	}
	return state.account.ID
}

// typedFor is as whom a form was sent, as the session says or, if that is over, the form.
func (state *requestState) typedFor(c echo.Context) uuid.UUID {
	if state.asOther {
		return state.person()
	}
	return actingFor(c)
}

// keepTyped keeps what was sent for the account that typed it. It tells whether something is lost, because it is too
// long: of a sender whom nobody knows nothing is kept, nor promised, but where the form's page is guarded.
func (state *requestState) keepTyped(c echo.Context, typist uuid.UUID) (lost bool, err error) {
	if safe(c.Request().Method) || typist == uuid.Nil && !state.options.Guarded || state.options.Streamed {
		return false, nil
	}
	state.keptTyped = true
	f, err := ReadForm(c)
	if err != nil {
		return false, err
	}
	var fields, emptied []string
	for name, values := range f.values {
		switch {
		case unkept.MatchString(name):
		case strings.TrimSpace(strings.Join(values, "")) == "":
			emptied = append(emptied, name)
		default:
			fields = append(fields, name)
		}
	}
	slices.SortFunc(fields, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(f.Raw(a)), len(f.Raw(b))), strings.Compare(a, b))
	})
	name := typedDraft(typist, state.typedFor(c), c.Request().URL.Path)
	return !KeepFields(c, name, f.values, fields, emptied...), nil
}

// settleTyped keeps what was sent with a form that is refused: the page that says so is gone with a reload, the way
// back or the other theme. Of a form that is done nothing is kept any more. A guarded form's page keeps its own.
func (state *requestState) settleTyped(c echo.Context, refused bool) (err error) {
	who := state.signedIn(c)
	if safe(c.Request().Method) || who == uuid.Nil || state.options.Guarded || state.keptTyped {
		return nil
	}
	if refused {
		_, err = state.keepTyped(c, who)
		return err
	}
	DropDraft(c, typedDraft(who, state.typedFor(c), c.Request().URL.Path))
	return nil
}

// typist is who sent a form whose session is over: whose that was, if it is known still.
func (state *requestState) typist(c echo.Context) (uuid.UUID, error) {
	if state.typed != uuid.Nil {
		return state.typed, nil
	}
	return state.site.store().EndedOwner(c.Request().Context(), state.loaded)
}

// signedIn is the account whose session it is, whomever it sees the site as; nil if nobody is signed in.
func (state *requestState) signedIn(c echo.Context) uuid.UUID {
	if !state.sessionLoaded || state.account.ID == uuid.Nil {
		return uuid.Nil
	}
	return state.site.session(c.Request().Context()).Account
}

// Recalled is what whoever is signed in had typed into the form that is sent to a path, before they had to sign in
// again or to prove who they are, once; nil if that was nothing. Of a form whose page is guarded it is also what
// somebody had typed whom nobody knew: who asks has shown that the page is theirs.
func Recalled(c echo.Context, path string) url.Values {
	return recalled(c, path, stateOf(c).signedIn(c), uuid.Nil)
}

// RecalledOwn is Recalled for a page that is not shown to be theirs: what they themselves had typed, and nobody else.
func RecalledOwn(c echo.Context, path string) url.Values {
	if who := stateOf(c).signedIn(c); who != uuid.Nil {
		return recalled(c, path, who)
	}
	return nil
}

func recalled(c echo.Context, path string, typists ...uuid.UUID) (kept url.Values) {
	for _, who := range typists {
		name := typedDraft(who, stateOf(c).person(), path)
		if kept == nil {
			kept = Draft(c, name)
		}
		DropDraft(c, name)
	}
	return kept
}

// recallable are the addresses of forms into which whoever is signed in had typed something. What another account had
// typed in this browser waits for that account.
func (state *requestState) recallable(c echo.Context) (paths []string) {
	who := state.signedIn(c)
	if who == uuid.Nil {
		return nil
	}
	for key := range cookiesOf(c).transient.Values {
		if path, theirs := strings.CutPrefix(key.(string), "draft "+typedDraft(who, state.person(), "")); theirs {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
