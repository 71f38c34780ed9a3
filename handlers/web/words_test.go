package web

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestAWordWithoutANameIsLoggedOnceAndShownAsNoOther(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	names := map[string]string{"booked": "Booked"}
	for range 3 {
		if got := Named(names, "proposed", "Unclear"); got != "Unclear" {
			t.Errorf("an unknown word is called %q", got)
		}
	}
	if n := strings.Count(log.String(), "word=proposed"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, log.String())
	}
	if got := Named(names, "booked", "Unclear"); got != "Booked" || strings.Contains(log.String(), "word=booked") {
		t.Errorf("control: a word with a name is called %q", got)
	}
}
