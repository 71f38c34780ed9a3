package tenancy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// peopleTables have rows of one person and of no organization, behind policies of their own.
func peopleTables(t testing.TB, conn *pgx.Conn) []table {
	return tablesOf(t, conn, `n.nspname = 'directory' and c.relrowsecurity
		and not exists (select from pg_attribute x where x.attrelid = c.oid and x.attname = 'tenant_id' and not x.attisdropped)`)
}

// staffPass is a ticket for a subject without an organization, for staff or for whoever acts for the subject.
func (a attacker) staffPass(db *pgtest.DB, subject, actor uuid.UUID, staff bool) string {
	return tenancy.MintStaffTicket(db.Keys.Current(), uuid.Nil, subject, actor, staff, time.Now().Add(time.Minute),
		a.conn.PID())
}

// persons tries to reach what is one person's own: factors, devices, and who is staff.
func (w *wall) persons() {
	for _, x := range w.people {
		if w.stopped {
			return
		}
		removal := x.String() == "directory.factor_removal"
		staffOnly := x.String() == "directory.staff" || removal
		for _, who := range []struct {
			name, pass string
			sees       bool
		}{{"nobody", "", false}, {"Bob", w.bobAtHome(), false}, {"Alice", w.aliceAtHome(), !removal},
			{"Bob as staff", w.bobAsStaff(), staffOnly}, {"Bob for Alice", w.bobAsAlice(), !removal}} {
			got := w.as(identity, who.pass, fmt.Sprintf("select 1 from %s x where x.account_id = '%s'", x, w.alice))
			if (len(got.rows) > 0) != who.sees {
				w.breach("%s finds %d rows of Alice in %s: %s", who.name, len(got.rows), x, got)
			}
		}
		insert := canary(x, uuid.New(), w.alice)
		if got := w.as(identity, w.bobAtHome(), insert); got.code != "42501" ||
			!strings.Contains(got.message, "row-level security") {
			w.breach("Bob writes into Alice's %s: %s", x, got)
		}
		may := w.aliceAtHome()
		if staffOnly {
			may = w.bobAsStaff()
			if got := w.as(identity, w.aliceAtHome(), insert); got.code != "42501" {
				w.breach("Alice writes for herself what staff alone write, into %s: %s", x, got)
			}
		}
		if got := w.as(identity, may, insert); got.code != "" && got.code[:2] != "23" {
			w.breach("%s cannot be written: %s", x, got)
		}
		change := "account_id = account_id"
		if staffOnly {
			change = "ended_at = now()"
		}
		if removal {
			change = "approved_by = ctx.actor(), approved_at = now() where requested_by is distinct from ctx.actor()"
			other := strings.Replace(insert, fitting["factor_removal.requested_by"], "'"+w.alice.String()+"'", 1)
			if got := w.as(identity, w.bobAsStaff(), other); got.code != "42501" {
				w.breach("staff ask for a removal in another's name: %s", got)
			}
		}
		bobs := "1" // his own canary
		if staffOnly {
			bobs = "0"
		}
		for _, who := range [][3]string{{"nobody", "", "0"}, {"Bob", w.bobAtHome(), bobs}} {
			if got := w.as(identity, who[1], fmt.Sprintf("update %s set %s", x, change)); got.tag != "UPDATE "+who[2] {
				w.breach("%s changes rows of Alice in %s: %s", who[0], x, got)
			}
			if got := w.as(identity, who[1], fmt.Sprintf("delete from %s", x)); got.tag != "DELETE "+who[2] &&
				got.code != "42501" {
				w.breach("%s removes rows of Alice in %s: %s", who[0], x, got)
			}
		}
		if got := w.as(identity, may, fmt.Sprintf("update %s set %s", x, change)); got.tag == "UPDATE 0" || got.code != "" {
			w.breach("%s cannot be changed by whoever may: %s", x, got)
		}
		if !staffOnly {
			if got := w.as(identity, may, fmt.Sprintf("update %s set account_id = '%s'", x, w.bob)); got.code != "42501" {
				w.breach("Alice gives a row of %s away: %s", x, got)
			}
		}
	}
}
