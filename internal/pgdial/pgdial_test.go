package pgdial_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kindward/internal/pgdial"
	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const patience = time.Minute

func connect(t *testing.T, address string, l pgdial.Limits) (*pgx.Conn, error) {
	t.Helper()
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	pgdial.ServerNotices(config.RuntimeParams)
	pgdial.Bound(&config.Config, l)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			conn.Close(ctx)
		})
	}
	return conn, err
}

// connected is a connection, however long a busy machine takes to open it: the limit of an answer holds there too.
func connected(t *testing.T, address string, l pgdial.Limits) *pgx.Conn {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		conn, err := connect(t, address, l)
		if err == nil {
			return conn
		}
		if !pgdial.Lost(err) || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func TestAConnectionThatTheNetworkHasLostBreaksAndALivingOneRests(t *testing.T) {
	db := pgtest.Open(t)
	network := db.Between(t)
	limits := pgdial.Limits{Answer: time.Second}
	resting := connected(t, db.AdminURL(), limits)
	conn := connected(t, network.Through(t, db.AdminURL()), limits)
	// an answer that comes in time, then a silence of nobody's fault
	if _, err := conn.Exec(t.Context(), "select 1"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*limits.Answer)
	defer cancel()
	if _, err := conn.WaitForNotification(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a connection that only listens: %v", err)
	}
	network.Swallow()
	bounded, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := conn.Exec(bounded, "select $1::int", 1); !errors.Is(err, pgdial.ErrSilent) || !pgdial.Lost(err) ||
		bounded.Err() != nil {
		t.Errorf("a statement that the network swallowed: %v", err)
	}
	if !conn.IsClosed() {
		t.Error("a connection that does not answer is still used")
	}
	if _, err := connect(t, network.Through(t, db.AdminURL()), pgdial.Limits{Connect: 500 * time.Millisecond,
		Answer: time.Hour}); !pgdial.Lost(err) {
		t.Errorf("a connection that nobody answers: %v", err)
	}
	network.Restore()
	if _, err := connect(t, network.Through(t, db.AdminURL()), pgdial.Limits{}); err != nil {
		t.Errorf("the network is back: %v", err)
	}
	if _, err := resting.Exec(t.Context(), "select 1"); err != nil {
		t.Errorf("a connection that rested: %v", err)
	}
}

func TestAStatementThatTakesLongerThanTheLimitBreaksAndWithoutALimitDoesNot(t *testing.T) {
	db := pgtest.Open(t)
	for _, test := range []struct {
		answer time.Duration
		lost   bool
	}{{time.Second, true}, {0, false}} {
		conn := connected(t, db.AdminURL(), pgdial.Limits{Answer: test.answer})
		if _, err := conn.Exec(t.Context(), "select pg_sleep($1)", 2); errors.Is(err, pgdial.ErrSilent) != test.lost {
			t.Errorf("limit %v: %v", test.answer, err)
		}
	}
}

func TestTheServerIsToldToNotice(t *testing.T) {
	db := pgtest.Open(t)
	network := db.Between(t)
	u, err := url.Parse(network.Through(t, db.AdminURL()))
	if err != nil {
		t.Fatal(err)
	}
	pgdial.ServerNoticesAt(u)
	config, err := pgx.ParseConfig(u.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count",
		"tcp_user_timeout"} {
		if config.RuntimeParams[name] == "" {
			t.Errorf("%s is not asked for", name)
		}
	}
	if _, err := connect(t, u.String(), pgdial.Limits{}); err != nil {
		t.Error(err)
	}
}

func TestALostConnectionIsToldFromADatabaseThatObjects(t *testing.T) {
	for _, err := range []error{pgdial.ErrSilent, io.ErrUnexpectedEOF, net.ErrClosed,
		&net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, &pgconn.PgError{Code: "57P01"},
		&pgconn.PgError{Code: "08006"}} {
		if !pgdial.Lost(fmt.Errorf("a page: %w", err)) {
			t.Errorf("%v counts as what the database says", err)
		}
	}
	objects := &pgconn.PgError{Code: "23514"}
	for _, err := range []error{errors.Join(objects, &pgconn.PgError{Code: "57P01"}),
		fmt.Errorf("a sweep: %w", errors.Join(fmt.Errorf("one listing: %w", objects), nil, errors.Join(pgdial.ErrSilent))),
		fmt.Errorf("%w, and then %w", objects, io.ErrUnexpectedEOF)} {
		if !pgdial.Lost(err) {
			t.Errorf("%v does not count as a lost connection", err)
		}
	}
	for _, err := range []error{nil, errors.New("anything"), errors.Join(objects, errors.New("anything")),
		pgx.ErrNoRows, &pgconn.PgError{Code: "23505"}, &pgconn.PgError{Code: "57014"},
		&url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: io.EOF}}} {
		if pgdial.Lost(err) {
			t.Errorf("%v counts as a lost connection", err)
		}
	}
}
