package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/policy"
	"kindward/views/layout"
	"kindward/views/ui"
)

// referencePlaceholder stands for the reference in pages rendered at start.
const referencePlaceholder = "R-0000-0000-0000"

type errorPage struct{ page, part []byte }

type errorPages map[layout.Theme]map[int]errorPage

// renderErrorPages makes all error pages before anything can go wrong.
func renderErrorPages() (errorPages, error) {
	all := errorPages{}
	for _, theme := range layout.Themes {
		all[theme] = map[int]errorPage{}
		for _, code := range layout.FaultCodes {
			f := layout.FaultOf(code)
			if code >= 500 {
				f = f.With(referencePlaceholder)
			}
			page, err := rendered(layout.ErrorPage(layout.Page{Theme: theme}, f))
			if err != nil {
				return nil, fmt.Errorf("error page %d: %w", code, err)
			}
			part, err := rendered(layout.ErrorPart(f))
			if err != nil {
				return nil, fmt.Errorf("error part %d: %w", code, err)
			}
			all[theme][code] = errorPage{page, part}
		}
	}
	return all, nil
}

func rendered(view templ.Component) ([]byte, error) {
	var b bytes.Buffer
	err := view.Render(context.Background(), &b)
	return b.Bytes(), err
}

// errorBody is the error page in the visitor's colors, or its part for htmx.
func (s *Site) errorBody(c echo.Context, state *requestState, code int) []byte {
	theme := PreferencesOf(c).Theme
	ready, ok := s.errors[theme][code]
	if !ok {
		f := layout.FaultOf(code)
		ready = s.errors[theme][f.Code]
		if ready.page == nil {
			ready = s.errors[theme][http.StatusInternalServerError]
		}
	}
	body := ready.page
	fault, special := state.fault(c, code)
	switch {
	case Partial(c):
		body = ready.part
	case state.staffAccess.ID != uuid.Nil, // whoever acts for somebody else can always stop
		code < 500 && (special || state.account.Name != ""): // the masthead shows who is signed in, if it can
		if code >= 500 {
			fault.Ref = referencePlaceholder
		}
		page := layout.Page{Theme: theme, Account: state.account.Name, SignOff: state.signOff(c)}
		if a, ok := StaffAccessOf(c); ok {
			page.StaffAccess = &a.Banner
		}
		if own, err := rendered(layout.ErrorPage(page, fault)); err == nil {
			body = own
		}
	}
	return bytes.ReplaceAll(body, []byte(referencePlaceholder), []byte(state.requestID))
}

// lookingWays lead on for whoever sees the site as somebody else.
var lookingWays = []ui.Way{{Text: "Their appointments", Href: "/bookings"}, {Text: "Their account", Href: "/account"}}

// fault are the words for a status; special: this request knows more of why. Neither tells whether anything is there.
func (state *requestState) fault(c echo.Context, code int) (f layout.Fault, special bool) {
	f = layout.FaultOf(code)
	spec, _ := policy.SpecOf(state.asked.Action)
	switch {
	case code == http.StatusForbidden && state.asOther && !state.staffAccess.MayChange && state.asked.Changes:
		f.Title, f.Text = "Nothing was changed: you only look", "You see the site as "+state.account.Name+
			" and change nothing, so this was not done."
		f.Do = "Stop, and begin again with “They asked me to change something for them” if they did. Otherwise:"
		f.Ways = lookingWays
		return f, true
	case code == http.StatusForbidden && state.asOther:
		f.Title, f.Text = "This is not open while you see the site as somebody else",
			"What "+state.account.Name+" agrees to, how they sign in and where they work stay theirs, and so does your own work yours."
		f.Do = "Stop, on top of this page, to be yourself again. Otherwise:"
		f.Ways = lookingWays
		return f, true
	case code != http.StatusNotFound:
	case spec.Kind == policy.Own && state.account.ID != uuid.Nil:
		f.Do = "You are signed in as " + state.account.Email + ". If somebody else sent you here, or a link in their email " +
			"did, sign out and sign in as them. Otherwise:"
		return f, true
	case state.asked.Action == policy.Visitor && !SentCookies(c) &&
		c.Request().Header.Get("Sec-Fetch-Site") == "same-origin":
		f.Title, f.Text = "Your browser does not keep our cookie", "A time is held for a browser by a cookie, and yours sent none."
		f.Do = "Allow cookies for this site in your browser, then choose the time again."
		return f, true
	}
	return f, false
}
