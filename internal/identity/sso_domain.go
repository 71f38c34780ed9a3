package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// proofPrefix stands before the proof, in the DNS of the domain that is proved.
const proofPrefix = "kindward-verify="

// SSODomain is a domain whose addresses an organization says are its people's.
type SSODomain struct {
	Name       string
	Record     string // the TXT record that proves it
	VerifiedAt *time.Time
}

var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// DomainName tells whether a text is a domain in the form in which domains are kept: ASCII, lower case, at least two
// parts.
func DomainName(s string) bool { return len(s) <= 253 && domainForm.MatchString(s) }

// SSODomains are the domains of the organization of q.
func SSODomains(ctx context.Context, q *shareddb.Queries) (all []SSODomain, err error) {
	rows, err := q.SSODomains(ctx)
	for _, r := range rows {
		all = append(all, SSODomain{r.Domain, proofPrefix + r.Proof, r.VerifiedAt})
	}
	return all, err
}

// AddSSODomain names a domain that is to be proved, to the organization of the scope; ErrDomains.
func AddSSODomain(ctx context.Context, gateway *tenancy.Gateway, scope tenancy.Scope, domain string) error {
	return gateway.WithinIdentity(ctx, scope, func(q *shareddb.Queries) error {
		if err := q.LockSSODomains(ctx); err != nil {
			return err
		}
		_, err := q.AddSSODomain(ctx, domain, strings.ToLower(rand.Text()))
		return refused(err)
	})
}

// VerifySSODomain looks for the proof in the DNS of a domain of the tenant, an organization; q is in its scope.
// ErrDomain, ErrNoProof or ErrElsewhere.
func VerifySSODomain(ctx context.Context, q *shareddb.Queries, client SSOClient, tenant uuid.UUID, domain string,
	now time.Time) error {
	if _, err := client.Limiter.Reserve(ctx, ssoTries.For(tenant.String())); err != nil {
		return err
	}
	all, err := SSODomains(ctx, q)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(d SSODomain) bool { return d.Name == domain })
	if at < 0 {
		return ErrDomain
	}
	texts, err := client.texts(ctx, domain)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	if !slices.Contains(texts, all[at].Record) {
		return ErrNoProof
	}
	_, err = q.VerifySSODomain(ctx, now, domain, strings.TrimPrefix(all[at].Record, proofPrefix))
	switch {
	case noRow(err):
		return ErrDomain
	case tenancy.Code(err) == "23505":
		return errors.Join(ErrElsewhere, err)
	}
	return err
}

// texts are the TXT records of a domain.
func (c SSOClient) texts(ctx context.Context, domain string) ([]string, error) {
	lookup := c.LookupTXT
	if lookup == nil {
		lookup = net.DefaultResolver.LookupTXT
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return lookup(ctx, domain+".") // with the dot, no search list of this machine adds to it
}

// RemoveSSODomain forgets one; ErrDomain.
func RemoveSSODomain(ctx context.Context, q *shareddb.Queries, domain string) error {
	_, err := q.RemoveSSODomain(ctx, domain)
	return noRowIs(ErrDomain, err)
}

// domainOf is the domain of an address in the one form in which accounts are found.
func domainOf(email string) (string, bool) {
	parsed, err := mail.ParseAddress(email)
	local, domain, _ := strings.Cut(email, "@")
	plain := strings.IndexFunc(email, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
	ok := err == nil && parsed.Address == email && plain && len(email) <= 254 && local != "" &&
		!strings.Contains(domain, "@") && DomainName(domain)
	return domain, ok
}
