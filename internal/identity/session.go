package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// How long a session lives: from its sign-in, and from its last use.
const (
	SessionLife = 60 * 24 * time.Hour
	SessionIdle = 14 * 24 * time.Hour
)

// A visitor's session, which nobody has signed in to, lives longer than a hold with all its extensions and the code of
// a sign-up, and not for days: anybody can have as many as they like (A46).
const (
	VisitorLife = 24 * time.Hour
	VisitorIdle = 30 * time.Minute
)

// How long a session lives in which somebody works: from its sign-in, and from its last request.
const (
	WorkLife = 12 * time.Hour
	WorkIdle = 30 * time.Minute
)

// seenEvery is how exactly the last use of a session is known: one may end by so much sooner.
const seenEvery = time.Minute

// SessionOwner is what the store reads of a session's data, which is a JSON object with at least these members.
type SessionOwner struct {
	Account uuid.UUID `json:"account,omitzero"`
	Epoch   int64     `json:"epoch,omitempty"` // Account.SessionEpoch of when what the session rests on was read
	Work    bool      `json:"work,omitempty"`  // a page of work was opened in it, at an organization or in the console
	Agent   string    `json:"agent,omitempty"`
	SSO     uuid.UUID `json:"sso,omitzero"` // the sign-in by an organization's provider on which alone it rests
}

// sso is what the row names, so that it ends with it.
func (o SessionOwner) sso() *uuid.UUID {
	if o.SSO == uuid.Nil {
		return nil
	}
	return &o.SSO
}

// SessionStore keeps sessions for scs, under hashed tokens. What a request has read it writes into the row that it read
// and no other, and only while that lives: a request that was under way when a session ended, one or all of an account,
// revives nothing, whichever token it gives it (A18). A stock store would bring it back.
//
// A row's MAC vouches for what it says: a session that SQL has written or changed is none.
type SessionStore struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Now     func() time.Time
	Log     *slog.Logger
}

// LoadedSession is the session that a request has read. The zero value is none: what the request writes is a new one.
type LoadedSession struct {
	ID      uuid.UUID
	Account Account // whose it is; zero for a visitor's

	// Unattended tells the store that the request is a page's own doing: it is no use of the session.
	Unattended bool
	// Renewing tells the store that the token which scs deletes is about to be replaced: the row stays.
	Renewing bool
	// Lost is set when nothing could be written: meanwhile the session ended, or another request changed its token.
	Lost bool

	ended string // hash of a token that opens nothing, of a session that has ended or never was

	token                  string
	created, expires, seen time.Time
}

// WorkEnds is when it ends, if somebody works in it and nothing else is asked for.
func (l LoadedSession) WorkEnds() time.Time {
	idle, life := l.seen.Add(WorkIdle), l.created.Add(WorkLife)
	if life.Before(idle) {
		return life
	}
	return idle
}

type carrier struct{}

// Carry gives a context in which finding a session also fills in what it is, for the writes that follow.
func Carry(ctx context.Context, into *LoadedSession) context.Context {
	return context.WithValue(ctx, carrier{}, into)
}

func carried(ctx context.Context) *LoadedSession {
	if into, ok := ctx.Value(carrier{}).(*LoadedSession); ok {
		return into
	}
	return &LoadedSession{}
}

// FindCtx implements scs.CtxStore.
func (s *SessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	now := s.Now()
	row, err := s.Gateway.Anonymous().ActiveSession(ctx, shareddb.ActiveSessionParams{Token: token, Now: now,
		IdleSince: now.Add(-SessionIdle), VisitorIdleSince: now.Add(-VisitorIdle),
		WorkIdleSince: now.Add(-WorkIdle), WorkSince: now.Add(-WorkLife)})
	if errors.Is(err, pgx.ErrNoRows) {
		carried(ctx).ended = token
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	facts := sessionFacts{row.ID, token, row.AccountID, row.Epoch, row.Work, row.Data, row.CreatedAt, row.ExpiresAt}
	if !vouched(ctx, s.Keys, s.Log, facts.claim(), row.Mac) {
		return nil, false, nil
	}
	into := carried(ctx)
	*into = LoadedSession{ID: row.ID, Unattended: into.Unattended, token: token, created: row.CreatedAt,
		expires: row.ExpiresAt, seen: row.LastSeenAt}
	if row.AccountID != nil {
		into.Account = Account{ID: *row.AccountID, Email: row.Email, Name: row.Name, Phone: row.Phone, Born: row.Born,
			SessionEpoch: row.Epoch}
	}
	if !into.Unattended && now.Sub(row.LastSeenAt) > seenEvery {
		if err := s.Gateway.Anonymous().SeeSession(ctx, now, row.ID); err != nil {
			s.Log.WarnContext(ctx, "last use of a session not noted", "error", err)
		} else {
			into.seen = now
		}
	}
	return row.Data, true, nil
}

// Lives tells whether a session that was loaded is still one, and its account's sign-ins have not been ended since.
func (s *SessionStore) Lives(ctx context.Context, l LoadedSession) (bool, error) {
	now := LoadedSession{Unattended: true}
	_, found, err := s.FindCtx(Carry(ctx, &now), l.token)
	return found && now.ID == l.ID && now.Account.ID == l.Account.ID &&
		now.Account.SessionEpoch == l.Account.SessionEpoch, err
}

// EndedOwner is whose the session was that a request still came with; nil: nobody's, or nobody knows.
func (s *SessionStore) EndedOwner(ctx context.Context, l LoadedSession) (uuid.UUID, error) {
	if l.ended == "" {
		return uuid.Nil, nil
	}
	owner, err := s.Gateway.Anonymous().SessionOwner(ctx, l.ended)
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nil
	}
	return owner, err
}

// CommitCtx implements scs.CtxStore. Writing to a session that has ended is no error and has no effect.
func (s *SessionStore) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	var owner SessionOwner
	if err := json.Unmarshal(data, &owner); err != nil {
		return fmt.Errorf("session data: %w", err)
	}
	var account *uuid.UUID
	if owner.Account != uuid.Nil {
		account = &owner.Account
	}
	loaded, q := carried(ctx), s.Gateway.Anonymous()
	if visitors := s.Now().Add(VisitorLife); account == nil && expires.After(visitors) {
		expires = visitors
	}
	facts := sessionFacts{loaded.ID, token, account, owner.Epoch, owner.Work, data, loaded.created, loaded.expires}
	if loaded.ID == uuid.Nil {
		facts.id, facts.created, facts.expires = uuid.New(), s.Now(), expires
		return q.BeginSession(ctx, shareddb.BeginSessionParams{ID: facts.id, Token: token, AccountID: account,
			Epoch: owner.Epoch, Work: owner.Work, Data: data, UserAgent: owner.Agent, Now: facts.created,
			ExpiresAt: expires, Mac: facts.mac(s.Keys), SSOSession: owner.sso()})
	}
	mac := facts.mac(s.Keys)
	facts.work = true
	kept, err := q.KeepSession(ctx, shareddb.KeepSessionParams{ID: loaded.ID, Was: loaded.token, Token: token,
		AccountID: account, Epoch: owner.Epoch, Work: owner.Work, Data: data, UserAgent: owner.Agent, Mac: mac,
		WorkMac: facts.mac(s.Keys), SSOSession: owner.sso()})
	if loaded.Lost = kept == 0; !loaded.Lost {
		loaded.token = token
	}
	return err
}

// DeleteCtx implements scs.CtxStore: it leaves a tombstone. What the request writes afterward is another session.
func (s *SessionStore) DeleteCtx(ctx context.Context, token string) error {
	loaded := carried(ctx)
	if loaded.Renewing {
		return nil
	}
	err := s.Gateway.Anonymous().RevokeSession(ctx, s.Now(), loaded.ID, token)
	if err == nil {
		*loaded = LoadedSession{}
	}
	return err
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
