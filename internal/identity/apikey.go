package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// What can be said about keys. ErrNoKey is the same for every reason why a key opens nothing.
var (
	ErrNoKey    = errors.New("no such living key here")
	ErrTwoAlive = errors.New("two keys of this name are alive")
	ErrKeyMade  = errors.New("the form has made its key some time ago")
)

// LongestKeyLife is how long a key works at most.
const LongestKeyLife = 366 * 24 * time.Hour

// KeyScopes are what a key can be made for.
func KeyScopes() []string { return []string{"slots.read", "appointments.read", "imports.write"} }

// APIKeys are the verbs of keys for programs. A key belongs to one organization and does what its scopes name there.
type APIKeys struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Now     func() time.Time
	Random  io.Reader // nil = the system's
	Log     *slog.Logger
}

// letters32 has no capitals, so that a key survives being read out.
var letters32 = base32.StdEncoding.WithPadding(base32.NoPadding)

const (
	keyPrefix = "kw_live_"
	idBytes   = 8  // 13 letters, of which 12 are kept: 60 bits
	keySecret = 32 // 256 bits: nothing slower than SHA-256 is needed to keep it
)

// NewKey is what a key is made with.
type NewKey struct {
	Name   string
	Scopes []string
	Life   time.Duration // at most LongestKeyLife
	Form   string        // whose form it is, and its number; empty: none
}

// KeyShown is for how long the form that made a key shows it again.
const KeyShown = 10 * time.Minute

// Create makes a key and gives it; only its hash is kept. ErrTwoAlive when two keys of that name work already: one to
// replace the other is what they are for. The same form makes the same key: a button that is pressed twice shows it
// again and the audit says so, for as long as KeyShown and while it is not revoked; else it is ErrKeyMade.
func (k APIKeys) Create(ctx context.Context, scope tenancy.Scope, n NewKey) (key string, err error) {
	for _, s := range n.Scopes {
		if !slices.Contains(KeyScopes(), s) {
			return "", fmt.Errorf("no such scope: %q", s)
		}
	}
	if len(n.Scopes) == 0 || n.Life <= 0 || n.Life > LongestKeyLife {
		return "", errors.New("a key needs scopes and an end within a year")
	}
	id, secret, err := k.draw(n)
	if err != nil {
		return "", err
	}
	now, hash, made := k.Now(), keyHash(secret), false
	until := now.Add(n.Life)
	err = k.Gateway.WithinIdentity(ctx, scope, func(q *shareddb.Queries) error {
		if err := q.LockAPIKeyName(ctx, n.Name); err != nil {
			return err
		}
		made, err = q.AddAPIKey(ctx, shareddb.AddAPIKeyParams{ID: id, Name: n.Name, Hash: hash, Scopes: n.Scopes,
			Now: now, ExpiresAt: until, Shown: now.Add(-KeyShown),
			Mac: k.Keys.MAC(keyPurpose, keyFacts(id, scope.Tenant(), hash, n.Scopes, until)...)})
		return err
	})
	if err != nil {
		return "", refused(err)
	}
	if !made {
		return "", ErrKeyMade
	}
	return writeKey(id, secret), nil
}

// Find is the living key that a program carries, if it is one of the scope's organization; else ErrNoKey, with the id
// that was shown if it has the form of a key. A key that was revoked is not found from the next request on.
func (k APIKeys) Find(ctx context.Context, scope tenancy.Scope, bearer string) (policy.KeyScopes, error) {
	id, secret, ok := readKey(bearer)
	if !ok {
		return policy.KeyScopes{}, ErrNoKey
	}
	q := k.Gateway.Identity(scope)
	hash := keyHash(secret)
	row, err := q.UseAPIKey(ctx, id, hash, k.Now())
	if errors.Is(err, pgx.ErrNoRows) || err == nil && !vouched(ctx, k.Keys, k.Log, claim{"api_key", row.ID, keyPurpose,
		keyFacts(row.ID, row.TenantID, hash, row.Scopes, row.ExpiresAt)}, row.Mac) {
		return policy.KeyScopes{ID: id}, ErrNoKey
	}
	if err != nil {
		return policy.KeyScopes{}, err
	}
	return policy.KeyScopes{ID: row.ID, Tenant: row.TenantID, Scopes: row.Scopes}, nil
}

// draw makes an id and a secret: from the form, so that it makes them again, or by chance.
func (k APIKeys) draw(n NewKey) (id, secret string, err error) {
	if n.Form != "" { // by what a rotation leaves: the second press may come after one
		facts := append([]string{n.Form, n.Name, n.Life.String()}, n.Scopes...)
		id, secret := k.Keys.MAC("id of a form's API key", facts...), k.Keys.MAC("secret of a form's API key", facts...)
		return encode32(id[:idBytes])[:12], encode32(secret[:keySecret]), nil
	}
	from := k.Random
	if from == nil {
		from = rand.Reader
	}
	raw := make([]byte, idBytes+keySecret)
	if _, err := io.ReadFull(from, raw); err != nil {
		return "", "", err
	}
	return encode32(raw[:idBytes])[:12], encode32(raw[idBytes:]), nil
}

func encode32(raw []byte) string { return strings.ToLower(letters32.EncodeToString(raw)) }

func keyHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// writeKey ends with a checksum, so that a key with a typing error is told from one that is not known without asking
// the database.
func writeKey(id, secret string) string {
	body := keyPrefix + id + "_" + secret
	return body + "_" + KeyChecksum(body)
}

func readKey(key string) (id, secret string, ok bool) {
	at := strings.LastIndexByte(key, '_')
	if at < 0 || !strings.HasPrefix(key, keyPrefix) || key[at+1:] != KeyChecksum(key[:at]) {
		return "", "", false
	}
	id, secret, ok = strings.Cut(key[len(keyPrefix):at], "_")
	return id, secret, ok && len(id) == 12 && len(secret) == len(encode32(make([]byte, keySecret))) && lower32(id) &&
		lower32(secret)
}

func lower32(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') }) < 0
}

// KeyChecksum is what a key ends with: the CRC-32 of all before it.
func KeyChecksum(s string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(s))) }
