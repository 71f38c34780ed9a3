package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/sitetest"
	"kindward/internal/tenancy"
)

// refusal runs a verb that has to end with one line.
func refusal(t *testing.T, settings []string, args ...string) string {
	t.Helper()
	cmd := sitetest.Command(t, append([]string{"KINDWARD_ADDR=127.0.0.1:0", "KINDWARD_DEMO_SIZE=3"}, settings...), args...)
	var says bytes.Buffer
	cmd.Stderr = &says
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("%v: it ends with %d", args, cmd.ProcessState.ExitCode())
	}
	line := strings.TrimSpace(says.String())
	if strings.Contains(line, "\n") || len(line) > 400 {
		t.Errorf("%v: not one line: %s", args, line)
	}
	return line
}

// over are the settings of a process over a database.
func over(t *testing.T, db *pgtest.DB, more ...string) []string {
	return append([]string{"DATABASE_URL=" + db.AdminURL(), "KINDWARD_SECRETS=" + db.SecretsFile(),
		"KINDWARD_DATA_DIR=" + t.TempDir()}, more...)
}

func TestA47NothingIsInventedWherePeopleAre(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	const all = `select (select count(*) from directory.account) + (select count(*) from directory.tenant) +
		(select count(*) from directory.staff) + (select count(*) from market.reason)`
	for _, verb := range []string{"dev", "seed"} {
		line := refusal(t, over(t, db, "KINDWARD_BASE_URL=https://care.example.org", "KINDWARD_ALLOW_DEMO=true"), verb)
		if !strings.Contains(line, "was not made as a demonstration") || !strings.Contains(line, "an empty database") {
			t.Errorf("%s says %q", verb, line)
		}
	}
	if n := db.Count(t, all); n != 0 {
		t.Errorf("%d rows were made", n)
	}
	control := pgtest.FreshDemonstration(t, tenancy.Options{})
	out, err := sitetest.Command(t, over(t, control), "seed", "--scale", "3").CombinedOutput()
	if err != nil || control.Count(t, all) == 0 {
		t.Fatalf("control: %v %s", err, out)
	}
	b := &base{ring: control.Keys}
	for _, secret := range []string{b.demoPassword(), b.demoTOTPSecret("administrator@example.test")} {
		if !strings.Contains(string(out), secret) {
			t.Errorf("it does not tell %s: %s", secret, out)
		}
	}
	for _, verb := range []string{"serve", "work"} {
		if line := refusal(t, over(t, control), verb, "--local"); !strings.Contains(line, "KINDWARD_ALLOW_DEMO") {
			t.Errorf("%s says %q", verb, line)
		}
	}
}

func ring(t *testing.T) *keys.Keyring {
	t.Helper()
	ring, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestA47TheSecretsOfADemonstrationAreItsOwn(t *testing.T) {
	one, other := &base{ring: ring(t)}, &base{ring: ring(t)}
	if p := one.demoPassword(); len(p) != 19 || p != one.demoPassword() || p == other.demoPassword() {
		t.Errorf("%q, %q and %q", p, one.demoPassword(), other.demoPassword())
	}
	ada, omar := "administrator@example.test", "operator@example.test"
	if s := one.demoTOTPSecret(ada); len(s) != 32 || s != one.demoTOTPSecret(ada) || s == one.demoTOTPSecret(omar) ||
		s == other.demoTOTPSecret(ada) {
		t.Errorf("%q", s)
	}
}

func TestA48ServingPeopleWantsHTTPS(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	for _, verb := range []string{"serve", "work"} {
		for _, c := range []struct{ base, says string }{
			{"", "https address"}, {"http://care.example.org", "https address"},
			{"https://care.example.org/kindward", "more than a host"}} {
			if line := refusal(t, over(t, db, "KINDWARD_BASE_URL="+c.base), verb); !strings.Contains(line, c.says) {
				t.Errorf("%s with %q says %q", verb, c.base, line)
			}
		}
	}
}
