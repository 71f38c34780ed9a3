package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/importing"
)

type importAnswer struct {
	ID, Kind, State string
	Rows            map[string]int
	RowsAt          string `json:"rows_at"`
}

// bring sends records and gives what is answered.
func bring(t *testing.T, site *webtest.Site, key, query, request, body string) (a webtest.Answer, read importAnswer) {
	t.Helper()
	kind := "application/json"
	if strings.HasPrefix(body, "{") {
		kind = "application/x-ndjson"
	}
	a = site.APIClient(t, key).DoBody("POST", addresses(site.Clinic())+"/imports"+query, body, "Content-Type", kind,
		"Idempotency-Key", request)
	if a.Status == http.StatusAccepted {
		if err := json.Unmarshal([]byte(a.Body), &read); err != nil {
			t.Fatal(err, a.Body)
		}
	}
	return a, read
}

const staff = `[{"external_id":"P1","name":"Ana Ruiz","specialty":"Dentist","npi":"1234567893","age_from":18,"languages":["English","Spanish"]},
	{"external_id":"P2","name":"Ben Okafor","specialty":"Skin docter"},{"external_id":"P1","name":"Ana Ruiz","specialty":"Dentist"}]`

func TestRecordsAreBroughtAlongByAKeyOnceWithTheReportOfTheirRows(t *testing.T) {
	site := webtest.Open(t)
	c, key := site.Clinic(), newKey(t, site, site.Clinic(), "imports.write")
	a, first := bring(t, site, key, "?kind=practitioners&name=nightly", "one", staff)
	at := addresses(c) + "/imports/" + first.ID
	if a.Status != http.StatusAccepted || a.Location != at || first.State != "running" || first.Rows["ready"] != 1 ||
		first.Rows["wrong"] != 1 || first.Rows["same"] != 1 {
		t.Fatal(a.Status, a.Location, a.Body)
	}
	if _, again := bring(t, site, key, "?kind=practitioners&name=nightly", "one", staff); again.ID != first.ID {
		t.Error("the same request makes another import")
	}
	if a, _ := bring(t, site, key, "?kind=practitioners&name=nightly", "one", staff+" "); a.Status != 422 {
		t.Error("another request with the same key:", a.Status)
	}
	err := importing.Runner{Gateway: site.Gateway, Now: time.Now}.Run(t.Context(), c.Scope([16]byte{}), c.Tenant,
		webtest.IDOf(at))
	if err != nil {
		t.Fatal(err)
	}
	if a := ask(t, site, "GET", at, key); a.Status != 200 || !strings.Contains(a.Body, `"state":"done"`) ||
		!strings.Contains(a.Body, `"added":1`) {
		t.Error(a.Status, a.Body)
	}
	a = ask(t, site, "GET", first.RowsAt+"?state=wrong", key)
	a.Has(200, `"row":2`, `"problem":"Specialty “Skin docter” is not a specialty that we know."`,
		`"proposal":{"kind":"did you mean","value":"Skin doctor"}`)
	a.Lacks("Ana Ruiz")
	if n := site.Count(t, `select count(*) from audit.event where tenant_id = $1 and resource = 'Import' and purpose = 'api'
		and fields = array['key:' || $2]`, c.ID, strings.Split(key, "_")[2]); n != 2 {
		t.Error("in the audit it is", n, "times")
	}
	site.Alice(t).Get(webtest.Workplace(c)+"/imports").Has(200, "nightly")
	lines := strings.NewReplacer("[", "", "]", "", "},\n\t", "}\n").Replace(`[{"name":"C","specialty":"Nurse"},
	{"name":"D","specialty":"Nurse"}]`)
	if _, dry := bring(t, site, key, "?kind=practitioners&dry_run=true", "two", lines); dry.State != "checked" ||
		dry.Rows["ready"] != 2 {
		t.Error("a dry run of lines:", dry)
	}
}

func TestWhatIsWrongWithRecordsIsSaidAndNothingIsKept(t *testing.T) {
	site := webtest.Open(t)
	key := newKey(t, site, site.Clinic(), "imports.write")
	for n, one := range []struct{ query, body, field string }{
		{"", `[{}]`, "kind"}, {"?kind=cars", `[{}]`, "kind"}, {"?kind=patients", `[{"name":"Ana Ruiz"}]`, "kind"},
		{"?kind=services&dry_run=2", `[{}]`, "dry_run"},
		{"?kind=services", `[]`, "body"}, {"?kind=services", `[{}]`, "body"}, {"?kind=services", ``, "body"},
		{"?kind=services", `[{"service":"Skin check"}`, "body"}, {"?kind=services", `[1]`, "1"},
		{"?kind=services", `{"service":"Skin check"} x`, "2"}, {"?kind=services", `[{"service":"a"},{"cost":1}]`, "2.cost"},
		{"?kind=services", `[{"service":"a","price":120}]`, "1.price"},
		{"?kind=services", `[{"service":["a",1]}]`, "1.service"},
		{"?kind=services", `[{"service":"a","price":{"amount":120,"currency":"EUR"}}]`, "1.price"},
		{"?kind=services", `[{"service":"` + strings.Repeat("a", importing.MaxCell+1) + `"}]`, "body"},
	} {
		a, _ := bring(t, site, key, one.query, fmt.Sprint("wrong ", n), one.body)
		var p web.Problem
		if err := json.Unmarshal([]byte(a.Body), &p); err != nil || a.Status != 422 || len(p.Errors) != 1 ||
			p.Errors[0].Field != one.field {
			t.Errorf("%s %.60s: %v %d %s", one.query, one.body, err, a.Status, a.Body)
		}
	}
	if a, _ := bring(t, site, key, "?kind=services", "", `[{"service":"a"}]`); a.Status != 422 {
		t.Error("without a key of the request:", a.Status)
	}
	if n := site.Count(t, `select count(*) from `+site.Clinic().Schema+`.import_batch`); n != 0 {
		t.Error("kept are", n)
	}
}

func TestA09AKeyBringsNothingAlongBeyondItsScopeAndItsOrganization(t *testing.T) {
	site := webtest.Open(t)
	c, key := site.Clinic(), newKey(t, site, site.Clinic(), "imports.write")
	others, slots := newKey(t, site, site.Other(), "imports.write"), newKey(t, site, c, "slots.read")
	_, own := bring(t, site, key, "?kind=practitioners&dry_run=true", "one", staff)
	for name, a := range map[string]webtest.Answer{
		"another scope":            first(bring(t, site, slots, "?kind=practitioners", "x", staff)),
		"another organization":     first(bring(t, site, others, "?kind=practitioners", "x", staff)),
		"no key":                   first(bring(t, site, "", "?kind=practitioners", "x", staff)),
		"another's report":         ask(t, site, "GET", strings.Replace(own.RowsAt, c.Slug, site.Other().Slug, 1), others),
		"appointments, not its to": ask(t, site, "GET", addresses(c)+"/appointments?day=2026-11-24", key),
		"another's form":           site.APIClient(t, key).DoBody("POST", addresses(c)+"/imports?kind=services", "a=b"),
	} {
		if a.Status != 401 && a.Status != 404 && a.Status != 415 ||
			a.Header.Get("Content-Type") != "application/problem+json" {
			t.Error(name, a.Status, a.Body)
		}
	}
	if n := site.Count(t, `select count(*) from `+c.Schema+`.import_batch`); n != 1 {
		t.Error("imports:", n)
	}
	if a := ask(t, site, "GET", own.RowsAt, key); a.Status != 200 {
		t.Error("the control:", a.Status)
	}
}

func first(a webtest.Answer, _ importAnswer) webtest.Answer { return a }

func TestA56AKeyThatIsRevokedWhileItsRecordsArriveBringsNothingAlong(t *testing.T) {
	site := webtest.Open(t)
	key := newKey(t, site, site.Clinic(), "imports.write")
	send := func(between func()) webtest.Answer {
		held := site.APIClient(t, key).HoldBackBody(addresses(site.Clinic())+"/imports?kind=practitioners",
			"application/json", staff)
		between()
		return held.Send()
	}
	if a := send(func() {}); a.Status != 422 || !strings.Contains(a.Body, "Idempotency-Key") {
		t.Error("the control, a key that works:", a.Status, a.Body)
	}
	a := send(func() {
		site.Admin(t, `update directory.api_key set revoked_at = now(), mac = '' where id = $1`, strings.Split(key, "_")[2])
	})
	if a.Status != 401 {
		t.Error("revoked:", a.Status, a.Body)
	}
}

func TestA78AKeyThatBringsRecordsAlongReadsNoImportOfPatients(t *testing.T) {
	site := webtest.Open(t)
	c, key := site.Clinic(), newKey(t, site, site.Clinic(), "imports.write")
	_, own := bring(t, site, key, "?kind=practitioners&dry_run=true", "one", staff)
	at := addresses(c) + "/imports/" + own.ID
	ask(t, site, "GET", at+"/rows", key).Has(200, "is not a specialty") // the control
	c.SQL(t, "update import_batch set kind = 'patients'")
	for _, path := range []string{at, at + "/rows"} {
		if a := ask(t, site, "GET", path, key); a.Status != 404 {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}
