package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// provider is an organization's OpenID Connect provider as it describes itself now.
type provider struct {
	*oidc.Provider
	oauth   oauth2.Config
	names   bool // it says with each answer whose it is (RFC 9207)
	current SSO
}

// provider asks an issuer to describe itself. ErrNotAnswer when it cannot be asked, or what it says is not usable.
func (c SSOClient) provider(ctx context.Context, place tenancy.Tenant, s SSO, secret string) (provider, error) {
	p := provider{current: s}
	var err error
	if p.Provider, err = oidc.NewProvider(c.asking(ctx), s.Issuer); err != nil {
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
		if !c.mayCall(address) {
			return p, fmt.Errorf("%w: it names %q", ErrNotAnswer, address)
		}
	}
	if said.Person != "" && !c.mayCall(said.Person) || len(said.Proofs) > 0 && !slices.Contains(said.Proofs, "S256") {
		return p, fmt.Errorf("%w: it offers no proof of S256, or names %q", ErrNotAnswer, said.Person)
	}
	p.names = said.Names
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(said.Methods) > 0 && !slices.Contains(said.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.oauth = oauth2.Config{ClientID: s.ClientID, ClientSecret: secret, Endpoint: endpoint, RedirectURL: c.Redirect(place),
		Scopes: []string{oidc.ScopeOpenID, oidc.ScopeEmail, oidc.ScopeProfile}}
	return p, nil
}

// TrySSO asks the provider of an organization to describe itself; q is in its scope. ErrNoSSO or ErrNotAnswer.
func TrySSO(ctx context.Context, q *shareddb.Queries, client SSOClient, place tenancy.Tenant) error {
	if _, err := client.Limiter.Reserve(ctx, ssoTries.For(place.ID.String())); err != nil {
		return err
	}
	_, err := client.providerOf(ctx, q, place)
	return err
}

func (c SSOClient) providerOf(ctx context.Context, q *shareddb.Queries, place tenancy.Tenant) (provider, error) {
	s, err := SSOOf(ctx, q)
	if err != nil {
		return provider{}, err
	}
	return c.described(ctx, place, s)
}

// described is providerOf for settings that were read already.
func (c SSOClient) described(ctx context.Context, place tenancy.Tenant, s SSO) (provider, error) {
	secret, err := c.Keys.Open("sso", s.secret, sealedFor(place.ID, s.Issuer))
	if err != nil {
		return provider{}, err
	}
	return c.provider(ctx, place, s, string(secret))
}

// meant is whom a provider means.
type meant struct {
	subject     string
	email, name string
	vouched     bool // the provider says that the address was proved to it
	authTime    int64
}

// at is when the provider was last shown who they are; zero: it does not say.
func (m meant) at() time.Time {
	if m.authTime <= 0 {
		return time.Time{}
	}
	return time.Unix(m.authTime, 0)
}

// exchange trades a code for an ID token and believes only what is signed for us, for this journey.
func (c SSOClient) exchange(ctx context.Context, p provider, way ssoWay, code string,
	now time.Time) (m meant, token *oauth2.Token, err error) {
	ctx = c.asking(ctx)
	if token, err = p.oauth.Exchange(ctx, code, oauth2.VerifierOption(way.Verifier)); err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500 {
			return m, nil, refusedSSO("code", err)
		}
		return m, nil, fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	raw, _ := token.Extra("id_token").(string)
	clock := func() time.Time { return now }
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: p.current.ClientID, Now: clock}).Verify(ctx, raw)
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
	case id.Subject == "" || len(id.Subject) > 255 || strings.ContainsFunc(id.Subject, unicode.IsControl):
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
func (m *meant) ask(ctx context.Context, client SSOClient, p provider, token *oauth2.Token) error {
	if m.email != "" || p.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := p.UserInfo(client.asking(ctx), oauth2.StaticTokenSource(token))
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
