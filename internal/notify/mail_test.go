package notify_test

import (
	"errors"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/internal/civil"
	"kindward/internal/notify"
	"kindward/internal/venue"
	views "kindward/views/mail"
)

func TestTheSameMessageIsOneFileWithAReadableName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	files, err := notify.NewFileSender(dir, sender)
	if err != nil {
		t.Fatal(err)
	}
	m := booking(t, composer(t), "booked", visit())
	for range 2 {
		if err := files.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	want := "2026-11-22-180000-your-appointment-on-tuesday-24-november-is-booked--booked-0-0193a5c0-0000-7000-8000-000000000001.eml"
	if got := filesIn(t, dir); len(got) != 1 || got[0] != want {
		t.Fatalf("files %q", got)
	}
}

func TestAMailboxShowsWhatTheFileSenderKeeps(t *testing.T) {
	dir := t.TempDir()
	files, err := notify.NewFileSender(dir, sender)
	if err != nil {
		t.Fatal(err)
	}
	w := composer(t)
	w.HTML = views.HTML
	first := booking(t, w, "booked", visit())
	later := booking(t, w, "moved",
		visit(func(a *notify.Appointment) { a.Sequence, a.Changed = 1, a.Changed.Add(time.Hour) }))
	for _, m := range []notify.Message{later, first} {
		if err := files.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("no mail"), 0o600); err != nil {
		t.Fatal(err)
	}
	mailbox := notify.Mailbox{Dir: dir}
	list, err := mailbox.List(10)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	if list[0].Subject != "Your appointment is now on Tuesday 24 November" || list[1].To != "maya@example.test" ||
		!list[1].Date.Equal(first.At) {
		t.Fatalf("%+v", list)
	}
	m, err := mailbox.Read(list[1].ID)
	if err != nil || m.Text != first.Text || len(m.Files) != 1 || m.Files[0].Name != "appointment.ics" {
		t.Fatalf("%+v %v", m, err)
	}
	if m.Files[0].Text != strings.ReplaceAll(string(first.Attachments[0].Content), "\r\n", "\n") {
		t.Error("the attachment changed on its way")
	}
	if none, err := (notify.Mailbox{Dir: filepath.Join(dir, "none")}).List(10); err != nil || len(none) != 0 {
		t.Error(none, err)
	}
}

func TestAMailboxOpensNothingOutsideItself(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.eml"), []byte("Subject: secret\r\n\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mailbox := notify.Mailbox{Dir: filepath.Join(dir, "mailbox")}
	if err := os.Mkdir(mailbox.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "../secret", "..", "a/b", `..\secret`, "%2e%2e/secret", "secret\x00", "SECRET",
		"secret.eml"} {
		if _, err := mailbox.Read(id); !errors.Is(err, notify.ErrNoMail) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestNamesCannotWriteHeaders(t *testing.T) {
	for name, text := range nasty {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			files, err := notify.NewFileSender(dir, sender)
			if err != nil {
				t.Fatal(err)
			}
			m := booking(t, composer(t), "booked",
				visit(func(a *notify.Appointment) { a.Where.Organization, a.Practitioner = text, text }))
			m.Subject = text + "\r\nBcc: evil@example.test\r\n\r\nbody"
			if err := files.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(filepath.Join(dir, filesIn(t, dir)[0]))
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := mail.ReadMessage(strings.NewReader(string(raw)))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for n := range parsed.Header {
				names = append(names, n)
			}
			slices.Sort(names)
			if got := strings.Join(names,
				" "); got != "Auto-Submitted Content-Type Date From Message-Id Mime-Version Subject To" {
				t.Errorf("headers: %s", got)
			}
		})
	}
}

func TestAnAddressIsOneAddress(t *testing.T) {
	files, err := notify.NewFileSender(t.TempDir(), sender)
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"", "maya", "maya@example.test, evil@example.test",
		"maya@example.test\r\nBcc: evil@example.test", "maya@example.test\n"} {
		m := booking(t, composer(t), "booked", visit(func(a *notify.Appointment) { a.Email = to }))
		if err := files.Send(t.Context(), m); !errors.Is(err, notify.ErrRefused) {
			t.Errorf("%q: %v", to, err)
		}
	}
}

func TestStaffAccessIsToldInTheWordsOfAllTimesWithItsZone(t *testing.T) {
	providence, err := civil.Zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 27, 21, 33, 0, 0, time.UTC)
	for want, zone := range map[string]*time.Location{
		"since Friday 27 November, 4:33 pm EST,": providence, "since Friday 27 November, 9:33 pm UTC,": nil,
	} {
		c := notify.Composer{Base: &url.URL{Scheme: "https", Host: "kindward.example"}, Zone: zone}
		e := notify.ImpersonationBegun{Reason: "x", At: at, Lasts: 30 * time.Minute}.Email(c)
		if text := strings.Join(e.Paragraphs, " "); !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
}

func TestAMailSaysWhenWhereAndHowToChangeButNotWhy(t *testing.T) {
	w := composer(t)
	for _, c := range []struct {
		message notify.Message
		subject string
		says    []string
	}{
		{booking(t, w, "booked", visit()), "Your appointment on Tuesday 24 November is booked",
			[]string{"Tuesday 24 November, 9:20 am", "Wickenden Diagnostics", "212 Wickenden St",
				"KW-7QK4-M92", "https://kindward.example/bookings/0193a5c0-0000-7000-8000-000000000001",
				"until Monday 23 November, 9:20 am"}},
		{booking(t, w, "moved", visit()), "Your appointment is now on Tuesday 24 November",
			[]string{"Your new time is Tuesday 24 November, 9:20 am"}},
		{booking(t, w, "cancelled", visit(func(a *notify.Appointment) { a.CancelledBy = "support" })),
			"Your appointment on Tuesday 24 November is canceled", []string{"Our support canceled it for you"}},
		{booking(t, w, "cancelled", visit(func(a *notify.Appointment) { a.CancelledBy = "patient" })),
			"Your appointment on Tuesday 24 November is canceled",
			[]string{"You canceled it"}},
		{booking(t, w, "cancelled", visit(func(a *notify.Appointment) { a.CancelledBy = "provider" })),
			"Your appointment on Tuesday 24 November is canceled", []string{"Wickenden Diagnostics had to cancel it"}},
		{booking(t, w, "cancelled", visit(func(a *notify.Appointment) { a.CancelledBy, a.Asked = "provider", true })),
			"Your appointment on Tuesday 24 November is canceled",
			[]string{"Wickenden Diagnostics canceled it for you, as you asked by phone"}},
		{booking(t, w, "booked", visit(func(a *notify.Appointment) { a.Where.Mode = venue.AtHome })),
			"Your appointment on Tuesday 24 November is booked", []string{"At your home", "Wickenden Diagnostics comes to you."}},
	} {
		if c.message.Subject != c.subject {
			t.Errorf("subject %q", c.message.Subject)
		}
		for _, s := range c.says {
			if !strings.Contains(c.message.Text, s) {
				t.Errorf("%q does not say %q", c.message.Text, s)
			}
		}
	}
	if m := booking(t, w, "cancelled", visit()); strings.Contains(m.Text, "until") {
		t.Error("what is canceled can be canceled:", m.Text)
	}
}

func TestAnEmailAsHTMLIsInert(t *testing.T) {
	w := composer(t)
	w.HTML = views.HTML
	m := booking(t, w, "booked",
		visit(func(a *notify.Appointment) { a.Where.Organization = `<img src=x onerror=alert(1)>"><script>` }))
	for _, bad := range []string{"<img", "<script", " style=", "onerror=alert(1)>\"", "http://"} {
		if strings.Contains(m.HTML, bad) {
			t.Errorf("the email contains %q", bad)
		}
	}
	if !strings.Contains(m.HTML, `href="https://kindward.example/bookings/`) {
		t.Error("the link is missing")
	}
}
