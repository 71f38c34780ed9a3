package ops_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
)

func Test310AHundredChangesComeInPagesAndADecisionLeadsBackToItsOwn(t *testing.T) {
	site := webtest.Open(t)
	c, rita := site.NewClinic(t), site.Staff(t, "Rita", "reviewer")
	site.Admin(t, "delete from onboarding.change")
	empty := rita.Get("/ops/changes")
	empty.Has(http.StatusOK, "No change waits for us.")
	empty.Lacks("Nothing waits", "Next page")
	site.Admin(t, `insert into onboarding.change (id, tenant_id, kind, subject_id, name, was, becomes, by, at)
		select gen_random_uuid(), $1, 'location', gen_random_uuid(), 'Location ' || n, '{"street": "1 Test St"}',
			'{"street": "2 Pier St"}', $2, $3::timestamptz + n * interval '1 second' from generate_series(1, 100) n`,
		c.ID, uuid.New(), site.Clock.Now())
	page, at, seen := rita.Get("/ops/changes"), "/ops/changes", 0
	for n := 1; ; n++ {
		page.Has(http.StatusOK, "100 changes wait for us.")
		seen += strings.Count(page.Body, `<article id="change-`)
		next := page.All("a", "rel", "next")
		if len(next) == 0 {
			break
		}
		if n > 10 {
			t.Fatal("the pages have no end")
		}
		at = next[0].Value("href")
		page = rita.Get(at)
	}
	if seen != 100 {
		t.Errorf("%d changes are on all pages", seen)
	}
	page.Has(http.StatusOK, "First page", "Location 100")
	id := strings.TrimPrefix(page.All("article", "class", "stack section")[0].Value("id"), "change-")
	query := strings.TrimPrefix(at, "/ops/changes")
	refusal := "/ops/changes/" + id + "/refusal" + query
	rita.Post(refusal, "reason-"+id, "no").Has(http.StatusUnprocessableEntity, "Say in a sentence why", ">no</textarea>",
		"100 changes wait for us.")
	rita.Post(refusal, "reason-"+id, "The register has another name.").Goes(at)
	rita.Get(at).Has(http.StatusOK, "99 changes wait for us.")
	otto := site.Staff(t, "Otto", "reviewer")
	otto.Post(refusal, "reason-"+id, "The register has another name.").Has(http.StatusConflict,
		"Rita has refused this change already. Nothing was done now.", "99 changes wait for us.")
	otto.HTMX().Post(refusal, "reason-"+id, "The register has another name.").Goes(at)
	otto.Get(at).Has(http.StatusOK, "Rita has refused this change already.")
	for says, set := range map[string]string{
		"The state&#39;s register has accepted": "status = 'accepted', decided_by = null",
		"The organization has withdrawn":        "status = 'withdrawn'"} {
		site.Admin(t, "update onboarding.change set "+set+" where id = $1", id)
		otto.Post("/ops/changes/"+id+"/acceptance").Has(http.StatusConflict, says)
	}
	own := uuid.New()
	site.Admin(t, `insert into onboarding.change (id, tenant_id, kind, subject_id, name, was, becomes, by, at)
		select $1, tenant_id, kind, gen_random_uuid(), name, was, becomes, $2, at from onboarding.change where id = $3`,
		own, otto.ID, id)
	otto.Post("/ops/changes/"+own.String()+"/acceptance").Has(http.StatusConflict, "You asked for this change")
	rita.Get("/ops/changes?after=x").Has(http.StatusNotFound)
}
