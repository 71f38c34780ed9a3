// Package journeys_test walks through the running program as people do, from end to end, in Chromium.
package journeys_test

import (
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestMain(m *testing.M) { sitetest.Main(m) }

// withAndWithoutScripts runs a journey as most people take it, and as it goes where scripts are blocked, broken or not
// loaded yet.
func withAndWithoutScripts(t *testing.T, journey func(t *testing.T, site *sitetest.Site, way func(*browser.Options))) {
	site := sitetest.Open(t)
	t.Run("with scripts", func(t *testing.T) { journey(t, site, func(*browser.Options) {}) })
	t.Run("without scripts", func(t *testing.T) { journey(t, site, sitetest.NoScript) })
}
