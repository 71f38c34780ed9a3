package tenancy_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

func TestNoStatementIsSentToAnOrganizationThatIsBehind(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	behind, other := db.Clinic(t), db.Clinic(t)
	db.Admin(t, "update directory.tenant set schema_version = schema_version - 1 where id = $1", behind.ID)
	ask := func(id uuid.UUID) (alone, together error) {
		tenant, err := db.Gateway.TenantByID(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		scope := db.Gateway.Admit(tenant, tenancy.Caller{})
		_, alone = db.Gateway.Once(scope).DeleteOldAnswers(t.Context())
		piped := db.Gateway.Pipeline(t.Context(), scope, func(q *tenantdb.Queries) error {
			return q.LapseHold(t.Context(), uuid.New())
		})
		if (piped == nil) != (alone == nil) || alone != nil && !errors.Is(piped, tenancy.ErrTenantBehind) {
			t.Errorf("alone it is %v, in a pipeline %v", alone, piped)
		}
		return alone, db.Gateway.Within(t.Context(), scope, func(q *tenantdb.Queries) error {
			_, err := q.DeleteOldAnswers(t.Context())
			return err
		})
	}
	alone, together := ask(behind.ID)
	if !errors.Is(alone, tenancy.ErrTenantBehind) || !errors.Is(together, tenancy.ErrTenantBehind) {
		t.Errorf("it is asked: %v, %v", alone, together)
	}
	if alone, together = ask(other.ID); alone != nil || together != nil {
		t.Errorf("control: the other organization: %v, %v", alone, together)
	}
	ahead := other.Tenant
	ahead.Version++
	if ahead.Behind() {
		t.Error("an organization that a newer program has migrated is refused by the older one")
	}
}
