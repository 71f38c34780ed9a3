package events_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"kindward/internal/events"
	"kindward/queries/relaydb"
)

// TestA51NoSessionOfTheRelayBeginsWithWhatItsRoleWroteForItself has the role write what would lose the sealer's commits
// and keep it from any.
func TestA51NoSessionOfTheRelayBeginsWithWhatItsRoleWroteForItself(t *testing.T) {
	db, box := fixture(t, events.Options{MaxConns: 1})
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	write := func() {
		conn := db.Connect(t, db.RelayURL())
		for _, sql := range []string{"client_encoding = 'LATIN1'", "synchronous_commit = off", "bytea_output = 'escape'",
			"default_transaction_read_only = on"} {
			if _, err := conn.Exec(t.Context(), "alter role current_user in database "+db.Name+" set "+sql); err != nil {
				t.Fatal(err)
			}
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
	box.Pool().Reset()
	for name, sound := range map[string]string{"client_encoding": "UTF8", "synchronous_commit": "on",
		"bytea_output": "hex", "default_transaction_read_only": "off"} {
		var got string
		err := box.Pool().QueryRow(t.Context(), "select current_setting($1)", name).Scan(&got)
		if err != nil || got != sound {
			t.Errorf("%s is %s, %v", name, got, err)
		}
	}
}
