package notify

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
)

// FileSender keeps mail as files that people can open: one .eml each, named by time, subject and id. It is how
// development and the demo send. The same message is always the same file, so sending it twice leaves one.
type FileSender struct {
	dir  string
	from *mail.Address
}

// NewFileSender makes the folder if it does not exist. from is the sender's address, like "Kindward
// <care@example.test>".
func NewFileSender(dir, from string) (*FileSender, error) {
	address, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender's address %q cannot be read", from)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot keep mail: %w", err)
	}
	return &FileSender{dir: dir, from: address}, nil
}

// Send writes the file: whole or not at all, and on the disk before it returns.
func (f *FileSender) Send(ctx context.Context, m Message) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	msg, err := encode(m, f.from)
	if err != nil {
		return err
	}
	half, err := os.CreateTemp(f.dir, ".half-*")
	if err != nil {
		return reason("the folder takes no file", err)
	}
	defer func() {
		if err != nil {
			half.Close()
			os.Remove(half.Name())
		}
	}()
	if _, err = msg.WriteTo(half); err != nil {
		return reason("the mail cannot be written", err)
	}
	if err = half.Sync(); err != nil {
		return reason("the mail cannot be written", err)
	}
	if err = half.Close(); err != nil {
		return reason("the mail cannot be written", err)
	}
	if err = os.Rename(half.Name(), filepath.Join(f.dir, fileName(m))); err != nil {
		return reason("the mail cannot be written", err)
	}
	return nil
}

// fileName is stable for a message: 2026-11-24-142000-your-appointment-on-tuesday-24-november-is-booked--<id>.eml
func fileName(m Message) string {
	words := strings.FieldsFunc(strings.ToLower(oneLine(m.Subject)), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
	})
	slug := strings.Join(words, "-")
	return m.At.UTC().Format("2006-01-02-150405-") + slug[:min(len(slug), 60)] + "--" + m.ID + ".eml"
}

// reason says what failed without the path: it goes into logs and job rows.
func reason(what string, err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		err = path.Err
	}
	return fmt.Errorf("%s: %w", what, err)
}
