package web

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/keys"
	"kindward/internal/pgdial"
	"kindward/internal/tenancy"
	"kindward/views/ui"
)

// statusError is an error that has words for the visitor.
type statusError struct {
	code  int
	text  string
	after time.Duration
}

func (r *statusError) Error() string { return r.text }

// What a handler may return. Wrap them with the reason; it goes into the log and never to the visitor.
var (
	ErrUnauthorized error = &statusError{code: http.StatusUnauthorized, text: "no key"}
	ErrNotFound     error = &statusError{code: http.StatusNotFound, text: "not found"}
	ErrForbidden    error = &statusError{code: http.StatusForbidden, text: "forbidden"}
	ErrConflict     error = &statusError{code: http.StatusConflict, text: "changed meanwhile"}
	ErrGone         error = &statusError{code: http.StatusGone, text: "gone"}
	ErrUnreadable   error = &statusError{code: http.StatusUnprocessableEntity, text: "unreadable"}
	ErrContentType  error = &statusError{code: http.StatusUnsupportedMediaType, text: "content type not taken"}
	ErrTooLarge     error = &statusError{code: http.StatusRequestEntityTooLarge, text: "too large"}
	ErrUnavailable  error = &statusError{code: http.StatusServiceUnavailable, text: "unavailable", after: time.Second}
)

// errSignInFirst sends a visitor to sign in and back.
var errSignInFirst = errors.New("nobody is signed in")

// TooMany tells when to come back.
func TooMany(after time.Duration) error {
	return &statusError{code: http.StatusTooManyRequests, text: "too many", after: max(after, time.Second)}
}

// NotFound marks the "no row" of a query that looks for what may not be there: the visitor gets 404. A query whose
// missing row is a defect is not marked, and answered with 500.
func NotFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %w", err, ErrNotFound)
	}
	return err
}

// Found is NotFound round a query: web.Found(q.HoldPage(ctx, id, holder)).
func Found[T any](row T, err error) (T, error) { return row, NotFound(err) }

// statusOf finds the status of an error; what is unknown is 500.
func statusOf(err error) (code int, after time.Duration) {
	if r, ok := errors.AsType[*statusError](err); ok {
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
	case errors.Is(err, identity.ErrNotYours), tenancy.Code(err) == "KW403": // their role has ended since Permit
		return http.StatusForbidden, 0
	case errors.Is(err, tenancy.ErrNoTenant):
		return http.StatusNotFound, 0
	case errors.Is(err, keys.ErrSealed):
		return http.StatusFailedDependency, 0
	case errors.Is(err, tenancy.ErrBusy), errors.Is(err, tenancy.ErrTenantBehind),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, tenancy.ErrUnknown), tenancy.Expired(err),
		pgdial.Lost(err), exhausted(err):
		return http.StatusServiceUnavailable, time.Second
	}
	return http.StatusInternalServerError, 0
}

// exhausted tells a server that has no room, or no time for a statement, from one that objects: insufficient resources
// (a full disk), a statement that took too long, an error of its disk. One that stops is pgdial.Lost.
func exhausted(err error) bool {
	code := tenancy.Code(err)
	return strings.HasPrefix(code, "53") || code == "57014" || code == "58030"
}

// RetryAfter says with the answer when to come back, rounded up to seconds.
func RetryAfter(answer http.Header, after time.Duration) {
	answer.Set(echo.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(after.Seconds()))))
}

// lostWords follow where a form says what becomes of it.
const lostWords = " A text was too long to be kept for you: going back in your browser may show it."

// askSignIn sends a visitor to sign in and back. If they sent something, they are told that it was not done, and find
// what they had typed on the page that they come back to, if it is known whose it is.
func askSignIn(c echo.Context, state *requestState) error {
	here := openedPage(c)
	if !safe(c.Request().Method) {
		typist, err := state.typist(c)
		if err != nil {
			return err
		}
		lost, err := state.keepTyped(c, typist)
		if err != nil {
			return err
		}
		said := "What you just sent was not done, because you are not signed in any more. Sign in, and you come back to " +
			"send it again."
		if lost {
			said += lostWords
		}
		Flash(c, ui.Notice{Text: said})
		if err := cookiesOf(c).write(c); err != nil {
			return err
		}
	}
	return Redirect(c, SignInPath(here))
}

// handleError is where every error becomes an answer: our own words, a status, and for faults a reference that the log
// has too.
func (s *Site) handleError(err error, c echo.Context) {
	state, answer := stateOf(c), c.Response()
	state.cause = err
	s.disk.note(err)
	if answer.Committed {
		return
	}
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		answer.Status = 499 // they left; nobody reads an answer
		return
	}
	state.committed = true // a failed request changes nothing, in the session neither
	if errors.Is(err, errSignInFirst) {
		if err = askSignIn(c, state); err == nil {
			return
		}
	}
	code, after := statusOf(err)
	if code == http.StatusFailedDependency {
		s.Log.Error("web: a sealed value cannot be opened", "request", state.requestID, "error", err)
	}
	if after > 0 {
		RetryAfter(answer.Header(), after)
	}
	if code == http.StatusUnauthorized {
		answer.Header().Set(echo.HeaderWWWAuthenticate, "Bearer")
	}
	answer.Header().Set(echo.HeaderCacheControl, "no-store")
	answer.Header().Add(echo.HeaderVary, "HX-Request")
	kind, body := htmlType, []byte(nil)
	if state.options.Errors == ErrorProblem {
		kind, body = problemJSON, problem(code, state.requestID)
	} else {
		body = s.errorBody(c, state, code)
	}
	if err := compress(c, code, kind, body); err != nil {
		state.cause = errors.Join(state.cause, err)
	}
}
