// Package twoprocess_test runs the product as a deployment does: two web servers and a worker, each a process of its
// own, over one database. What only one process knows does not count here.
package twoprocess_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kindward/internal/jobs"
	"kindward/internal/pgtest"
	"kindward/internal/sitetest"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) {
	flag.Var(&soakLong, "long", "the soak in its long form: ten minutes, or =DURATION")
	sitetest.Main(m)
}

// patience is how long a test waits for what must come: long enough for a machine that has much else to do. What one
// process did shows in another after a notification, or the poll of a second; nothing else would show it later.
const patience = time.Minute

// deployment is a database with processes over it.
type deployment struct {
	*pgtest.DB
	t    *testing.T
	mail string // the folder where mail is kept
	data string

	settings []string // of the processes, beyond the usual
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{DB: pgtest.Fresh(t, tenancy.Options{}), t: t, data: t.TempDir()}
	d.mail = filepath.Join(d.data, "mail")
	if err := jobs.Migrate(t.Context(), d.AdminURL()); err != nil {
		t.Fatal(err)
	}
	return d
}

// process is one running program.
type process struct {
	*exec.Cmd
	t       *testing.T
	address string // of a web server
	mu      sync.Mutex
	log     []string
	ended   chan struct{}
}

// start runs a verb until the test ends, and waits for the line of its log that says that it is there.
func (d *deployment) start(verb, says string) *process {
	d.t.Helper()
	settings := append(d.place(), "KINDWARD_LOG_LEVEL=info", "KINDWARD_ADDR=127.0.0.1:0", "KINDWARD_PROXIES=127.0.0.0/8")
	p := &process{Cmd: sitetest.Command(d.t, append(settings, d.settings...), verb, "--local"), t: d.t,
		ended: make(chan struct{})}
	out, err := p.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		d.t.Fatal(err)
	}
	there := make(chan string, 1)
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.hear(lines.Text(), says, there)
		}
		_ = p.Wait()
	}()
	d.t.Cleanup(func() { p.kill() })
	select {
	case p.address = <-there:
	case <-p.ended:
		d.t.Fatalf("%s ended: %s", verb, p.text())
	case <-time.After(patience):
		d.t.Fatalf("%s does not say %q: %s", verb, says, p.text())
	}
	return p
}

// place are the settings of where everything lies that the programs share.
func (d *deployment) place() []string {
	return []string{"DATABASE_URL=" + d.withoutPassword(), "KINDWARD_DATA_DIR=" + d.data,
		"KINDWARD_SECRETS=" + d.SecretsFile()}
}

// withoutPassword is the database's address without its administrator: processes that serve do not need one.
func (d *deployment) withoutPassword() string {
	u, err := url.Parse(d.AdminURL())
	if err != nil {
		d.t.Fatal(err)
	}
	u.User = nil
	return u.String()
}

func (p *process) hear(text, says string, there chan<- string) {
	p.mu.Lock()
	p.log = append(p.log, text)
	p.mu.Unlock()
	var line struct{ Msg, Address string }
	if json.Unmarshal([]byte(text), &line) == nil && line.Msg == says {
		select {
		case there <- line.Address:
		default:
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log, "\n")
}

func (d *deployment) serve() *process { d.t.Helper(); return d.start("serve", "serving") }
func (d *deployment) work() *process  { d.t.Helper(); return d.start("work", "working") }

// kill takes the process away, as a power cut would.
func (p *process) kill() {
	_ = p.Process.Kill()
	<-p.ended
}

// stop asks the process to end and gives its exit code.
func (p *process) stop() int {
	p.t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(2 * patience):
		p.t.Fatal("it does not stop")
	}
	return p.ProcessState.ExitCode()
}

// ready tells whether a web server wants visitors.
func (p *process) ready() bool {
	res, err := http.Get(p.address + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// eventually waits until what holds, and fails with the sentence if it never does.
func eventually(t *testing.T, sentence string, within time.Duration, what func() bool) {
	t.Helper()
	if !holds(time.Now().Add(within), what) {
		t.Errorf("not within %v: %s", within, sentence)
	}
}

// holds waits until what holds, or an instant.
func holds(end time.Time, what func() bool) bool {
	for ; !what(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
