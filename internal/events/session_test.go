package events_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"kindward/internal/events"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/relaydb"
)

// TestA51NoSessionOfTheRelayBeginsWithWhatItsRoleWroteForItself has the role write what would lose the sealer's commits
// and keep it from any.
func TestA51NoSessionOfTheRelayBeginsWithWhatItsRoleWroteForItself(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	write := func() {
		to := "alter role current_user in database " + db.Name + " set "
		if _, err := db.Connect(t, db.RelayURL()).Exec(t.Context(), to+"client_encoding = 'LATIN1'; "+
			to+"synchronous_commit = off; "+to+"bytea_output = 'escape'; "+to+"default_transaction_read_only = on"); err != nil {
			t.Fatal(err)
		}
	}
	forget := func(q *relaydb.Queries) error { _, err := q.ForgetEmails(t.Context()); return err }
	write()
	plain := db.Connect(t, db.RelayURL())
	if err := forget(relaydb.New(plain)); err == nil {
		t.Error("control: a plain connection writes though its transactions only read")
	}
	if err := events.Session(t.Context(), db.RelayURL(), forget); err != nil {
		t.Error(err)
	}
	if line := log.String(); !strings.Contains(line, "role=kindward_relay") || !strings.Contains(line, "bytea_output") {
		t.Errorf("nothing is said of it: %s", line)
	}
	write()
	box := outbox(t, db, events.Options{MaxConns: 1})
	for name, sound := range map[string]string{"client_encoding": "UTF8", "synchronous_commit": "on",
		"bytea_output": "hex", "default_transaction_read_only": "off"} {
		var got string
		err := box.Pool().QueryRow(t.Context(), "select current_setting($1)", name).Scan(&got)
		if err != nil || got != sound {
			t.Errorf("%s is %s, %v", name, got, err)
		}
	}
}
