package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// inDatabase is the address of another database of the same server.
func inDatabase(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme == "" {
		return "", errors.New("DATABASE_URL must look like postgres://user:password@host:port/database")
	}
	u.Path = "/" + name
	return u.String(), nil
}

// restarts is how often the program is started on the data folder that its first start made.
const restarts = 3

// coldStarts starts the program on a fresh data folder and again on the same, each time until it says that it is ready.
func coldStarts(ctx context.Context, program, dir string) ([]time.Duration, error) {
	program, err := thisProgram(program)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "start")
	if err := os.Mkdir(data, 0o755); err != nil {
		return nil, err
	}
	var out []time.Duration
	for range 1 + restarts {
		took, err := coldStart(ctx, program, data)
		if err != nil {
			return nil, err
		}
		out = append(out, took)
	}
	return out, nil
}

// longestStart is when a start counts as failed.
const longestStart = 3 * time.Minute

func coldStart(ctx context.Context, program, data string) (took time.Duration, err error) {
	addr, err := freeAddress()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "dev")
	cmd.Env = append(withoutSettings(os.Environ()), "KINDWARD_DATA_DIR="+data, "KINDWARD_ADDR="+addr)
	cmd.Cancel = func() error { return end(cmd.Process) }
	cmd.WaitDelay = 2 * drainTime
	var said strings.Builder
	cmd.Stderr = &said
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	for ctx.Err() == nil && !ready(ctx, addr) {
		time.Sleep(10 * time.Millisecond)
	}
	took = time.Since(begin)
	timedOut := ctx.Err()
	cancel()
	if err := cmd.Wait(); timedOut != nil {
		return 0, fmt.Errorf("the program was not ready in %s: %w: %s", longestStart, err, said.String())
	}
	return took, nil
}

// end asks a program to stop, the way that its system has.
func end(p *os.Process) error {
	if runtime.GOOS == "windows" {
		return p.Kill()
	}
	return p.Signal(os.Interrupt)
}

func ready(ctx context.Context, addr string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// withoutSettings is an environment in which the program finds the defaults, but for where PostgreSQL is.
func withoutSettings(all []string) []string {
	var out []string
	for _, line := range all {
		if (strings.HasPrefix(line, "KINDWARD_") && !strings.HasPrefix(line, "KINDWARD_POSTGRES_BIN=")) ||
			strings.HasPrefix(line, "DATABASE_URL=") {
			continue
		}
		out = append(out, line)
	}
	return out
}
