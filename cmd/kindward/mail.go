package main

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/views/mail"
)

// sender is the mail server of the settings, or the folder in which a demonstration keeps its mail.
func (b *base) sender() (notify.Sender, error) {
	if b.SMTP != "" {
		return notify.NewSMTP(b.SMTP, b.MailFrom)
	}
	return notify.NewFolder(b.mailDir(), b.MailFrom)
}

func drawLetter(l notify.Letter) (string, error) { return mail.HTML(mail.Letter(l)) }

// letters sends what concerns accounts at once: a code or a link is waited for.
func letters(sender notify.Sender, writer notify.Writer) identity.Mailer {
	return func(ctx context.Context, l identity.Letter) error {
		m, err := writer.Note(uuid.New(), time.Now(), l.To, l.Subject(), l.Text())
		if err != nil {
			return err
		}
		return sender.Send(ctx, m)
	}
}
