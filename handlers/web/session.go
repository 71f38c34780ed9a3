package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
)

// content is all that a session holds.
type content struct {
	identity.SessionOwner
	Since  time.Time        `json:"since,omitzero"`  // when the account signed in here
	Holder uuid.UUID        `json:"holder,omitzero"` // who this visitor is to holds
	Holds  []OpenHold       `json:"holds,omitempty"`
	SignUp *identity.SignUp `json:"signup,omitempty"`

	Proof       Proof        `json:"proof,omitzero"`
	Pending     *Pending     `json:"pending,omitempty"`
	StaffAccess *StaffAccess `json:"staff_access,omitempty"`

	Workplace string `json:"workplace,omitempty"` // where they worked last
}

const contentKey = "content"

// codec writes a session as JSON, of which the store reads the owner.
type codec struct{}

type encoded struct {
	content
	Deadline time.Time `json:"deadline"`
}

func (codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	now, _ := values[contentKey].(content)
	return json.Marshal(encoded{now, deadline})
}

// Decode reads what it can: a session of a form that is no longer known is a session of nobody.
func (codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var e encoded
	if err := json.Unmarshal(data, &e); err != nil {
		e = encoded{Deadline: time.Now()}
	}
	return e.Deadline, map[string]any{contentKey: e.content}, nil
}

func (s *Site) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = &identity.SessionStore{Gateway: s.Gateway, Now: s.Now, Log: s.Log}
	m.Codec = codec{}
	m.HashTokenInStore = true
	m.Lifetime = identity.SessionLife
	m.IdleTimeout = 0 // the store's own: with this one a request under way revives an ended session
	m.Cookie.Name = cookieName("kindward", s.secure())
	m.Cookie.Secure = s.secure()
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	return m
}

// loadSession finds the visitor's session. If sessions cannot be read, pages for everybody still work and nobody is signed in (F20).
func (s *Site) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !wantsSession(c.Path()) {
			return next(c)
		}
		state, r := stateOf(c), c.Request()
		var token string
		if cookie, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
			token = cookie.Value
		}
		ctx, err := s.sessions.Load(identity.Carry(r.Context(), &state.account), token)
		if err != nil {
			state.sessionErr = err
			s.Log.WarnContext(r.Context(), "session not read", "request", state.requestID, "error", loggable(err))
			if ctx, err = s.sessions.Load(r.Context(), ""); err != nil {
				return err
			}
		}
		state.sessionLoaded = true
		c.SetRequest(r.WithContext(ctx))
		if owner := s.content(ctx).Account; owner != state.account.ID {
			state.account = identity.Account{} // the row and its data disagree
		}
		if !s.content(ctx).Proof.own() {
			state.account.Phone, state.account.Born = "", nil // an organization's sign-in opens nothing of a person's own
		}
		if err := s.applyStaffAccess(ctx, c, state); err != nil {
			return err
		}
		c.Response().Before(func() { s.commitLate(c, state) })
		return next(c)
	}
}

func wantsSession(route string) bool {
	return !strings.HasPrefix(route, "/static/") && route != "/healthz" && route != "/readyz" && route != "/favicon.ico"
}

func (s *Site) content(ctx context.Context) content {
	now, _ := s.sessions.Get(ctx, contentKey).(content)
	return now
}

// editSession writes into the session at the end of the request; before it no row exists for a visitor.
func (state *requestState) editSession(c echo.Context, edit func(*content)) error {
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	ctx := c.Request().Context()
	now := state.site.content(ctx)
	edit(&now)
	state.site.sessions.Put(ctx, contentKey, now)
	return nil
}

// commitSession writes session and cookies, once, before the answer: nothing is answered before what it reports is kept.
func (state *requestState) commitSession(c echo.Context) error {
	if state.committed {
		return nil
	}
	state.committed = true
	if state.cookies != nil {
		if err := state.cookies.write(c); err != nil {
			return err
		}
	}
	if !state.sessionLoaded || state.sessionErr != nil {
		return nil
	}
	ctx, m := c.Request().Context(), state.site.sessions
	switch m.Status(ctx) {
	case scs.Modified:
		token, expires, err := m.Commit(ctx)
		if err != nil {
			return err
		}
		m.WriteSessionCookie(ctx, c.Response(), token, expires)
	case scs.Destroyed:
		m.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
	}
	return nil
}

// commitLate is for handlers that answer past Render, Redirect and Send.
func (s *Site) commitLate(c echo.Context, state *requestState) {
	if err := state.commitSession(c); err != nil {
		s.Log.ErrorContext(c.Request().Context(), "session not kept", "request", state.requestID, "error", loggable(err))
	}
}

// SignOut ends this session and forgets what was typed.
func SignOut(c echo.Context) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	state.account, state.worker, state.actor, state.staffAccess = identity.Account{}, identity.Account{}, uuid.Nil, StaffAccess{}
	cookiesOf(c).clearTransient()
	return state.site.sessions.Destroy(c.Request().Context())
}

// PendingSignUp is the sign-up that waits for its code in this session.
func PendingSignUp(c echo.Context) (identity.SignUp, bool) {
	state := stateOf(c)
	if !state.sessionLoaded {
		return identity.SignUp{}, false
	}
	if s := state.site.content(c.Request().Context()).SignUp; s != nil {
		return *s, true
	}
	return identity.SignUp{}, false
}

// KeepSignUp lets a sign-up wait for its code; nil forgets it.
func KeepSignUp(c echo.Context, s *identity.SignUp) error {
	return stateOf(c).editSession(c, func(now *content) { now.SignUp = s })
}

// ThisSession is the key under which the store keeps this visitor's session, to tell it from the account's others.
func ThisSession(c echo.Context) string {
	state := stateOf(c)
	token := state.site.sessions.Token(c.Request().Context())
	return hashToken(token)
}

func agent(c echo.Context) string { return clean(c.Request().UserAgent(), 200) }
