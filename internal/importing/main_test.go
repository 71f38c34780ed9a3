package importing

import (
	"testing"

	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
