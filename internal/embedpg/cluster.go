package embedpg

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// superPassword is the superuser's password of this data folder: 26 random
// letters and digits (128 bits), made once, before the cluster that needs it.
func superPassword(dataDir string) (string, error) {
	path := passwordFile(dataDir)
	text, err := os.ReadFile(path)
	if password := strings.TrimSpace(string(text)); err == nil && password != "" {
		return password, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", folderFault(dataDir, err)
	}
	password := rand.Text()
	if err := writeWhole(path, password+"\n"); err != nil {
		return "", folderFault(dataDir, err)
	}
	return password, nil
}

func passwordFile(dataDir string) string { return inData(dataDir, "postgres.password") }

// writeWhole writes a private file completely or not at all.
func writeWhole(path, text string) error {
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// secret is the file that hands initdb the password.
func (p location) secret() string { return p.cluster + ".pw" }

// create makes the cluster in a folder beside its place and moves it there when
// it is complete, so that a cluster that exists is whole.
func (p location) create(ctx context.Context, k kit, password string, fast bool) error {
	draft, secret := p.cluster+".new", p.secret()
	defer os.Remove(secret)
	if err := p.prepare(draft, secret, password); err != nil {
		return folderFault(p.dataDir, err)
	}
	var output []byte
	var err error
	for _, locale := range locales(k.major) {
		args := append([]string{"-D", draft, "-U", "postgres", "-E", "UTF8", "--auth=scram-sha-256",
			"--pwfile=" + secret, "--data-checksums", "--no-instructions"}, locale...)
		if fast {
			args = append(args, "--no-sync")
		}
		output, err = p.account.command(ctx, k.dir, "initdb", args...).CombinedOutput()
		if err == nil || !strings.Contains(string(output), "invalid locale") {
			break
		}
	}
	if err == nil {
		return p.adopt(draft)
	}
	os.RemoveAll(draft)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case outOfSpace(string(output)) || errors.Is(err, syscall.ENOSPC):
		return faultf(ErrDiskFull, "the disk of %s is full: the database could not be created", filepath.Dir(p.cluster))
	}
	return fmt.Errorf("the database could not be created in %s: %s", p.cluster, oneLine(gist(string(output), err.Error())))
}

// locales are ways to ask for Unicode letters in byte order, best first: not
// every system has C.UTF-8, and PostgreSQL brings its own only since 17.
func locales(major int) [][]string {
	all := [][]string{{"--locale=C.UTF-8"}}
	if major >= 17 {
		all = append(all, []string{"--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"})
	}
	return append(all, []string{"--no-locale"})
}

// prepare makes the draft folder and hands initdb the password in a file that
// its user may read.
func (p location) prepare(draft, secret, password string) error {
	for _, leftover := range []string{draft, secret} {
		if err := os.RemoveAll(leftover); err != nil {
			return err
		}
	}
	if err := os.Mkdir(draft, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	return errors.Join(p.account.give(draft), p.account.give(secret))
}

// adopt moves the finished draft to its place and remembers a place away.
func (p location) adopt(draft string) error {
	if err := os.Remove(p.cluster); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderFault(p.dataDir, err)
	}
	if err := os.Rename(draft, p.cluster); err != nil {
		return folderFault(p.dataDir, err)
	}
	if p.away {
		if err := writeWhole(p.pointer(), p.cluster+"\n"); err != nil {
			return folderFault(p.dataDir, err)
		}
	}
	return nil
}

// settings are the -c arguments of the server. Sizes suit one small machine of
// 2 GB and more. Nothing that a patient typed may reach the log: no parameter
// values, and no detail lines, which quote rows. Statements that were refused stay
// out of it too, for refusing is how a booking says "taken". Two neighbors who
// lock each other out wait 200 ms for the verdict, not a second.
func settings(o Options) map[string]string {
	s := map[string]string{
		"max_connections": "100", "shared_buffers": "256MB", "work_mem": "8MB", "maintenance_work_mem": "64MB",
		"effective_cache_size": "1GB", "random_page_cost": "1.1", "jit": "off",
		"timezone": "UTC", "log_timezone": "UTC", "lc_messages": "C", "password_encryption": "scram-sha-256",
		"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0", "log_error_verbosity": "terse",
		"log_min_error_statement": "panic", "deadlock_timeout": "200ms",
		"log_checkpoints": "off", "log_line_prefix": "%m [%p] ", "logging_collector": "off", "log_destination": "stderr",
		"cluster_name": "kindward",
	}
	if o.Fast {
		maps.Copy(s, map[string]string{"shared_buffers": "64MB", "fsync": "off", "synchronous_commit": "off",
			"full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"})
	}
	maps.Copy(s, o.Settings)
	return s
}

// arguments are the server's command line: the settings, then how to reach it,
// which no setting may change.
func (s *Server) arguments(o Options) []string {
	args := []string{"-D", s.location.cluster}
	all := settings(o)
	maps.Copy(all, map[string]string{"listen_addresses": s.host, "port": fmt.Sprint(s.port)})
	if s.sockets != "" {
		maps.Copy(all, map[string]string{"listen_addresses": "", "unix_socket_directories": s.sockets,
			"unix_socket_permissions": "0700"})
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	return args
}
