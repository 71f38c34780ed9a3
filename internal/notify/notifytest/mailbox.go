// Package notifytest lets tests read the emails that a program has queued: it runs the worker of the queue
// once, by hand.
package notifytest

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
	"kindward/internal/jobs"
	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/queries/relaydb"
)

// Options of a Mailbox. All but Zone are needed.
type Options struct {
	RelayURL string // pgtest.DB.RelayURL()
	Keys     *keys.Keyring
	Base     *url.URL       // where links lead
	Zone     *time.Location // in which emails tell the time; nil is UTC
	Resolve  func(context.Context, notify.Entry) (notify.Notice, error)
}

// Email is one that was sent, with what its reader would do about it.
type Email struct {
	notify.Message
	Kind notify.Kind
	Link string // the one link, or ""
	Code string // the six digits of a code, or ""
}

// Path is the link without its host.
func (e Email) Path() string {
	u, err := url.Parse(e.Link)
	if err != nil {
		return ""
	}
	return u.RequestURI()
}

// Mailbox reads what is queued in one database. Several may read one database: each delivers only what its test
// looks for.
type Mailbox struct {
	relay  string
	emails jobs.Emails // without the queries
	mu     sync.Mutex
	sent   []Email
	known  map[uuid.UUID]string // the address of an entry that was seen waiting
}

// New is a mailbox for one test.
func New(t testing.TB, o Options) *Mailbox {
	t.Helper()
	files, err := notify.NewFileSender(t.TempDir(), "Kindward <care@kindward.example>")
	if err != nil {
		t.Fatal(err)
	}
	m := &Mailbox{relay: o.RelayURL, known: map[uuid.UUID]string{}}
	m.emails = jobs.Emails{Keys: o.Keys, Sender: kept{m, files}, Resolve: o.Resolve,
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Composer: notify.Composer{Base: o.Base, From: "Kindward <care@kindward.example>", Zone: o.Zone}}
	return m
}

// Deliver sends everything that waits in the database.
func (m *Mailbox) Deliver(t testing.TB) { t.Helper(); m.deliver(t, "") }

// To delivers what waits for an address and gives all that was ever sent to it through this mailbox, in order.
func (m *Mailbox) To(t testing.TB, address string) (all []Email) {
	t.Helper()
	m.deliver(t, address)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.sent {
		if e.To == address {
			all = append(all, e)
		}
	}
	return all
}

// Last is the latest of To, or the zero Email.
func (m *Mailbox) Last(t testing.TB, address string) (last Email) {
	t.Helper()
	if all := m.To(t, address); len(all) > 0 {
		last = all[len(all)-1]
	}
	return last
}

// deliver sends what waits for an address, or for anybody.
func (m *Mailbox) deliver(t testing.TB, address string) {
	t.Helper()
	err := events.Session(t.Context(), m.relay, func(q *relaydb.Queries) error {
		emails := m.emails
		emails.Queries = q
		waiting, err := q.WaitingEmails(t.Context())
		for _, row := range waiting {
			if address != "" && m.addressOf(row.ID, notify.Kind(row.Kind), row.Sealed) != address {
				continue
			}
			err := emails.Send(t.Context(), row.ID)
			if _, leased := errors.AsType[*jobs.LeasedError](err); err != nil && !leased && !errors.Is(err, notify.ErrRefused) {
				t.Errorf("an email was not sent: %v", err)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *Mailbox) addressOf(id uuid.UUID, kind notify.Kind, sealed []byte) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if address, ok := m.known[id]; ok {
		return address
	}
	if entry, err := notify.Open(m.emails.Keys, id, kind, sealed); err == nil {
		m.known[id] = entry.Address()
	}
	return m.known[id]
}

// kept is a sender of files that remembers what it sent.
type kept struct {
	*Mailbox
	files *notify.FileSender
}

var digits = regexp.MustCompile(`\b\d{3} \d{3}\b`)

// Send writes the file and remembers the message as its reader sees it.
func (k kept) Send(ctx context.Context, m notify.Message) error {
	if err := k.files.Send(ctx, m); err != nil {
		return err
	}
	e := Email{Message: m, Kind: notify.Kind(m.ID[:max(0, len(m.ID)-37)])} // an id is the kind, a hyphen and a uuid
	for line := range strings.SplitSeq(m.Text, "\n") {
		if u, err := url.Parse(line); err == nil && u.Host != "" && !strings.Contains(line, " ") {
			e.Link = line
		}
	}
	e.Code = strings.ReplaceAll(digits.FindString(m.Text), " ", "")
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sent = append(k.sent, e)
	return nil
}
