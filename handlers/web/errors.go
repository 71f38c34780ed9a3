package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/views/layout"
)

// refusal is an error that has words for the visitor.
type refusal struct {
	code  int
	text  string
	after time.Duration
}

func (r *refusal) Error() string { return r.text }

// What a handler may return. Wrap them to say why; the log reads it, the visitor does not.
var (
	ErrUnauthorized error = &refusal{code: http.StatusUnauthorized, text: "no key"}
	ErrNotFound     error = &refusal{code: http.StatusNotFound, text: "not found"}
	ErrForbidden    error = &refusal{code: http.StatusForbidden, text: "forbidden"}
	ErrConflict     error = &refusal{code: http.StatusConflict, text: "changed meanwhile"}
	ErrGone         error = &refusal{code: http.StatusGone, text: "gone"}
	ErrUnreadable   error = &refusal{code: http.StatusUnprocessableEntity, text: "unreadable"}
	ErrTooLarge     error = &refusal{code: http.StatusRequestEntityTooLarge, text: "too large"}
	ErrUnavailable  error = &refusal{code: http.StatusServiceUnavailable, text: "unavailable", after: time.Second}
)

// errSignIn sends a visitor to sign in and back.
var errSignIn = errors.New("nobody is signed in")

// TooMany says when to come back.
func TooMany(after time.Duration) error {
	return &refusal{code: http.StatusTooManyRequests, text: "too many", after: max(after, time.Second)}
}

// judge finds the status of an error; what is unknown is 500.
func judge(err error) (code int, after time.Duration) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code, r.after
	}
	if t, ok := errors.AsType[*identity.TooManyError](err); ok {
		return http.StatusTooManyRequests, max(t.After, time.Second)
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return h.Code, 0
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, 0
	}
	switch {
	case errors.Is(err, tenancy.ErrNoTenant), errors.Is(err, pgx.ErrNoRows):
		return http.StatusNotFound, 0
	case errors.Is(err, tenancy.ErrBusy), errors.Is(err, context.DeadlineExceeded), lostDatabase(err):
		return http.StatusServiceUnavailable, time.Second
	}
	return http.StatusInternalServerError, 0
}

// lostDatabase tells a database that is not there from one that objects.
func lostDatabase(err error) bool {
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	switch code := tenancy.Code(err); {
	case code == "57P01", code == "57P02", code == "57P03", code == "53300", code == "25006":
		return true
	case len(code) == 5:
		return code[:2] == "08"
	}
	return pgconn.SafeToRetry(err)
}

// placeholder stands for the reference in pages rendered at start.
const placeholder = "R-0000-0000-0000"

type faultPage struct{ page, part []byte }

type faultPages map[layout.Theme]map[int]faultPage

// renderFaults makes all error pages before anything can go wrong.
func renderFaults() (faultPages, error) {
	all := faultPages{}
	for _, theme := range layout.Themes {
		all[theme] = map[int]faultPage{}
		for _, code := range layout.FaultCodes {
			f := layout.FaultOf(code)
			if code >= 500 {
				f.Ref = placeholder
			}
			page, err := rendered(layout.ErrorPage(layout.Page{Theme: theme}, f))
			if err != nil {
				return nil, fmt.Errorf("error page %d: %w", code, err)
			}
			part, err := rendered(layout.ErrorPart(f))
			if err != nil {
				return nil, fmt.Errorf("error part %d: %w", code, err)
			}
			all[theme][code] = faultPage{page, part}
		}
	}
	return all, nil
}

func rendered(view templ.Component) ([]byte, error) {
	var b bytes.Buffer
	err := view.Render(context.Background(), &b)
	return b.Bytes(), err
}

// fail is where every error becomes an answer: our own words, a status, and for faults a reference that the log has too.
func (s *Site) fail(err error, c echo.Context) {
	v, answer := visitOf(c), c.Response()
	v.cause = err
	if answer.Committed {
		return
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		answer.Status = 499 // they left; nobody reads an answer
		return
	}
	v.settled = true // a failed request changes nothing, in the session neither
	if errors.Is(err, errSignIn) {
		if err = Redirect(c, SignInPath(comeBack(c))); err == nil {
			return
		}
	}
	code, after := judge(err)
	if after > 0 {
		answer.Header().Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	if code == http.StatusUnauthorized {
		answer.Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
	}
	answer.Header().Set(echo.HeaderCacheControl, "no-store")
	answer.Header().Add(echo.HeaderVary, "HX-Request")
	kind, body := html, []byte(nil)
	if strings.HasPrefix(c.Path(), "/api/") {
		kind, body = problemJSON, problem(code, v.requestID)
	} else {
		body = s.words(c, v, code)
	}
	if err := compress(c, code, kind, body); err != nil {
		v.cause = errors.Join(v.cause, err)
	}
}

func (s *Site) words(c echo.Context, v *visit, code int) []byte {
	theme := Prefer(c).Theme
	ready, ok := s.faults[theme][code]
	if !ok {
		f := layout.FaultOf(code)
		ready = s.faults[theme][f.Code]
		if ready.page == nil {
			ready = s.faults[theme][http.StatusInternalServerError]
		}
	}
	body := ready.page
	switch {
	case Partial(c):
		body = ready.part
	case code < 500 && v.account.Name != "": // the masthead says who is signed in, if it can
		page := layout.Page{Theme: theme, Account: v.account.Name}
		if a, ok := StaffAccessOf(c); ok {
			page.StaffAccess = a.banner(s.Now())
		}
		if own, err := rendered(layout.ErrorPage(page, layout.FaultOf(code))); err == nil {
			body = own
		}
	}
	return bytes.ReplaceAll(body, []byte(placeholder), []byte(v.requestID))
}
