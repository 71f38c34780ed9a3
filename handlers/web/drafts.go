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

// DropDraft forgets what was typed.
func DropDraft(c echo.Context, name string) { cookiesOf(c).setTransient("draft "+name, "") }
