package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
)

func TestAPIClientsReadErrorsAsProblemsAlsoWhereNoRouteIs(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	for request, status := range map[string]int{"GET /api/v1/fault": 500, "GET /api/v1/nowhere": 404, "GET /api": 404,
		"POST /api/v1/fault": 405, "GET /api/v1/fault/more": 404} {
		method, path, _ := strings.Cut(request, " ")
		res := b.Do(method, path, nil)
		var p web.Problem
		if err := json.Unmarshal([]byte(res.Body), &p); err != nil || res.Status != status || p.Status != status ||
			res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %.100s", request, res.Status, res.Header.Get("Content-Type"), res.Body)
		}
		if reference.FindString(p.Instance) == "" {
			t.Errorf("%s: the reference is %q", request, p.Instance)
		}
	}
	for _, path := range []string{"/nowhere", "/apiary", "/fault"} {
		if res := b.Get(path); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("the control %s: %s", path, res.Header.Get("Content-Type"))
		}
	}
}

func TestARouteTakesBodiesOfItsOwnSizeAndTypes(t *testing.T) {
	site := open(t)
	send := func(path, kind string, size int) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", site.Server.URL+path,
			strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		path, kind string
		size, want int
	}{
		{"/upload", "application/pdf", 1 << 20, 200}, {"/upload", "application/pdf", 1<<20 + 1, 413},
		{"/upload", "Application/PDF; a=b", 10, 200},
		{"/upload", form, 10, 415}, {"/upload", "text/html", 10, 415}, {"/upload", "/;;", 10, 415},
		{"/echo", "application/pdf", 10, 415}, {"/echo", form, web.FormLimit + 1, 413}, {"/echo", form, 10, 200},
	} {
		if got := send(c.path, c.kind, c.size); got != c.want {
			t.Errorf("%d bytes of %s to %s: %d, want %d", c.size, c.kind, c.path, got, c.want)
		}
	}
}

func TestALineThatIsInTheTableTwiceIsRefused(t *testing.T) {
	site := open(t)
	again := &web.Site{Gateway: site.Gateway, Keys: site.Keys, BaseURL: site.Web.BaseURL}
	if err := again.Mount(echo.New(), append(table(),
		web.Route{Method: "GET", Path: "/search", Handler: show, Action: policy.Anyone})); err == nil ||
		!strings.Contains(err.Error(), "GET /search twice") {
		t.Error(err)
	}
}

func TestAMissingRowIs404WhereTheHandlerSaysSoAndElseAFault(t *testing.T) {
	none := fmt.Errorf("which: %w", pgx.ErrNoRows)
	site := openWith(t, pgtest.Open(t), []web.Route{
		{"GET", "/bare", "bare", func(echo.Context) error { return none }, policy.Anyone, web.DefaultOptions},
		{"GET", "/marked", "marked", func(echo.Context) error { _, err := web.Found(7, none); return err }, policy.Anyone,
			web.DefaultOptions},
	})
	res := site.Visitor(t).Get("/bare")
	ref := reference.FindString(res.Body)
	if res.Status != http.StatusInternalServerError || ref == "" || ref != res.Header.Get("X-Request-Id") ||
		!strings.Contains(site.Log.Text(), ref) || !strings.Contains(site.Log.Text(), "no rows in result set") {
		t.Error("without a mark:", res.Status, ref)
	}
	if res := site.Visitor(t).Get("/marked"); res.Status != http.StatusNotFound || reference.MatchString(res.Body) {
		t.Error("marked:", res.Status)
	}
	if row, err := web.Found(7, nil); row != 7 || err != nil {
		t.Error(row, err)
	}
	if _, err := web.Found(7, errSecret); !errors.Is(err, errSecret) || errors.Is(err, web.ErrNotFound) {
		t.Error("another error:", err)
	}
}

func TestA21OnlyOurOwnPagesAreReturnedTo(t *testing.T) {
	s := open(t).Web
	for _, good := range []string{"/", "/bookings", "/search?reason=blood%20test&near=02906",
		"/places/fox-point-family-clinic/holds/0198", "/account/email", "/bookings?x=//evil"} {
		if got := s.ReturnTo(good, web.ReturnAfterward); got != good {
			t.Errorf("%q became %q", good, got)
		}
	}
	for _, bad := range []string{"", "bookings", "//evil.example", "///evil.example", "https:evil.example",
		"https://evil.example", `/\evil.example`, `\\evil.example`, "/%5cevil.example",
		"/%2fevil.example", "/\t/evil.example", "/\n//evil.example", " /bookings", "/bookings/../../evil", "/bookings/..%2f",
		"javascript:alert(1)", "/javascript:alert(1)", "/@evil.example",
		"/.evil.example", "/sign-out", "/sign-in?next=/", "/theme", "/static/app.js", "/bookings//x", "/bookings/.",
		"/bookings;a=b", "//bookings", "/bookings\u2028", "/bookings\x00",
		"/search?q=" + strings.Repeat("x", 3000), "http:/bookings", "/bookings/", "/bookings/7", "/healthz", "/api/v1/fault",
		"/search/more"} {
		if got := s.ReturnTo(bad, web.ReturnAfterward); got != "" {
			t.Errorf("%q leads to %q", bad, got)
		}
	}
	if got := web.SignInPath("//evil.example"); got != "/sign-in" {
		t.Error(got)
	}
}
