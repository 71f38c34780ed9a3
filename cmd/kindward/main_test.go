package main

import (
	"testing"

	"kindward/internal/sitetest"
)

func TestMain(m *testing.M) { sitetest.Main(m) }
