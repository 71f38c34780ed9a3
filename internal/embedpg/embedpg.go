// Package embedpg runs the private PostgreSQL of a Kindward that was given no
// DATABASE_URL: it finds server programs on the machine or obtains them, keeps
// one cluster per data folder, and leaves nothing running when Kindward ends.
//
// Only processes that can enter a private folder reach the server (a Unix
// socket; on Windows a loopback port), and each still needs a password. What a
// killed Kindward left behind is cleared at the next Start, after proof that no
// PostgreSQL works on the cluster.
package embedpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"sync"
	"time"
)

// Options say where the cluster lives and how it is run.
type Options struct {
	// DataDir is the product's data folder, made if absent. The cluster lives in
	// DataDir/postgres; the lock, the superuser's password and the log beside it.
	// When root's data folder cannot be reached by PostgreSQL's user, the cluster
	// lives under /var/lib/kindward and DataDir/postgres.place says where.
	DataDir string
	// Say receives lines about what takes time, for a person. May be nil.
	Say func(string)
	// Fast gives up durability for speed. For tests only.
	Fast bool
	// Settings are further postgresql settings; they win over ours, except those
	// that say how the server is reached.
	Settings map[string]string
	// Restart brings a server back that ended by itself, at the same address.
	Restart bool
	// Log hears of deaths and returns. May be nil.
	Log *slog.Logger
}

// Server is a running private PostgreSQL.
type Server struct {
	location location
	kit      kit
	lock     *fileLock
	mu       sync.Mutex
	process  *process // the one that runs now, or ran last
	failure  error    // why it could not be brought back
	sockets  string   // folder of the socket, "" where TCP is used
	host     string
	port     int
	password string
	died     chan struct{}
	watched  chan struct{} // closed when nobody starts it any more
	stopping sync.Once
	stopped  chan struct{}
	stopErr  error
}

// Start brings the cluster up and returns when it answers queries and the
// database "kindward" exists. ctx limits the starting only. A first start takes
// a few seconds (and a download where PostgreSQL is missing), later ones under
// one. After Done, call Stop and Start again: the URLs stay the same, except on
// Windows.
//
// Errors print as one line; ErrInUse, ErrVersion, ErrDiskFull, ErrNoPostgres and
// ErrIntegrity can be told apart.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, searchHere())
}

func start(ctx context.Context, o Options, seek search) (*Server, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	dataDir, err := openDataDir(o.DataDir)
	if err != nil {
		return nil, err
	}
	held, err := lockDataDir(dataDir)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{lock: held, died: make(chan struct{}), watched: make(chan struct{}), stopped: make(chan struct{})}
	if err := s.start(ctx, dataDir, o, seek); err != nil {
		held.release()
		return nil, err
	}
	go s.watch(o)
	return s, nil
}

// start does the work under the lock, which the caller gives back on error.
func (s *Server) start(ctx context.Context, dataDir string, o Options, seek search) (err error) {
	if s.location, err = findLocation(dataDir, o.Say); err != nil {
		return err
	}
	if s.kit, err = seek.forCluster(ctx, s.location, o.Say); err != nil {
		return err
	}
	if s.password, err = superPassword(dataDir); err != nil {
		return err
	}
	if s.sockets, err = s.location.socketDir(); err != nil {
		return err
	}
	if s.host, s.port, err = address(s.sockets); err != nil {
		return err
	}
	_ = os.Remove(s.location.secret()) // of a first start that was killed
	if !s.location.exists {
		o.Say("Creating the database in " + s.location.cluster)
		if err := s.location.create(ctx, s.kit, s.password, o.Fast); err != nil {
			return err
		}
	}
	o.Say(fmt.Sprintf("Starting PostgreSQL %d", s.kit.major))
	return s.run(ctx, o)
}

// run clears, launches and waits, again while what is left of a killed server
// still holds shared memory; 10 s of that at the most.
func (s *Server) run(ctx context.Context, o Options) error {
	for deadline := time.Now().Add(10 * time.Second); ; {
		if err := clearLeftovers(ctx, s.location.cluster, s.sockets, o.Say); err != nil {
			return err
		}
		err := s.launch(ctx, o)
		if !errors.Is(err, errStillHeld) || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *Server) launch(ctx context.Context, o Options) error {
	log, err := openLog(s.location.dataDir)
	if err != nil {
		return err
	}
	defer log.file.Close()
	cmd := s.location.account.command(context.Background(), s.kit.dir, "postgres", s.arguments(o)...)
	cmd.Stdout, cmd.Stderr = log.file, log.file
	p, err := launch(cmd, s.kit.dir)
	if err != nil {
		return fmt.Errorf("PostgreSQL could not be started: %w", err)
	}
	s.now(p)
	err = s.ready(ctx, p)
	if err == nil {
		return nil
	}
	crashed := p.dead()
	p.stop()
	if crashed {
		return log.cause(s.location)
	}
	return err
}

// URL is a postgres:// address for pgx. For the user "postgres" it carries the
// superuser's password; the passwords of other roles are their makers' matter.
func (s *Server) URL(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database}
	if user == "postgres" {
		u.User = url.UserPassword(user, s.password)
	}
	q := url.Values{"sslmode": {"disable"}} // no network between us
	if s.sockets != "" {
		q.Set("host", s.sockets)
		q.Set("port", fmt.Sprint(s.port))
	} else {
		u.Host = net.JoinHostPort(s.host, fmt.Sprint(s.port))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Version is the server's major version, 15 to 18.
func (s *Server) Version() int { return s.kit.major }

// Done is closed when PostgreSQL ended by itself, not when Stop ended it; with Options.Restart, when it could not be
// brought back, and Err says why.
func (s *Server) Done() <-chan struct{} { return s.died }

// Stop ends PostgreSQL and gives the data folder back: a clean shutdown within
// 20 s, else a hard one, which costs the next start a recovery and is reported.
// Calling it again waits for the first call and returns its result.
func (s *Server) Stop() error {
	s.stopping.Do(func() {
		close(s.stopped)
		<-s.watched
		if !s.current().stop() {
			s.stopErr = errors.New("PostgreSQL did not stop in time and was ended; it will recover at the next start")
		}
		s.lock.release()
	})
	return s.stopErr
}

// address is the socket's port number, or a free loopback port where there are
// no sockets.
func address(sockets string) (string, int, error) {
	if sockets != "" {
		return "", socketPort, nil
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", 0, fmt.Errorf("no free port for PostgreSQL: %w", err)
	}
	defer l.Close()
	return "127.0.0.1", l.Addr().(*net.TCPAddr).Port, nil
}
