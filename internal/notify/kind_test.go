package notify_test

import (
	"encoding/json"
	"errors"
	"net/mail"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/notify"
	views "kindward/views/mail"
)

var rowID = uuid.MustParse("0193a5c0-0000-7000-8000-0000000000aa")

// everyEntry has one of each kind, about somebody of this name at an organization of this name.
func everyEntry(name, organization string) []notify.Entry {
	to := notify.Recipient{To: "maya@example.test", Name: name}
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)
	reason := "Asked by " + name
	return []notify.Entry{
		notify.SignUpCode{Recipient: to, Code: "123456", Valid: 20 * time.Minute},
		notify.HaveAccount{Recipient: notify.Recipient{To: to.To},
			SignIn: notify.Page{Path: "/sign-in", Query: "next=%2Fbookings"}},
		notify.PasswordReset{Recipient: to, Token: "abc", Next: "/account", Valid: 30 * time.Minute},
		notify.PasswordChanged{Recipient: to},
		notify.NewDevice{Recipient: to, Browser: "Firefox on " + name, At: at},
		notify.EmailChange{Recipient: to, Token: "abc", Valid: 30 * time.Minute},
		notify.EmailTaken{Recipient: to},
		notify.EmailChanged{Recipient: to},
		notify.SecondFactorOn{Recipient: to},
		notify.SecondFactorOff{Recipient: to},
		notify.RecoveryCodeUsed{Recipient: to, Left: 9},
		notify.RecoveryCodesMade{Recipient: to},
		notify.PasskeyAdded{Recipient: to},
		notify.PasskeyRemoved{Recipient: to},
		notify.PasskeyCopied{Recipient: to},
		notify.SSOLinked{Recipient: to, Organization: organization},
		notify.SSOUnlinked{Recipient: to, Organization: organization},
		notify.Invitation{Recipient: to, Organization: organization, Slug: "fox-point", Role: "front desk", Token: "abc",
			Valid: 7 * 24 * time.Hour},
		notify.ApplicationTurn{Applicant: notify.Applicant{Recipient: to, Application: rowID, Organization: organization},
			Steps: [][2]string{{"Licenses", reason}}},
		notify.ApplicationReceived{Applicant: notify.Applicant{Recipient: to, Application: rowID}},
		notify.ApplicationDecided{Applicant: notify.Applicant{Recipient: to, Application: rowID}, Reason: reason},
		notify.ApplicationWithdrawn{Applicant: notify.Applicant{Recipient: to, Application: rowID}},
		notify.ApplicationReminder{Applicant: notify.Applicant{Recipient: to, Application: rowID}, Step: "Licenses",
			Last: true, Days: 57},
		notify.LicensesEnd{Recipient: to, Organization: "Harbor", Slug: "harbor", Ends: [][2]string{{"Dr. X", "ends"}}},
		notify.ApplicationClosed{Applicant: notify.Applicant{Recipient: to, Application: rowID}, Days: 60},
		notify.ContractToSign{Recipient: to, Organization: organization, Slug: "fox-point", Due: at},
		notify.SignatureCode{Recipient: to, Code: "123456", Valid: 10 * time.Minute},
		notify.ApplicationLeft{Applicant: notify.Applicant{Recipient: to, Application: rowID}},
		notify.ApplicationDuplicate{Applicant: notify.Applicant{Recipient: to, Application: rowID}, Reason: reason},
		notify.DuplicateApplied{Recipient: to, Organization: organization, Slug: "fox-point",
			Applied: []string{"leo@example.test"}},
		notify.ApplicantInvitation{Recipient: to, By: "leo@example.test", Application: rowID, Token: "abc",
			Valid: 7 * 24 * time.Hour},
		notify.ImpersonationBegun{Recipient: to, Reason: reason, At: at, Lasts: 30 * time.Minute},
		notify.EmergencyAccessBegun{Recipient: to, Organization: organization, Slug: "fox-point", Reason: reason, At: at,
			Lasts: time.Hour, ReviewWithin: 72 * time.Hour},
		notify.EmergencyAccessReviewed{Recipient: to, Organization: organization, Slug: "fox-point", Justified: true},
		notify.FactorsRemoved{Recipient: to, Reason: reason},
		notify.FactorRemovalRequested{Recipient: to, Reason: reason, Valid: 24 * time.Hour},
		notify.FactorRemovalWithdrawn{Recipient: to},
		notify.HelpMessage{Recipient: to, From: "nora@example.test", Account: rowID, Reference: name, Text: reason},
		notify.SignUpAsked{Recipient: to, Code: "123456", Valid: 20 * time.Minute},
		notify.PasswordResetAsked{To: to.To, Token: []byte{1}, At: at, Valid: 30 * time.Minute},
		notify.EmailChangeAsked{To: to.To, Account: rowID, Token: []byte{1}, At: at, Valid: 30 * time.Minute},
	}
}

// everyMessage is each email that the product sends, about accounts and about appointments.
func everyMessage(t *testing.T, name, organization string) (all []notify.Message) {
	t.Helper()
	c := composer(t)
	c.HTML = views.HTML
	for _, e := range everyEntry(name, organization) {
		n, ready := e.(notify.Notice)
		if !ready {
			continue
		}
		m, err := c.Notice(rowID, visit().Changed, n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	for _, kind := range []string{"booked", "moved", "cancelled"} {
		all = append(all, booking(t, c, kind,
			visit(func(a *notify.Appointment) { a.Where.Organization, a.Practitioner = organization, name })))
	}
	return all
}

func TestTheTableOfKindsIsWholeAndReadsBackWhatWasWritten(t *testing.T) {
	seen := map[notify.Kind]bool{}
	for _, e := range everyEntry("Maya", "Fox Point") {
		seen[e.Kind()] = true
		payload, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		from, ok := notify.Entries[e.Kind()]
		if !ok {
			t.Errorf("%s is not in the table", e.Kind())
			continue
		}
		back, err := from(payload)
		if err != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%s: %+v came back as %+v: %v", e.Kind(), e, back, err)
		}
		if e.Address() != "maya@example.test" || e.Life() <= 0 {
			t.Errorf("%s goes to %q for %s", e.Kind(), e.Address(), e.Life())
		}
		if _, err := from([]byte(`{"more": 1}`)); err == nil {
			t.Errorf("%s overlooks a field that it does not know", e.Kind())
		}
	}
	for kind := range notify.Entries {
		if !seen[kind] {
			t.Errorf("no test writes a %s", kind)
		}
	}
}

// stranger is an entry of no kind that there is.
type stranger struct{ notify.PasswordChanged }

func (stranger) Kind() notify.Kind { return "newsletter" }

func TestAnUnknownKindIsAnErrorAndNeverAnotherEmail(t *testing.T) {
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := notify.Enqueue(t.Context(), nil, ring, rowID, time.Now(), stranger{}); !errors.Is(err,
		notify.ErrUnknownKind) {
		t.Error(err)
	}
	sealed := ring.Seal("email", []byte(`{"To":"maya@example.test"}`),
		[]byte("outbox.email|sealed|newsletter|"+rowID.String()))
	if e, err := notify.Open(ring, rowID, "newsletter", sealed); !errors.Is(err, notify.ErrUnknownKind) {
		t.Error(e, err)
	}
	if _, err := composer(t).Booking("newsletter", visit()); !errors.Is(err, notify.ErrUnknownKind) {
		t.Error(err)
	}
	good := ring.Seal("email", []byte(`{"To":"maya@example.test","Name":""}`),
		[]byte("outbox.email|sealed|password-changed|"+rowID.String()))
	if _, err := notify.Open(ring, rowID, notify.KindPasswordChanged, good); err != nil {
		t.Error("control:", err)
	}
	if _, err := notify.Open(ring, rowID, notify.KindPasskeyAdded, good); err == nil {
		t.Error("an entry opens as another kind")
	}
	if _, err := notify.Open(ring, uuid.New(), notify.KindPasswordChanged, good); err == nil {
		t.Error("an entry opens in another row")
	}
}

func TestEveryEmailHasItsOwnSubjectAndLeadsToThisSiteOnly(t *testing.T) {
	subjects := map[string]bool{}
	for _, m := range everyMessage(t, "Maya", "Fox Point") {
		if m.Subject == "" || subjects[m.Subject] {
			t.Errorf("%s: subject %q is empty or another email's", m.ID, m.Subject)
		}
		subjects[m.Subject] = true
		if strings.Contains(m.Subject, "123") {
			t.Errorf("%s: the code stands in the subject", m.ID)
		}
		if strings.Contains(m.Text, "://") && strings.Count(m.Text, "://") != strings.Count(m.Text,
			"https://kindward.example/") {
			t.Errorf("%s leads elsewhere:\n%s", m.ID, m.Text)
		}
		for _, word := range []string{"-mail", "letter", "%!"} {
			if strings.Contains(m.Text+m.Subject, word) {
				t.Errorf("%s says %q", m.ID, word)
			}
		}
	}
}

func TestA24ANameMakesNoHeaderAndNoParagraphInAnyEmail(t *testing.T) {
	bad := "Maya\r\nBcc: all@example.test\r\n\r\n<script>alert(1)</script>"
	for _, m := range everyMessage(t, bad, bad) {
		parsed, err := mail.ReadMessage(strings.NewReader(sentFile(t, m)))
		if err != nil {
			t.Fatal(m.ID, err)
		}
		var names []string
		for n := range parsed.Header {
			names = append(names, n)
		}
		slices.Sort(names)
		want := "Auto-Submitted Content-Type Date From Message-Id Mime-Version Subject To"
		if m.ReplyTo != "" {
			want = strings.Replace(want, "Subject", "Reply-To Subject", 1)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: headers %s", m.ID, got)
		}
		if strings.Contains(m.HTML, "<script") {
			t.Errorf("%s: markup of a name is markup of the email", m.ID)
		}
	}
}

// sentFile is the file that a message becomes.
func sentFile(t *testing.T, m notify.Message) string {
	t.Helper()
	dir := t.TempDir()
	files, err := notify.NewFileSender(dir, sender)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Send(t.Context(), m); err != nil {
		t.Fatal(m.ID, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, filesIn(t, dir)[0]))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
