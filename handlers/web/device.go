package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"
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

// deviceValues are what the visitor's device cookie holds; one that cannot be read is an empty one.
func deviceValues(c echo.Context) *sessions.Session {
	state, k := stateOf(c), cookiesOf(c)
	if k.device == nil {
		k.device, _ = state.site.cookies.devices().New(c.Request(), cookieName(deviceCookie, state.site.secure()))
	}
	return k.device
}

// askingBrowser is the visitor's browser as its cookie has it. One without stays without.
func askingBrowser(c echo.Context) identity.Browser {
	cookie := deviceValues(c)
	b := identity.Browser{Agent: agent(c), ID: deviceID(cookie), By: text(cookie, "by")}
	if id := text(cookie, "reset"); id != "" {
		b.Reset, _ = uuid.Parse(id)
		at, _ := strconv.ParseInt(text(cookie, "reset at"), 10, 64)
		b.ResetAt = time.Unix(at, 0)
	}
	return b
}

// deviceID is the browser's id; nil if the cookie has none.
func deviceID(cookie *sessions.Session) []byte {
	id, err := hex.DecodeString(text(cookie, "id"))
	if err != nil || len(id) != 16 {
		return nil
	}
	return id
}

// browserOf is the visitor's browser, by the id in its cookie, which lasts anew. One without is given a fresh id with
// the answer. The cookie stays when somebody signs out, and tells nothing of who they were.
func browserOf(c echo.Context) identity.Browser {
	cookie := deviceValues(c)
	cookiesOf(c).deviceChanged = true
	if deviceID(cookie) == nil {
		id := make([]byte, 16)
		rand.Read(id)
		cookie.Values = map[any]any{"id": hex.EncodeToString(id)}
	}
	return askingBrowser(c)
}

// ownBrowser makes the visitor's browser, after browserOf, that of an account, unless it is another's already.
func ownBrowser(c echo.Context, account uuid.UUID) {
	if values := deviceValues(c).Values; values["by"] == nil {
		values["by"] = hex.EncodeToString(SiteOf(c).Keys.MAC("browser's owner", account.String())[:16])
	}
}

// NoteReset keeps with the visitor's browser that an account's password was changed from it by a link of an email: for
// an hour (identity.ResetFresh) it may try the new one, however often strangers have tried others.
func NoteReset(c echo.Context, account uuid.UUID) {
	browserOf(c)
	values := deviceValues(c).Values
	values["reset"], values["reset at"] = account.String(), strconv.FormatInt(Now(c).Unix(), 10)
}
