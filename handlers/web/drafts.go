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

// typedBefore begins the names of drafts of what was typed into the form of a page before a proof was asked for.
const typedBefore = "form "

// Recall adds what was typed into the form of this page before a proof of who asks came between, once.
func (f *Form) Recall(c echo.Context) {
	name := typedBefore + c.Request().URL.Path
	kept := Draft(c, name)
	if kept == nil {
		return
	}
	DropDraft(c, name)
	if f.values == nil {
		f.values = url.Values{}
	}
	for field, values := range kept {
		if !f.values.Has(field) {
			f.values[field] = values
		}
	}
}

// DropDraft forgets what was typed.
func DropDraft(c echo.Context, name string) { cookiesOf(c).setTransient("draft "+name, "") }
