package webtest

import (
	"context"
	"log/slog"
	"net"
	"net/url"

	"kindward/internal/identity"
	"kindward/internal/notify/notifytest"
	"kindward/internal/tenancy"
)

// Mailbox has what the site sends to people about their accounts, whatever is queued for the address that is
// asked for.
type Mailbox struct {
	site *Site
	*notifytest.Mailbox
}

// openAccounts makes what the pages of accounts need; their emails end here.
func (s *Site) openAccounts(base *url.URL, log *slog.Logger) {
	s.Mail = identity.Mail{Gateway: s.Gateway, Keys: s.Keys}
	s.Passwords = identity.NewPasswords(nil, log)
	s.SSO = identity.SSOClient{Base: base, Keys: s.Keys, LookupTXT: s.lookupTXT,
		Limiter: identity.AttemptLimiter{Gateway: s.Gateway, Keys: s.Keys, Now: s.Clock.Now}}
	s.mailbox = &Mailbox{site: s, Mailbox: notifytest.New(s.t, notifytest.Options{RelayURL: s.RelayURL(),
		Keys: s.Keys, Base: base, Zone: s.Zone, Resolve: identity.ResolveEmail(s.Gateway)})}
}

// lookupTXT asks what a test says that the DNS says.
func (s *Site) lookupTXT(ctx context.Context, name string) ([]string, error) {
	if s.TXT == nil {
		return net.DefaultResolver.LookupTXT(ctx, name)
	}
	return s.TXT(ctx, name)
}

func (s *Site) seeBrowser(ctx context.Context, caller tenancy.Caller, who identity.Account, b identity.Browser) error {
	return identity.SeeBrowser(ctx, s.Mail, caller, who, b, s.Clock.Now())
}

// Mailbox is where the site's emails arrive.
func (s *Site) Mailbox() *Mailbox { return s.mailbox }

// Last is the latest email to an address; the zero value if there is none.
func (m *Mailbox) Last(to string) notifytest.Email {
	m.site.t.Helper()
	return m.Mailbox.Last(m.site.t, to)
}
