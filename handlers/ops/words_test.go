package ops

import (
	"testing"

	"kindward/internal/booking"
	"kindward/internal/notify"
)

func TestSupportReadsAWordForEachStateMessageAndCanceler(t *testing.T) {
	for _, c := range []struct {
		words map[string]string
		all   []string
	}{{bookingWords, booking.VisitStatuses()}, {emailWords, notify.MessageKinds()}, {cancelers, booking.Cancelers()}} {
		if len(c.words) != len(c.all) {
			t.Errorf("%v are the words for %v", c.words, c.all)
		}
		for _, word := range c.all {
			if c.words[word] == "" {
				t.Errorf("support reads nothing for %q", word)
			}
		}
	}
}
