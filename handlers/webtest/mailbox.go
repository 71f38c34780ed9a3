package webtest

import (
	"context"
	"net"
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

// openMailbox is where the emails end.
func (s *Site) openMailbox(base *url.URL) {
	s.mailbox = &Mailbox{site: s, Mailbox: notifytest.New(s.t, notifytest.Options{RelayURL: s.RelayURL(),
		Keys: s.Keys, Base: base, Zone: s.Zone, Resolve: identity.ResolveEmail(s.Gateway, s.Keys)})}
}

// lookupTXT asks what a test says that the DNS says.
func (s *Site) lookupTXT(ctx context.Context, name string) ([]string, error) {
	if s.TXT == nil {
		return net.DefaultResolver.LookupTXT(ctx, name)
	}
	return s.TXT(ctx, name)
}

// Mailbox is where the site's emails arrive.
func (s *Site) Mailbox() *Mailbox { return s.mailbox }

// Last is the latest email to an address; the zero value if there is none.
func (m *Mailbox) Last(to string) notifytest.Email {
	m.site.t.Helper()
	return m.Mailbox.Last(m.site.t, to)
}
