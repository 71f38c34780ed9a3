package tenancy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"kindward/internal/keys"
)

// ticketLife is how long the database accepts a ticket after it was minted.
const ticketLife = 60 * time.Second

// expired is how the database refuses a ticket whose life is over.
const expired = "tenant context refused: expired"

// holder is whom a ticket speaks for.
type holder struct {
	tenant, subject uuid.UUID
	actor           uuid.UUID // who acts for the subject; nil when it is the subject
	staff           bool
}

// ticket is what the database verifies (migrations/shared/0005): kid.tenant.subject.actor.role.expiry.pPID.mac.
// It is good on one connection only. A nil id is written as "-" and read as "none".
func ticket(key keys.Key, h holder, expires time.Time, pid uint32) string {
	b := make([]byte, 0, 256)
	b = append(b, key.ID...)
	for _, id := range []uuid.UUID{h.tenant, h.subject, h.actor} {
		b = append(b, '.')
		b = appendID(b, id)
	}
	b = append(b, role(h.staff)...)
	b = strconv.AppendInt(b, expires.Unix(), 10)
	b = append(b, '.', 'p')
	b = strconv.AppendUint(b, uint64(pid), 10)
	mac := hmac.New(sha256.New, ticketSecret(key))
	mac.Write(b)
	b = append(b, '.')
	return string(hex.AppendEncode(b, mac.Sum(nil)))
}

// Expired tells whether the database refused a ticket because its minute is over: this process's clock is behind the
// database's, or what the ticket was for waited for longer. Nothing of it was done, and a new one may be good.
func Expired(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "42501" && pg.Message == expired
}

func role(staff bool) string {
	if staff {
		return ".staff."
	}
	return ".-."
}

func appendID(b []byte, id uuid.UUID) []byte {
	if id == uuid.Nil {
		return append(b, '-')
	}
	return append(b, id.String()...)
}

func ticketSecret(key keys.Key) []byte { return key.Derive("ticket", 32) }

// pads are the inner and outer blocks of HMAC-SHA-256, as ctx.key stores them.
func pads(key keys.Key) (inner, outer []byte) {
	inner, outer = make([]byte, 64), make([]byte, 64)
	secret := ticketSecret(key)
	for i := range inner {
		var s byte
		if i < len(secret) {
			s = secret[i]
		}
		inner[i], outer[i] = s^0x36, s^0x5c
	}
	return inner, outer
}
