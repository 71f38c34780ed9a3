package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// ask sends one request for a raw address, as a browser would spell it.
func ask(t *testing.T, method, address string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func bodyOf(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEachFileIsServedUnderTheHashOfWhatIsSent(t *testing.T) {
	for _, name := range names() {
		r := ask(t, "GET", Path(name))
		body := bodyOf(t, r)
		sum := sha256.Sum256(body)
		if !strings.Contains(Path(name), hex.EncodeToString(sum[:6])) {
			t.Errorf("%s: the address %s is not the hash of its content", name, Path(name))
		}
		want := map[string]string{
			"Cache-Control":                "public, max-age=31536000, immutable",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Vary":                         "Accept-Encoding",
			"Content-Type":                 kinds[path.Ext(name)],
			"Content-Encoding":             "",
			"Content-Length":               fmt.Sprint(len(body)),
		}
		for h, v := range want {
			if got := r.Header.Get(h); got != v {
				t.Errorf("%s: %s is %q, want %q", name, h, got, v)
			}
		}
		if path.Ext(name) == ".svg" && regexp.MustCompile(`(?i)<script|\son[a-z]+=|<foreignObject`).Match(body) {
			t.Errorf("%s acts, but is served without a content policy", name)
		}
		if r.StatusCode != 200 || want["Content-Type"] == "" {
			t.Errorf("%s: status %d, type %q", name, r.StatusCode, want["Content-Type"])
		}
	}
}

func TestTheCompressedFormsAreFreshAndSayTheSame(t *testing.T) {
	packed := map[string]bool{}
	for _, f := range ToPack() {
		packed[path.Base(f.Name)+".br"], packed[path.Base(f.Name)+".gz"] = true, true
	}
	for _, name := range names() {
		plain := bodyOf(t, ask(t, "GET", Path(name)))
		if path.Ext(name) == ".woff2" {
			continue
		}
		for _, coding := range []string{"br", "gzip"} {
			r := ask(t, "GET", Path(name), "Accept-Encoding", "deflate, "+coding+";q=0.8")
			if r.Header.Get("Content-Encoding") != coding {
				t.Errorf("%s is not served as %s: run go generate ./static", name, coding)
				continue
			}
			sent := bodyOf(t, r)
			if got := decode(t, coding, sent); !bytes.Equal(got, plain) {
				t.Errorf("%s: the %s form says something else", name, coding)
			}
			if len(sent) >= len(plain) {
				t.Errorf("%s: %s makes it larger (%d of %d)", name, coding, len(sent), len(plain))
			}
		}
	}
	entries, err := files.ReadDir("packed")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !packed[e.Name()] {
			t.Errorf("packed/%s belongs to nothing: run go generate ./static", e.Name())
		}
	}
}

func decode(t *testing.T, coding string, data []byte) []byte {
	t.Helper()
	var from io.Reader = brotli.NewReader(bytes.NewReader(data))
	if coding == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	out, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABrowserGetsTheSmallestFormItCanRead(t *testing.T) {
	for accept, want := range map[string]string{
		"":                         "",
		"gzip, deflate, br, zstd":  "br",
		"gzip":                     "gzip",
		"GZIP":                     "gzip",
		"br;q=0, gzip":             "gzip",
		"br; q=0.000, gzip;q=0.00": "",
		"identity":                 "",
		"brotli":                   "",
	} {
		r := ask(t, "GET", Path("htmx.min.js"), "Accept-Encoding", accept)
		if got := r.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q is answered with %q, want %q", accept, got, want)
		}
	}
}

func TestAnUnchangedFileIsNotSentAgain(t *testing.T) {
	address := Path("kindward.css")
	first := ask(t, "GET", address, "Accept-Encoding", "br")
	again := ask(t, "GET", address, "Accept-Encoding", "br", "If-None-Match", `"other", W/`+first.Header.Get("ETag"))
	if again.StatusCode != 304 || len(bodyOf(t, again)) != 0 {
		t.Errorf("status %d with a body of %d bytes, want 304 and nothing", again.StatusCode, len(bodyOf(t, again)))
	}
	plain := ask(t, "GET", address, "If-None-Match", first.Header.Get("ETag"))
	if plain.StatusCode != 200 {
		t.Error("the tag of the brotli form must not answer for the plain one")
	}
	head := ask(t, "HEAD", address)
	if head.StatusCode != 200 || len(bodyOf(t, head)) != 0 || head.Header.Get("Content-Length") == "0" {
		t.Error("HEAD must answer like GET, without the body")
	}
}

func TestEveryOtherNameIsNotThere(t *testing.T) {
	hashed := Path("app.js")
	for _, address := range []string{
		"/static/", "/static/app.js", "/static/kindward.css", "/static/static.go", "/static/LICENSES.md", "/static/packed/",
		"/static/../static.go", "/static/%2e%2e/go.mod", "/static/..%2fgo.mod", "/static/..%5cgo.mod", "/static//etc/passwd",
		"/static/fonts/../" + path.Base(hashed), strings.Replace(hashed, "app.", "%61pp.", 1),
		strings.Replace(hashed, ".js", "%2ejs", 1),
		hashed + "/", hashed + "%00", strings.ToUpper(hashed), "/" + hashed, "/static/app.000000000000.js",
	} {
		r := ask(t, "GET", address)
		if r.StatusCode != 404 || r.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: status %d, cache %q; want 404, never kept", address, r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
	if r := ask(t, "GET", hashed); r.StatusCode != 200 { // the control: the name itself is there
		t.Errorf("%s: status %d, want 200", hashed, r.StatusCode)
	}
	if r := ask(t, "POST", hashed); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: status %d, want 405", r.StatusCode)
	}
}

func TestTheIconAnswersBrowsersThatAskUnprompted(t *testing.T) {
	r := ask(t, "GET", "/favicon.ico")
	if r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/svg+xml" ||
		strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("status %d, %s, %s", r.StatusCode, r.Header.Get("Content-Type"), r.Header.Get("Cache-Control"))
	}
}

func TestTheStyleSheetAsksForHashedNamesOnly(t *testing.T) {
	css := string(bodyOf(t, ask(t, "GET", Path("kindward.css"))))
	found := 0
	for _, m := range regexp.MustCompile(`url\(["']?([^"')]+)`).FindAllStringSubmatch(css, -1) {
		if strings.HasPrefix(m[1], "data:") {
			continue
		}
		found++
		if r := ask(t, "GET", m[1]); r.StatusCode != 200 {
			t.Errorf("the style sheet asks for %s, which is not served", m[1])
		}
	}
	if found < 5 {
		t.Errorf("%d addresses found in the style sheet, want the fonts at least", found)
	}
}

func TestAnUnknownNameIsAMistakeInOurSource(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Path must not invent an address")
		}
	}()
	Path("nothing.css")
}

var fontRanges = regexp.MustCompile(`fonts/(schibsted[a-z-]*)\.woff2.*unicode-range: ([^;]+);`)

// ranges are the characters that the style sheet says each part of the font has.
func ranges(t *testing.T, css string) map[string][][2]int64 {
	t.Helper()
	all := map[string][][2]int64{}
	for _, m := range fontRanges.FindAllStringSubmatch(css, -1) {
		for _, span := range strings.Split(m[2], ", ") {
			low, high, ok := strings.Cut(strings.TrimPrefix(span, "U+"), "-")
			if !ok {
				high = low
			}
			from, err := strconv.ParseInt(low, 16, 32)
			to, err2 := strconv.ParseInt(high, 16, 32)
			if err != nil || err2 != nil || from > to {
				t.Fatalf("%s: %q is no range", m[1], span)
			}
			all[m[1]] = append(all[m[1]], [2]int64{from, to})
		}
	}
	return all
}

// holders are the parts that have a character: a page fetches all of them.
func holders(all map[string][][2]int64, c rune) (found []string) {
	for part, spans := range all {
		for _, s := range spans {
			if s[0] <= int64(c) && int64(c) <= s[1] {
				found = append(found, part)
			}
		}
	}
	return found
}

func TestEachCharacterIsInOnePartOfTheFont(t *testing.T) {
	all := ranges(t, string(read("kindward.css")))
	if len(all) != 4 {
		t.Fatalf("%d parts of the font are in the style sheet, not 4", len(all))
	}
	for c := rune(0x20); c < 0x2300; c++ {
		if found := holders(all, c); len(found) > 1 {
			t.Errorf("%q is in %v: a page with it fetches both", c, found)
		}
	}
	for part, text := range map[string]string{
		"schibsted-grotesk":         "Kindward 0123456789 ’ “ ” – — … · × -/'\"\u00a0",
		"schibsted-grotesk-letters": "ñáéíóúüÑÁ¿¡ªºçãõßøåæœÀÿıʻʼ",
		"schibsted-grotesk-ext":     "łżąęśćźńŁŻčřžőűğşİăđỳ",
		"schibsted-grotesk-signs":   "©®™£¥½°±‹›«»′″↑↓€−•",
	} {
		for _, c := range text {
			if found := holders(all, c); (len(found) != 1 || found[0] != part) && !(c == ' ' && len(found) == 1) {
				t.Errorf("%q is in %v, not in %s", c, found, part)
			}
		}
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		build()
	}
}
