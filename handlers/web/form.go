package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/views/ui"
)

// Form turns what was typed into values, and collects what is wrong with it. Only fields that are asked for by name
// are read.
type Form struct {
	Problems ui.Problems
	values   url.Values
	now      time.Time
	site     *Site
}

// ReadForm reads the body of a POST, or the query of a GET.
func ReadForm(c echo.Context) (*Form, error) {
	r := c.Request()
	f := &Form{now: Now(c), site: SiteOf(c)}
	if safe(r.Method) {
		values, err := url.ParseQuery(r.URL.RawQuery)
		if err != nil {
			return nil, fmt.Errorf("query: %w", ErrUnreadable)
		}
		f.values = cleaned(values)
		return f, nil
	}
	kind, _, _ := strings.Cut(r.Header.Get(echo.HeaderContentType), ";")
	if r.MultipartForm == nil && kind != "" && !strings.EqualFold(strings.TrimSpace(kind), echo.MIMEApplicationForm) {
		return nil, fmt.Errorf("no form but another kind of content: %w", ErrUnreadable)
	}
	if err := r.ParseForm(); err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, err
		}
		return nil, fmt.Errorf("form: %w", ErrUnreadable)
	}
	f.values = cleaned(r.PostForm)
	return f, nil
}

// FormOf is a form that was kept, to be read again.
func FormOf(c echo.Context, values url.Values) *Form {
	return &Form{now: Now(c), site: SiteOf(c), values: cleaned(values)}
}

// Again is the same form, of which nothing is known to be wrong.
func (f *Form) Again() *Form { return &Form{now: f.now, site: f.site, values: f.values} }

// OK tells that nothing was wrong so far.
func (f *Form) OK() bool { return len(f.Problems) == 0 }

// Wrong adds a problem to a field, unless it has one.
func (f *Form) Wrong(field, message string) {
	if f.Problems.Of(field) == "" {
		f.Problems = append(f.Problems, ui.Problem{Field: field, Message: message})
	}
}

// Set puts a value in the place of what was typed.
func (f *Form) Set(name, value string) { f.values.Set(name, value) }

// Add is Set of a field that can have several values: those that are there stay.
func (f *Form) Add(name, value string) { f.values.Add(name, value) }

// Raw is a field as it was typed, to be shown again; readable.
func (f *Form) Raw(name string) string { return f.values.Get(name) }

// SecretAgain says why a secret that was typed, and of which nothing is wrong, is asked for once more, after what is
// known of it; empty where it need not be.
func (f *Form) SecretAgain(name, known string) string {
	if f.OK() || f.Raw(name) == "" || f.Problems.Of(name) != "" {
		return ""
	}
	return strings.TrimSpace(known + " Type it once more: what is secret is never part of a page.")
}

// Values are some fields as they were typed, for a draft.
func (f *Form) Values(names ...string) url.Values {
	out := url.Values{}
	for _, name := range names {
		if f.values.Get(name) != "" {
			out[name] = f.values[name]
		}
	}
	return out
}
