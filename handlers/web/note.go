package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"kindward/internal/keys"
	"kindward/views/layout"
	"kindward/views/ui"
)

// The client's own cookies: encrypted, without a row anywhere, and never a reason to believe who somebody is. Wishes stay for
// a year, notes for an hour.
const (
	wishesLife = 365 * 24 * 3600
	notesLife  = 3600
	draftSize  = 2000 // bytes of form in a cookie of at most 4,096 when encrypted
)

// jar holds the cookies' keys, which follow the ring's: the newest encrypts, all decrypt.
type jar struct {
	ring   *keys.Keyring
	secure bool

	mu            sync.Mutex
	made          string // ids of the keys below
	wishes, notes *sessions.CookieStore

	madeDevices string
	devices     *sessions.CookieStore
}

func (j *jar) stores() (wishes, notes *sessions.CookieStore) {
	ring := j.ring.All()
	var ids strings.Builder
	var pairs [][]byte
	for _, k := range ring {
		ids.WriteString(k.ID + " ")
		pairs = append(pairs, k.Derive("cookie mac", 64), k.Derive("cookie cipher", 32))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.made != ids.String() {
		j.made, j.wishes, j.notes = ids.String(), j.store(wishesLife, pairs), j.store(notesLife, pairs)
	}
	return j.wishes, j.notes
}

func (j *jar) store(life int, pairs [][]byte) *sessions.CookieStore {
	store := sessions.NewCookieStore(pairs...)
	store.Options = &sessions.Options{Path: "/", HttpOnly: true, Secure: j.secure, SameSite: http.SameSiteLaxMode}
	store.MaxAge(life)
	return store
}

// note is both cookies of one request.
type note struct {
	wishes, notes               *sessions.Session
	wishesChanged, notesChanged bool
	device                      *sessions.Session // once looked at
}

func noteOf(c echo.Context) *note {
	v := visitOf(c)
	if v.note == nil {
		wishes, notes := v.site.jar.stores()
		v.note = &note{}
		// A cookie that cannot be read, forged or of keys long gone, is an empty one.
		v.note.wishes, _ = wishes.New(c.Request(), cookieName("kindward-wishes", v.site.secure()))
		v.note.notes, _ = notes.New(c.Request(), cookieName("kindward-notes", v.site.secure()))
	}
	return v.note
}

func (n *note) write(c echo.Context) error {
	if n.wishesChanged {
		if err := n.wishes.Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	if n.device != nil {
		if err := n.device.Save(c.Request(), c.Response()); err != nil {
			return err
		}
	}
	if !n.notesChanged {
		return nil
	}
	if len(n.notes.Values) == 0 {
		n.notes.Options.MaxAge = -1
	}
	return n.notes.Save(c.Request(), c.Response())
}

func (n *note) setNote(key, value string) {
	old, had := n.notes.Values[key]
	if value == "" {
		delete(n.notes.Values, key)
		n.notesChanged = n.notesChanged || had
		return
	}
	n.notes.Values[key] = value
	n.notesChanged = n.notesChanged || old != value
}

// forget drops all notes, what was typed among them.
func (n *note) forget() {
	n.notesChanged = n.notesChanged || len(n.notes.Values) > 0
	clear(n.notes.Values)
}

func text(s *sessions.Session, key string) string {
	value, _ := s.Values[key].(string)
	return value
}

// Preferences are what a visitor has chosen, here on this browser.
type Preferences struct {
	Theme layout.Theme
	Near  string // town or ZIP as typed
	Payer string
}

// Prefer reads the visitor's choices.
func Prefer(c echo.Context) Preferences {
	w := noteOf(c).wishes
	return Preferences{Theme: layout.ParseTheme(text(w, "theme")), Near: text(w, "near"), Payer: text(w, "payer")}
}

// SetPreferences keeps the visitor's choices for a year.
func SetPreferences(c echo.Context, p Preferences) {
	if p == Prefer(c) {
		return
	}
	n := noteOf(c)
	n.wishes.Values = map[any]any{"theme": string(p.Theme), "near": clean(p.Near, 80), "payer": clean(p.Payer, 80)}
	n.wishesChanged = true
}

// Flash shows a notice on the next whole page.
func Flash(c echo.Context, notice ui.Notice) {
	n := noteOf(c)
	all := append(flashes(n), notice)
	raw, err := json.Marshal(all)
	if err != nil || len(raw) > draftSize {
		return
	}
	n.setNote("flash", string(raw))
}

func flashes(n *note) []ui.Notice {
	var all []ui.Notice
	if raw := text(n.notes, "flash"); raw != "" {
		_ = json.Unmarshal([]byte(raw), &all) // our own, sealed
	}
	return all
}

// takeFlash gives the waiting notices to a page, once.
func takeFlash(c echo.Context) []ui.Notice {
	n := noteOf(c)
	all := flashes(n)
	n.setNote("flash", "")
	return all
}

// KeepDraft keeps what was typed into a form for at most an hour; false: it is too much for a cookie, or one draft too many.
func KeepDraft(c echo.Context, name string, values url.Values) bool {
	n := noteOf(c)
	before := maps.Clone(n.notes.Values)
	n.setNote("draft "+name, values.Encode())
	size := 0
	for key := range n.notes.Values {
		size += len(text(n.notes, key.(string)))
	}
	if size > draftSize {
		n.notes.Values = before
		return false
	}
	return true
}

// Draft is what KeepDraft kept, or nil.
func Draft(c echo.Context, name string) url.Values {
	values, err := url.ParseQuery(text(noteOf(c).notes, "draft "+name))
	if err != nil || len(values) == 0 {
		return nil
	}
	return values
}

// DropDraft forgets what was typed.
func DropDraft(c echo.Context, name string) { noteOf(c).setNote("draft "+name, "") }
