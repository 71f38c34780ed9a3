package notify

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Letter is what a mail says, before it becomes text and HTML.
type Letter struct {
	Subject string
	Heading string
	Lines   []string    // paragraphs
	Rows    [][2]string // name and value; a value may have several lines
	Action  string      // the words of the one link, if there is one
	Link    string
	After   []string // paragraphs below the link
}

// Writer makes messages of this deployment: links start with Base, HTML draws a letter (nil: text only).
type Writer struct {
	Base *url.URL
	From string // the sender, as an organizer of calendar entries; an address with or without a name
	HTML func(Letter) (string, error)
}

// Note makes a message of plain words. Paragraphs are divided by empty lines. The first line that is nothing but an address of ours
// becomes the link, and the line above it in the same paragraph its words.
func (w Writer) Note(id uuid.UUID, at time.Time, to, about, text string) (Message, error) {
	l := Letter{Subject: about, Heading: about}
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		part = strings.TrimSpace(part)
		above, last, two := strings.Cut(part, "\n")
		if !two {
			above, last = "Open this page", part
		}
		switch {
		case part == "":
		case l.Link == "" && !strings.ContainsAny(last, " \n\t") && w.ours(last):
			l.Action, l.Link = strings.TrimRight(above, ": "), last
		case l.Link == "":
			l.Lines = append(l.Lines, part)
		default:
			l.After = append(l.After, part)
		}
	}
	return w.write("note-"+id.String(), at, to, l)
}

// ours tells whether an address is on this deployment's own site.
func (w Writer) ours(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == w.Base.Scheme && u.Host == w.Base.Host && u.User == nil
}

func (w Writer) write(id string, at time.Time, to string, l Letter, files ...Attachment) (Message, error) {
	m := Message{ID: id, At: at, To: to, Subject: subject(l.Subject), Text: l.text(), Attachments: files}
	if w.HTML == nil {
		return m, nil
	}
	page, err := w.HTML(l.cleaned())
	if err != nil {
		return Message{}, fmt.Errorf("the letter cannot be drawn: %w", err)
	}
	m.HTML = page
	return m, nil
}

// text is the letter for people who read plain text: the same words in the same order.
func (l Letter) text() string {
	l = l.cleaned()
	var b strings.Builder
	if l.Heading != "" {
		b.WriteString(l.Heading + "\n\n")
	}
	for _, p := range l.Lines {
		b.WriteString(p + "\n\n")
	}
	for _, row := range l.Rows {
		b.WriteString(row[0] + ": " + strings.ReplaceAll(row[1], "\n", "\n    ") + "\n")
	}
	if len(l.Rows) > 0 {
		b.WriteString("\n")
	}
	if l.Link != "" {
		b.WriteString(l.Action + ":\n" + l.Link + "\n\n")
	}
	for _, p := range l.After {
		b.WriteString(p + "\n\n")
	}
	return b.String() + "--\nKindward\n"
}

// cleaned is the letter without control characters, whoever's name or note brought them.
func (l Letter) cleaned() Letter {
	each := func(in []string) []string {
		out := make([]string, len(in))
		for i, s := range in {
			out[i] = strings.TrimSpace(clean(s))
		}
		return out
	}
	l.Subject, l.Heading, l.Action, l.Link = subject(l.Subject), oneLine(l.Heading), oneLine(l.Action), strings.TrimSpace(clean(l.Link))
	l.Lines, l.After = each(l.Lines), each(l.After)
	rows := make([][2]string, len(l.Rows))
	for i, r := range l.Rows {
		rows[i] = [2]string{oneLine(r[0]), strings.TrimSpace(clean(r[1]))}
	}
	l.Rows = rows
	return l
}
