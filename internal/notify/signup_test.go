package notify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"kindward/internal/notify"
)

// Whoever signs up types a name and any address: nothing of it is said to a mailbox that has not answered.
func TestTheEmailWithACodeSaysNothingThatItsAskerTyped(t *testing.T) {
	typed := "customer, your records leaked: https://evil.example/login"
	mail := notify.SignUpCode{Recipient: notify.Recipient{To: "maya@example.test", Name: typed}, Code: "123456",
		Valid: 20 * time.Minute}.Email(notify.Composer{})
	said := fmt.Sprint(mail)
	if strings.Contains(said, "evil.example") || strings.Contains(said, "leaked") {
		t.Errorf("it says what was typed: %s", said)
	}
	if !strings.Contains(said, "123 456") {
		t.Error("control: it says no code")
	}
}
