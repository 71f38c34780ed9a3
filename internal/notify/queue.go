package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/queries/shareddb"
)

// Enqueue puts an entry into the transaction of q, sealed: it is sent if that commits, however the process
// ends. The same one statement whatever the entry says. now is when its life begins.
func Enqueue(ctx context.Context, q *shareddb.Queries, ring *keys.Keyring, id uuid.UUID, now time.Time, e Entry) error {
	kind := e.Kind()
	if _, ok := entries[kind]; !ok {
		return fmt.Errorf("%w: %q", ErrUnknownKind, kind)
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return q.QueueEmail(ctx, shareddb.QueueEmailParams{ID: id, Kind: string(kind), Sealed: ring.Seal("email",
		payload, rowOf(id, kind)), ExpiresAt: now.Add(e.Life())})
}

// Open reads an entry that Enqueue has sealed. An error is for good: of another row or kind, changed, or
// ErrUnknownKind.
func Open(ring *keys.Keyring, id uuid.UUID, kind Kind, sealed []byte) (Entry, error) {
	payload, err := ring.Open("email", sealed, rowOf(id, kind))
	if err != nil {
		return nil, err
	}
	return decode(kind, payload)
}

// Notice makes the message of a notice; id is that of its entry, so that sending it again is seen to be the same.
func (c Composer) Notice(id uuid.UUID, at time.Time, n Notice) (Message, error) {
	return c.Compose(string(n.Kind())+"-"+id.String(), at, n.Address(), n.Email(c))
}

func rowOf(id uuid.UUID, kind Kind) []byte {
	return []byte("outbox.email|sealed|" + string(kind) + "|" + id.String())
}
