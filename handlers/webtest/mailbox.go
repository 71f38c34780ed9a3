package webtest

import (
	"context"
	"log/slog"
	"net/url"
	"sync"

	"kindward/internal/identity"
)

// Mailbox has what the site sent to people about their accounts.
type Mailbox struct {
	site *Site
	mu   sync.Mutex
	all  []identity.Letter
}

// openMailbox makes the accounts, whose mail ends here.
func (s *Site) openMailbox(base *url.URL, log *slog.Logger) {
	s.mailbox = &Mailbox{site: s}
	s.Accounts = identity.NewAccounts(s.Gateway, s.Keys, base, s.Clock.Now, log, s.mailbox.keep)
	s.Accounts.Zone = s.Zone
	s.t.Cleanup(s.Accounts.Wait)
}

func (m *Mailbox) keep(_ context.Context, l identity.Letter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, l)
	return nil
}

// Mailbox is where the site's mail arrives.
func (s *Site) Mailbox() *Mailbox { return s.mailbox }

// All waits for the mail under way and lists everything that was sent, in order.
func (m *Mailbox) All() []identity.Letter {
	m.site.Accounts.Wait()
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]identity.Letter(nil), m.all...)
}

// Last waits for the mail under way and gives the last that was sent to an address; the zero value if there is none.
func (m *Mailbox) Last(to string) (last identity.Letter) {
	for _, l := range m.All() {
		if l.To == to {
			last = l
		}
	}
	return last
}
