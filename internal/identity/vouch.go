package identity

import (
	"context"
	"encoding/hex"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
)

// What a row that lets somebody in says, in one order. Its MAC (keys.Keyring) is over all of it, so that none can be
// written or changed by whoever has the database and not the secrets file. What is only shown (a browser's name) or
// only ends a row sooner (its last use) is not among it.

// sessionFacts are those of directory.session.
type sessionFacts struct {
	id               uuid.UUID
	token            string
	account          *uuid.UUID
	epoch            int64
	work             bool
	data             []byte
	created, expires time.Time
}

func (f sessionFacts) list() []string {
	account := ""
	if f.account != nil {
		account = f.account.String()
	}
	return []string{f.id.String(), f.token, account, strconv.FormatInt(f.epoch, 10), strconv.FormatBool(f.work),
		string(f.data), instant(f.created), instant(f.expires)}
}

func (f sessionFacts) mac(ring *keys.Keyring) []byte { return ring.MAC("session", f.list()...) }

func (f sessionFacts) claim() claim { return claim{"session", f.id.String(), "session", f.list()} }

// claim is what a row says that would let somebody in: which row it is, and what its MAC has to be over.
type claim struct {
	table, id string
	purpose   string
	facts     []string
}

// vouched tells whether a row's MAC is of what it says. A row that claims to live and has another one, or none, was
// written or changed past the program: it opens nothing, and the log has its table and id.
func vouched(ctx context.Context, ring *keys.Keyring, log *slog.Logger, row claim, mac []byte) bool {
	if ring.Vouched(mac, row.purpose, row.facts...) {
		return true
	}
	log.ErrorContext(ctx, "identity: a row was written or changed past the program and opens nothing", "table",
		"directory."+row.table, "id", row.id, "empty_mac", len(mac) == 0)
	return false
}

// instant is a time as the database keeps it.
func instant(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// resetFacts are those of directory.password_reset.
func resetFacts(hash []byte, account uuid.UUID, expires time.Time) []string {
	return []string{hex.EncodeToString(hash), account.String(), instant(expires)}
}

// changeFacts are those of directory.email_change.
func changeFacts(hash []byte, account uuid.UUID, email string, expires time.Time) []string {
	return []string{hex.EncodeToString(hash), account.String(), email, instant(expires)}
}

// keyFacts are those of directory.api_key.
func keyFacts(id string, tenant uuid.UUID, hash []byte, scopes []string, expires time.Time) []string {
	return append([]string{id, tenant.String(), hex.EncodeToString(hash), instant(expires)}, scopes...)
}

const (
	resetPurpose  = "password reset"
	changePurpose = "email change"
	keyPurpose    = "api key"
)

// VouchForAPIKeys gives API keys from before there were MACs theirs, with an administrator's connection, and tells how
// many. It does so once for each database: from then on a key without one opens nothing.
func VouchForAPIKeys(ctx context.Context, conn *pgx.Conn, ring *keys.Keyring) (n int, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local role kindward_owner`); err != nil {
			return err
		}
		var done bool
		err := tx.QueryRow(ctx, `select attnotnull from pg_catalog.pg_attribute
			where attrelid = 'directory.api_key'::regclass and attname = 'mac'`).Scan(&done)
		if err != nil || done {
			return err
		}
		n, err = vouchForAPIKeys(ctx, tx, ring)
		return err
	})
	return n, err
}

func vouchForAPIKeys(ctx context.Context, tx pgx.Tx, ring *keys.Keyring) (int, error) {
	// the owner's own hands: without a ticket it would find nothing to bring over
	if _, err := tx.Exec(ctx, `alter table directory.api_key no force row level security`); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `select id, tenant_id, hash, scopes, expires_at from directory.api_key where mac is null`)
	if err != nil {
		return 0, err
	}
	type keyRow struct {
		ID      string
		Tenant  uuid.UUID
		Hash    []byte
		Scopes  []string
		Expires time.Time
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[keyRow])
	if err != nil {
		return 0, err
	}
	var b pgx.Batch
	for _, k := range all {
		b.Queue(`update directory.api_key set mac = case when revoked_at is null then $1::bytea else '' end where id = $2`,
			ring.MAC(keyPurpose, keyFacts(k.ID, k.Tenant, k.Hash, k.Scopes, k.Expires)...), k.ID)
	}
	b.Queue(`alter table directory.api_key alter mac set not null`)
	b.Queue(`alter table directory.api_key force row level security`)
	return len(all), tx.SendBatch(ctx, &b).Close()
}
