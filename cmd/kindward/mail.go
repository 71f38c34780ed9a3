package main

import (
	"net/url"

	"kindward/internal/notify"
	"kindward/views/mail"
)

// sender is the mail server of the settings, or the folder in which a demonstration keeps its mail.
func (b *base) sender() (notify.Sender, error) {
	if b.SMTP != "" {
		return notify.NewSMTP(b.SMTP, b.MailFrom)
	}
	return notify.NewFileSender(b.mailDir(), b.MailFrom)
}

// composer makes the messages of this deployment, whose visitors reach it under this address.
func (b *base) composer(base *url.URL) notify.Composer {
	return notify.Composer{Base: base, From: b.MailFrom, Zone: b.zone(), HTML: mail.HTML}
}
