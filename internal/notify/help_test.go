package notify_test

import (
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/venue"
)

const sender = "Kindward <care@kindward.example>"

var providence, _ = time.LoadLocation("America/New_York")

// visit is an appointment of Maya's on Tuesday 24 November 2026 at 9:20 am in Providence.
func visit(change ...func(*notify.Appointment)) notify.Appointment {
	start := time.Date(2026, 11, 24, 9, 20, 0, 0, providence)
	a := notify.Appointment{ID: uuid.MustParse("0193a5c0-0000-7000-8000-000000000001"), Ref: "KW-7QK4-M92", Start: start,
		End:     start.Add(20 * time.Minute),
		Changed: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), Practitioner: "Dr. Ana Silva",
		Where: venue.Where{Mode: venue.AtClinic, Organization: "Wickenden Diagnostics",
			Street: "212 Wickenden St", Town: "Providence, RI 02903"}, Phone: "401-555-0142", Email: "maya@example.test",
		Changes: "Free to cancel or move until Monday 23 November, 9:20 am."}
	for _, f := range change {
		f(&a)
	}
	return a
}

func composer(t testing.TB) notify.Composer {
	t.Helper()
	base, err := url.Parse("https://kindward.example")
	if err != nil {
		t.Fatal(err)
	}
	return notify.Composer{Base: base, From: sender, Zone: providence}
}

// booking is the message of a kind about an appointment.
func booking(t testing.TB, c notify.Composer, kind string, a notify.Appointment) notify.Message {
	t.Helper()
	m, err := c.Booking(kind, a)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// filesIn are the names in a folder.
func filesIn(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}
