package notify

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// ErrNoMail means that there is no such mail in the mailbox.
var ErrNoMail = errors.New("no such mail")

// most is how much of one mail is read.
const most = 4 << 20

// Mailbox reads the folder of a FileSender, for the demo, where nobody has a real mail account.
type Mailbox struct{ Dir string }

// Mail is one mail in a mailbox.
type Mail struct {
	ID      string // names it in an address: the file's name without its ending
	To      string
	Subject string
	Date    time.Time
	Text    string // List leaves it out
	Files   []File // what is attached; List leaves it out
}

// File is an attachment that can be read as text.
type File struct{ Name, Type, Text string }

// List gives the latest mails, newest first, at most n. A folder that is not there yet is empty.
func (b Mailbox) List(n int) ([]Mail, error) {
	entries, err := os.ReadDir(b.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	slices.Reverse(entries) // names begin with the time
	var out []Mail
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".eml")
		if !ok || !e.Type().IsRegular() {
			continue
		}
		if len(out) == n {
			break
		}
		m, err := b.open(id, false)
		if err != nil {
			continue // a file that is no mail is none of ours
		}
		out = append(out, m)
	}
	return out, nil
}

// Read gives one mail with its text and files.
func (b Mailbox) Read(id string) (Mail, error) { return b.open(id, true) }

func (b Mailbox) open(id string, whole bool) (Mail, error) {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || id == "" {
		return Mail{}, ErrNoMail
	}
	file, err := os.Open(filepath.Join(b.Dir, id+".eml"))
	if errors.Is(err, fs.ErrNotExist) {
		return Mail{}, ErrNoMail
	}
	if err != nil {
		return Mail{}, err
	}
	defer file.Close()
	msg, err := mail.ReadMessage(io.LimitReader(file, most))
	if err != nil {
		return Mail{}, fmt.Errorf("%w: it cannot be read", ErrNoMail)
	}
	words := new(mime.WordDecoder)
	m := Mail{ID: id, To: msg.Header.Get("To")}
	if to, err := mail.ParseAddress(m.To); err == nil {
		m.To = to.Address
	}
	if m.Subject, err = words.DecodeHeader(msg.Header.Get("Subject")); err != nil {
		m.Subject = msg.Header.Get("Subject")
	}
	m.Date, _ = msg.Header.Date()
	if whole {
		m.take(msg.Header.Get, msg.Body)
	}
	return m, nil
}

// take collects the text and the files of one part and of the parts inside it. What cannot be read is left out.
func (m *Mail) take(header func(string) string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.take(part.Header.Get, part)
		}
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return
	}
	text := strings.ReplaceAll(strings.ToValidUTF8(string(raw), "�"), "\r\n", "\n")
	if how, names, err := mime.ParseMediaType(header("Content-Disposition")); err == nil && how == "attachment" {
		m.Files = append(m.Files, File{Name: names["filename"], Type: kind, Text: text})
	} else if kind == "text/plain" && m.Text == "" {
		m.Text = text
	}
}
