package notify_test

import (
	"testing"

	"kindward/internal/notify"
)

func TestEveryKindOfMessageHasAnEmail(t *testing.T) {
	for _, kind := range notify.MessageKinds() {
		if m, err := composer(t).Booking(kind, visit()); err != nil || m.Subject == "" {
			t.Errorf("%s: %q, %v", kind, m.Subject, err)
		}
	}
}
