package onboarding

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/identity"
	"kindward/internal/keys"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// GuestLinkLife is how long a guest's link opens its step.
const GuestLinkLife = 7 * 24 * time.Hour

// mostGuestLinks are open at a time for one application.
const mostGuestLinks = 10

// What the making of a guest's link may meet.
var (
	ErrManyGuestLinks = errors.New("onboarding: too many links of guests are open")
	ErrGuestLinkMade  = errors.New("onboarding: this very link was made before")
)

// GuestLink opens one step of an application to whoever has its secret, without an account.
type GuestLink struct {
	ID    uuid.UUID
	Step  string
	Until time.Time
	Email string // of whoever signs by it, to which a code goes; empty: the link alone is enough
}

// GuestLinks are made and opened with the keys that vouch for their rows.
type GuestLinks struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Log     *slog.Logger
}

// Create makes a link to a step of an application, for somebody's address where they sign, and gives its secret, which
// nobody finds out again. form is the id that the form brought: sent twice it is ErrGuestLinkMade. Else
// identity.ErrNotYours or ErrManyGuestLinks.
func (g GuestLinks) Create(ctx context.Context, s tenancy.Scope, application uuid.UUID, step, email string,
	form uuid.UUID, now time.Time) (secret string, err error) {
	secret = rand.Text()
	l := GuestLink{uuid.NewSHA1(form, []byte(application.String()+" "+step)), step, moment(now.Add(GuestLinkLife)), email}
	hash := guestHash(secret)
	err = g.Gateway.WithinIdentity(ctx, s, func(q *shareddb.Queries) error {
		if err := q.LockInvitations(ctx); err != nil {
			return err
		}
		_, err := q.CreateGuestLink(ctx, shareddb.CreateGuestLinkParams{ID: l.ID, Step: step, SecretHash: hash, Now: now,
			ExpiresAt: l.Until, Most: mostGuestLinks, Email: email,
			Mac: g.Keys.MAC(guestPurpose, l.facts(application, hash)...)})
		return err
	})
	switch {
	case tenancy.Constraint(err) == "guest_link_pkey":
		return "", ErrGuestLinkMade
	case tenancy.Code(err) == "KW403":
		return "", identity.ErrNotYours
	case tenancy.Code(err) == "KW447":
		return "", ErrManyGuestLinks
	}
	return secret, err
}

// Open is what a secret opens of an application, or identity.ErrRunOut: ended, run out, never made, made by somebody
// who takes no part any more, or written past the program.
func (g GuestLinks) Open(ctx context.Context, s tenancy.Scope, application uuid.UUID, secret string,
	now time.Time) (GuestLink, error) {
	hash := guestHash(secret)
	row, err := g.Gateway.Identity(s).GuestLinkBySecret(ctx, hash, now)
	if errors.Is(err, pgx.ErrNoRows) {
		return GuestLink{}, identity.ErrRunOut
	}
	if err != nil {
		return GuestLink{}, err
	}
	l := GuestLink{row.ID, row.Step, row.ExpiresAt, row.Email}
	if !g.Keys.Vouched(row.Mac, guestPurpose, l.facts(application, hash)...) {
		g.Log.ErrorContext(ctx, "onboarding: a guest's link was written or changed past the program and opens nothing",
			"id", row.ID)
		return GuestLink{}, identity.ErrRunOut
	}
	return l, nil
}

const guestPurpose = "guest link"

// facts are what the MAC of its row is over.
func (l GuestLink) facts(application uuid.UUID, hash []byte) []string {
	facts := []string{l.ID.String(), application.String(), l.Step, hex.EncodeToString(hash),
		strconv.FormatInt(l.Until.UnixMicro(), 10)}
	if l.Email != "" { // older rows are vouched for without
		facts = append(facts, l.Email)
	}
	return facts
}

func guestHash(secret string) []byte {
	sum := sha256.Sum256([]byte("guest " + secret))
	return sum[:]
}
