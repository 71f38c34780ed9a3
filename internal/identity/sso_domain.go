package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// TXT reads the texts of a name in the DNS.
type TXT func(ctx context.Context, name string) ([]string, error)

// proofPrefix stands before the proof, in the DNS of the domain that is proved.
const proofPrefix = "kindward-verify="

// SSODomain is a domain whose addresses an organization says are its people's.
type SSODomain struct {
	Name       string
	Record     string // the TXT record that proves it
	VerifiedAt *time.Time
}

var domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$`)

// DomainName tells whether a text is a domain in the form in which domains are kept: ASCII, lower case, at least two parts.
func DomainName(s string) bool { return len(s) <= 253 && domainForm.MatchString(s) }

// SSODomains are the domains of the organization of q.
func SSODomains(ctx context.Context, q *shareddb.Queries) (all []SSODomain, err error) {
	rows, err := q.SSODomains(ctx)
	for _, r := range rows {
		all = append(all, SSODomain{r.Domain, proofPrefix + r.Proof, r.VerifiedAt})
	}
	return all, err
}

// AddSSODomain names a domain that is to be proved; ErrDomains.
func AddSSODomain(ctx context.Context, q *shareddb.Queries, domain string) error {
	_, err := q.AddSSODomain(ctx, domain, strings.ToLower(rand.Text()))
	return refused(err)
}

// VerifySSODomain looks for the proof in the DNS of the domain: ErrDomain, ErrNoProof or ErrElsewhere.
func (a *Accounts) VerifySSODomain(ctx context.Context, scope tenancy.Scope, domain string) error {
	if _, err := a.limiter.Reserve(ctx, ssoTries.For(scope.Tenant().String())); err != nil {
		return err
	}
	all, err := SSODomains(ctx, a.gateway.Shared(scope))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(d SSODomain) bool { return d.Name == domain })
	if at < 0 {
		return ErrDomain
	}
	lookup := a.TXT
	if lookup == nil {
		lookup = net.DefaultResolver.LookupTXT
	}
	asking, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	texts, err := lookup(asking, domain+".") // with the dot, no search list of this machine adds to it
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	if !slices.Contains(texts, all[at].Record) {
		return ErrNoProof
	}
	_, err = a.gateway.Shared(scope).VerifySSODomain(ctx, a.now(), domain, strings.TrimPrefix(all[at].Record, proofPrefix))
	switch {
	case noRow(err):
		return ErrDomain
	case tenancy.Code(err) == "23505":
		return errors.Join(ErrElsewhere, err)
	}
	return err
}

// RemoveSSODomain forgets one; ErrDomain.
func RemoveSSODomain(ctx context.Context, q *shareddb.Queries, domain string) error {
	_, err := q.RemoveSSODomain(ctx, domain)
	return noRowIs(ErrDomain, err)
}
