package tenancy

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/queries/shareddb"
)

// CheckKeys refuses secrets that are not this database's: what they seal and sign would not fit what is there.
func (g *Gateway) CheckKeys(ctx context.Context) error {
	rows, err := g.Public().KnownKeys(ctx)
	if err != nil {
		return err
	}
	return g.keys.Check(known(rows))
}

func known(rows []shareddb.KnownKeysRow) (all []keys.Known) {
	for _, k := range rows {
		all = append(all, keys.Known{ID: k.ID, Purpose: k.Purpose, Fingerprint: k.Fingerprint, Retired: k.Retired})
	}
	return all
}

// CheckKeys is the gateway's, but before a migration or a rotation, which take secrets that are newer. A database from
// before it remembered keys still has those of its tickets.
func (o *Owner) CheckKeys(ctx context.Context, ring *keys.Keyring) error {
	var remembers, prepared bool
	err := o.pool.QueryRow(ctx, `select to_regclass('directory.known_key') is not null,
		to_regclass('ctx.key') is not null`).Scan(&remembers, &prepared)
	if err != nil || !prepared {
		return err
	}
	if !remembers {
		return o.checkTicketKeys(ctx, ring)
	}
	rows, err := shareddb.New(o.pool).KnownKeys(ctx)
	if err != nil {
		return err
	}
	if err = ring.Check(known(rows)); errors.Is(err, keys.ErrNewer) {
		return nil
	}
	return err
}

func (o *Owner) checkTicketKeys(ctx context.Context, ring *keys.Keyring) error {
	var ids []string
	for _, k := range ring.All() {
		ids = append(ids, k.ID)
	}
	return o.as(ctx, "kindward_ctx", func(tx pgx.Tx) error {
		var others bool
		err := tx.QueryRow(ctx, `select count(*) > 0 and count(*) filter (where kid = any ($1)) = 0 from ctx.key`, ids).
			Scan(&others)
		if err == nil && others {
			err = errors.New("the secrets file is missing, or of another deployment than this database: put it back from its copy")
		}
		return err
	})
}

// RememberKeys notes the ring's keys, and retires those for signing that it has dropped. The newest of several is the
// one that signs.
func (o *Owner) RememberKeys(ctx context.Context, ring *keys.Keyring) error {
	var signing []string
	return o.as(ctx, "kindward_owner", func(tx pgx.Tx) error {
		for age, k := range ring.Known() {
			_, err := tx.Exec(ctx, `insert into directory.known_key (id, purpose, fingerprint, made_at)
				values ($1, $2, $3, clock_timestamp() - $4 * interval '1 microsecond') on conflict do nothing`,
				k.ID, k.Purpose, k.Fingerprint, age)
			if err != nil {
				return err
			}
			if k.Purpose == keys.Sign {
				signing = append(signing, k.ID)
			}
		}
		_, err := tx.Exec(ctx, `update directory.known_key set retired_at = now()
			where purpose = 'sign' and retired_at is null and id <> all ($1)`, signing)
		return err
	})
}

// AbandonKey lets the database be used without a key for sealing that is lost for good, once what comes before that is
// done. What it sealed stays shut.
func (o *Owner) AbandonKey(ctx context.Context, id string, before func() error) error {
	return o.as(ctx, "kindward_owner", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update directory.known_key set retired_at = now(), abandoned_at = now()
			where purpose = 'seal' and id = $1 and retired_at is null`, id)
		if err == nil && tag.RowsAffected() == 0 {
			err = fmt.Errorf("this database was not sealed with a key %q, or goes without it already", id)
		}
		if err != nil {
			return err
		}
		return before()
	})
}
