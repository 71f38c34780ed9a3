package tenancy_test

import (
	"errors"
	"testing"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

const (
	marked = "select exists (select from directory.demonstration)"
	mark   = "insert into directory.demonstration default values"
)

func TestA47ADatabaseIsADemonstrationFromItsMakingOrNever(t *testing.T) {
	people := pgtest.Fresh(t, tenancy.Options{})
	if pgtest.One[bool](t, people, marked) {
		t.Error("a database for people is a demonstration")
	}
	if _, err := people.Connect(t, people.AdminURL()).Exec(t.Context(), mark); tenancy.Code(err) != "23514" {
		t.Errorf("marked later: %v", err)
	}
	if _, err := tenancy.OpenDemonstrationOwner(t.Context(), people.AdminURL()); !errors.Is(err,
		tenancy.ErrNotDemonstration) {
		t.Errorf("opened to invent people in it: %v", err)
	}

	invented := pgtest.FreshDemonstration(t, tenancy.Options{})
	if is, err := invented.Gateway.Public().IsDemonstration(t.Context()); err != nil || !is {
		t.Fatal("control: a demonstration is none", err)
	}
	if _, err := invented.Connect(t, invented.AppURL()).Exec(t.Context(),
		"delete from directory.demonstration"); tenancy.Code(err) != "42501" {
		t.Errorf("the app takes the mark away: %v", err)
	}
	again, err := tenancy.OpenDemonstrationOwner(t.Context(), invented.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Migrate(t.Context(), invented.Keys, func(string) {}); err != nil {
		t.Error(err)
	}
}

// TestA47WhoeverHasAnAccountIsNotMadeInvented takes databases from before there was a mark: empty, and with somebody.
func TestA47WhoeverHasAnAccountIsNotMadeInvented(t *testing.T) {
	const somebody = `insert into directory.account (id, email, name) values (gen_random_uuid(), 'a@example.org', 'A')`
	for name, c := range map[string]struct {
		opened, between string // what happens before it is opened, and before it is migrated
		refused, made   error
	}{
		"control: empty":                       {},
		"with somebody":                        {somebody, "", tenancy.ErrNotDemonstration, nil},
		"with somebody who signs up meanwhile": {"", somebody, nil, tenancy.ErrNotDemonstration},
	} {
		t.Run(name, func(t *testing.T) {
			owner, admin, drop := sharedAt(t, 23)
			defer drop()
			do := func(sql string) {
				if _, err := admin.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			do(c.opened)
			inventor, err := tenancy.OpenDemonstrationOwner(t.Context(), admin.Config().ConnString())
			if !errors.Is(err, c.refused) {
				t.Fatal(err)
			}
			if c.refused != nil {
				if err := owner.MigrateSharedTo(t.Context(), 24); err != nil {
					t.Fatal(err)
				}
			} else {
				defer inventor.Close()
				do(c.between)
				if err := inventor.Migrate(t.Context(), pgtest.Open(t).Keys, func(string) {}); !errors.Is(err, c.made) {
					t.Error(err)
				}
			}
			want := []string{"t"}
			if c.refused != nil || c.made != nil {
				want[0] = "f"
			}
			if got := column1(t, admin, marked); got[0] != want[0] {
				t.Errorf("marked: %s", got[0])
			}
		})
	}
}
