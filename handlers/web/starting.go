package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"kindward/views/layout"
)

// Starting answers while there are no pages yet: come back in a moment. The process is healthy and not ready.
func Starting() (http.Handler, error) {
	pages, err := renderErrorPages()
	if err != nil {
		return nil, err
	}
	page := pages[layout.Auto][http.StatusServiceUnavailable].page
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, reference := w.Header(), newReference()
		setHeaders(h)
		h.Set("Cache-Control", "no-store")
		kind, status, body := htmlType, http.StatusServiceUnavailable, bytes.ReplaceAll(page, []byte(referencePlaceholder),
			[]byte(reference))
		switch {
		case r.URL.Path == "/healthz":
			kind, status, body = "text/plain; charset=utf-8", http.StatusOK, []byte("ok\n")
		case r.URL.Path == "/readyz":
			kind, body = "text/plain; charset=utf-8", []byte("not ready\nstarting\n")
		case strings.HasPrefix(r.URL.Path, "/api/"):
			kind, body = problemJSON, problem(status, reference)
		}
		if status != http.StatusOK {
			RetryAfter(h, 2*time.Second)
		}
		h.Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}), nil
}
