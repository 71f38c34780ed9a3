package tenancy_test

import (
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestTheWallHoldsAgainstEveryWrittenAttack(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	c := newFixtures(t, db)
	admin := db.Connect(t, db.AdminURL())
	w := newWall(t, c, admin)
	for _, breach := range w.attack() {
		t.Error(breach)
	}
	t.Logf("%d attempts on %d tables", w.probes, len(w.own)+len(w.shared)+len(w.template))
}
