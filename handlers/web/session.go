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

// cookieName binds a cookie to this host and to TLS where there is TLS.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// load finds the visitor's session. If sessions cannot be read, pages for everybody still work and nobody is signed in (F20).
func (s *Site) load(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !wantsSession(c.Path()) {
			return next(c)
		}
		v, r := visitOf(c), c.Request()
		var token string
		if cookie, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
			token = cookie.Value
		}
		ctx, err := s.sessions.Load(identity.Carry(r.Context(), &v.account), token)
		if err != nil {
			v.lost = err
			s.Log.WarnContext(r.Context(), "session not read", "request", v.requestID, "error", quiet(err))
			if ctx, err = s.sessions.Load(r.Context(), ""); err != nil {
				return err
			}
		}
		v.known = true
		c.SetRequest(r.WithContext(ctx))
		if owner := s.content(ctx).Account; owner != v.account.ID {
			v.account = identity.Account{} // the row and its data disagree
		}
		if !s.content(ctx).Proof.own() {
			v.account.Phone, v.account.Born = "", nil // an organization's sign-in opens nothing of a person's own
		}
		if err := s.act(ctx, c, v); err != nil {
			return err
		}
		c.Response().Before(func() { s.settleLate(c, v) })
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

// change writes into the session at the end of the request; before it no row exists for a visitor.
func (v *visit) change(c echo.Context, edit func(*content)) error {
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	ctx := c.Request().Context()
	now := v.site.content(ctx)
	edit(&now)
	v.site.sessions.Put(ctx, contentKey, now)
	return nil
}

// settle writes session and cookies, once, before the answer: nothing is answered before what it says is kept.
func (v *visit) settle(c echo.Context) error {
	if v.settled {
		return nil
	}
	v.settled = true
	if v.note != nil {
		if err := v.note.write(c); err != nil {
			return err
		}
	}
	if !v.known || v.lost != nil {
		return nil
	}
	ctx, m := c.Request().Context(), v.site.sessions
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

// settleLate is for handlers that answer past Render, Redirect and Send.
func (s *Site) settleLate(c echo.Context, v *visit) {
	if err := v.settle(c); err != nil {
		s.Log.ErrorContext(c.Request().Context(), "session not kept", "request", v.requestID, "error", quiet(err))
	}
}

// SignOut ends this session and forgets what was typed.
func SignOut(c echo.Context) error {
	v := visitOf(c)
	if !v.known || v.lost != nil {
		return ErrUnavailable
	}
	v.account, v.worker, v.actor, v.staffAccess = identity.Account{}, identity.Account{}, uuid.Nil, StaffAccess{}
	noteOf(c).forget()
	return v.site.sessions.Destroy(c.Request().Context())
}

// PendingSignUp is the sign-up that waits for its code in this session.
func PendingSignUp(c echo.Context) (identity.SignUp, bool) {
	v := visitOf(c)
	if !v.known {
		return identity.SignUp{}, false
	}
	if s := v.site.content(c.Request().Context()).SignUp; s != nil {
		return *s, true
	}
	return identity.SignUp{}, false
}

// KeepSignUp lets a sign-up wait for its code; nil forgets it.
func KeepSignUp(c echo.Context, s *identity.SignUp) error {
	return visitOf(c).change(c, func(now *content) { now.SignUp = s })
}

// ThisSession is the key under which the store keeps this visitor's session, to tell it from the account's others.
func ThisSession(c echo.Context) string {
	v := visitOf(c)
	token := v.site.sessions.Token(c.Request().Context())
	return hashed(token)
}

func agent(c echo.Context) string { return clean(c.Request().UserAgent(), 200) }
