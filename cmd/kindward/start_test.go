package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kindward/internal/embedpg"
	"kindward/internal/sitetest"
)

// dataDir is a folder that a server which drops root can reach.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kindward-start-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWhatCannotStartSaysWhyInOneLine(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	used := dataDir(t)
	server, err := embedpg.Start(t.Context(), embedpg.Options{DataDir: used, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	file := filepath.Join(dataDir(t), "a-file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		setting, says string
	}{
		"the address is taken":           {"KINDWARD_ADDR=" + busy.Addr().String(), "another program listens on"},
		"the address cannot be":          {"KINDWARD_ADDR=nowhere:1:2", "cannot listen on"},
		"the data folder is in use":      {"KINDWARD_DATA_DIR=" + used, "another Kindward"},
		"the data folder is a file":      {"KINDWARD_DATA_DIR=" + file, "data folder"},
		"the database address is wrong":  {"DATABASE_URL=postgres://%zz", "database address"},
		"the database does not answer":   {"DATABASE_URL=postgres://a:b@127.0.0.1:1/x", "cannot connect to the database"},
		"the zone is none":               {"KINDWARD_ZONE=Mars/Olympus", "is not a time zone"},
		"the log level is none":          {"KINDWARD_LOG_LEVEL=loud", "is not debug, info, warn or error"},
		"a number is none":               {"KINDWARD_DEMO_SIZE=many", "a setting cannot be read"},
		"F25 the secrets are not ours":   {"KINDWARD_SECRETS=" + file, "is not a file of Kindward's secrets"},
		"the base address is not one":    {"KINDWARD_BASE_URL=care", "is not an address like"},
		"the proxies are no networks":    {"KINDWARD_PROXIES=here", "is not a network like"},
		"the pooler is no host:port":     {"KINDWARD_POOLER_ADDR=postgres://a/b", "is not an address like"},
		"the pooler has no database":     {"KINDWARD_POOLER_ADDR=127.0.0.1:6432", "DATABASE_URL, which is not set"},
		"the server's programs are gone": {"KINDWARD_POSTGRES_BIN=/nowhere", "KINDWARD_POSTGRES_BIN"},
		"the leaked passwords are gone":  {"KINDWARD_BREACHED_PASSWORDS=/nowhere", "KINDWARD_BREACHED_PASSWORDS"},
		"the leaked passwords are none":  {"KINDWARD_BREACHED_PASSWORDS=" + file, "no line HASH:COUNT"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := []string{"KINDWARD_DATA_DIR=" + dataDir(t), "KINDWARD_ADDR=127.0.0.1:0", "KINDWARD_DEMO_SIZE=3",
				c.setting}
			cmd := sitetest.Command(t, settings)
			var says bytes.Buffer
			cmd.Stderr = &says
			err := cmd.Run()
			if code := cmd.ProcessState.ExitCode(); err == nil || code != 1 {
				t.Errorf("it ends with %d", code)
			}
			line := strings.TrimSpace(says.String())
			if !strings.Contains(line, c.says) || strings.Contains(line, "\n") || len(line) > 400 ||
				strings.Contains(line, "goroutine") {
				t.Errorf("it says %q", line)
			}
		})
	}
}

// started is a running program with its address.
type started struct {
	*exec.Cmd
	address string
	took    time.Duration
}

// start runs `kindward` and waits until it has introduced itself and answers.
func start(t *testing.T, dir string) started {
	t.Helper()
	os.Remove(filepath.Join(dir, "demo.json"))
	cmd := sitetest.Command(t, []string{"KINDWARD_DATA_DIR=" + dir, "KINDWARD_ADDR=127.0.0.1:0", "KINDWARD_DEMO_SIZE=3"})
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for ctx := t.Context(); time.Since(begun) < 2*time.Minute; time.Sleep(20 * time.Millisecond) {
		var demo struct {
			Address string
			Logins  []struct{ Role, Email, Password string }
		}
		raw, err := os.ReadFile(filepath.Join(dir, "demo.json"))
		if err != nil || json.Unmarshal(raw, &demo) != nil {
			continue
		}
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, demo.Address+"/search?reason=flu+shot&near=Providence", nil)
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusServiceUnavailable { // it introduces itself a moment before it has pages
				continue
			}
			if res.StatusCode != http.StatusOK || len(demo.Logins) == 0 {
				t.Fatalf("%d with %d logins", res.StatusCode, len(demo.Logins))
			}
			return started{cmd, demo.Address, time.Since(begun)}
		}
	}
	t.Fatalf("it did not start:\n%s", out.String())
	return started{}
}

// stop sends a signal and gives the exit code.
func (s started) stop(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := s.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { s.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		t.Fatal("F25 it does not stop")
	}
	return s.ProcessState.ExitCode()
}

func TestTheFirstCommandBringsEverythingUpAndASecondStartFindsItAgain(t *testing.T) {
	dir := dataDir(t)
	first := start(t, dir)
	if info, err := os.Stat(filepath.Join(dir, "demo.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("demo.json: %v %v", info.Mode(), err)
	}
	if code := first.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("after SIGTERM it ends with %d", code)
	}
	second := start(t, dir)
	// Something else may need the machine at one start, not at each.
	for tries := 1; second.took > first.took/2 && tries < 4; tries++ {
		if code := second.stop(t, syscall.SIGTERM); code != 0 {
			t.Errorf("after SIGTERM it ends with %d", code)
		}
		second = start(t, dir)
	}
	t.Logf("first start %v, second %v", first.took.Round(time.Millisecond), second.took.Round(time.Millisecond))
	if second.took > first.took/2 {
		t.Errorf("it finds again what is there, and takes %v; to make it took %v", second.took, first.took)
	}
	second.Process.Kill() // like a power cut: no chance to tidy up
	second.Wait()
	third := start(t, dir)
	if code := third.stop(t, os.Interrupt); code != 0 {
		t.Errorf("after Ctrl-C it ends with %d", code)
	}
}

func TestF04AProgramWhosePostgreSQLIsKilledAnswers503AndThenPagesAgain(t *testing.T) {
	dir := dataDir(t)
	s := start(t, dir)
	postmaster := func() int {
		text, _ := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
		line, _, _ := strings.Cut(string(text), "\n")
		pid, _ := strconv.Atoi(strings.TrimSpace(line))
		return pid
	}
	before := postmaster()
	if before == 0 {
		t.Fatal("no postmaster")
	}
	ask := func(path string) int {
		res, err := http.Get(s.address + path)
		if err != nil {
			t.Fatalf("nobody answers: %v", err)
		}
		res.Body.Close()
		if res.StatusCode == http.StatusServiceUnavailable && res.Header.Get("Retry-After") == "" {
			t.Error("503 does not say when to come back")
		}
		return res.StatusCode
	}
	if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	seen := map[int]int{}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		for _, path := range []string{"/readyz", "/sign-in", "/search?reason=flu+shot&near=Providence"} {
			status := ask(path)
			if seen[status]++; status != http.StatusOK && status != http.StatusServiceUnavailable {
				t.Errorf("%s: %d", path, status)
			}
		}
		if now := postmaster(); now != 0 && now != before && ask("/readyz") == http.StatusOK {
			t.Logf("ready again after %v, answers meanwhile: %v", time.Since(began), seen)
			break
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatal("PostgreSQL does not come back")
		}
	}
	if seen[http.StatusServiceUnavailable] == 0 {
		t.Error("the control: nobody noticed that PostgreSQL was gone")
	}
	if code := s.stop(t, syscall.SIGTERM); code != 0 {
		t.Errorf("after SIGTERM it ends with %d", code)
	}
}

func TestHelpListsEverySetting(t *testing.T) {
	out, err := sitetest.Command(t, nil, "help", "config").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"KINDWARD_ADDR", "KINDWARD_DATA_DIR", "DATABASE_URL", "KINDWARD_SMTP_URL",
		"KINDWARD_SECRETS", "KINDWARD_POSTGRES_BIN"} {
		if !strings.Contains(string(out), name) {
			t.Errorf("%s is not listed", name)
		}
	}
}
