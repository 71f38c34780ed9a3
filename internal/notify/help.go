package notify

import (
	"strings"

	"github.com/google/uuid"
)

// HelpMessage is what somebody wrote to the people who help. It goes to them, and their answer to whoever wrote.
type HelpMessage struct {
	Recipient
	From      string    // the address of the answer, as typed: nobody has proved it
	Account   uuid.UUID // for whose account, if they were signed in
	By        uuid.UUID // who of the staff wrote it, acting for that account; nil: it was themself
	Reference string    // of an error or an appointment, as typed; or empty
	Text      string
}

// Kind is stable for ever.
func (HelpMessage) Kind() Kind { return KindHelpMessage }

// Email says it.
func (n HelpMessage) Email(Composer) Email {
	subject := "Message from the help page"
	if n.Reference != "" {
		subject += ": " + n.Reference
	}
	who := "not signed in"
	if n.Account != uuid.Nil {
		who = "account " + n.Account.String()
	}
	if n.By != uuid.Nil {
		who = "Kindward staff, account " + n.By.String() + ", acting for account " + n.Account.String()
	}
	e := Email{Subject: subject, Heading: subject, ReplyTo: n.From, Paragraphs: strings.Split(n.Text, "\n"),
		Rows: [][2]string{{"Answer to", n.From}, {"Written by", who}}}
	if n.Reference != "" {
		e.Rows = append(e.Rows, [2]string{"Reference", n.Reference})
	}
	return e
}
