package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
)

func TestHtmxGetsThePartAndEverybodyElseThePage(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	for name, c := range map[string]struct {
		headers []string
		part    bool
	}{
		"a browser":         {nil, false},
		"htmx":              {[]string{"HX-Request", "true"}, true},
		"htmx, boosted":     {[]string{"HX-Request", "true", "HX-Boosted", "true"}, false},
		"htmx, from memory": {[]string{"HX-Request", "true", "HX-History-Restore-Request", "true"}, false},
		"something else":    {[]string{"HX-Request", "1"}, false},
	} {
		res := b.Get("/", c.headers...)
		if strings.Contains(res.Body, "the whole") == c.part || !strings.Contains(res.Body, "the part") {
			t.Errorf("%s: %.200s", name, res.Body)
		}
		if !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "HX-Request") {
			t.Errorf("%s: Vary is %v", name, res.Header.Values("Vary"))
		}
	}
}

func TestATitleComesAlongWhenItIsTheOneOfThePageThatIsOpen(t *testing.T) {
	b := open(t).Visitor(t)
	const title = "<title>Sample – Kindward</title>"
	for name, c := range map[string]struct {
		path, from string
		title      bool
		sent       bool
	}{
		"the same page":             {"/?q=2", b.Site.URL + "/?q=1", true, false},
		"a part of another page":    {"/", b.Site.URL + "/search", false, false},
		"nowhere":                   {"/", "", false, false},
		"an address of no use":      {"/", "http://%zz", false, false},
		"what is wrong with a form": {"/wrong", b.Site.URL + "/elsewhere", true, false},
		"a form that went well":     {"/sent", b.Site.URL + "/sent/new", true, true},
	} {
		method := http.MethodGet
		if c.sent {
			method = http.MethodPost
		}
		res := b.Do(method, c.path, nil, "HX-Request", "true", "HX-Current-URL", c.from)
		if strings.HasPrefix(res.Body, title) != c.title || strings.Count(res.Body, "<title>") > 1 ||
			!strings.HasSuffix(res.Body, `<p id="part">the part</p>`) {
			t.Errorf("%s: %.200s", name, res.Body)
		}
	}
}

func TestAfterAFormHtmxChangesThePageAndABrowserIsRedirected(t *testing.T) {
	b := open(t).Visitor(t)
	if res := b.Do("POST", "/theme", nil); res.Status != http.StatusSeeOther || res.Header.Get("Location") != "/" {
		t.Error(res.Status, res.Header)
	}
	if res := b.Do("POST", "/theme", nil, "HX-Request", "true"); res.Status != http.StatusNoContent ||
		res.Header.Get("HX-Redirect") != "/" || res.Header.Get("Location") != "" {
		t.Error(res.Status, res.Header)
	}
}

func TestPagesAreCompressedInWhatTheVisitorReads(t *testing.T) {
	site := open(t)
	b := site.Visitor(t)
	plain := b.Get("/", "Accept-Encoding", "identity").Body
	for accept, want := range map[string]string{"gzip, deflate, br, zstd": "zstd", "gzip, deflate, br": "gzip",
		"gzip;q=0, zstd;q=0": "", "br": "", "zstd;q=0.1,gzip;q=1": "zstd",
		"gzip; q=0.5": "gzip", "GZIP": "gzip", "": "", "*": "", "gzip;q=nonsense": ""} {
		res := b.Get("/", "Accept-Encoding", accept)
		if accept == "" {
			res = b.Get("/", "Accept-Encoding", "identity") // Go's client would ask for gzip by itself
		}
		got := res.Header.Get("Content-Encoding")
		if got != want || decompressed(t, got, res.Body) != plain {
			t.Errorf("%q is answered with %q", accept, got)
		}
		if vary := strings.Join(res.Header.Values("Vary"), ","); !strings.Contains(vary, "Accept-Encoding") {
			t.Errorf("%q: Vary is %q", accept, vary)
		}
	}
	if res := b.Get("/", "HX-Request", "true", "Accept-Encoding", "zstd"); res.Header.Get("Content-Encoding") != "" {
		t.Error("a short part was compressed")
	}
}

func decompressed(t *testing.T, coding, body string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(body)
	var err error
	switch coding {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestAStreamIsNeverCompressedAndLosesNoSession(t *testing.T) {
	site := open(t)
	site.Echo.POST("/stream", func(c echo.Context) error {
		if err := holderSlot.Set(c, uuid.New()); err != nil {
			return err
		}
		c.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
		_, err := c.Response().Write(append([]byte("data: "), bytes.Repeat([]byte("x"), 5000)...))
		c.Response().Flush()
		return err
	})
	res := site.Visitor(t).Do("POST", "/stream", nil, "Accept", "text/event-stream", "Accept-Encoding", "zstd")
	if res.Header.Get("Content-Encoding") != "" || !strings.HasPrefix(res.Body, "data: x") {
		t.Error(res.Header)
	}
	if len(res.Cookies()) != 1 {
		t.Error("a handler that answers by itself loses the session:", res.Cookies())
	}
}

func BenchmarkCompress(b *testing.B) {
	page := bytes.Repeat([]byte(
		"<li class=\"result\"><h2>Wickenden Diagnostics</h2><p>212 Wickenden Street, Providence</p></li>"), 300)
	for b.Loop() {
		web.ZstdEncoder().EncodeAll(page, make([]byte, 0, len(page)/2))
	}
}
