package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"kindward/internal/keys"
)

// All cookies. The session's is a token alone (session.go): what it opens is a row. The others are encrypted, need no
// row anywhere, and are never a reason to believe who somebody is: preferences stay for a year, notices and drafts for
// an hour, the browser's own id for 400 days (device.go). What features keep one by one has a cookie each, for as long
// as they say (keptcookies.go): "holder" and "hold-ID" are of handlers/patient (holders.go, openholds.go).
const (
	sessionCookie     = "kindward"
	deviceCookie      = "kindward-device"
	preferencesCookie = "kindward-preferences"
	preferencesLife   = 365 * 24 * 3600
	transientCookie   = "kindward-transient"
	transientLife     = 3600
	keptPrefix        = "kindward-kept-" // begins the names of those that each hold one value of a feature
	transientSize     = 2100             // bytes of what textSerializer writes: 3,824 when sealed, of 4,096 for a cookie
)

// cookieStores encrypt cookies with keys that follow the keyring's: the newest encrypts, all decrypt.
type cookieStores struct {
	ring   *keys.Keyring
	secure bool

	mu                     sync.Mutex
	keyIDs                 string // of the keys that the two stores below use
	preferences, transient *sessions.CookieStore

	deviceKeyID string
	device      *sessions.CookieStore
}

func (s *cookieStores) current() (preferences, transient *sessions.CookieStore) {
	var ids strings.Builder
	var pairs [][]byte
	for _, k := range s.ring.All() {
		ids.WriteString(k.ID + " ")
		pairs = append(pairs, k.Derive("cookie mac", 64), k.Derive("cookie cipher", 32))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keyIDs != ids.String() {
		s.keyIDs = ids.String()
		s.preferences, s.transient = s.store(preferencesLife, pairs), s.store(transientLife, pairs)
	}
	return s.preferences, s.transient
}

func (s *cookieStores) store(life int, pairs [][]byte) *sessions.CookieStore {
	store := sessions.NewCookieStore(pairs...)
	for _, codec := range store.Codecs {
		codec.(*securecookie.SecureCookie).SetSerializer(textSerializer{})
	}
	store.Options = &sessions.Options{Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	store.MaxAge(life)
	return store
}

// textSerializer writes the texts of a cookie as JSON: the library's own way, gob, compiles a decoder for each cookie
// that is read.
type textSerializer struct{}

func (textSerializer) Serialize(values any) ([]byte, error) {
	texts := map[string]string{}
	for name, value := range values.(map[any]any) {
		texts[name.(string)] = value.(string)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // a cookie is no page, and has no room for six bytes instead of one
	err := e.Encode(texts)
	return out.Bytes(), err
}

func (textSerializer) Deserialize(raw []byte, to any) error {
	var texts map[string]string
	if err := json.Unmarshal(raw, &texts); err != nil {
		return err
	}
	values := map[any]any{}
	for name, value := range texts {
		values[name] = value
	}
	*to.(*map[any]any) = values
	return nil
}

// cookieName binds a cookie to this host and to TLS where there is TLS.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// clientCookies are the client's own cookies in one request.
type clientCookies struct {
	preferences, transient               *sessions.Session
	preferencesChanged, transientChanged bool
	device                               *sessions.Session // nil until it is asked for
	deviceChanged                        bool
	asked, kept                          map[string]*sessions.Session // by name: as they came; those to be written
}

func cookiesOf(c echo.Context) *clientCookies {
	state := stateOf(c)
	if state.cookies == nil {
		preferences, transient := state.site.cookies.current()
		secure := state.site.secure()
		state.cookies = &clientCookies{}
		// A cookie that cannot be read, forged or of keys long gone, is an empty one.
		state.cookies.preferences, _ = preferences.New(c.Request(), cookieName(preferencesCookie, secure))
		state.cookies.transient, _ = transient.New(c.Request(), cookieName(transientCookie, secure))
	}
	return state.cookies
}

// write puts what was changed into the answer's header.
func (k *clientCookies) write(c echo.Context) error {
	if k.preferencesChanged {
		if err := k.preferences.Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	if k.deviceChanged {
		if err := k.device.Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(k.kept)) {
		if err := k.kept[name].Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	if !k.transientChanged {
		return nil
	}
	for k.size("") > transientSize && k.dropLongestDraft("") { // of a cookie that was made by another rule
	}
	if len(k.transient.Values) == 0 {
		k.transient.Options.MaxAge = -1
	}
	return k.transient.Save(c.Request(), c.Response())
}

// setTransient keeps a value for an hour; an empty one is forgotten.
func (k *clientCookies) setTransient(key, value string) {
	old, had := k.transient.Values[key]
	if value == "" {
		delete(k.transient.Values, key)
		k.transientChanged = k.transientChanged || had
		return
	}
	k.transient.Values[key] = value
	k.transientChanged = k.transientChanged || old != value
}

// size is how many bytes of transientSize notices and drafts take, without one of them.
func (k *clientCookies) size(but string) int {
	rest := maps.Clone(k.transient.Values)
	delete(rest, but)
	raw, _ := textSerializer{}.Serialize(rest) // of texts: it cannot fail
	return len(raw)
}

// clearTransient drops all notices and drafts.
func (k *clientCookies) clearTransient() {
	k.transientChanged = k.transientChanged || len(k.transient.Values) > 0
	clear(k.transient.Values)
}

func text(s *sessions.Session, key string) string {
	value, _ := s.Values[key].(string)
	return value
}

// OfferCookie gives the browser one of our cookies, so that what it sends next shows whether it keeps them.
func OfferCookie(c echo.Context) { cookiesOf(c).setTransient("offered", "yes") }

// SentCookies tells whether a request came with any cookie of ours.
func SentCookies(c echo.Context) bool {
	ours := cookieName(sessionCookie, stateOf(c).site.secure())
	return slices.ContainsFunc(c.Request().Cookies(), func(k *http.Cookie) bool { return strings.HasPrefix(k.Name, ours) })
}
