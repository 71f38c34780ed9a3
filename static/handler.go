package static

import (
	"net/http"
	"strconv"
	"strings"
)

// Handler serves the files under /static/ by their hashed names, and the icon for browsers
// that ask for /favicon.ico unprompted. Every other name, every plain name and every name
// spelled with percent signs is 404.
func Handler() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This file can only be read.", http.StatusMethodNotAllowed)
		return
	}
	a, keep := find(r)
	if a == nil {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	a.send(w, r, keep)
}

func find(r *http.Request) (a *asset, keep string) {
	if r.URL.RawPath != "" { // spelled with %2e, %2f and the like: nobody honest does
		return nil, ""
	}
	if r.URL.Path == "/favicon.ico" {
		return shelf().byName["icon.svg"], "public, max-age=86400"
	}
	return shelf().byPath[r.URL.Path], "public, max-age=31536000, immutable"
}

// forDocuments are headers of every page that tell a browser nothing about a script, a style sheet, a font or a picture
// that cannot act: 400 bytes a file.
var forDocuments = []string{"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy",
	"Cross-Origin-Opener-Policy", "Permissions-Policy"}

func (a *asset) send(w http.ResponseWriter, r *http.Request, keep string) {
	body, coding := a.choose(r.Header.Get("Accept-Encoding"))
	etag := `"` + a.hash + `"`
	if coding != "" {
		etag = `"` + a.hash + "-" + coding + `"`
	}
	h := w.Header()
	h.Set("Cache-Control", keep)
	h.Set("ETag", etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	for _, name := range forDocuments {
		h.Del(name)
	}
	if named(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // a browser that left is no error of ours
}

// choose takes the smallest form that the browser says it can read.
func (a *asset) choose(accept string) (body []byte, coding string) {
	br, gz := false, false
	for part := range strings.SplitSeq(accept, ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if refused(q) {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "br":
			br = true
		case "gzip":
			gz = true
		}
	}
	switch {
	case br && a.br != nil:
		return a.br, "br"
	case gz && a.gz != nil:
		return a.gz, "gzip"
	}
	return a.plain, ""
}

// refused tells "q=0" in all its spellings from a real weight.
func refused(q string) bool {
	value, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(q), " ", ""), "q=")
	if !ok {
		return false
	}
	weight, err := strconv.ParseFloat(value, 64)
	return err == nil && weight == 0
}

func named(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == etag || part == "*" {
			return true
		}
	}
	return false
}
