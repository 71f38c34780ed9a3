package tenancy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// listener keeps what a gateway tells its witness.
type listener struct {
	mu   sync.Mutex
	told [][]shareddb.AuditEventRow
}

func (l *listener) hear(events []shareddb.AuditEventRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, events)
}

// take gives the actions of what was told since, a list for each transaction.
func (l *listener) take() (actions [][]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, events := range l.told {
		var all []string
		for _, e := range events {
			all = append(all, e.Action)
		}
		actions = append(actions, all)
	}
	l.told = nil
	return actions
}

// signed writes an event in the name of whoever the scope says.
func signed(ctx context.Context, q *shareddb.Queries, action string) error {
	return q.WriteAccountEvent(ctx, nil, action, "success")
}

func looked(ctx context.Context, q *tenantdb.Queries, action string) error {
	return q.AuditAppointment(ctx, tenantdb.AuditAppointmentParams{Purpose: "care", ID: new(uuid.New()), Action: action,
		Fields: []string{}})
}

func TestAWitnessIsToldWhatATransactionWroteOnceItIsCommittedAndNothingElse(t *testing.T) {
	for _, explicit := range []bool{false, true} {
		t.Run(fmt.Sprintf("explicit %v", explicit), func(t *testing.T) {
			var l listener
			db := pgtest.Fresh(t, tenancy.Options{Witness: l.hear, Explicit: explicit})
			ctx, account := t.Context(), uuid.New()
			tenant := db.Tenant(t, "clinic")
			here := db.Gateway.Admit(tenant, tenancy.Caller{Subject: account})
			home := db.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: account})
			changed := errors.New("changed my mind")
			no := [][]string(nil)
			for _, c := range []struct {
				name string
				do   func() error
				fail bool
				want [][]string
			}{
				{"alone", func() error { return signed(ctx, db.Gateway.Shared(home), "a") }, false, [][]string{{"a"}}},
				{"without a scope", func() error { return signed(ctx, db.Gateway.Public(), "b") }, false, [][]string{{"b"}}},
				{"while rows are read", func() error {
					_, err := db.Gateway.Once(here).AccountAppointments(ctx, account)
					return err
				}, false, [][]string{{"list"}}},
				{"nothing is written", func() error { return db.Gateway.Once(here).LockHoldCounts(ctx, nil) }, false, no},
				{"a reading that finds nobody", func() error {
					_, err := db.Gateway.Shared(home).AccountForSupport(ctx, shareddb.AccountForSupportParams{ID: uuid.New()})
					return err
				}, true, no},
				{"in one transaction", func() error {
					return db.Gateway.WithinShared(ctx, home, func(q *shareddb.Queries) error {
						return errors.Join(signed(ctx, q, "c"), signed(ctx, q, "d"))
					})
				}, false, [][]string{{"c", "d"}}},
				{"in one of a clinic", func() error {
					return db.Gateway.Within(ctx, here, func(q *tenantdb.Queries) error {
						return errors.Join(q.LockHoldCounts(ctx, nil), looked(ctx, q, "e"))
					})
				}, false, [][]string{{"e"}}},
				{"taken back", func() error {
					return db.Gateway.WithinShared(ctx, home, func(q *shareddb.Queries) error {
						return errors.Join(signed(ctx, q, "f"), changed)
					})
				}, true, no},
				{"in a pipeline", func() error {
					return db.Gateway.Pipeline(ctx, here, func(q *tenantdb.Queries) error {
						return errors.Join(looked(ctx, q, "g"), q.LockHoldCounts(ctx, nil), looked(ctx, q, "h"))
					})
				}, false, [][]string{{"g", "h"}}},
				{"in a pipeline, by statements of both kinds", func() error {
					return db.Gateway.Pipeline(ctx, here, func(q *tenantdb.Queries) error {
						return errors.Join(looked(ctx, q, "j"), q.WriteSeedEvent(ctx, &tenant.ID), looked(ctx, q, "k"))
					})
				}, false, [][]string{{"j", "seed", "k"}}},
				{"in a pipeline that is refused", func() error {
					return db.Gateway.Pipeline(ctx, here, func(q *tenantdb.Queries) error {
						return errors.Join(looked(ctx, q, "i"), q.RequireOffering(ctx, tenantdb.RequireOfferingParams{}))
					})
				}, true, no},
			} {
				for range 4 { // as text, and from kept plans
					err := c.do()
					if (err != nil) != c.fail {
						t.Fatalf("%s: %v", c.name, err)
					}
					if got := l.take(); !slices.EqualFunc(got, c.want, slices.Equal) {
						t.Errorf("%s: the witness was told %v", c.name, got)
					}
				}
			}
			if n := db.Count(t, `select count(*) from audit.event where action = any ('{f,i}')`); n != 0 {
				t.Errorf("the control: %d events of transactions that were taken back", n)
			}
		})
	}
}

func TestAWitnessHearsNothingOfATransactionWhoseEndNobodyKnows(t *testing.T) {
	var l listener
	db := pgtest.Fresh(t, tenancy.Options{})
	network := db.Between(t)
	gateway, err := tenancy.Open(t.Context(), network.Through(t, db.AppURL()), db.Keys,
		tenancy.Options{MaxConns: 1, Witness: l.hear})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { go gateway.Close() }) // what is lost keeps it
	home := gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Subject: uuid.New()})
	if err := signed(t.Context(), gateway.Shared(home), "before"); err != nil || len(l.take()) != 1 {
		t.Fatal("the control: ", err)
	}
	network.Swallow()
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if err := signed(ctx, gateway.Shared(home), "lost"); err == nil {
		t.Fatal("the network brings what it swallows")
	}
	if got := l.take(); len(got) > 0 {
		t.Errorf("the witness was told %v", got)
	}
}

func TestAskingForTheWitnessCostsNoRoundTrip(t *testing.T) {
	sent := func(witness tenancy.Witness) (n int) {
		heard := &batches{}
		db := pgtest.Open(t)
		gateway, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, tenancy.Options{MaxConns: 1, Tracer: heard,
			Witness: witness})
		if err != nil {
			t.Fatal(err)
		}
		defer gateway.Close()
		here := gateway.Admit(db.Tenant(t, "clinic"), tenancy.Caller{Subject: uuid.New()})
		for range 3 { // descriptions of statements are asked for once
			heard.sent, heard.alone = 0, 0
			err = errors.Join(
				gateway.Pipeline(t.Context(), here, func(q *tenantdb.Queries) error { return looked(t.Context(), q, "x") }),
				gateway.Within(t.Context(), here, func(q *tenantdb.Queries) error { return looked(t.Context(), q, "x") }),
				looked(t.Context(), gateway.Once(here), "x"))
			if err != nil {
				t.Fatal(err)
			}
		}
		return heard.sent + heard.alone
	}
	var l listener
	with, without := sent(l.hear), sent(nil)
	if with != without || len(l.take()) != 9 {
		t.Errorf("%d round trips with a witness, %d without", with, without)
	}
}
