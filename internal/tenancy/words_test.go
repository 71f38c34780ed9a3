package tenancy_test

import (
	"slices"
	"testing"

	"kindward/internal/booking"
	"kindward/internal/consent"
	"kindward/internal/notify"
	"kindward/internal/offering"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
)

func TestTheDatabaseAllowsTheWordsThatTheProgramKnowsAndNoOther(t *testing.T) {
	db := pgtest.Open(t)
	clinic := db.Tenant(t, "clinic").Schema
	organizations := search.OrganizationKinds()
	for _, c := range []struct {
		table, column string
		want          []string
	}{
		{"directory.tenant", "kind", organizations}, {"market.reason", "kind", organizations},
		{"directory.staff_access", "kind", tenancy.StaffAccessKinds()},
		{"outbox.email", "outcome", notify.Outcomes()}, {clinic + ".message", "kind", notify.MessageKinds()},
		{clinic + ".appointment", "cancelled_by", booking.Cancelers()},
		{clinic + ".service", "visit_mode", venue.Modes()}, {clinic + ".appointment", "visit_mode", venue.Modes()},
		{"market.listing", "visit_mode", venue.Modes()},
		{"onboarding.application", "kind", onboarding.Kinds},
		{"onboarding.application", "status", onboarding.Statuses()}, {"onboarding.step", "state", onboarding.StepStates()},
		{"onboarding.step_time", "kind", onboarding.Kinds},
		{"onboarding.notice", "kind", onboarding.NoticeKinds()},
		{"onboarding.change", "kind", offering.ChangeKinds()}, {"onboarding.change", "status", offering.ChangeStatuses()},
		{"onboarding.document", "state", onboarding.DocumentStates()},
		{"onboarding.signature", "side", onboarding.SignatureSides()},
		{"onboarding.check_result", "result", onboarding.Results()},
		{clinic + ".consent", "purpose", consent.Purposes()}, {clinic + ".consent", "state", consent.States()},
		{clinic + ".consent", "channel", consent.Channels()},
	} {
		if got := db.Allowed(t, c.table, c.column); !slices.Equal(got, c.want) {
			t.Errorf("%s.%s allows %v, the program knows %v", c.table, c.column, got, c.want)
		}
	}
}
