package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kindward/views/layout"
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
				f.Ref = referencePlaceholder
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
	switch {
	case Partial(c):
		body = ready.part
	case code < 500 && state.account.Name != "": // the masthead shows who is signed in, if it can
		page := layout.Page{Theme: theme, Account: state.account.Name, SignOff: state.signOff(c)}
		if a, ok := StaffAccessOf(c); ok {
			page.StaffAccess = &a.Banner
		}
		if own, err := rendered(layout.ErrorPage(page, layout.FaultOf(code))); err == nil {
			body = own
		}
	}
	return bytes.ReplaceAll(body, []byte(referencePlaceholder), []byte(state.requestID))
}
