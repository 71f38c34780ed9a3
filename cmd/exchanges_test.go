package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Two presses whose answers change the address and the page must not be answered in the other order.
func TestWhatChangesTheAddressSaysWhichOfTwoRequestsCounts(t *testing.T) {
	element := regexp.MustCompile(`<form[^{}]*(?:\{[^{}]*\}[^{}]*)*?hx-push-url="true"[^>]*>|` +
		`(?:Attributes|map\[string\]any)\{[^}]*hx-push-url[^}]*\}`)
	found := 0
	for _, pattern := range []string{"../views/*/*.templ", "../handlers/*/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) < 20 {
			t.Fatal(len(files), err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range element.FindAll(raw, -1) {
				if found++; !regexp.MustCompile(`hx-sync"?[=:] ?"(this|#[a-z]+):replace"`).Match(one) {
					t.Errorf("%s: a later press may lose to an earlier one: %s", file, one)
				}
			}
		}
	}
	if found < 7 {
		t.Errorf("control: %d elements change the address", found)
	}
}
