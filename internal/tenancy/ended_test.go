package tenancy_test

import (
	"slices"
	"testing"

	"kindward/internal/tenancy"
)

// twoPeople are accounts in a database whose shared schemas are at an earlier version.
const twoPeople = `insert into directory.account (id, email, name) values ('00000000-0000-0000-0000-000000000001', 'maya@example.test', 'Maya'),
	('00000000-0000-0000-0000-000000000002', 'sam@example.test', 'Sam'); `

func TestWhatEndedBeforeIsBroughtUnderTheRuleThatItHasNoMAC(t *testing.T) {
	owner, admin, drop := sharedAt(t, 38)
	defer drop()
	if _, err := admin.Exec(t.Context(), twoPeople+`insert into directory.session (token, account_id, epoch, data, expires_at, mac, revoked_at)
		select v.token, v.account_id::uuid, v.epoch, '', now() + interval '1 hour', v.mac::bytea, v.revoked_at from (values
			('ended with its MAC', '00000000-0000-0000-0000-000000000001', 0, 'x', now()),
			('from before there were MACs', '00000000-0000-0000-0000-000000000001', 0, '', null),
			('a visitor''s from before', null, 0, '', null),
			('of an epoch that is over', '00000000-0000-0000-0000-000000000001', 7, '', null),
			('lives', '00000000-0000-0000-0000-000000000001', 0, 'y', null)) v (token, account_id, epoch, mac, revoked_at)`); err != nil {
		t.Fatal(err)
	}
	if err := owner.MigrateSharedTo(t.Context(), 39); err != nil {
		t.Fatal(err)
	}
	got := column1(t, admin, `select token || ': ' || case when revoked_at is null then 'open' else 'ended' end || ', '
		|| encode(mac, 'escape') from directory.session order by token`)
	want := []string{"a visitor's from before: ended, ", "ended with its MAC: ended, ",
		"from before there were MACs: ended, ", "lives: open, y", "of an epoch that is over: open, "}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestARequestThatAMigrationWithdrewWasWithdrawnByNobody(t *testing.T) {
	owner, admin, drop := sharedAt(t, 32)
	defer drop()
	ask := func(why string) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), `insert into directory.factor_removal
			(id, account_id, reason, requested_by, requested_at, expires_at) values (gen_random_uuid(),
			'00000000-0000-0000-0000-000000000001', $1, '00000000-0000-0000-0000-000000000002', now(), now() + interval '1 day')`,
			why); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := admin.Exec(t.Context(), twoPeople); err != nil {
		t.Fatal(err)
	}
	ask("first")
	ask("second")
	if err := owner.MigrateSharedTo(t.Context(), 39); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Exec(t.Context(), `update directory.factor_removal set withdrawn_by = requested_by, withdrawn_at = now()
		where reason = 'first'`); err != nil {
		t.Fatal(err)
	}
	const said = `select reason || ': ' || coalesce(withdrawn_by::text, 'nobody') || (withdrawn_at is not null) from directory.factor_removal order by reason`
	const sam = "00000000-0000-0000-0000-000000000002true"
	if got := column1(t, admin, said); !slices.Equal(got, []string{"first: " + sam, "second: " + sam}) {
		t.Fatalf("the control: as 0033 left them: %q", got)
	}
	if err := owner.MigrateSharedTo(t.Context(), 40); err != nil {
		t.Fatal(err)
	}
	if got := column1(t, admin, said); !slices.Equal(got, []string{"first: " + sam, "second: nobodytrue"}) {
		t.Errorf("%q", got)
	}
	for sql, code := range map[string]string{
		`update directory.factor_removal set withdrawn_at = null`:                        "23514",
		`insert into audit.epoch (number, size, event_seq, note) values (2, -1, 0, 'x')`: "23514",
		`insert into audit.epoch (number, size, event_seq, note) values (2, 0, -1, 'x')`: "23514",
		`insert into audit.epoch (number, size, event_seq, note) values (2, 0, 0, '')`:   "23514",
		`insert into audit.epoch (number, size, event_seq, note) values (2, 0, 0, 'x')`:  "",
	} {
		if _, err := admin.Exec(t.Context(), sql); tenancy.Code(err) != code {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
