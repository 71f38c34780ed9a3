package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/internal/pgtest"
	"kindward/internal/policy"
)

func TestProgramsReadErrorsAsProblemsAlsoWhereNoRouteIs(t *testing.T) {
	h := open(t)
	b := h.browser(t)
	for request, status := range map[string]int{"GET /api/v1/fault": 500, "GET /api/v1/nowhere": 404, "GET /api": 404, "POST /api/v1/fault": 405, "GET /api/v1/fault/more": 404} {
		method, path, _ := strings.Cut(request, " ")
		res := b.do(method, path, nil)
		var p Problem
		if err := json.Unmarshal([]byte(res.body), &p); err != nil || res.StatusCode != status || p.Status != status || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %.100s", request, res.StatusCode, res.Header.Get("Content-Type"), res.body)
		}
		if reference.FindString(p.Instance) == "" {
			t.Errorf("%s: the reference is %q", request, p.Instance)
		}
	}
	for _, path := range []string{"/nowhere", "/apiary", "/fault"} {
		if res := b.get(path); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("the control %s: %s", path, res.Header.Get("Content-Type"))
		}
	}
}

func TestARouteTakesBodiesOfItsOwnSizeAndTypes(t *testing.T) {
	h := open(t)
	send := func(path, kind string, size int) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", h.server.URL+path, strings.NewReader(strings.Repeat("x", size)))
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
		{"/upload", "application/pdf", 1 << 20, 200}, {"/upload", "application/pdf", 1<<20 + 1, 413}, {"/upload", "Application/PDF; a=b", 10, 200},
		{"/upload", form, 10, 415}, {"/upload", "text/html", 10, 415}, {"/upload", "/;;", 10, 415},
		{"/echo", "application/pdf", 10, 415}, {"/echo", form, FormLimit + 1, 413}, {"/echo", form, 10, 200},
	} {
		if got := send(c.path, c.kind, c.size); got != c.want {
			t.Errorf("%d bytes of %s to %s: %d, want %d", c.size, c.kind, c.path, got, c.want)
		}
	}
}

func TestALineThatIsInTheTableTwiceIsRefused(t *testing.T) {
	h := open(t)
	site := &Site{Gateway: h.Gateway, Keys: h.Keys, BaseURL: h.site.BaseURL}
	if err := site.Mount(echo.New(), append(table(), Route{Method: "GET", Path: "/search", Handler: show, Action: policy.Anyone})); err == nil || !strings.Contains(err.Error(), "GET /search twice") {
		t.Error(err)
	}
}

func TestAMissingRowIs404WhereTheHandlerSaysSoAndElseAFault(t *testing.T) {
	none := fmt.Errorf("which: %w", pgx.ErrNoRows)
	h := openWith(t, pgtest.Open(t), []Route{
		{"GET", "/bare", "bare", func(echo.Context) error { return none }, policy.Anyone, defaultOptions},
		{"GET", "/marked", "marked", func(echo.Context) error { _, err := Found(7, none); return err }, policy.Anyone, defaultOptions},
	})
	res := h.browser(t).get("/bare")
	ref := reference.FindString(res.body)
	if res.StatusCode != http.StatusInternalServerError || ref == "" || ref != res.Header.Get("X-Request-Id") || !strings.Contains(h.log.text(), ref) || !strings.Contains(h.log.text(), "no rows in result set") {
		t.Error("without a mark:", res.StatusCode, ref)
	}
	if res := h.browser(t).get("/marked"); res.StatusCode != http.StatusNotFound || reference.MatchString(res.body) {
		t.Error("marked:", res.StatusCode)
	}
	if row, err := Found(7, nil); row != 7 || err != nil {
		t.Error(row, err)
	}
	if _, err := Found(7, errSecret); !errors.Is(err, errSecret) || errors.Is(err, ErrNotFound) {
		t.Error("another error:", err)
	}
}
