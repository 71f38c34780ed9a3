package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// detailChanges are how often somebody may change what is told of them: each change is kept for good, and told to
// everybody who has a copy (A13).
var detailChanges = AttemptLimit{"changes of details", 30, time.Hour, Sliding}

// CountDetailChange counts one change of somebody's details or of the address of a visit; a *TooManyError to whoever
// has made many.
func CountDetailChange(ctx context.Context, limiter AttemptLimiter, account uuid.UUID) error {
	_, err := limiter.Reserve(ctx, detailChanges.For(account.String()))
	return err
}
