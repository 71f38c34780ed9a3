package tenancy_test

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// clocked is a gateway with its own secrets and a clock that the test moves.
func clocked(t *testing.T) (*tenancy.Gateway, *keys.Keyring, *time.Duration) {
	t.Helper()
	db := pgtest.Open(t)
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	shift := new(time.Duration)
	gateway, err := tenancy.Open(t.Context(), db.AppURL(), ring,
		tenancy.Options{MaxConns: 1, IdentityPassword: db.Keys.Password("kindward_identity"),
			Now: func() time.Time { return time.Now().Add(*shift) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	return gateway, ring, shift
}

func someTenant() tenancy.Tenant {
	id := uuid.New()
	return tenancy.Tenant{ID: id, Schema: "t_0123456789abcdef"}
}

func TestAScopeGoesThroughAJobAndBack(t *testing.T) { // A39
	gateway, ring, shift := clocked(t)
	tenant, subject := someTenant(), uuid.New()
	token := gateway.AdmitJob(tenant, subject, "booking.reminder {\"id\":7}").Token()
	verify := func(token string) error {
		_, err := gateway.Verify(token, tenancy.Job, "booking.reminder {\"id\":7}")
		return err
	}
	got, err := gateway.Verify(token, tenancy.Job, "booking.reminder {\"id\":7}")
	if err != nil || got.Tenant() != tenant.ID || got.Subject() != subject || got.Token() != token {
		t.Fatalf("%+v %v", got, err)
	}
	for name, try := range map[string]func() error{
		"another audience": func() error {
			_, err := gateway.Verify(token, tenancy.Web,
				"booking.reminder {\"id\":7}")
			return err
		},
		"other arguments": func() error {
			_, err := gateway.Verify(token, tenancy.Job,
				"booking.reminder {\"id\":8}")
			return err
		},
		"no arguments": func() error { _, err := gateway.Verify(token, tenancy.Job, ""); return err },
		"a web scope as a job": func() error {
			return verify(
				gateway.Admit(tenant, tenancy.Caller{Subject: subject}).Token())
		},
		"nothing":                  func() error { return verify("") },
		"dots":                     func() error { return verify("..") },
		"a stripped signature":     func() error { return verify(token[:strings.LastIndex(token, ".")+1]) },
		"two tokens":               func() error { return verify(token + "." + token) },
		"the same in another form": func() error { return verify(respelled(t, token)) },
		"a stranger's secret": func() error {
			stranger, _, _ := clocked(t)
			return verify(stranger.AdmitJob(tenant, subject, "booking.reminder {\"id\":7}").Token())
		},
		"expired": func() error {
			*shift = 5*time.Minute + 2*time.Second
			defer func() { *shift = 0 }()
			return verify(token)
		},
		"zero scope": func() error { return verify(tenancy.Scope{}.Token()) },
	} {
		if err := try(); !errors.Is(err, tenancy.ErrScope) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range len(token) {
		for bit := range 8 {
			bad := []byte(token)
			bad[i] ^= 1 << bit
			if err := verify(string(bad)); !errors.Is(err, tenancy.ErrScope) {
				t.Fatalf("bit %d of byte %d flipped: %v", bit, i, err)
			}
		}
	}
	rotate := func() {
		if err := ring.Rotate(func(keys.Key) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if rotate(); verify(token) != nil {
		t.Error("a rotation ends scopes that are under way")
	}
	if rotate(); !errors.Is(verify(token), tenancy.ErrScope) {
		t.Error("a scope outlives two rotations")
	}
}

// respelled says the same claims with capital letters, which JSON would understand.
func respelled(t *testing.T, token string) string {
	body, rest, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(raw), `"t":`, `"T":`, 1)
	if other == string(raw) {
		t.Fatalf("no such spelling in %s", raw)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(other)) + "." + rest
}

func TestWhatTheSignatureCoversCannotBeShifted(t *testing.T) {
	gateway, _, _ := clocked(t)
	tenant := someTenant()
	seen := map[string]string{}
	for name, s := range map[string]tenancy.Scope{
		"plain":           gateway.Admit(tenant, tenancy.Caller{}),
		"request":         gateway.Admit(tenant, tenancy.Caller{RequestID: `x"|"y`}),
		"request, split":  gateway.Admit(tenant, tenancy.Caller{RequestID: `x`}),
		"address, zoned":  gateway.Admit(tenant, tenancy.Caller{IP: netip.MustParseAddr("fe80::1").WithZone(`a|"b"`)}),
		"address":         gateway.Admit(tenant, tenancy.Caller{IP: netip.MustParseAddr("fe80::1")}),
		"bound":           gateway.AdmitJob(tenant, uuid.Nil, "a|b"),
		"bound elsewhere": gateway.AdmitJob(tenant, uuid.Nil, `a"|"b`),
	} {
		token := s.Token()
		mac := token[strings.LastIndex(token, ".")+1:]
		if other, ok := seen[mac]; ok {
			t.Errorf("%s and %s have one signature", name, other)
		}
		seen[mac] = name
	}
}

func TestAZeroOrExpiredScopeOpensNothing(t *testing.T) {
	gateway, _, shift := clocked(t)
	scope := gateway.Admit(someTenant(), tenancy.Caller{})
	nothing := func(tenancy.DBTX) error { t.Error("ran"); return nil }
	if err := gateway.Atomically(t.Context(), tenancy.Scope{}, nothing); !errors.Is(err, tenancy.ErrScope) {
		t.Error(err)
	}
	if _, err := gateway.Once(tenancy.Scope{}).DeleteOldAnswers(t.Context()); !errors.Is(err, tenancy.ErrScope) {
		t.Error(err)
	}
	*shift = 6 * time.Minute
	if err := gateway.Atomically(t.Context(), scope, nothing); !errors.Is(err, tenancy.ErrScope) {
		t.Error(err)
	}
	if _, err := gateway.Shared(scope).AppointmentTenants(t.Context(), uuid.New()); !errors.Is(err, tenancy.ErrScope) {
		t.Error(err)
	}
}
