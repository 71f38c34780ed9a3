package identity

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestTheLastOwnerNeitherLeavesNorBecomesLess(t *testing.T) {
	h := open(t)
	a := h.Clinic(t)
	owner := h.owner(t, a)
	own := h.membership(t, a, owner.Subject())
	if err := EndMembership(t.Context(), h.Gateway.Identity(owner), own, h.now()); !errors.Is(err, ErrLastOwner) {
		t.Error("ended:", err)
	}
	if err := ChangeRole(t.Context(), h.Gateway.Identity(owner), own, "billing", h.now()); !errors.Is(err, ErrLastOwner) {
		t.Error("less:", err)
	}
	if err := ChangeRole(t.Context(), h.Gateway.Identity(owner), own, "owner", h.now()); err != nil {
		t.Error("what they are already:", err)
	}
	if err := EndMembership(t.Context(), h.Gateway.Identity(owner), uuid.New(), h.now()); !errors.Is(err,
		ErrMembershipGone) {
		t.Error("nobody's:", err)
	}
	if err := ChangeRole(t.Context(), h.Gateway.Identity(a.Scope(h.person(t, "Mallory").ID)), own, "billing",
		h.now()); !errors.Is(err, ErrNotYours) {
		t.Error("by a stranger:", err)
	}
	h.owner(t, a)
	if err := EndMembership(t.Context(), h.Gateway.Identity(owner), own, h.now()); err != nil {
		t.Error("control, one of two:", err)
	}
}

func TestOfTwoOwnersWhoEndEachOtherAtOnceOneStays(t *testing.T) {
	h := open(t)
	if err := h.endEachOther(t, "", 0); tenancy.Code(err) != "KW403" { // an owner no more by then
		t.Error("the second:", err)
	}
	if err := h.endEachOther(t, "", 1); tenancy.Code(err) != "KW403" {
		t.Error("the second, of three:", err)
	}
	if err := h.endEachOther(t, " for update", 0); err != nil {
		t.Error("negative control, without the lock of all owners nobody refuses the second:", err)
	}
}

// endEachOther lets the second of two owners end the first while the first's statement, which ends the second, is not
// committed yet, while others are owners too. It tells what the second statement says then. without is taken out of the
// statement.
func (h *harness) endEachOther(t *testing.T, without string, others int) error {
	t.Helper()
	a := h.Clinic(t)
	one, two := h.owner(t, a).Subject(), h.owner(t, a).Subject()
	for range others {
		h.owner(t, a)
	}
	sql := statement(t, "EndMembership", without)
	end := func(tx pgx.Tx, who, whose uuid.UUID) error {
		var ended bool
		return tx.QueryRow(t.Context(), sql, a.ID, who, h.membership(t, a, whose), time.Now()).Scan(&ended)
	}
	var both [2]pgx.Tx
	for i := range both {
		tx, err := h.Connect(t, h.AdminURL()).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context())
		both[i] = tx
	}
	pid := both[1].Conn().PgConn().PID()
	if err := end(both[0], one, two); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- end(both[1], two, one) }()
	for waits := false; !waits; time.Sleep(2 * time.Millisecond) {
		select {
		case err := <-second: // it did not wait
			return err
		default:
		}
		waits = pgtest.One[bool](t, h.DB, "select cardinality(pg_blocking_pids($1)) > 0", int32(pid))
	}
	if err := both[0].Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return <-second
}

// statement is the text of a membership's statement, without a part of it, for whoever is not held by a gate: $1 is
// the organization, $2 who asks, $3 the row and $4 the time.
func statement(t *testing.T, name, without string) string {
	t.Helper()
	raw, err := os.ReadFile("../../queries/shareddb/memberships.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, sql, found := strings.Cut(string(raw), "-- name: "+name+" :one\n")
	sql, _, _ = strings.Cut(sql, "\n-- ")
	if !found || !strings.Contains(sql, without) {
		t.Fatal("no such statement or part")
	}
	return strings.NewReplacer("(select ctx.tenant())", "$1", "(select ctx.actor())", "$2", "sqlc.arg('id')", "$3",
		"sqlc.arg('now')", "$4").Replace(strings.Replace(sql, without, "", 1))
}

func (h *harness) membership(t *testing.T, at *pgtest.Clinic, who uuid.UUID) (id uuid.UUID) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
		"select id from directory.membership where tenant_id = $1 and account_id = $2 and ended_at is null", at.ID,
		who).Scan(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
