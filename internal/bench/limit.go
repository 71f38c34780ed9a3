package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/embedpg"
	"kindward/internal/tenancy"
)

// limit runs bare SQL as fast as it goes: pgbench where there is one, else a loop of our own over the same statements.
type limit struct {
	pgbench string // "" = our own loop
	address string // of the database, without the password
	secret  string
	folder  string // for scripts
	clients int
	product Target
	stock   *stock
	pool    *pgxpool.Pool    // of our own loop
	gateway *tenancy.Gateway // of our own loop
	runs    int              // so far; each books times of its own
}

// openLimit looks for pgbench beside the server's programs and on the path.
func openLimit(ctx context.Context, h Target, folder string, clients int, s *stock) (*limit, error) {
	u, err := url.Parse(h.AppURL)
	if err != nil {
		return nil, err
	}
	l := &limit{folder: folder, clients: clients, product: h, stock: s, pgbench: findPgbench(ctx)}
	l.secret, _ = u.User.Password()
	u.User = url.User(u.User.Username())
	l.address = u.String()
	if l.pgbench != "" {
		return l, nil
	}
	if l.gateway, err = tenancy.Open(ctx, h.AppURL, h.Keys, tenancy.Options{MaxConns: int32(clients)}); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(h.AppURL)
	if err != nil {
		return nil, err
	}
	config.MaxConns = int32(clients)
	l.pool, err = pgxpool.NewWithConfig(ctx, config)
	return l, err
}

func findPgbench(ctx context.Context) string {
	dir, _, _ := embedpg.Bin(ctx, "", nil)
	for _, pattern := range []string{filepath.Join(dir, "pgbench*"), "/usr/lib/postgresql/*/bin/pgbench",
		"/usr/pgsql-*/bin/pgbench"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	path, _ := exec.LookPath("pgbench")
	return path
}

func (l *limit) close() {
	if l.pool != nil {
		l.pool.Close()
	}
	if l.gateway != nil {
		l.gateway.Close()
	}
}

// name says what the limit is measured with.
func (l *limit) name() string {
	if l.pgbench == "" {
		return "a closed loop of pgx over the same statements, in place of pgbench, which is not on this machine"
	}
	return "pgbench"
}

var progress = regexp.MustCompile(`(?m)^progress: ([0-9.]+) s, ([0-9.]+) tps`)

// warmth is how much of a run of pgbench does not count: its connections are new, and each must first read the catalog
// of each schema and plan each statement. The connections of the product have long done so.
const warmth = time.Second

// rate runs scripts, picked at random for each transaction. mode is pgbench's: prepared keeps plans, extended plans
// each time.
func (l *limit) rate(ctx context.Context, mode string, scripts []string, d time.Duration) (float64, error) {
	l.runs++
	seconds := max(int((d+warmth).Seconds()+0.5), 3)
	args := []string{"-n", "-c", strconv.Itoa(l.clients), "-j", "2", "-T", strconv.Itoa(seconds), "-P", "1", "-M", mode,
		"--random-seed", strconv.Itoa(l.runs), "-D", "run=" + strconv.Itoa(l.runs), "-D", "i=0"}
	for i, text := range scripts {
		file := filepath.Join(l.folder, fmt.Sprintf("script%d.sql", i))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return 0, err
		}
		args = append(args, "-D", fmt.Sprintf("ready_%d=0", i), "-f", file)
	}
	cmd := exec.CommandContext(ctx, l.pgbench, append(args, l.address)...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+l.secret)
	out, err := cmd.CombinedOutput()
	if rate := steady(string(out)); rate > 0 && err == nil {
		return rate, nil
	}
	said := strings.TrimSpace(string(out))
	return 0, fmt.Errorf("pgbench: %v: %s", err, said[:min(len(said), 600)])
}

// steady is the mean of the seconds after pgbench has become warm, 0 if there are none.
func steady(said string) float64 {
	sum, n := 0.0, 0
	for _, m := range progress.FindAllStringSubmatch(said, -1) {
		at, _ := strconv.ParseFloat(m[1], 64)
		rate, _ := strconv.ParseFloat(m[2], 64)
		if at > warmth.Seconds()+0.5 {
			sum, n = sum+rate, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// booking is how many bookings a second the bare SQL does. Plans are kept only when mode is prepared.
func (l *limit) booking(ctx context.Context, mode string, scripts []string, d time.Duration) (float64, error) {
	if l.pgbench != "" {
		return l.rate(ctx, mode, scripts, d)
	}
	l.runs++
	var n atomic.Int64
	base := far.Add(time.Duration(l.runs) * 40_000 * apart)
	r := closedLoop(ctx, l.clients, d, func(ctx context.Context, i int) error {
		k := n.Add(1)
		o := l.stock.offerings[int(k)%min(len(l.stock.offerings), 2*tenantsBooked)]
		place, confirm := bareBooking(o, account(i), base.Add(time.Duration(k)*apart))
		q := l.gateway.Once(l.gateway.Admit(o.tenant, tenancy.Caller{Subject: account(i), RequestID: "bench"}))
		if _, err := q.PlaceHold(ctx, place); err != nil {
			return err
		}
		_, err := q.ConfirmHold(ctx, confirm)
		return err
	})
	return r.rate(), r.err("bare bookings")
}

// reading is how many times a second some statements, picked at random, are answered.
func (l *limit) reading(ctx context.Context, scripts []string, plain [][]sent, d time.Duration) (float64, error) {
	if l.pgbench != "" {
		return l.rate(ctx, "prepared", scripts, d)
	}
	r := closedLoop(ctx, l.clients, d, func(ctx context.Context, _ int) error {
		for _, s := range plain[rand.IntN(len(plain))] {
			rows, err := l.pool.Query(ctx, s.sql, s.args...)
			if err != nil {
				return err
			}
			for rows.Next() {
				rows.RawValues()
			}
			if rows.Close(); rows.Err() != nil {
				return rows.Err()
			}
		}
		return nil
	})
	return r.rate(), r.err("bare reading")
}
