package ops

import (
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
)

// auditSearch is who is asked about as they were typed: by a name, an email address or a reference, that is in no
// address. Ids may be.
type auditSearch struct{ Person, Patient string }

var auditSearches = web.NewSearches[auditSearch]("audit_searches")

// Of a search that an address should not have said, or that is not kept any more.
const (
	pressFind = "Look for it again with the button: no name, email address or reference stands in the address of a page"
	notKept   = "This search is not kept any more. Type again what you look for"
)

// ListAudit finds events by person, patient, organization, time, purpose, action and outcome. The search itself is
// kept. Where several people fit whose record is asked for, they are offered instead, which is kept as a look at each.
func (h *Handlers) ListAudit(c echo.Context) error {
	f, err := readAuditSearch(c)
	if err != nil {
		return err
	}
	return h.showAudit(c, f)
}

// FindAudit finds the same for what was typed. It is a POST: nobody's name stands in an address.
func (h *Handlers) FindAudit(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	values, search := f.Values(auditFields...), auditSearch{f.Raw("person"), f.Raw("patient")}
	if !mayBeAddressed(search.Person) || !mayBeAddressed(search.Patient) {
		key, err := auditSearches.Keep(c, search)
		if err != nil {
			return err
		}
		values.Del("person")
		values.Del("patient")
		values.Set(web.SearchField, key)
	}
	return web.ShowFound(c, auditPath("", values), func() error { return h.showAudit(c, f) })
}

// readAuditSearch reads what an address asks, with what is kept of it.
func readAuditSearch(c echo.Context) (*web.Form, error) {
	f, err := web.ReadForm(c)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"person", "patient"} {
		if !mayBeAddressed(f.Raw(name)) {
			f.Wrong(name, pressFind)
		}
	}
	search, named, known := auditSearches.Asked(c)
	if known {
		f.Set("person", search.Person)
		f.Set("patient", search.Patient)
	} else if named {
		f.Wrong("patient", notKept)
	}
	return f, nil
}

// mayBeAddressed tells that nothing was typed, or an id.
func mayBeAddressed(typed string) bool {
	return typed == "" || len(typed) == 36 && uuid.Validate(typed) == nil
}
