package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"

	"kindward/docs"
	"kindward/handlers/web"
	view "kindward/views/api"
)

// ShowDocumentation says how API clients ask: docs/api.md as a page.
func (h *Handlers) ShowDocumentation(c echo.Context) error {
	h.drawOnce.Do(func() { h.drawn, h.drawErr = draw(docs.API) })
	if h.drawErr != nil {
		return h.drawErr
	}
	text := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, h.drawn) // Markdown of our own, of which goldmark lets no HTML through
		return err
	})
	return web.Render(c, http.StatusOK, view.Documentation(web.Page(c, "API"), text), "")
}

// draw makes HTML of Markdown. What may be wider than a phone scrolls by itself, also with the keyboard.
func draw(markdown []byte) (string, error) {
	var b bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID())).Convert(markdown, &b)
	html := scrolled(b.String(), "<table>", "</table>", `<table class="data">`, "Table")
	return scrolled(html, "<pre>", "</pre>", "<pre>", "Example"), err
}

func scrolled(html, begin, end, instead, label string) string {
	var out strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(html, begin)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		inside, rest, _ := strings.Cut(after, end)
		fmt.Fprintf(&out, `<section class="scroll" tabindex="0" aria-label="%s %d">%s%s%s</section>`, label, n, instead,
			inside, end)
		html = rest
	}
}
