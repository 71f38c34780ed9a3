package identity

import (
	"slices"
	"testing"

	"kindward/internal/pgtest"
)

func TestTheDatabaseAllowsTheFaultsOfAProviderThatTheProgramKnowsAndNoOther(t *testing.T) {
	if got := pgtest.Open(t).Allowed(t, "directory.sso", "fault"); !slices.Equal(got, SSOFaults()) {
		t.Errorf("directory.sso.fault allows %q, the program knows %q", got, SSOFaults())
	}
}
