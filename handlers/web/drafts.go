package web

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/views/ui"
)

// noticeRoom are the bytes of transientSize that drafts leave to notices: none is missed because of what was typed.
const noticeRoom = 800

// lostDraft is said when what waited had to go.
var lostDraft = ui.Notice{Text: "What you had typed into another form before is not kept any more: it was too long."}

// KeepDraft keeps what was typed into a form for at most an hour; false: it is too much for a cookie. It takes the room
// of what waits for other forms if it needs it, the longest first, and that is said on the next page.
func KeepDraft(c echo.Context, name string, values url.Values) bool {
	k, key := cookiesOf(c), "draft "+name
	before, changed := maps.Clone(k.transient.Values), k.transientChanged
	k.setTransient(key, encoded(values))
	dropped := false
	for k.size("flash") > transientSize-noticeRoom {
		if !k.dropLongestDraft(key) {
			k.transient.Values, k.transientChanged = before, changed
			return false
		}
		dropped = true
	}
	waiting := notices(k)
	if dropped {
		waiting = append(waiting, lostDraft)
	}
	k.setNotices(waiting)
	return true
}

// dropLongestDraft forgets the longest of the drafts but one; false: there is no other.
func (k *clientCookies) dropLongestDraft(but string) bool {
	longest := ""
	for key, value := range k.transient.Values {
		name := key.(string)
		if strings.HasPrefix(name, "draft ") && name != but &&
			(longest == "" || len(value.(string)) > len(text(k.transient, longest))) {
			longest = name
		}
	}
	if longest != "" {
		k.setTransient(longest, "")
	}
	return longest != ""
}

// draftEscapes are what url.ParseQuery reads as something else. All other letters stand as they are: url.Values.Encode
// would make nine bytes of a Chinese one.
var draftEscapes = strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D", "+", "%2B", ";", "%3B", " ", "+")

func encoded(values url.Values) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, draftEscapes.Replace(name)+"="+draftEscapes.Replace(value))
		}
	}
	return strings.Join(pairs, "&")
}

// Draft is what KeepDraft kept, or nil.
func Draft(c echo.Context, name string) url.Values {
	values, err := url.ParseQuery(text(cookiesOf(c).transient, "draft "+name))
	if err != nil || len(values) == 0 {
		return nil
	}
	return values
}

// KeepFields is KeepDraft for what was typed into some fields of a form, the longest last: one that is too long for a
// cookie must not take the rest with it. Beside what was typed it is kept which fields were emptied. It tells whether
// all of it is kept.
func KeepFields(c echo.Context, name string, values url.Values, fields []string, emptied ...string) (all bool) {
	for n := len(fields); n > 0; n-- {
		part := url.Values{}
		for _, field := range fields[:n] {
			if values.Get(field) != "" {
				part[field] = values[field]
			}
		}
		if len(part) > 0 {
			for _, field := range emptied {
				part.Set(field, "")
			}
		}
		if len(part) == 0 || KeepDraft(c, name, part) {
			return n == len(fields)
		}
	}
	return len(fields) == 0
}

// DropDraft forgets what was typed.
func DropDraft(c echo.Context, name string) { cookiesOf(c).setTransient("draft "+name, "") }
