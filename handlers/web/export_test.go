package web

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/sessions"
)

// What the tests of this package look at behind its back.
const ReferencePlaceholder = referencePlaceholder

var (
	DefaultOptions = defaultOptions
	ZstdEncoder    = zstdEncoder
	Refilled       = refilled
)

// HashToken is how the store knows a token.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// SetSessionStore puts another store under the sessions.
func (s *Site) SetSessionStore(store scs.Store) { s.sessions.Store = store }

// CookieStores seal and open what the client keeps.
func (s *Site) CookieStores() []*sessions.CookieStore {
	preferences, transient := s.cookies.current()
	return []*sessions.CookieStore{preferences, transient}
}

// ReturnTo is next if it may be returned to, or "".
func (s *Site) ReturnTo(next string, from ...Return) string { return s.returnTo(next, from...) }
