package sitetest

import (
	"testing"

	"kindward/internal/browser"
)

// Visit opens a tab for somebody new, who comes from a network of their own. All visits of a package are in one
// Chromium.
func (s *Site) Visit(t testing.TB, change ...func(*browser.Options)) *browser.Tab {
	t.Helper()
	o := browser.Options{Home: s.Home, Address: s.address()}
	for _, f := range change {
		f(&o)
	}
	return browser.Shared(t).Visit(t, o)
}

// NoScript is a visitor in whose browser scripts are blocked.
func NoScript(o *browser.Options) { o.NoScript = true }

// Phone is a visitor with a phone.
func Phone(o *browser.Options) { o.Width, o.Height = 390, 844 }

// Silent checks that nothing was said on the console: no exception, nothing that our policy had to block.
func Silent(t testing.TB, tabs ...*browser.Tab) {
	t.Helper()
	for _, v := range tabs {
		for _, line := range v.Console() {
			t.Errorf("console: %s", line)
		}
	}
}
