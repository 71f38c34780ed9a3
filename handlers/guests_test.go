package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestA64AGuestsLinkOpensItsOwnPageAlone opens one, and then asks for every other page of the table with the same
// browser: it finds what a browser finds that never had a link.
func TestA64AGuestsLinkOpensItsOwnPageAlone(t *testing.T) {
	m := newMatrix(t, nil)
	o := m.organizations[0]
	at := "/join/" + o.ids["application"]
	made := o.patient[0].Post(at+"/guest-links", "id", uuid.NewString(), "step", o.ids["step"])
	link := strings.TrimPrefix(made.Field("link"), m.Web.BaseURL.String())
	guest, nobody := m.Visitor(t), m.Visitor(t)
	guest.Get(link).Has(http.StatusOK, "opens nothing else") // the control: the one page is open
	o.ids["token"] = link[strings.LastIndexByte(link, '/')+1:]
	asked := 0
	for _, r := range m.Routes {
		if r.Path == "/join/:application/guest/:token" || strings.HasPrefix(r.Path, "/static") {
			continue
		}
		path := m.fill(t, r.Path, 0, 0) + asks[r.Name]
		is, should := guest.Do(r.Method, path, nil), nobody.Do(r.Method, path, nil)
		asked++
		if is.Status != should.Status || leads(is) != leads(should) {
			t.Errorf("%s %s: %d %s for a guest, %d %s for nobody", r.Method, path, is.Status, leads(is), should.Status,
				leads(should))
		}
		if strings.Contains(is.Body, "Applicant ") {
			t.Errorf("%s %s shows what is answered", r.Method, path)
		}
	}
	t.Logf("%d requests", asked)
}
