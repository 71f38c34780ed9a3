package identity

import (
	"sync"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// running begins eight acts of one of the staff at once, and counts those that run afterward.
func (h *harness) running(t *testing.T, begin func(by tenancy.Caller) error) int {
	t.Helper()
	by := caller()
	by.Subject, by.Staff = h.person(t, "Sam Support").ID, true
	h.Admin(t, `insert into directory.staff (id, account_id, role) values ($1, $2, 'support')`, uuid.New(), by.Subject)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := begin(by); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	return pgtest.One[int](t, h.DB, `select count(*) from directory.staff_access where actor = $1 and ended_at is null`,
		by.Subject)
}

func TestA35OfEightActsThatBeginAtOnceOneRuns(t *testing.T) {
	h := openAt(t, pgtest.Fresh(t, tenancy.Options{}))
	maya, clinic := h.person(t, "Maya Okafor"), h.Clinic(t)
	see := func(by tenancy.Caller) error {
		_, err := BeginImpersonation(t.Context(), h.mail, by, Impersonation{Person: maya.ID, Reason: "She asked us to"},
			h.now())
		return err
	}
	emergency := func(by tenancy.Caller) error {
		_, err := BeginEmergencyAccess(t.Context(), h.mail, by, tenancy.Tenant{ID: clinic.ID, Name: "A", Slug: "a"},
			"Somebody has collapsed there", h.now())
		return err
	}
	for name, begin := range map[string]func(tenancy.Caller) error{"impersonation": see, "emergency access": emergency} {
		if n := h.running(t, begin); n != 1 {
			t.Errorf("%s: %d run", name, n)
		}
	}
	h.Admin(t, `create or replace function directory.end_acts(staff_member uuid, moment timestamptz) returns bigint
		language plpgsql stable as $$ begin return 0; end $$`) // as if it saw what there was before the lock
	if n := h.running(t, see); n < 2 {
		t.Errorf("control: without the lock %d run", n)
	}
}
