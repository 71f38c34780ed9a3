// Package sitetest runs the program for tests that use it from outside, as people do: the real binary with its demo
// region over a database of the tests, people who ask it over HTTP, and a browser to look at it. A tool, not product.
package sitetest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"kindward/internal/browser"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/search"
)

// Site is the running program and the database below it. The tests of a package share one: what a test changes is its
// own people's.
type Site struct {
	*pgtest.DB
	Home    string         // its address, such as http://localhost:41234
	Mailbox notify.Mailbox // where the demo keeps its emails
	Logins  []Login        // who can sign in

	market  *search.Market // which listings there are
	people  atomic.Int64
	codes   sync.Mutex
	shown   map[string]time.Time // the time that the last code of each app is for
	data    string
	process *exec.Cmd
	ended   chan struct{}
}

// Login is somebody of the demo, as demo.json tells it.
type Login struct {
	Role, Name, Email, Password, Organization string

	TOTPSecret string `json:"totp_secret"` // of the authenticator app; empty where there is none
}

// organizations is how many there are: enough that a search has more than one page.
const organizations = 20

// longestStart is when a start counts as failed.
const longestStart = 2 * time.Minute

var (
	shared  *Site
	failure error
	opened  sync.Once
)

// Open starts the site for the first test and gives it to the others.
func Open(t testing.TB) *Site {
	t.Helper()
	cmd, db := Command(t, nil), pgtest.Demonstration(t)
	opened.Do(func() { shared, failure = start(cmd, db) })
	if failure != nil {
		t.Fatal(failure)
	}
	return shared
}

// start runs `kindward dev` over the database. Proxies on this machine are believed, so that everybody can come from a
// network of their own: limits of a network then are the product's, and no test uses up another's.
func start(cmd *exec.Cmd, db *pgtest.DB) (*Site, error) {
	data, err := os.MkdirTemp("", "kindward-site-")
	if err != nil {
		return nil, err
	}
	s := &Site{DB: db, data: data, process: cmd, ended: make(chan struct{})}
	s.Mailbox = notify.Mailbox{Dir: filepath.Join(data, "mail")}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	level := os.Getenv("KINDWARD_LOG_LEVEL")
	if level != "" {
		cmd.Stderr = os.Stderr
	}
	cmd.Env = append(cmd.Env, "DATABASE_URL="+db.AdminURL(), "KINDWARD_SECRETS="+db.SecretsFile(),
		"KINDWARD_DATA_DIR="+data, "KINDWARD_ADDR=127.0.0.1:0", "KINDWARD_PROXIES=127.0.0.0/8", "KINDWARD_MAX_CONNS=8",
		"KINDWARD_ALLOW_DEMO=true", // whose pages are shut to people who come from elsewhere
		fmt.Sprint("KINDWARD_DEMO_SIZE=", organizations), "KINDWARD_LOG_LEVEL="+cmp.Or(level, "warn"))
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() { defer close(s.ended); _ = cmd.Wait() }()
	if err = s.await(); err == nil {
		s.market, err = search.OpenMarket(context.Background(), db.Gateway, time.UTC, time.Now)
	}
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("the site did not start: %w: %s", err, said.String())
	}
	return s, nil
}

// await waits until the program has introduced itself and is ready.
func (s *Site) await() error {
	var demo struct {
		Address string
		Logins  []Login
	}
	for end := time.Now().Add(longestStart); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		select {
		case <-s.ended:
			return errors.New("the program has ended")
		default:
		}
		raw, err := os.ReadFile(filepath.Join(s.data, "demo.json"))
		if err != nil || json.Unmarshal(raw, &demo) != nil {
			continue
		}
		if answer, err := http.Get(demo.Address + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				s.Home, s.Logins = demo.Address, demo.Logins
				return nil
			}
		}
	}
	return errors.New("the program is not ready in time")
}

// stop ends browser and program and removes what they wrote.
func (s *Site) stop() {
	browser.StopShared()
	if s.market != nil {
		s.market.Close()
	}
	_ = s.process.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(time.Minute):
		_ = s.process.Process.Kill()
		<-s.ended
	}
	os.RemoveAll(s.data)
}
