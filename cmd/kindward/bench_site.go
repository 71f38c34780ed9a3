package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"
)

// benchSiteCmd is the site that the bench visits: kindward serve, which also writes profiles. It ends when its standard
// input does, so that it never outlives the bench.
type benchSiteCmd struct{}

// Run serves until it is stopped.
func (*benchSiteCmd) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	go func() { defer stop(); obey(os.Stdin, os.Stdout) }()
	return (&serveCmd{reach{Local: true}}).Run(ctx)
}

// obey writes a CPU profile to each file that is named on a line of its own, until the next line, and answers each
// line.
func obey(orders io.Reader, answers io.Writer) {
	var file *os.File
	for lines := bufio.NewScanner(orders); lines.Scan(); {
		pprof.StopCPUProfile()
		if file != nil {
			file.Close()
			file = nil
		}
		err := error(nil)
		if name := lines.Text(); name != "" {
			if file, err = os.Create(name); err == nil {
				err = pprof.StartCPUProfile(file)
			}
		}
		if err != nil {
			fmt.Fprintln(answers, err)
		} else {
			fmt.Fprintln(answers, "done")
		}
	}
	pprof.StopCPUProfile()
}

// benchSite is that program, running.
type benchSite struct {
	address  string
	process  *exec.Cmd
	orders   io.WriteCloser
	answers  *bufio.Scanner
	profiles string // folder, or ""
	said     *strings.Builder
}

// startSite runs the site over the database of the bench. program is the one to run; "" is this one.
func (b *base) startSite(ctx context.Context, program, profiles string) (*benchSite, error) {
	program, err := thisProgram(program)
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s := &benchSite{address: addr, profiles: profiles, said: &strings.Builder{}}
	s.process = exec.Command(program, "bench-site")
	s.process.Env = append(withoutSettings(os.Environ()), "DATABASE_URL="+b.admin, "KINDWARD_SECRETS="+b.Secrets,
		"KINDWARD_DATA_DIR="+b.DataDir, "KINDWARD_ADDR="+addr, "KINDWARD_PROXIES="+b.Proxies,
		fmt.Sprint("KINDWARD_MAX_CONNS=", b.MaxConns), "KINDWARD_LOG_LEVEL=error", "KINDWARD_ALLOW_DEMO=true")
	s.process.Stderr = s.said
	answers, err := s.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.answers = bufio.NewScanner(answers)
	if s.orders, err = s.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	for !ready(ctx, addr) {
		if ctx.Err() != nil {
			return nil, errors.Join(fmt.Errorf("the site was not ready in %s", longestStart), s.stop())
		}
		time.Sleep(20 * time.Millisecond)
	}
	return s, nil
}

// stop lets it finish and ends it.
func (s *benchSite) stop() error {
	s.orders.Close()
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("the site: %w: %s", err, s.said)
	}
	return nil
}

// profile writes one until stop is called, if profiles are wanted.
func (s *benchSite) profile(name string) (stop func() error, err error) {
	if s.profiles == "" {
		return func() error { return nil }, nil
	}
	file, err := filepath.Abs(filepath.Join(s.profiles, name+".pprof"))
	if err != nil {
		return nil, err
	}
	return func() error { return s.order("") }, s.order(file)
}

func (s *benchSite) order(line string) error {
	if _, err := fmt.Fprintln(s.orders, line); err != nil {
		return err
	}
	if !s.answers.Scan() || s.answers.Text() != "done" {
		return fmt.Errorf("no profile: %q", s.answers.Text())
	}
	return nil
}

func thisProgram(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	return os.Executable()
}

// freeAddress is one that nobody listens on now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
