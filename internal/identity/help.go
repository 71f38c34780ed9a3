package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
)

// helpMessages are how many one account or one range of addresses may write: an account counts by itself, so that
// nobody of its network uses up what is its own (A43).
var helpMessages = AttemptLimit{"help messages", 10, time.Hour, Sliding}

// AskHelp queues a message to the people who help; a *TooManyError to whoever has written many.
func AskHelp(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, m notify.HelpMessage,
	now time.Time) error {
	asker := Range(caller.IP)
	if m.Account != uuid.Nil {
		asker = m.Account.String()
	}
	if _, err := limiter.Reserve(ctx, helpMessages.For(asker)); err != nil {
		return err
	}
	return mail.ask(ctx, ownScope(mail.Gateway, caller, uuid.Nil), now, m)
}
