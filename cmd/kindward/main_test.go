package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"kindward/internal/sitetest"
)

func TestMain(m *testing.M) { sitetest.Main(m) }

func TestAFullDiskIsOneLineThatSaysSo(t *testing.T) {
	full := fmt.Errorf("listings: %w", &pgconn.PgError{Code: "53100", Message: "could not extend file"})
	if got := oneLine(full); !strings.Contains(got, "disk is full") || strings.Contains(got, "53100") {
		t.Error(got)
	}
	if got := oneLine(errors.New("another\nfault")); got != "another fault" {
		t.Errorf("control: %q", got)
	}
}
