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
// cookie must not take the rest with it.
func KeepFields(c echo.Context, name string, f *Form, fields []string) {
	for n := len(fields); n > 0; n-- {
		if values := f.Values(fields[:n]...); len(values) == 0 || KeepDraft(c, name, values) {
			return
		}
	}
}

// typedBefore begins the names of drafts of what was typed into the form of a page before a proof was asked for.
const typedBefore = "form "

// Recalled is what was typed into the form of a page before its sender had to sign in or to prove who they are, once;
// nil if nothing was. Whoever asks must know that the page is theirs: another may have signed in.
func Recalled(c echo.Context, page string) url.Values {
	kept := Draft(c, typedBefore+page)
	DropDraft(c, typedBefore+page)
	return kept
}

// keepTyped keeps what was typed into those fields of a form that the table keeps, for the page that it stood on.
func (state *requestState) keepTyped(c echo.Context, page string) error {
	u, ok := localURL(page)
	if !ok || len(state.options.Keeps) == 0 {
		return nil
	}
	f, err := ReadForm(c)
	if err == nil {
		KeepFields(c, typedBefore+u.Path, f, state.options.Keeps)
	}
	return err
}

// Recall adds what is Recalled to the form of this page.
func (f *Form) Recall(c echo.Context) {
	kept := Recalled(c, c.Request().URL.Path)
	if kept == nil {
		return
	}
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
