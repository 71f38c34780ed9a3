package role

import (
	"errors"
	"slices"
	"testing"

	"kindward/internal/pgtest"
)

func TestTheDatabaseAllowsTheRolesOfThisListAndNoOther(t *testing.T) {
	db := pgtest.Open(t)
	for table, roles := range map[string][]Definition{
		"directory.membership": Organization(), "directory.invitation": Organization(), "directory.staff": Staff(),
	} {
		if got := db.Allowed(t, table, "role"); !slices.Equal(got, Words(roles)) {
			t.Errorf("%s allows %v, the list is %v", table, got, Words(roles))
		}
	}
	if got := db.Allowed(t, "directory.membership", "id"); len(got) != 0 {
		t.Errorf("control: a column without a list of words has %v", got)
	}
}

func TestEveryRoleHasALabelAndAnUnknownWordIsAnError(t *testing.T) {
	for _, f := range append(Organization(), Staff()...) {
		if label, err := Label(f.Role); err != nil || label != f.Label || label == "" || f.Reach == "" {
			t.Errorf("%s: %q, %v", f.Role, label, err)
		}
	}
	if title, err := Title(FrontDesk); err != nil || title != "Front desk" {
		t.Error(title, err)
	}
	for _, word := range []string{"", "member", "Owner", "front desk"} {
		if label, err := Label(word); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q is called %q: %v", word, label, err)
		}
		if _, err := Title(word); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q has a title: %v", word, err)
		}
	}
}
