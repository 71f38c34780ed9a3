package tenancy

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/keys"
	"kindward/queries/shareddb"
)

// identityRole is the login of what lets people in: accounts, sessions, passwords, links of emails, factors, roles, API
// keys. The app's role reads and writes none of it, and this one no organization's tables: SQL that got into one of
// them does not reach the other (migrations/shared/0030).
const identityRole = "kindward_identity"

// divide gives each role its part of a process's connections: a quarter are the identity's, four where there are eight,
// of which a session's look-up holds one for the time of a statement.
func divide(all int32) (app, identity int32) {
	identity = max(min(4, all/2), all/4, 1)
	return max(1, all-identity), identity
}

// openIdentity connects as the identity's role, beside the app's, with the same limits.
func openIdentity(ctx context.Context, app *pgxpool.Config, ring *keys.Keyring, password string, conns int32) (*lanes,
	error) {
	config := app.Copy()
	config.ConnConfig.User = identityRole
	config.ConnConfig.Password = cmp.Or(password, ring.Password(identityRole))
	l, err := openLanes(ctx, config, conns)
	if err == nil {
		if err = assertBound(ctx, l.any(), identityRole); err != nil {
			l.close()
		}
	}
	return l, err
}

// Identity gives queries over what lets people in that each are a transaction of their own, seeing the scope's rows.
func (g *Gateway) Identity(s Scope) *shareddb.Queries {
	return shareddb.New(&once{gateway: g, on: g.identity, scope: s})
}

// WithinIdentity runs fn in one transaction over what lets people in, seeing the rows of the scope's tenant and
// subject.
func (g *Gateway) WithinIdentity(ctx context.Context, s Scope, fn func(q *shareddb.Queries) error) error {
	return g.transact(ctx, g.identity, s, "", func(tx *transaction) error { return fn(shareddb.New(tx)) })
}

// Anonymous gives queries over what lets people in without any context: of whom it is not known yet who they are.
func (g *Gateway) Anonymous() *shareddb.Queries {
	return shareddb.New(&once{gateway: g, on: g.identity, public: true})
}
