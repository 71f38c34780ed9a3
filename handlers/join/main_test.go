package join_test

import (
	"testing"

	"kindward/internal/browser"
	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m, browser.StopShared) }
