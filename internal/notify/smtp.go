package notify

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"kindward/internal/loopback"
)

// sendTime bounds one conversation with a mail server.
const sendTime = 20 * time.Second

// SMTP hands mail to a server, one connection per message.
type SMTP struct {
	client *gomail.Client
	from   *mail.Address
}

// NewSMTP reads an address like smtp://user:password@host:587 or smtps://host. The connection is always encrypted,
// except to this machine itself or where the address says ?tls=off.
func NewSMTP(address, from string) (*SMTP, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the sender's address %q cannot be read", from)
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		// the error of Parse would repeat the password
		return nil, errors.New("the mail server's address must look like smtp://user:password@host:587")
	}
	options := []gomail.Option{gomail.WithTimeout(sendTime)}
	tls := gomail.TLSMandatory
	if u.Query().Get("tls") == "off" || loopback.Host(u.Hostname()) {
		tls = gomail.TLSOpportunistic
	}
	options = append(options, gomail.WithTLSPolicy(tls), gomail.WithPort(587))
	if u.Scheme == "smtps" {
		options = append(options, gomail.WithSSL(), gomail.WithPort(465))
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, fmt.Errorf("the mail server's port %q is not a number", u.Port())
		}
		options = append(options, gomail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		auth := gomail.SMTPAuthAutoDiscover
		if tls == gomail.TLSOpportunistic { // discovery refuses plain text even to this machine
			auth = gomail.SMTPAuthPlainNoEnc
		}
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(u.User.Username()),
			gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server's address cannot be used: %w", err)
	}
	return &SMTP{client: client, from: sender}, nil
}

// Send delivers one message. What the server answers is reduced to its code: answers repeat addresses, and errors end
// up in logs.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := encode(m, s.from)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	err = s.client.DialAndSendWithContext(ctx, msg)
	if err == nil {
		return nil
	}
	if msg.IsDelivered() { // accepted; only the goodbye failed
		return nil
	}
	return failure(err)
}

// failure tells what is wrong with a message or its recipient, which is for good, from what is wrong with this
// deployment or the server: a sender, a login or a network that is not allowed is mended without touching the
// message, so that it is worth another try, whatever the code.
func failure(err error) error {
	refusal, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		if answer, ok := errors.AsType[*textproto.Error](err); ok { // the greeting, EHLO, STARTTLS or the login
			return fmt.Errorf("the mail server lets nobody in from here: code %d", answer.Code)
		}
		return errors.New("the mail server cannot be reached")
	}
	code := refusal.ErrorCode()
	if aboutMessage(refusal.Reason) && forGood(code, refusal.EnhancedStatusCode()) {
		return fmt.Errorf("%w: the mail server says %d %s", ErrRefused, code, refusal.EnhancedStatusCode())
	}
	return fmt.Errorf("the mail server could not take it: %s: code %d %s", refusal.Reason, code,
		refusal.EnhancedStatusCode())
}

// aboutMessage: only the answers to RCPT TO and DATA, before and after the content, speak of this one message.
func aboutMessage(step gomail.SendErrReason) bool {
	return step == gomail.ErrSMTPRcptTo || step == gomail.ErrSMTPData || step == gomail.ErrSMTPDataClose
}

// forGood are the answers that speak of the recipient's address or mailbox, or of what the message says: by their
// enhanced code (RFC 3463, subjects 1, 2 and 6, but not the sender's address) where the server gives one, else by those
// of RFC 5321 for a mailbox. What a server says of its policy (554, 5.7.1) is as often said of a sender or a network.
func forGood(code int, enhanced string) bool {
	if enhanced == "" {
		return code >= 550 && code <= 553
	}
	of := strings.HasPrefix
	return of(enhanced, "5.1.") && enhanced != "5.1.7" && enhanced != "5.1.8" || of(enhanced, "5.2.") ||
		of(enhanced, "5.6.")
}
