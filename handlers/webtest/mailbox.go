package webtest

import (
	"log/slog"
	"net/url"

	"kindward/internal/identity"
	"kindward/internal/notify/notifytest"
)

// Mailbox has what the site sends to people about their accounts, whatever is queued for the address that is
// asked for.
type Mailbox struct {
	site *Site
	*notifytest.Mailbox
}

// openMailbox makes the accounts, whose emails end here.
func (s *Site) openMailbox(base *url.URL, log *slog.Logger) {
	s.Accounts = identity.NewAccounts(s.Gateway, s.Keys, base, s.Clock.Now, log)
	s.mailbox = &Mailbox{site: s, Mailbox: notifytest.New(s.t, notifytest.Options{RelayURL: s.RelayURL(),
		Keys: s.Keys, Base: base, Zone: s.Zone, Resolve: identity.ResolveEmail(s.Gateway)})}
}

// Mailbox is where the site's emails arrive.
func (s *Site) Mailbox() *Mailbox { return s.mailbox }

// Last is the latest email to an address; the zero value if there is none.
func (m *Mailbox) Last(to string) notifytest.Email {
	m.site.t.Helper()
	return m.Mailbox.Last(m.site.t, to)
}
