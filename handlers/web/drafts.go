package web

import (
	"maps"
	"net/url"

	"github.com/labstack/echo/v4"
)

// KeepDraft keeps what was typed into a form for at most an hour; false: it is too much for a cookie, or one draft too
// many.
func KeepDraft(c echo.Context, name string, values url.Values) bool {
	k := cookiesOf(c)
	before := maps.Clone(k.transient.Values)
	k.setTransient("draft "+name, values.Encode())
	size := 0
	for key := range k.transient.Values {
		size += len(text(k.transient, key.(string)))
	}
	if size > transientSize {
		k.transient.Values = before
		return false
	}
	return true
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
// cookie must not take the rest with it. It tells whether all of it is kept.
func KeepFields(c echo.Context, name string, values url.Values, fields []string) (all bool) {
	for n := len(fields); n > 0; n-- {
		part := url.Values{}
		for _, field := range fields[:n] {
			if values.Get(field) != "" {
				part[field] = values[field]
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
