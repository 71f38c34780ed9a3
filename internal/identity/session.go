package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// How long a session lives: from its sign-in, and from its last use.
const (
	SessionLife = 60 * 24 * time.Hour
	SessionIdle = 14 * 24 * time.Hour
)

// seenEvery is how exactly the last use of a session is known.
const seenEvery = time.Minute

// SessionOwner is what the store reads of a session's data, which is a JSON object with at least these members.
type SessionOwner struct {
	Account uuid.UUID `json:"account,omitzero"`
	Agent   string    `json:"agent,omitempty"`
}

// SessionStore keeps sessions for scs, under hashed tokens. A revoked session stays as a tombstone: a request that
// was under way when it was revoked writes into nothing (A18). A stock store would bring it back.
type SessionStore struct {
	Gateway *tenancy.Gateway
	Now     func() time.Time
	Log     *slog.Logger
}

type carrier struct{}

// Carry gives a context in which finding a session also fills in whose it is: one query instead of two.
func Carry(ctx context.Context, into *Account) context.Context {
	return context.WithValue(ctx, carrier{}, into)
}

// FindCtx implements scs.CtxStore.
func (s *SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	now := s.Now()
	row, err := s.Gateway.Public().ActiveSession(ctx, token, now, now.Add(-SessionIdle))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if into, ok := ctx.Value(carrier{}).(*Account); ok && row.AccountID != nil {
		*into = Account{ID: *row.AccountID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born}
	}
	if now.Sub(row.LastSeenAt) > seenEvery {
		if err := s.Gateway.Public().SeeSession(ctx, now, token); err != nil {
			s.Log.WarnContext(ctx, "last use of a session not noted", "error", err)
		}
	}
	return row.Data, true, nil
}

// CommitCtx implements scs.CtxStore. Writing to a revoked session is no error and has no effect.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	var owner SessionOwner
	if err := json.Unmarshal(data, &owner); err != nil {
		return fmt.Errorf("session data: %w", err)
	}
	row := shareddb.KeepSessionParams{Token: token, Data: data, UserAgent: owner.Agent, Now: s.Now(), ExpiresAt: expires}
	if owner.Account != uuid.Nil {
		row.AccountID = &owner.Account
	}
	return s.Gateway.Public().KeepSession(ctx, row)
}

// DeleteCtx implements scs.CtxStore: it leaves a tombstone.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	return s.Gateway.Public().RevokeSession(ctx, s.Now(), token)
}

// Find implements scs.Store.
func (s *SessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (s *SessionStore) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete implements scs.Store.
func (s *SessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// SessionID names a session in addresses by the token under which it is kept. It opens nothing, and the token does
// not follow from it.
func SessionID(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])[:24]
}
