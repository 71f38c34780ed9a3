package tenancy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Audience says what a scope was minted for; a scope for one is refused for another.
type Audience string

// The audiences of the product.
const (
	Web Audience = "web"
	Job Audience = "job"
)

// ErrScope means that a request context is forged, expired or meant for another audience.
var ErrScope = errors.New("request context refused")

const scopeLife = 5 * time.Minute

// Scope is the signed request context: whose rows (tenant, or none), on whose behalf (subject, or none), for which
// audience. Only Gateway mints one; the zero Scope opens nothing.
type Scope struct {
	claims claims
	mac    [32]byte
	schema string
	behind bool // not in the token: who carries that asks again, for it changes meanwhile
}

type claims struct {
	Key         string     `json:"k"`
	Tenant      uuid.UUID  `json:"t"`
	Subject     uuid.UUID  `json:"s"`
	Audience    Audience   `json:"a"`
	Bind        string     `json:"b,omitempty"` // what the scope is good for: a job's kind and arguments
	Expires     int64      `json:"e"`           // unix seconds
	Request     string     `json:"r,omitempty"`
	IP          netip.Addr `json:"i,omitzero"`
	Actor       uuid.UUID  `json:"c,omitzero"`
	StaffAccess uuid.UUID  `json:"g,omitzero"`
	Staff       bool       `json:"f,omitempty"`
	Policy      string     `json:"p,omitempty"`
}

// Tenant is whose rows the scope opens.
func (s Scope) Tenant() uuid.UUID { return s.claims.Tenant }

// Subject is the account on whose behalf the scope was minted.
func (s Scope) Subject() uuid.UUID { return s.claims.Subject }

// Caller is what the edge knows about a request and the audit wants to keep.
type Caller struct {
	Subject   uuid.UUID
	RequestID string
	IP        netip.Addr

	Actor       uuid.UUID // who acts for the subject, if somebody else does
	StaffAccess uuid.UUID // the impersonation or emergency access under which it is done
	Staff       bool      // let in as staff of the platform: sees what the shared tables show to staff
	Policy      string    // what let the request in, as id@version
}

// Admit mints the scope of one web request, once, at the edge. tenant may be the zero Tenant: shared rows only.
func (g *Gateway) Admit(tenant Tenant, caller Caller) Scope {
	return g.mint(tenant, claims{Tenant: tenant.ID, Subject: caller.Subject, Audience: Web, Request: caller.RequestID,
		IP:    caller.IP,
		Actor: caller.Actor, StaffAccess: caller.StaffAccess, Staff: caller.Staff, Policy: caller.Policy})
}

// AdmitApplicant makes the scope of an application to join, which has the id that its organization will have and no
// tables of its own yet.
func (g *Gateway) AdmitApplicant(application uuid.UUID, caller Caller) Scope {
	return g.Admit(Tenant{ID: application}, caller)
}

// AdmitJob mints the scope that a job carries, bound to its kind and arguments.
func (g *Gateway) AdmitJob(tenant Tenant, subject uuid.UUID, bind string) Scope {
	return g.mint(tenant, claims{Tenant: tenant.ID, Subject: subject, Audience: Job, Bind: bind})
}

func (g *Gateway) mint(tenant Tenant, c claims) Scope {
	key := g.keys.Current()
	c.Key, c.Expires = key.ID, g.now().Add(scopeLife).Unix()
	s := Scope{claims: c, schema: tenant.Schema, behind: tenant.Behind()}
	copy(s.mac[:], signature(key.Derive("scope", 32), c, tenant.Schema))
	return s
}

// Token writes the scope for a job payload or an outbound call.
func (s Scope) Token() string {
	body, err := json.Marshal(s.claims)
	if err != nil {
		panic(err) // plain values only
	}
	return base64.RawURLEncoding.EncodeToString(body) + "." + base64.RawURLEncoding.EncodeToString([]byte(s.schema)) +
		"." + base64.RawURLEncoding.EncodeToString(s.mac[:])
}

// Verify reads a token back, for this audience and this use only.
func (g *Gateway) Verify(token string, audience Audience, bind string) (Scope, error) {
	part := strings.Split(token, ".")
	if len(part) != 3 {
		return Scope{}, ErrScope
	}
	var s Scope
	raw, err1 := base64.RawURLEncoding.Strict().DecodeString(part[0])
	schema, err2 := base64.RawURLEncoding.Strict().DecodeString(part[1])
	mac, err3 := base64.RawURLEncoding.Strict().DecodeString(part[2])
	if err1 != nil || err2 != nil || err3 != nil || len(mac) != len(s.mac) || json.Unmarshal(raw, &s.claims) != nil {
		return Scope{}, ErrScope
	}
	s.schema = string(schema)
	copy(s.mac[:], mac)
	if err := g.check(s); err != nil {
		return Scope{}, err
	}
	if s.Token() != token { // JSON and uuids have several spellings; a token has one
		return Scope{}, ErrScope
	}
	if s.claims.Audience != audience || s.claims.Bind != bind {
		return Scope{}, fmt.Errorf("%w: meant for another audience", ErrScope)
	}
	return s, nil
}

func (g *Gateway) check(s Scope) error {
	key, ok := g.keys.Find(s.claims.Key)
	if !ok || !hmac.Equal(s.mac[:], signature(key.Derive("scope", 32), s.claims, s.schema)) {
		return ErrScope
	}
	if g.now().Unix() > s.claims.Expires {
		return fmt.Errorf("%w: expired", ErrScope)
	}
	return nil
}

func signature(secret []byte, c claims, schema string) []byte {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%q|%s|%s|%q|%q|%d|%q|%q|%s|%s|%t|%q|%q", c.Key, c.Tenant, c.Subject, c.Audience, c.Bind, c.Expires,
		c.Request, c.IP.String(),
		c.Actor, c.StaffAccess, c.Staff, c.Policy, schema)
	return mac.Sum(nil)
}
