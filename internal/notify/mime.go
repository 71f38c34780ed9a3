// Package notify writes emails to people: what each says, the calendar entry that goes with it, the queue in which it
// waits, and the ways it is sent.
package notify

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// ErrRefused means that this message will never get through as it is: trying again is of no use.
var ErrRefused = errors.New("the message was refused for good")

// Message is one email to one person, ready to be sent.
type Message struct {
	// ID is of lower-case letters, digits and hyphens. The same message always has the same, so that sending it twice can
	// be seen.
	ID          string
	At          time.Time // when what it tells happened; its Date
	To          string    // an address, without a name
	ReplyTo     string    // the same, or empty
	Subject     string    // no health words
	Text, HTML  string    // HTML may be empty
	Attachments []Attachment
}

// Attachment is a file in a message. One of type text/calendar is shown as an invitation by calendar programs as well.
type Attachment struct {
	Name    string
	Type    string // like "text/calendar; method=REQUEST"; text is UTF-8, which the type need not say
	Content []byte
}

// Sender sends messages. ErrRefused is for good, any other error is worth another try. Errors name no
// person.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// encode makes the MIME message. Addresses are parsed and header values encoded, so nothing in them can start a new
// header.
func encode(m Message, from *mail.Address) (*gomail.Msg, error) {
	if !validID(m.ID) {
		return nil, fmt.Errorf("%w: a message needs an id", ErrRefused)
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil || strings.ContainsFunc(m.To, unicode.IsControl) {
		return nil, fmt.Errorf("%w: the address cannot be read", ErrRefused)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(from)
	msg.AddToMailAddress(&mail.Address{Address: to.Address})
	if m.ReplyTo != "" {
		answer, err := mail.ParseAddress(m.ReplyTo)
		if err != nil || strings.ContainsFunc(m.ReplyTo, unicode.IsControl) {
			return nil, fmt.Errorf("%w: the address of an answer cannot be read", ErrRefused)
		}
		msg.ReplyToMailAddress(&mail.Address{Address: answer.Address})
	}
	msg.Subject(subject(m.Subject))
	msg.SetDateWithValue(m.At)
	msg.SetMessageIDWithValue(m.ID + "@" + domain(from))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday answers (RFC 3834)
	msg.SetBodyString(gomail.TypeTextPlain, clean(m.Text))
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		if err := attach(msg, a); err != nil {
			return nil, fmt.Errorf("%w: an attachment cannot be read", ErrRefused)
		}
	}
	return msg, nil
}

// attach adds a file. The charset is said once in each header: the library adds it to parts by itself and to files not.
func attach(msg *gomail.Msg, a Attachment) error {
	kind, params, err := mime.ParseMediaType(a.Type)
	if err != nil {
		return err
	}
	delete(params, "charset")
	if kind == "text/calendar" {
		msg.AddAlternativeString(gomail.ContentType(mime.FormatMediaType(kind, params)), string(a.Content))
	}
	if strings.HasPrefix(kind, "text/") {
		params["charset"] = "utf-8"
	}
	as := gomail.WithFileContentType(gomail.ContentType(mime.FormatMediaType(kind, params)))
	return msg.AttachReader(a.Name, strings.NewReader(string(a.Content)), as)
}

func domain(from *mail.Address) string {
	return from.Address[strings.LastIndexByte(from.Address, '@')+1:]
}

func validID(s string) bool {
	return s != "" && len(s) <= 120 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// oneLine is text without line breaks and control characters, for headers and calendar fields.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// subject is one line of at most 150 characters.
func subject(s string) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) > 150 {
		s = string([]rune(s)[:149]) + "…"
	}
	return s
}

// clean drops what no email contains: control characters other than line breaks, invisible direction marks, broken
// UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r' || r == utf8.RuneError:
			return -1
		case r == '\t' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return ' '
		case unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
