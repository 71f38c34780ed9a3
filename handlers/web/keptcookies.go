package web

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"
)

// KeepCookie keeps one value in a cookie of its own, sealed as all are. Requests in parallel that keep different ones
// lose none of them, as they would in one cookie or in one session. It is no place for what must end with the session.
func KeepCookie(c echo.Context, name string, value any, life time.Duration) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	s := openKept(c, name)
	s.Values = map[any]any{"value": string(raw)}
	s.Options.MaxAge = max(1, int(life.Seconds()))
	cookiesOf(c).keep(name, s)
	return nil
}

// DropCookie forgets what KeepCookie kept.
func DropCookie(c echo.Context, name string) {
	state := stateOf(c)
	if _, err := c.Request().Cookie(cookieName(keptPrefix+name, state.site.secure())); err != nil {
		delete(cookiesOf(c).kept, name)
		return
	}
	s := openKept(c, name)
	s.Values, s.Options.MaxAge = map[any]any{}, -1
	cookiesOf(c).keep(name, s)
}

// KeptCookie is the value that was kept under a name; false if there is none, or none that can be read.
func KeptCookie[T any](c echo.Context, name string) (value T, ok bool) {
	raw := text(readKept(c, name), "value")
	if raw == "" || json.Unmarshal([]byte(raw), &value) != nil {
		var none T
		return none, false
	}
	return value, true
}

// KeptCookies are the names under which the visitor's browser keeps something, of those that begin so; sorted.
func KeptCookies(c echo.Context, prefix string) []string {
	all := map[string]bool{}
	before := cookieName(keptPrefix+prefix, stateOf(c).site.secure())
	for _, cookie := range c.Request().Cookies() {
		if rest, ok := strings.CutPrefix(cookie.Name, before); ok {
			all[prefix+rest] = true
		}
	}
	for name := range cookiesOf(c).kept {
		all[name] = all[name] || strings.HasPrefix(name, prefix)
	}
	maps.DeleteFunc(all, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(all))
}

// readKept is what is kept under a name by the end of this request, as far as it is known; it is read once.
func readKept(c echo.Context, name string) *sessions.Session {
	k := cookiesOf(c)
	if s, changed := k.kept[name]; changed {
		return s
	}
	s, known := k.asked[name]
	if !known {
		s = openKept(c, name)
		if k.asked == nil {
			k.asked = map[string]*sessions.Session{}
		}
		k.asked[name] = s
	}
	return s
}

// openKept reads a cookie; one that cannot be read is an empty one.
func openKept(c echo.Context, name string) *sessions.Session {
	state := stateOf(c)
	store, _ := state.site.cookies.current()
	s, _ := store.New(c.Request(), cookieName(keptPrefix+name, state.site.secure()))
	return s
}

func (k *clientCookies) keep(name string, s *sessions.Session) {
	if k.kept == nil {
		k.kept = map[string]*sessions.Session{}
	}
	k.kept[name] = s
}
