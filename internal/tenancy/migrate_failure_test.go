package tenancy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestAnOrganizationWhoseRowsBreakARuleDoesNotKeepTheOthersBehind(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	clinics := []*pgtest.Clinic{db.Clinic(t), db.Clinic(t), db.Clinic(t)}
	all, err := tenancy.Steps()
	if err != nil {
		t.Fatal(err)
	}
	admin := db.Connect(t, db.AdminURL())
	versions := func() (out []string) {
		return column1(t, admin, "select schema_version from directory.tenant order by created_at, id")
	}
	before, after := fmt.Sprint(len(all)), fmt.Sprint(len(all)+1)
	rule := append(slices.Clone(all), "alter table location add constraint no_secrets check (street <> 'a secret street')")
	for number, bad := range clinics { // the middle one, and also the first, which is the canary, and the last
		bad.SQL(t, "update location set street = 'a secret street'")
		err := db.Owner.MigrateTenantsBy(t.Context(), rule, func(string) {})
		behind, ok := errors.AsType[*tenancy.BehindError](err)
		if !ok || tenancy.Code(err) != "23514" || strings.Contains(behind.Error(), "\n") {
			t.Fatalf("number %d: it ends with %v", number, err)
		}
		says := bad.Slug + " (" + bad.Schema + "): constraint no_secrets of table location"
		if text := behind.Error(); !strings.HasPrefix(text, "1 of 3 organizations") || !strings.HasSuffix(text, says) ||
			strings.Contains(text, "secret street") {
			t.Errorf("number %d: it says %q", number, text)
		}
		want := []string{after, after, after}
		want[number] = before
		if got := versions(); !slices.Equal(got, want) {
			t.Errorf("number %d is bad: the versions are %v", number, got)
		}
		bad.SQL(t, "update location set street = ''")
		if err := db.Owner.MigrateTenantsBy(t.Context(), rule, func(string) {}); err != nil {
			t.Errorf("mended: %v", err)
		}
		if got := versions(); !slices.Equal(got, []string{after, after, after}) {
			t.Errorf("mended: the versions are %v", got)
		}
		for _, c := range clinics {
			c.SQL(t, "alter table location drop constraint no_secrets")
		}
		db.Admin(t, "update directory.tenant set schema_version = $1", len(all))
	}
}

func TestAStepThatIsWrongByItselfStopsAtTheFirstOrganization(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	clinics := []*pgtest.Clinic{db.Clinic(t), db.Clinic(t)}
	clinics[0].SQL(t, "create table extra (id uuid)")
	all, err := tenancy.Steps()
	if err != nil {
		t.Fatal(err)
	}
	err = db.Owner.MigrateTenantsBy(t.Context(), append(all, "create table extra (id uuid)"), func(string) {})
	if _, gathered := errors.AsType[*tenancy.BehindError](err); gathered || tenancy.Code(err) != "42P07" {
		t.Errorf("it ends with %v", err)
	}
	if got := column1(t, db.Connect(t, db.AdminURL()), fmt.Sprintf(
		"select count(*) from directory.tenant where schema_version = %d", len(all))); got[0] != "2" {
		t.Error("it went on to the second")
	}
}
