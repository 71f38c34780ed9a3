package handlers_test

import (
	"slices"
	"testing"

	"kindward/handlers/web"
)

// TestTheNamesOfSessionSlotsStay: they are written into sessions, and another name forgets what people have begun. A
// new slot is added here.
func TestTheNamesOfSessionSlotsStay(t *testing.T) {
	want := []string{"audit_searches", "ceremony", "patient_searches", "people_searches", "policy_searches",
		"sign_up", "staff_access", "team_searches", "workplace"}
	if got := web.SlotNames(); !slices.Equal(got, want) {
		t.Errorf("slots are named %q, and were %q", got, want)
	}
}
