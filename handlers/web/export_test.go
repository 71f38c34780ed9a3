package web

import (
	"github.com/alexedwards/scs/v2"
	"github.com/gorilla/sessions"
)

// What the tests of this package look at behind its back.
const ReferencePlaceholder = referencePlaceholder

var (
	DefaultOptions = defaultOptions
	HashToken      = hashToken
	ZstdEncoder    = zstdEncoder
)

// SetSessionStore puts another store under the sessions.
func (s *Site) SetSessionStore(store scs.Store) { s.sessions.Store = store }

// CookieStores seal and open what the client keeps.
func (s *Site) CookieStores() []*sessions.CookieStore {
	preferences, transient := s.cookies.current()
	return []*sessions.CookieStore{preferences, transient}
}

// ReturnTo is next if it may be returned to, or "".
func (s *Site) ReturnTo(next string, from ...Return) string { return s.returnTo(next, from...) }
