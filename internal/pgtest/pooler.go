package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
)

// throughPooler makes every gateway of the test binary go through pgbouncer in transaction mode: the product as it runs
// where a pooler stands in front of the server.
const throughPooler = "KINDWARD_TEST_POOLER"

// pooler is a pgbouncer in front of the cluster, for the roles of pages.
type pooler struct {
	address string // host:port
	command *exec.Cmd
}

func (p *pooler) stop() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

// url is the address of a database behind it.
func (p *pooler) url(database string) string {
	return "postgres://kindward_app@" + p.address + "/" + database + "?sslmode=disable"
}

const poolerSettings = `[databases]
* = host=%s port=%s connect_query='set statement_timeout to 30000; select ctx.settle()'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
auth_type = trust
auth_file = %[4]s/users.txt
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = search_path, synchronous_commit, default_transaction_read_only, default_transaction_isolation, statement_timeout, lock_timeout, idle_session_timeout, idle_in_transaction_session_timeout, local_preload_libraries, client_min_messages
unix_socket_dir =
logfile = %[4]s/pgbouncer.log
`

// startPooler starts it on a free port, with few connections, so that they change hands. It is there once a database
// answers through it.
func startPooler(ctx context.Context, dir, database string, ring *keys.Keyring) (*pooler, error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	at, err := url.Parse(common.server.URL("postgres", "postgres"))
	if err != nil {
		return nil, err
	}
	host, serverPort := at.Hostname(), at.Port()
	if sockets := at.Query().Get("host"); sockets != "" {
		host, serverPort = sockets, at.Query().Get("port")
	}
	own, err := os.MkdirTemp(dir, "pgbouncer-")
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(own, 0o777); err != nil {
		return nil, err
	}
	file := filepath.Join(own, "pgbouncer.ini")
	users := ""
	for _, role := range []string{"kindward_app", "kindward_identity"} {
		users += fmt.Sprintf("%q %q\n", role, ring.Password(role))
	}
	if err := errors.Join(os.WriteFile(file, fmt.Appendf(nil, poolerSettings, host, serverPort, port, own), 0o644),
		os.WriteFile(filepath.Join(own, "users.txt"), []byte(users), 0o644)); err != nil {
		return nil, err
	}
	args := []string{"-q", file}
	if os.Getuid() == 0 { // it does not run as root
		args = []string{"-q", "-u", "postgres", file}
	}
	p := &pooler{address: fmt.Sprintf("127.0.0.1:%d", port), command: exec.Command(program, args...)}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	return p, p.answers(ctx, database)
}

func (p *pooler) answers(ctx context.Context, database string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, p.url(database))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			p.stop()
			return fmt.Errorf("pgbouncer does not answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// PooledURL is AppURL through a pooler of the test's own. A machine without pgbouncer skips the test, the gate does
// not.
func (db *DB) PooledURL(t testing.TB) string {
	t.Helper()
	p, err := startPooler(t.Context(), common.folder, db.Name, db.Keys)
	if err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("there is no pooler: ", err)
		}
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return p.url(db.Name)
}
