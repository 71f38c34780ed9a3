package identity

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// helpMessages are how many one account or one range of addresses may write: an account counts by itself, so that
// nobody of its network uses up what is its own (A43), and neither does staff who act for it.
var helpMessages = AttemptLimit{"help messages", 10, time.Hour, Sliding}

// AskHelp queues a message to the people who help; a *TooManyError to whoever has written many.
func AskHelp(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, m notify.HelpMessage,
	now time.Time) error {
	asker := Range(caller.IP)
	if m.Account != uuid.Nil {
		asker = cmp.Or(m.By, m.Account).String()
	}
	if _, err := limiter.Reserve(ctx, helpMessages.For(asker)); err != nil {
		return err
	}
	scope := ownScope(mail.Gateway, caller, uuid.Nil)
	if m.By != uuid.Nil { // the person's log says that it was done as them
		scope = mail.Gateway.Admit(tenancy.Tenant{}, caller)
	}
	err := mail.Gateway.WithinIdentity(ctx, scope, func(q *shareddb.Queries) error {
		if err := mail.enqueue(ctx, q, now, m); err != nil || m.By == uuid.Nil {
			return err
		}
		return q.WriteAccountEvent(ctx, &m.Account, "help", "success")
	})
	if err == nil {
		mail.notify()
	}
	return err
}
