package web

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
)

// sessionData is all that a session holds: who is signed in and how they proved it, and what features keep in their
// slots.
type sessionData struct {
	identity.SessionOwner
	Since time.Time                  `json:"since,omitzero"` // when the account signed in here
	Proof Proof                      `json:"proof,omitzero"`
	Slots map[string]json.RawMessage `json:"slots,omitempty"`
}

const sessionKey = "session"

// sessionCodec writes a session as JSON, of which the store reads the owner.
type sessionCodec struct{}

type encodedSession struct {
	sessionData
	Deadline time.Time `json:"deadline"`
}

func (sessionCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	data, _ := values[sessionKey].(sessionData)
	return json.Marshal(encodedSession{data, deadline})
}

// Decode reads what it can: members that nobody knows are dropped, and a session whose form is no longer known is
// nobody's.
func (sessionCodec) Decode(raw []byte) (time.Time, map[string]any, error) {
	var e encodedSession
	if err := json.Unmarshal(raw, &e); err != nil {
		e = encodedSession{Deadline: time.Now()}
	}
	e.dropSlots(false)
	return e.Deadline, map[string]any{sessionKey: e.sessionData}, nil
}

func (s *Site) store() *identity.SessionStore {
	return &identity.SessionStore{Gateway: s.Gateway, Keys: s.Keys, Now: s.Now, Log: s.Log}
}

func (s *Site) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.store()
	m.Codec = sessionCodec{}
	m.HashTokenInStore = true
	m.Lifetime = identity.SessionLife
	m.IdleTimeout = 0 // the store has its own: with this one a request under way revives an ended session
	m.Cookie.Name = cookieName(sessionCookie, s.secure())
	m.Cookie.Secure = s.secure()
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Path = "/"
	return m
}

// loadSession finds the visitor's session. If sessions cannot be read, pages for everybody still work and nobody is
// signed in (F20).
func (s *Site) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if stateOf(c).options.NoSession {
			return next(c)
		}
		state, r := stateOf(c), c.Request()
		var token string
		if cookie, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
			token = cookie.Value
		}
		state.loaded.Unattended = state.options.Polled
		ctx, err := s.sessions.Load(identity.Carry(r.Context(), &state.loaded), token)
		if err != nil {
			state.sessionErr = err
			s.Log.WarnContext(r.Context(), "session not read", "request", state.requestID, "error", loggable(err))
			state.loaded = identity.LoadedSession{}
			if ctx, err = s.sessions.Load(r.Context(), ""); err != nil {
				return err
			}
		}
		state.sessionLoaded = true
		c.SetRequest(r.WithContext(ctx))
		data := s.session(ctx)
		if data.Account == state.loaded.Account.ID && data.Epoch == state.loaded.Account.SessionEpoch {
			state.account = state.loaded.Account // else the row and its data disagree
		}
		if !data.Proof.Own() {
			// An organization's sign-in opens nothing of a person's own.
			state.account.Phone, state.account.Born = "", nil
		}
		if err := s.applyStaffAccess(c, state); err != nil {
			return err
		}
		c.Response().Before(func() { s.commitLate(c, state) })
		return next(c)
	}
}

func (s *Site) session(ctx context.Context) sessionData {
	data, _ := s.sessions.Get(ctx, sessionKey).(sessionData)
	return data
}

// editSession changes what the session holds. It is written at the end of the request; before that a visitor has no
// row.
func (state *requestState) editSession(c echo.Context, edit func(*sessionData)) error {
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	ctx := c.Request().Context()
	data := state.site.session(ctx)
	data.Slots = maps.Clone(data.Slots)
	edit(&data)
	if err := state.mayBegin(c, data); err != nil {
		return err
	}
	state.site.sessions.Put(ctx, sessionKey, data)
	return nil
}

// RenewToken gives the session another token, as at every change of what can be done with it (A17): the one before
// opens nothing. It stays the session that it was: if that has ended meanwhile, the new token opens nothing either.
func RenewToken(c echo.Context) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	state.loaded.Renewing = true
	defer func() { state.loaded.Renewing = false }()
	return state.site.sessions.RenewToken(c.Request().Context())
}

// beginSession ends the session and begins another one with what it holds.
func beginSession(c echo.Context) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	return state.site.sessions.RenewToken(c.Request().Context())
}

// commitSession writes session and cookies, once, before the answer: nothing is answered before what it reports is
// kept.
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
		if !state.loaded.Lost { // else the browser keeps what the faster request gave it
			m.WriteSessionCookie(ctx, c.Response(), token, expires)
		}
	case scs.Destroyed:
		m.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
	}
	if seconds, ok := state.workSeconds(c); ok {
		c.Response().Header().Set(sessionSeconds, strconv.Itoa(seconds))
	}
	return nil
}

// commitLate is for handlers that answer past Render, Redirect and Send.
func (s *Site) commitLate(c echo.Context, state *requestState) {
	if err := state.commitSession(c); err != nil {
		ctx := c.Request().Context()
		s.Log.ErrorContext(ctx, "session not kept", "request", state.requestID, "error", loggable(err))
	}
}

// SignOut ends this session, all slots with it, and forgets what was typed.
func SignOut(c echo.Context) error {
	state := stateOf(c)
	if !state.sessionLoaded || state.sessionErr != nil {
		return ErrUnavailable
	}
	state.forgetAccount()
	cookiesOf(c).clearTransient()
	return state.site.sessions.Destroy(c.Request().Context())
}

// ThisSession is the id of this visitor's session, to tell it from the account's others.
func ThisSession(c echo.Context) uuid.UUID { return stateOf(c).loaded.ID }

func agent(c echo.Context) string { return clean(c.Request().UserAgent(), 200) }
