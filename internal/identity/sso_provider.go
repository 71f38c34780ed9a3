package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"kindward/internal/tenancy"
)

// provider is an organization's OpenID Connect provider as it describes itself now.
type provider struct {
	*oidc.Provider
	oauth   oauth2.Config
	names   bool // it says with each answer whose it is (RFC 9207)
	claims  bool // it may be asked for single claims
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
		Asked   bool     `json:"claims_parameter_supported"`
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
	p.names, p.claims = said.Names, said.Asked
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(said.Methods) > 0 && !slices.Contains(said.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.oauth = oauth2.Config{ClientID: s.ClientID, ClientSecret: secret, Endpoint: endpoint, RedirectURL: c.Redirect(place),
		Scopes: []string{oidc.ScopeOpenID, oidc.ScopeEmail, oidc.ScopeProfile}}
	return p, nil
}

// described is the provider of these settings, as it describes itself now; ErrNotAnswer.
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
	sid         string // what it calls its own session; empty: it does not say
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
		return m, nil, refusedExchange(err)
	}
	raw, _ := token.Extra("id_token").(string)
	clock := func() time.Time { return now }
	id, err := p.VerifierContext(ctx, &oidc.Config{ClientID: p.current.ClientID, Now: clock}).Verify(ctx, raw)
	if err != nil && farFrom(raw, now) {
		return m, nil, refusedSSO("clock", err)
	}
	if err != nil {
		return m, nil, refusedSSO("token", err)
	}
	var said struct {
		AZP      string `json:"azp"`
		AuthTime int64  `json:"auth_time"`
		SID      any    `json:"sid"`
		person
	}
	if err := id.Claims(&said); err != nil {
		return m, nil, refusedSSO("claims", err)
	}
	switch {
	case !same(id.Nonce, way.Nonce):
		return m, nil, refusedSSO("nonce", nil)
	case id.Subject == "" || !plainName(id.Subject):
		return m, nil, refusedSSO("subject", nil)
	case said.AZP != "" && said.AZP != p.current.ClientID, len(id.Audience) > 1 && said.AZP == "":
		return m, nil, refusedSSO("audience", nil)
	case id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		return m, nil, refusedSSO("access-token", nil)
	}
	m = meant{subject: id.Subject, authTime: said.AuthTime}
	if sid, _ := said.SID.(string); plainName(sid) {
		m.sid = sid
	}
	m.take(said.person)
	return m, token, nil
}

// plainName tells whether what a provider calls somebody, or one of its sessions, can be kept.
func plainName(s string) bool { return len(s) <= 255 && !strings.ContainsFunc(s, unicode.IsControl) }

// refusedExchange is why a code gave no token.
func refusedExchange(err error) error {
	refused, answered := errors.AsType[*oauth2.RetrieveError](err)
	if !answered || refused.Response == nil || refused.Response.StatusCode >= 500 {
		return fmt.Errorf("%w: %w", ErrNotAnswer, err)
	}
	client := refused.ErrorCode == "invalid_client" || refused.ErrorCode == "unauthorized_client"
	if client || refused.ErrorCode == "" && refused.Response.StatusCode == http.StatusUnauthorized {
		return refusedSSO("secret", err)
	}
	return refusedSSO("code", err)
}

// farFrom tells that a token, which nothing vouches for, says to be of another time than now: the two clocks differ.
func farFrom(raw string, now time.Time) bool {
	var said struct {
		At float64 `json:"iat"`
	}
	err := payload(raw, &said)
	return err == nil && said.At != 0 && now.Sub(time.Unix(int64(said.At), 0)).Abs() > 2*time.Minute
}

// payload reads what a token says, true or not.
func payload(raw string, into any) error {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return errors.New("a token has three parts")
	}
	said, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	return json.Unmarshal(said, into)
}

// person is what a provider may tell of one.
type person struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // true; the word "true" proves nothing
	Owned    any    `json:"xms_edov"`       // what Entra ID has for it: its directory has proved the address's domain
	Name     string `json:"name"`
}

func (m *meant) take(p person) {
	m.email, m.name = strings.ToLower(strings.TrimSpace(p.Email)), p.Name
	local, domain, _ := strings.Cut(m.email, "@")
	if ascii, err := ReadDomain(domain); err == nil { // as accounts and domains have it
		m.email = local + "@" + ascii
	}
	m.vouched = p.Verified == true || p.Verified == nil && (p.Owned == true || p.Owned == "1")
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
