package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
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

// draw makes HTML of Markdown. Examples may be wider than a phone: they scroll by themselves, also with the keyboard.
func draw(markdown []byte) (string, error) {
	var b bytes.Buffer
	err := goldmark.New(goldmark.WithExtensions(extension.Table),
		goldmark.WithParserOptions(parser.WithAutoHeadingID())).Convert(markdown, &b)
	html := cards(b.String())
	return scrolled(html, "<pre>", "</pre>", "Example"), err
}

var heads = regexp.MustCompile(`<th>(.*?)</th>`)

// cards makes tables those of ui.Table: each cell says what it is, where its row is a card.
func cards(html string) string {
	var out strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(html, "<table>")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		table, rest, _ := strings.Cut(after, "</table>")
		names := heads.FindAllStringSubmatch(table, -1)
		fmt.Fprintf(&out, `<div class="table"><table class="data" aria-label="Table %d">`, n)
		for _, row := range strings.SplitAfter(table, "</tr>") {
			for _, name := range names {
				row = strings.Replace(row, "<td>", `<td data-label="`+name[1]+`">`, 1)
			}
			out.WriteString(row)
		}
		out.WriteString("</table></div>")
		html = rest
	}
}

func scrolled(html, begin, end, label string) string {
	var out strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(html, begin)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		inside, rest, _ := strings.Cut(after, end)
		fmt.Fprintf(&out, `<section class="scroll" tabindex="0" aria-label="%s %d">%s%s%s</section>`, label, n, begin,
			inside, end)
		html = rest
	}
}
