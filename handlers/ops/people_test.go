package ops_test

import (
	"net/url"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestPeopleAreFoundAsTheirNamesAndReferencesAreTypedAndPasted(t *testing.T) {
	site := webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	leo, support := site.Account(t, "Leo Medeiros"), site.Staff(t, "Sam", "support")
	v := site.VisitOf(t, site.NewClinic(t), leo, "Leo Medeiros", 1)
	for _, asked := range []string{"medeiros, leo", "Leo\u200b Medeiros\ufeff", "leo  medeiros", v.Ref,
		strings.TrimPrefix(v.Ref, "KW-"), strings.ReplaceAll(strings.ToLower(v.Ref), "-", "") + "\u200b"} {
		support.Get("/ops/people?q="+url.QueryEscape(asked)).Has(200, "1 person fits.", leo.String())
	}
	support.Get("/ops/people?q="+url.QueryEscape("leo, medeiros")).Has(200, "Nobody was found")
	support.Get("/ops/people?q="+url.QueryEscape("L\u200b\u200b\u200b")).Has(422, "3 characters or more")
}
