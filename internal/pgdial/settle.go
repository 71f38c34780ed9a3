package pgdial

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Settle has nothing hold on connections of this configuration that their role has written for itself (alter role),
// which every role may. What could end the connection or turn what is read at its beginning is said with the first
// packet and outranks that; all else is undone before anybody uses it, for one statement more at connecting. What was
// found is cleared, with an ERROR in the log. A pooler passes on what it follows only, and is to be told of ctx.settle
// itself.
func Settle(config *pgconn.Config) {
	for name, value := range said {
		config.RuntimeParams[name] = value
	}
	config.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		return undo(ctx, conn, conn.ParameterStatus("session_authorization"))
	}
}

// said are settings of the first packet. Those that a caller has limits for, the caller says anew.
var said = map[string]string{
	"client_encoding": "UTF8", "timezone": "UTC", "datestyle": "ISO, MDY", "standard_conforming_strings": "on",
	"synchronous_commit": "on", "default_transaction_read_only": "off",
	"default_transaction_isolation": "read committed",
	"statement_timeout":             "0", "lock_timeout": "0", "idle_session_timeout": "0",
	"idle_in_transaction_session_timeout": "0",
	"local_preload_libraries":             "", "client_min_messages": "notice",
}

const (
	settle   = `select distinct x from ctx.settle() as x order by 1`
	clearing = `select ctx.clear_settings()`
	// lift is for a server that knows the setting: an older one refuses to hear of it, so it cannot be said to all.
	lift  = `set transaction_timeout = 0;`
	lifts = 17

	unsettled = "database: a role had written settings for itself"
)

// undo settles one connection and clears what it found. A role that goes on writing settings changes nothing by it.
func undo(ctx context.Context, conn *pgconn.PgConn, role string) error {
	sql := settle
	if major(conn) >= lifts {
		sql = lift + sql
	}
	names, err := texts(ctx, conn, sql)
	if notThere(err) {
		return nil // what asks for the database's version says what to do
	}
	if err != nil {
		return fmt.Errorf("a connection cannot be settled: %w", err)
	}
	if len(names) > 0 {
		_, err = texts(ctx, conn, clearing)
		slog.ErrorContext(ctx, unsettled, "role", role, "settings", names, "error", err)
	}
	return nil
}

// major is the server's version, 0 where it says none.
func major(conn *pgconn.PgConn) int {
	digits, _, _ := strings.Cut(conn.ParameterStatus("server_version"), ".")
	n, _ := strconv.Atoi(digits)
	return n
}

// notThere tells of a database that is not at this program's version.
func notThere(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (said.Code == "42883" || said.Code == "3F000")
}

// texts are the values of the first column of the last statement.
func texts(ctx context.Context, conn *pgconn.PgConn, sql string) (all []string, err error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	for _, row := range results[len(results)-1].Rows {
		all = append(all, string(row[0]))
	}
	return all, nil
}
