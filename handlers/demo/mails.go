// Package demo answers what only a demonstration has.
package demo

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/notify"
	"kindward/views/demo"
	"kindward/views/ui"
)

// listed is how many mails the list shows.
const listed = 100

// Handlers show the demonstration's mail and logins. Mounted only where everybody is invented.
type Handlers struct {
	Mailbox notify.Mailbox
	Base    *url.URL       // where this site is: links to it work, others stay text
	Zone    *time.Location // in which times are shown; nil is UTC

	Everywhere bool // answers other machines too, not this one alone

	Password string // of all logins
	Logins   []Login
	Code     func(secret string, at time.Time) (string, error) // what an authenticator app shows
}

// ListMails shows what was sent, latest first.
func (h *Handlers) ListMails(c echo.Context) error {
	mails, err := h.Mailbox.List(listed)
	if err != nil {
		return err
	}
	page := demo.MailsPage{Page: web.Page(c, "Mail of this demo")}
	for _, m := range mails {
		page.Mails = append(page.Mails, demo.Line{Subject: m.Subject, Href: "/demo/mail/" + m.ID, To: m.To,
			When: h.when(m.Date)})
	}
	return web.Render(c, http.StatusOK, demo.Mails(page), "")
}

// ShowMail shows one mail with its attachments as text.
func (h *Handlers) ShowMail(c echo.Context) error {
	m, err := h.Mailbox.Read(c.Param("mail"))
	if errors.Is(err, notify.ErrNoMail) {
		return fmt.Errorf("mail: %w", web.ErrNotFound)
	}
	if err != nil {
		return err
	}
	page := demo.MailPage{Page: web.Page(c, "A mail of this demo"), Subject: m.Subject, Paragraphs: h.paragraphs(m.Text),
		Summary: ui.Summary{{Name: "To", Value: m.To}, {Name: "Sent", Value: h.when(m.Date)}}}
	for _, f := range m.Files {
		page.Files = append(page.Files, demo.File{Name: f.Name, Text: strings.TrimSpace(f.Text)})
	}
	return web.Render(c, http.StatusOK, demo.Mail(page), "")
}

func (h *Handlers) when(t time.Time) string {
	zone := h.Zone
	if zone == nil {
		zone = time.UTC
	}
	return civil.TimeFormat{}.Full(t.In(zone))
}

// paragraphs divides a mail's text and finds the links to this site in it.
func (h *Handlers) paragraphs(text string) [][]demo.Piece {
	var out [][]demo.Piece
	for p := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var pieces []demo.Piece
		for n, line := range strings.Split(strings.TrimSpace(p), "\n") {
			if n > 0 {
				pieces = append(pieces, demo.Piece{Text: "\n"})
			}
			pieces = append(pieces, h.piece(line))
		}
		out = append(out, pieces)
	}
	return out
}

// piece is a line of text, or a link if the line is an address on this site and nothing else. Long addresses are shown
// shortened.
func (h *Handlers) piece(line string) demo.Piece {
	u, err := url.Parse(line)
	if h.Base == nil || err != nil || strings.ContainsAny(line, " \t") || u.Scheme != h.Base.Scheme ||
		u.Host != h.Base.Host || u.User != nil {
		return demo.Piece{Text: line}
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	text := u.Host + "/" + first
	if rest != "" {
		text += "/…"
	}
	return demo.Piece{Text: text, Href: u.String()}
}
