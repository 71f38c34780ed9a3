// Package audit proves that the audit was not changed afterward: a sealer puts every committed event into a Merkle
// tree (RFC 6962) and signs its head about once a second (C2SP checkpoints), a verifier recomputes all of it, and rules
// look for what a person should look at.
package audit

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/queries/relaydb"
	"kindward/queries/shareddb"
)

// Event is one row of audit.event, in the form that is sealed: every column, in this order.
type Event struct {
	Version int        `json:"v"` // of this form; 1
	Seq     int64      `json:"seq"`
	XID     uint64     `json:"xid"`
	ID      uuid.UUID  `json:"id"`
	At      Instant    `json:"at"`
	Tenant  *uuid.UUID `json:"tenant_id"`
	Actor   *uuid.UUID `json:"actor"`
	Behalf  *uuid.UUID `json:"on_behalf_of"`
	// the column had this name when form 1 was made, and what is sealed keeps it
	StaffAccess   *uuid.UUID `json:"acting_id"`
	Patient       *uuid.UUID `json:"patient"`
	Purpose       string     `json:"purpose"`
	Resource      string     `json:"resource"`
	ResourceID    *uuid.UUID `json:"resource_id"`
	Action        string     `json:"action"`
	Fields        []string   `json:"fields"`
	Outcome       string     `json:"outcome"`
	PolicyID      string     `json:"policy_id"`
	PolicyVersion string     `json:"policy_version"`
	IP            *string    `json:"ip"` // with its mask, as PostgreSQL writes inet
	RequestID     string     `json:"request_id"`
	TraceID       string     `json:"trace_id"`
	BeforeHash    []byte     `json:"before_hash"` // base64
	AfterHash     []byte     `json:"after_hash"`
}

// Instant is written in UTC with six decimals, which is all that the database keeps.
type Instant struct{ time.Time }

const instantForm = "2006-01-02T15:04:05.000000Z"

// MarshalJSON implements json.Marshaler.
func (i Instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + i.UTC().Format(instantForm) + `"`), nil
}

// EventOf is an event as it was read.
func EventOf[R relaydb.AuditEventRow | shareddb.AuditEventRow](row R) Event {
	r := relaydb.AuditEventRow(row)
	e := Event{Version: 1, Seq: r.Seq, XID: r.Xid, ID: r.ID, At: Instant{r.At}, Tenant: r.TenantID, Actor: r.Actor,
		Behalf: r.OnBehalfOf, StaffAccess: r.StaffAccessID,
		Patient: r.Patient, Purpose: r.Purpose, Resource: r.Resource, ResourceID: r.ResourceID, Action: r.Action,
		Fields: r.Fields, Outcome: r.Outcome,
		PolicyID: r.PolicyID, PolicyVersion: r.PolicyVersion, RequestID: r.RequestID, TraceID: r.TraceID,
		BeforeHash: r.BeforeHash, AfterHash: r.AfterHash}
	if r.IP != "" {
		e.IP = &r.IP
	}
	return e
}

// Canonical is the one spelling of an event: JSON on one line, keys in the order of the struct, no spaces, null for
// what is absent, the characters <, > and & escaped. The leaf of the tree is the RFC 6962 hash of exactly these bytes.
func (e Event) Canonical() []byte {
	raw, err := json.Marshal(e)
	if err != nil {
		panic(err) // plain values only
	}
	return raw
}

// Hash is the event's leaf hash.
func (e Event) Hash() tlog.Hash { return tlog.RecordHash(e.Canonical()) }

// readEvent reads a canonical form back, for its number and id; the bytes themselves are what is hashed.
func readEvent(raw []byte) (seq int64, id uuid.UUID, err error) {
	var e struct {
		Version int       `json:"v"`
		Seq     int64     `json:"seq"`
		ID      uuid.UUID `json:"id"`
	}
	if err = json.Unmarshal(raw, &e); err == nil && e.Version != 1 {
		err = fmt.Errorf("form %d of events is not known", e.Version)
	}
	return e.Seq, e.ID, err
}
