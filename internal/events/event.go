// Package events carries what happened from the outbox to whoever needs to know: consumers with a cursor of their own,
// each event at least once and in one order, and light subscribers inside a process. The statements that change
// something append the events.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kindward/queries/relaydb"
)

// ErrRestored means that the outbox was loaded from a dump into another server: its transaction ids lie in this
// server's future, so that "behind the oldest open transaction" has no meaning until Reset.
var ErrRestored = errors.New(
	"the database was restored from another server's dump: run kindward migrate --restored once, before anything else")

// batch is how many events are read and handed on at a time.
const batch = 200

// Event is one thing that happened: a kind and ids, no health data.
type Event struct {
	Position
	Tenant  uuid.UUID // uuid.Nil: of no organization
	Kind    Kind
	Subject uuid.UUID
	Data    json.RawMessage // Fields reads it
	At      time.Time
}

// Fields are what an event may say beside its subject; Kinds tells which kind says what. The rest is zero.
type Fields struct {
	Resource uuid.UUID `json:"resource"` // whose time was taken or freed
	Claim    uuid.UUID `json:"claim"`    // the claim on it; an id stands for one range for ever and does not come back
	Start    time.Time `json:"start"`    // the claim's range, buffers included; RFC 3339 like all times
	End      time.Time `json:"end"`
	Until    time.Time `json:"until"` // when a hold ends by itself; zero: the claim is a booking's

	From      uuid.UUID `json:"from"` // whose time it was before, and which
	FromClaim uuid.UUID `json:"from_claim"`
	FromStart time.Time `json:"from_start"`
	FromEnd   time.Time `json:"from_end"`

	Sequence int32  `json:"sequence"` // the appointment's, as of its calendar entry
	Status   string `json:"status"`   // the appointment's new one
}

// Fields reads an event's data.
func (e Event) Fields() (f Fields, err error) {
	if err = json.Unmarshal(e.Data, &f); err != nil {
		err = fmt.Errorf("event %d: %w", e.Seq, err)
	}
	return f, err
}

// Position orders events: by transaction, then by number. Numbers alone are given before the commit and would lose
// events.
type Position struct {
	XID uint64
	Seq int64
}

// Register makes a consumer's cursor where there is none: at the present, or at the first event that is kept.
// Migrations do it as well, so that nothing that happens before the first worker starts is missed.
func Register(ctx context.Context, db relaydb.DBTX, consumer string, fromStart bool) error {
	return relaydb.New(db).AddCursor(ctx, consumer, fromStart)
}

// read gives the next events after a position.
func read(ctx context.Context, q *relaydb.Queries, after Position) ([]Event, error) {
	rows, err := q.EventsAfter(ctx, after.XID, after.Seq, batch)
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = eventOf(relaydb.EventRow(r))
	}
	return events, err
}

func eventOf(r relaydb.EventRow) Event {
	e := Event{Position: Position{r.Xid, r.Seq}, Kind: Kind(r.Kind), Subject: r.SubjectID, Data: r.Data, At: r.At}
	if r.TenantID != nil {
		e.Tenant = *r.TenantID
	}
	return e
}
