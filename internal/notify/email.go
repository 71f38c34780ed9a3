package notify

import (
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"kindward/internal/civil"
)

// Email is what an email says, before it becomes text and HTML.
type Email struct {
	Subject     string // no health words and no code: phones show it while locked
	Heading     string
	Paragraphs  []string
	Rows        [][2]string // name and value; a value may have several lines
	Action      string      // the words of the link, if there is one
	Link        string
	Also        string // those of a second one
	AlsoLink    string
	After       []string // paragraphs below the link
	Attachments []Attachment
	ReplyTo     string // an address; empty: nobody reads an answer
}

// Composer makes the messages of one deployment: links start with Base, times are told in Zone (nil is UTC),
// HTML draws an email (nil: text only).
type Composer struct {
	Base *url.URL
	From string // the sender, as an organizer of calendar entries; an address with or without a name
	Zone *time.Location
	HTML func(Email) (string, error)
}

// Compose makes the message that says an email to an address. The id names it for good: see Message.
func (c Composer) Compose(id string, at time.Time, to string, e Email) (Message, error) {
	e = e.cleaned()
	m := Message{ID: id, At: at, To: to, Subject: e.Subject, Text: e.text(), Attachments: e.Attachments,
		ReplyTo: e.ReplyTo}
	if c.HTML == nil {
		return m, nil
	}
	page, err := c.HTML(e)
	if err != nil {
		return Message{}, fmt.Errorf("the email cannot be drawn: %w", err)
	}
	m.HTML = page
	return m, nil
}

// link is an address of this deployment. The host is the configured one, whatever a request said (A20).
func (c Composer) link(path ...string) string { return c.Base.JoinPath(path...).String() }

// address is the sender's without the name, or "".
func (c Composer) address() string {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return ""
	}
	return from.Address
}

// when tells a time of an account's history to whoever lives in the deployment's zone.
func (c Composer) when(t time.Time) string {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return civil.TimeFormat{Zoned: true}.Full(t.In(zone))
}

// text is the email for people who read plain text: the same words in the same order.
func (e Email) text() string {
	var b strings.Builder
	if e.Heading != "" {
		b.WriteString(e.Heading + "\n\n")
	}
	for _, p := range e.Paragraphs {
		b.WriteString(p + "\n\n")
	}
	for _, row := range e.Rows {
		b.WriteString(row[0] + ": " + strings.ReplaceAll(row[1], "\n", "\n    ") + "\n")
	}
	if len(e.Rows) > 0 {
		b.WriteString("\n")
	}
	if e.Link != "" {
		b.WriteString(e.Action + ":\n" + e.Link + "\n\n")
	}
	if e.AlsoLink != "" {
		b.WriteString(e.Also + ":\n" + e.AlsoLink + "\n\n")
	}
	for _, p := range e.After {
		b.WriteString(p + "\n\n")
	}
	return b.String() + "--\nKindward\n"
}

// cleaned is the email without control characters, whoever's name or note brought them.
func (e Email) cleaned() Email {
	each := func(in []string) []string {
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = strings.TrimSpace(clean(s))
		}
		return out
	}
	e.Subject, e.Heading, e.Action, e.Link = subject(e.Subject), oneLine(e.Heading), oneLine(e.Action),
		strings.TrimSpace(clean(e.Link))
	e.Also, e.AlsoLink = oneLine(e.Also), strings.TrimSpace(clean(e.AlsoLink))
	e.Paragraphs, e.After = each(e.Paragraphs), each(e.After)
	rows := make([][2]string, len(e.Rows))
	for i, r := range e.Rows {
		rows[i] = [2]string{oneLine(r[0]), strings.TrimSpace(clean(r[1]))}
	}
	e.Rows = rows
	return e
}
