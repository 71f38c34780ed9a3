package identity

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kindward/internal/tenancy"
)

// provider is an organization's OpenID Connect provider as it describes itself now.
type provider struct {
	*oidc.Provider
	oauth   oauth2.Config
	names   bool // it says with each answer whose it is (RFC 9207)
	current SSO
}

// provider asks an issuer to describe itself. ErrNotAnswer when it cannot be asked, or what it says is not usable.
func (a *Accounts) provider(ctx context.Context, place tenancy.Tenant, s SSO, secret string) (provider, error) {
	p := provider{current: s}
	var err error
	if p.Provider, err = oidc.NewProvider(a.asking(ctx), s.Issuer); err != nil {
		return p, fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	var said struct {
		Auth    string   `json:"authorization_endpoint"`
		Token   string   `json:"token_endpoint"`
		Keys    string   `json:"jwks_uri"`
		Person  string   `json:"userinfo_endpoint"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Proofs  []string `json:"code_challenge_methods_supported"`
		Names   bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := p.Claims(&said); err != nil {
		return p, fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	for _, address := range []string{said.Auth, said.Token, said.Keys} {
		if !a.mayCall(address) {
			return p, fmt.Errorf("%w: it names %q", ErrNotAnswer, address)
		}
	}
	if said.Person != "" && !a.mayCall(said.Person) || len(said.Proofs) > 0 && !slices.Contains(said.Proofs, "S256") {
		return p, fmt.Errorf("%w: it offers no proof of S256, or names %q", ErrNotAnswer, said.Person)
	}
	p.names = said.Names
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(said.Methods) > 0 && !slices.Contains(said.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.oauth = oauth2.Config{ClientID: s.ClientID, ClientSecret: secret, Endpoint: endpoint, RedirectURL: a.ssoRedirect(place), Scopes: []string{oidc.ScopeOpenID, oidc.ScopeEmail, oidc.ScopeProfile}}
	return p, nil
}

// asking makes the libraries use the guarded client.
func (a *Accounts) asking(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, a.providerClient())
}

// mayCall is MayAsk for the addresses that a provider names, which may have a query.
func (a *Accounts) mayCall(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	u.RawQuery, u.ForceQuery = "", false
	return a.MayAsk(u.String())
}

// TrySSO asks the provider of the scope's organization to describe itself: ErrNoSSO or ErrNotAnswer.
func (a *Accounts) TrySSO(ctx context.Context, scope tenancy.Scope, place tenancy.Tenant) error {
	if _, err := a.limiter.Reserve(ctx, ssoTries.For(place.ID.String())); err != nil {
		return err
	}
	_, err := a.providerOf(ctx, scope, place)
	return err
}

func (a *Accounts) providerOf(ctx context.Context, scope tenancy.Scope, place tenancy.Tenant) (provider, error) {
	s, err := SSOOf(ctx, a.gateway.Shared(scope))
	if err != nil {
		return provider{}, err
	}
	return a.described(ctx, scope, place, s)
}

// described is providerOf for settings that were read already.
func (a *Accounts) described(ctx context.Context, scope tenancy.Scope, place tenancy.Tenant, s SSO) (provider, error) {
	secret, err := a.keys.Open("sso", s.secret, sealedFor(scope, s.Issuer))
	if err != nil {
		return provider{}, err
	}
	return a.provider(ctx, place, s, string(secret))
}

// meant is whom a provider means.
type meant struct {
	subject     string
	email, name string
	vouched     bool // the provider says that the address was proved to it
	authTime    int64
}

// exchange trades a code for an ID token and believes only what is signed for us, for this journey.
func (a *Accounts) exchange(ctx context.Context, p provider, way ssoWay, code string) (m meant, token *oauth2.Token, err error) {
	ctx = a.asking(ctx)
	if token, err = p.oauth.Exchange(ctx, code, oauth2.VerifierOption(way.Verifier)); err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
			return m, nil, refusedSSO("code", err)
		}
		return m, nil, fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: p.current.ClientID, Now: a.now}).Verify(ctx, raw)
	if err != nil {
		return m, nil, refusedSSO("token", err)
	}
	var said struct {
		AZP      string `json:"azp"`
		AuthTime int64  `json:"auth_time"`
		person
	}
	if err := id.Claims(&said); err != nil {
		return m, nil, refusedSSO("claims", err)
	}
	switch {
	case !same(id.Nonce, way.Nonce):
		return m, nil, refusedSSO("nonce", nil)
	case id.Subject == "" || len(id.Subject) > 255:
		return m, nil, refusedSSO("subject", nil)
	case said.AZP != "" && said.AZP != p.current.ClientID, len(id.Audience) > 1 && said.AZP == "":
		return m, nil, refusedSSO("audience", nil)
	case id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		return m, nil, refusedSSO("access-token", nil)
	}
	m = meant{subject: id.Subject, authTime: said.AuthTime}
	m.take(said.person)
	return m, token, nil
}

// person is what a provider may tell of one.
type person struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // true; the word "true" proves nothing
	Name     string `json:"name"`
}

func (m *meant) take(p person) {
	m.email, m.name, m.vouched = strings.ToLower(strings.TrimSpace(p.Email)), p.Name, p.Verified == true
}

// ask completes whom a provider means from where it keeps the rest, if it is the same one there.
func (m *meant) ask(ctx context.Context, a *Accounts, p provider, token *oauth2.Token) error {
	if m.email != "" || p.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := p.UserInfo(a.asking(ctx), oauth2.StaticTokenSource(token))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	if info.Subject != m.subject {
		return refusedSSO("subject", nil)
	}
	var said person
	if err := info.Claims(&said); err != nil {
		return refusedSSO("claims", err)
	}
	m.take(said)
	return nil
}
