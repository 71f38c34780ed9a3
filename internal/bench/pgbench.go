package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kindward/internal/embedpg"
)

// pgbench runs bare SQL as fast as it goes.
type pgbench struct {
	program string
	address string // of the database, without the password
	secret  string
	folder  string // for scripts
	clients int
	meter   meter
	runs    int // so far; each books times of its own
}

// openPgbench looks for it beside the server's programs and on the path.
func openPgbench(ctx context.Context, appURL, folder string, clients int, m meter) (*pgbench, error) {
	u, err := url.Parse(appURL)
	if err != nil {
		return nil, err
	}
	p := &pgbench{program: findPgbench(ctx), folder: folder, clients: clients, meter: m}
	if p.program == "" {
		return nil, errors.New("pgbench is not on this machine; it comes with PostgreSQL's server package")
	}
	p.secret, _ = u.User.Password()
	u.User = url.User(u.User.Username())
	p.address = u.String()
	return p, nil
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

// How pgbench sends statements: planned each time, or with plans that are kept and serve all parameters, as the product
// keeps them.
const (
	planned = "extended"
	kept    = "prepared"
)

// warmth is how much of a run does not count: its connections are new, and each must first read the catalog of each
// schema and plan each statement. The connections of the product have long done so.
const warmth = time.Second

// run runs scripts, picked at random for each transaction.
func (p *pgbench) run(ctx context.Context, mode string, scripts []string, d time.Duration) (sample, error) {
	p.runs++
	seconds := max(int((d+warmth).Seconds()+0.5), 3)
	args := []string{"-n", "-c", strconv.Itoa(p.clients), "-j", "2", "-T", strconv.Itoa(seconds), "-P", "1", "-M", mode,
		"--random-seed", strconv.Itoa(p.runs), "-D", "run=" + strconv.Itoa(p.runs), "-D", "i=0"}
	for i, text := range scripts {
		file := filepath.Join(p.folder, fmt.Sprintf("script%d.sql", i))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return sample{}, err
		}
		args = append(args, "-D", fmt.Sprintf("ready_%d=0", i), "-f", file)
	}
	cmd := exec.CommandContext(ctx, p.program, append(args, p.address)...)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+p.secret)
	if mode == kept {
		cmd.Env = append(cmd.Env, "PGOPTIONS=-c plan_cache_mode=force_generic_plan")
	}
	out, err := cmd.StderrPipe()
	if err != nil {
		return sample{}, err
	}
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	w := warm{read: p.meter.read}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		w.hear(lines.Text())
	}
	if err := errors.Join(cmd.Wait(), w.failed); err != nil {
		return sample{}, fmt.Errorf("pgbench: %w: %s", err, clip(w.said.String(), 600))
	}
	return w.sample()
}

// warm listens to a run of pgbench and reads the meter as soon as it is warm, and each second from then on.
type warm struct {
	read        func() (reading, error)
	first, last reading
	from, to    float64 // seconds of the run
	done        float64 // transactions between them
	said        strings.Builder
	failed      error
}

var progress = regexp.MustCompile(`^progress: ([0-9.]+) s, ([0-9.]+) tps`)

func (w *warm) hear(line string) {
	m := progress.FindStringSubmatch(line)
	if m == nil {
		fmt.Fprintln(&w.said, line)
		return
	}
	at, _ := strconv.ParseFloat(m[1], 64)
	rate, _ := strconv.ParseFloat(m[2], 64)
	if at < warmth.Seconds()-0.5 || w.failed != nil {
		return
	}
	now, err := w.read()
	if err != nil {
		w.failed = err
		return
	}
	if w.from == 0 {
		w.first, w.from = now, at
	} else {
		w.done += rate * (at - w.to)
	}
	w.last, w.to = now, at
}

func (w *warm) sample() (sample, error) {
	if w.done <= 0 {
		return sample{}, fmt.Errorf("pgbench did nothing once it was warm: %s", clip(w.said.String(), 600))
	}
	return w.last.since(w.first, w.done, w.done/(w.to-w.from)), nil
}

func clip(s string, most int) string {
	s = strings.TrimSpace(s)
	return s[:min(len(s), most)]
}
