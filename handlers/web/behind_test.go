package web_test

import (
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestAnOrganizationThatIsBehindIs503AndTheOthersAnswer(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	behind, other := db.Tenant(t, "clinic"), db.Tenant(t, "clinic")
	db.Admin(t, "update directory.tenant set schema_version = schema_version - 1 where id = $1", behind.ID)
	b := openIn(t, db).Visitor(t)
	res := b.Get("/places/" + behind.Slug)
	if res.Status != 503 || res.Header.Get("Retry-After") == "" || !strings.Contains(res.Body, "We are not open") ||
		strings.Contains(res.Body, "kindward migrate") {
		t.Errorf("behind: %d %.300s", res.Status, res.Body)
	}
	if res := b.Get("/places/" + other.Slug); res.Status != 200 {
		t.Errorf("control: the other: %d", res.Status)
	}
}
