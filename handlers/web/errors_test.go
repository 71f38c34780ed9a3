package web

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

var reference = regexp.MustCompile(`R-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}`)

func TestAnErrorIsOurOwnPageAndNeverItsOwnText(t *testing.T) {
	h := open(t)
	for path, want := range map[string]struct {
		status int
		words  string
	}{
		"/panic": {500, "Sorry, we could not do that"}, "/fault": {500, "Sorry, we could not do that"}, "/gone": {410, "This link has been used"},
		"/busy": {503, "We are not open for a moment"}, "/often": {429, "That was often"}, "/nowhere": {404, "There is no page here"},
		"/places/nobody": {404, "There is no page here"}, "/empty": {200, "the whole"},
	} {
		for _, htmx := range []bool{false, true} {
			res := h.browser(t).get(path, "Accept-Encoding", "identity", "HX-Request", map[bool]string{true: "true"}[htmx])
			if path == "/empty" && htmx {
				want.status, want.words = 500, "Sorry, we could not do that"
			}
			if res.StatusCode != want.status || !strings.Contains(res.body, want.words) {
				t.Errorf("%s, htmx %v: %d without %q: %.300s", path, htmx, res.StatusCode, want.words, res.body)
			}
			for _, secret := range []string{"Maya", "1988", "ssn", "goroutine", ".go:"} {
				if strings.Contains(res.body, secret) {
					t.Errorf("%s shows %q", path, secret)
				}
			}
			if whole := strings.Contains(res.body, "<html"); whole == htmx {
				t.Errorf("%s, htmx %v: the answer is a whole page: %v", path, htmx, whole)
			}
			if strings.Contains(res.body, referencePlaceholder) {
				t.Errorf("%s: no reference in place of its referencePlaceholder", path)
			}
			if want.status >= 500 {
				ref := reference.FindString(res.body)
				if ref == "" || ref != res.Header.Get("X-Request-Id") {
					t.Errorf("%s: reference %q, header %q", path, ref, res.Header.Get("X-Request-Id"))
				}
				if !strings.Contains(h.log.text(), ref) {
					t.Errorf("%s: the log does not know %s", path, ref)
				}
			}
			if res.StatusCode == 503 || res.StatusCode == 429 {
				if res.Header.Get("Retry-After") == "" {
					t.Errorf("%s does not say when to come back", path)
				}
			}
		}
	}
	if !strings.Contains(h.log.text(), `column \"ssn\"`) || !strings.Contains(h.log.text(), "goroutine") {
		t.Error("the log has neither cause nor stack")
	}
}

func TestAMethodThatARouteHasNotIs405AndSaysWhichItHas(t *testing.T) {
	res := open(t).browser(t).do("DELETE", "/", nil)
	if res.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(res.Header.Get("Allow"), "GET") || !strings.Contains(res.body, "expects a button") {
		t.Errorf("%d, allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
}

func TestHeadIsGetWithoutItsBody(t *testing.T) {
	h := open(t)
	res := h.browser(t).do("HEAD", "/", nil, "Accept-Encoding", "identity")
	full := h.browser(t).get("/", "Accept-Encoding", "identity")
	if res.StatusCode != 200 || res.body != "" || res.ContentLength != int64(len(full.body)) {
		t.Errorf("%d, length %d instead of %d, body %q", res.StatusCode, res.ContentLength, len(full.body), res.body)
	}
}

func TestTheErrorPageFollowsTheThemeAndSaysWhoIsSignedIn(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	b.become(h.person(t))
	b.post("/theme", map[string][]string{"theme": {"dark"}})
	if res := b.get("/nowhere"); !strings.Contains(res.body, `data-theme="dark"`) || !strings.Contains(res.body, "Maya Okafor") {
		t.Errorf("%.900s", res.body)
	}
	if res := b.get("/fault"); !strings.Contains(res.body, `data-theme="dark"`) {
		t.Error("the page rendered at start has no theme")
	}
}

func TestAFullPoolIs503WithinASecondAndHealthStillAnswers(t *testing.T) {
	h := openIn(t, pgtest.Fresh(t, tenancy.Options{MaxConns: 1}))
	b := h.browser(t)
	b.become(h.person(t))
	release := make(chan struct{})
	held := make(chan struct{})
	go h.Gateway.WithinShared(context.Background(), h.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{}), func(*shareddb.Queries) error {
		close(held)
		<-release
		return nil
	})
	<-held
	defer close(release)
	res := b.get("/bookings")
	if res.StatusCode != 503 || res.Header.Get("Retry-After") != "1" || !strings.Contains(res.body, "We are not open") {
		t.Errorf("%d %.200s", res.StatusCode, res.body)
	}
	if res := b.get("/healthz"); res.StatusCode != 200 {
		t.Errorf("health: %d", res.StatusCode)
	}
	if res := b.get("/readyz"); res.StatusCode != 503 {
		t.Errorf("readiness: %d", res.StatusCode)
	}
}

func TestADrainingSiteIsHealthyButNotReady(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	if res := b.get("/readyz"); res.StatusCode != 200 {
		t.Fatal(res.StatusCode)
	}
	h.site.Drain()
	if health, ready := b.get("/healthz"), b.get("/readyz"); health.StatusCode != 200 || ready.StatusCode != 503 {
		t.Errorf("health %d, ready %d", health.StatusCode, ready.StatusCode)
	}
}
