package booking

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kindward/internal/tenancy"
)

func TestADatabaseThatIsSilentKeepsNobodyWaitingForLongerThanAnAttemptMay(t *testing.T) {
	defer func(before time.Duration) { longest = before }(longest)
	longest = 50 * time.Millisecond
	silent := func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("%w: %w", tenancy.ErrUnknown, ctx.Err())
	}
	done := make(chan error, 1)
	go func() { done <- attempt(context.Background(), silent) }()
	select {
	case err := <-done:
		if !errors.Is(err, tenancy.ErrUnknown) {
			t.Errorf("somebody is told that nothing was done: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("they wait for ever")
	}
	if err := attempt(context.Background(), func(context.Context) error { return nil }); err != nil {
		t.Errorf("control: %v", err)
	}
}
