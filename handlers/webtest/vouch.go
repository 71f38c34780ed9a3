package webtest

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
)

// VouchForSession makes the MAC of a session that a test has written or changed by SQL, as only who has the secrets
// file can.
func VouchForSession(ctx context.Context, admin *pgx.Conn, ring *keys.Keyring, token string) error {
	var id uuid.UUID
	var account string
	var epoch int64
	var work bool
	var data []byte
	var created, expires time.Time
	err := admin.QueryRow(ctx, `select id, coalesce(account_id::text, ''), epoch, work, data, created_at, expires_at
		from directory.session where token = $1`, token).Scan(&id, &account, &epoch, &work, &data, &created, &expires)
	if err != nil {
		return err
	}
	mac := ring.MAC("session", id.String(), token, account, strconv.FormatInt(epoch, 10), strconv.FormatBool(work),
		string(data), strconv.FormatInt(created.UnixMicro(), 10), strconv.FormatInt(expires.UnixMicro(), 10))
	_, err = admin.Exec(ctx, `update directory.session set mac = $1 where token = $2`, mac, token)
	return err
}
