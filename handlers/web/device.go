package web

import (
	"context"
	"crypto/rand"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
)

// SignInListener hears of every sign-in, however it was made, and from which browser.
type SignInListener func(ctx context.Context, caller tenancy.Caller, who identity.Account, b identity.Browser) error

// deviceLife outlives every session, because its end would look like a new browser.
const deviceLife = 400 * 24 * 3600

// devices keeps the ids of browsers under the vault's key: the others rotate too often for it.
func (s *cookieStores) devices() *sessions.CookieStore {
	k := s.ring.Vault()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deviceKeyID != k.ID {
		s.deviceKeyID = k.ID
		pair := [][]byte{k.Derive("device cookie mac", 64), k.Derive("device cookie cipher", 32)}
		s.device = s.store(deviceLife, pair)
	}
	return s.device
}

// browserOf is the visitor's browser, by the id in its cookie. One without is given a fresh id with the answer. The
// cookie stays when somebody signs out, and tells nothing of who they were.
func browserOf(c echo.Context) identity.Browser {
	state, k := stateOf(c), cookiesOf(c)
	if k.device == nil {
		// A cookie that cannot be read is an empty one.
		k.device, _ = state.site.cookies.devices().New(c.Request(), cookieName(deviceCookie, state.site.secure()))
	}
	id, _ := k.device.Values["id"].([]byte)
	if len(id) != 16 {
		id = make([]byte, 16)
		rand.Read(id)
		k.device.Values = map[any]any{"id": id}
	}
	return identity.Browser{ID: id, Agent: agent(c)}
}
