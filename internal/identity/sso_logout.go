package identity

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// ErrLogout is a logout token that is none of the organization's provider, or not good any more.
var ErrLogout = errors.New("not a logout token of the provider")

// logoutEvent is what a logout token has to be about (OpenID Connect Back-Channel Logout 1.0, 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// How old a logout token may be and how far the clocks may differ. Tokens are remembered for longer than that.
const (
	logoutAge     = 10 * time.Minute
	logoutSkew    = time.Minute
	logoutKept    = time.Hour
	logoutLargest = 16 << 10
)

// ssoLogouts is how often a network may show logout tokens that are none: each may cost questions to the provider.
var ssoLogouts = AttemptLimit{"sso logouts", 100, 15 * time.Minute, Sliding}

// logoutToken is what a logout token says.
type logoutToken struct{ subject, sid, jti string }

// LogOutBySSO ends what the provider of the organization of q let in, as its logout token says: one of its sessions,
// all of a subject, or what is both. from is the network that asks. ErrNoSSO, ErrLogout, ErrNotAnswer or *TooManyError
// otherwise; a refused token of the provider's own is in the audit.
func LogOutBySSO(ctx context.Context, q *shareddb.Queries, client SSOClient, from netip.Addr, place tenancy.Tenant,
	raw string, now time.Time) error {
	set, err := SSOOf(ctx, q)
	if err != nil {
		return err
	}
	said, why := readLogout(raw, set, now)
	if why != "" && why != "nonce" && why != "events" { // those an ID token of the provider's has
		return ErrLogout
	}
	reserved, err := client.Limiter.Reserve(ctx, ssoLogouts.For(place.ID.String(), Range(from)))
	if err != nil {
		return err
	}
	p, err := client.described(ctx, place, set)
	if err != nil {
		return err
	}
	signed := &oidc.Config{ClientID: set.ClientID, Now: func() time.Time { return now }}
	if _, err := p.VerifierContext(client.asking(ctx), signed).Verify(ctx, raw); err != nil {
		return errors.Join(ErrLogout, err)
	}
	if why != "" {
		return errors.Join(ErrLogout, q.WriteSSOLogoutDenied(ctx, []string{"refused:" + why}))
	}
	ended, err := q.EndSSOSessions(ctx, shareddb.EndSSOSessionsParams{Provider: set.ID, Subject: said.subject,
		SID: said.sid, JTI: said.jti, Now: now, HourBefore: now.Add(-logoutKept)})
	if err == nil && ended < 0 {
		return errors.Join(ErrLogout, q.WriteSSOLogoutDenied(ctx, []string{"refused:again"}))
	}
	if err == nil {
		reserved.Good(ctx)
	}
	return err
}

// readLogout reads a logout token, which nothing vouches for yet, and gives the first thing that is wrong with it: what
// costs nothing to see is seen before anybody is asked.
func readLogout(raw string, set SSO, now time.Time) (t logoutToken, why string) {
	var said struct {
		Issuer  string                     `json:"iss"`
		Subject string                     `json:"sub"`
		SID     string                     `json:"sid"`
		JTI     string                     `json:"jti"`
		At      *float64                   `json:"iat"`
		Events  map[string]json.RawMessage `json:"events"`
		Nonce   json.RawMessage            `json:"nonce"`
	}
	if len(raw) > logoutLargest || !logoutKind(raw) || payload(raw, &said) != nil {
		return t, "form"
	}
	t = logoutToken{subject: said.Subject, sid: said.SID, jti: said.JTI}
	var about map[string]json.RawMessage
	switch {
	case said.Issuer != set.Issuer:
		return t, "issuer"
	case said.At == nil:
		return t, "time"
	case now.Sub(time.Unix(int64(*said.At), 0)) > logoutAge, now.Sub(time.Unix(int64(*said.At), 0)) < -logoutSkew:
		return t, "time"
	case t.subject == "" && t.sid == "", !plainName(t.subject), !plainName(t.sid):
		return t, "whose"
	case t.jti == "" || !plainName(t.jti):
		return t, "jti"
	case said.Nonce != nil:
		return t, "nonce"
	case json.Unmarshal(said.Events[logoutEvent], &about) != nil || about == nil:
		return t, "events"
	}
	return t, ""
}

// logoutKind tells whether a token's header lets it be a logout token: another kind of token says so there (RFC 8725,
// 3.11).
func logoutKind(raw string) bool {
	head, _, _ := strings.Cut(raw, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	var said struct {
		Kind string `json:"typ"`
	}
	if err != nil || json.Unmarshal(text, &said) != nil {
		return false
	}
	kind := strings.TrimPrefix(strings.ToLower(said.Kind), "application/")
	return kind == "" || kind == "jwt" || kind == "logout+jwt"
}
