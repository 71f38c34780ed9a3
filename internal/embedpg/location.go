package embedpg

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// location is where one data folder's cluster lives and who owns it.
type location struct {
	dataDir string
	cluster string
	account account
	exists  bool
	version int  // major version of an existing cluster
	away    bool // outside the data folder: the pointer file is written once it exists
}

func inData(dataDir, name string) string { return filepath.Join(dataDir, name) }

// openDataDir makes the product's folder and returns its real path.
func openDataDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(abs, 0o700)
	}
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if err != nil {
		return "", folderFault(dir, err)
	}
	return abs, nil
}

func folderFault(dir string, err error) error {
	if outOfSpace(err.Error()) {
		return faultf(ErrDiskFull, "the disk of %s is full", dir)
	}
	return fmt.Errorf("the data folder cannot be used: %w", err)
}

// findLocation decides where the cluster is, or shall be: in the data folder,
// unless we are root and PostgreSQL's user cannot reach it there (/root is
// closed to others). Then it is under /var/lib/kindward, and a pointer file in
// the data folder remembers that.
func findLocation(dataDir string, say func(string)) (location, error) {
	p := location{dataDir: dataDir, cluster: inData(dataDir, "postgres")}
	if text, err := os.ReadFile(p.pointer()); err == nil {
		p.cluster = strings.TrimSpace(string(text))
		if err := p.look(); err != nil || p.exists {
			return p, err
		}
		return p, fmt.Errorf("the database of %s was in %s and is gone; bring it back, or delete %s to begin anew", dataDir,
			p.cluster, p.pointer())
	}
	if err := p.look(); err != nil {
		return p, err
	}
	if p.exists {
		if !p.account.canReach(p.cluster) {
			return p, fmt.Errorf("user %s, who owns the database, cannot reach %s; allow it to enter the folders on the way",
				p.account.name, p.cluster)
		}
		return p, nil
	}
	if err := p.account.letIn(dataDir); err != nil {
		return p, folderFault(dataDir, err)
	}
	if p.account.canReach(dataDir) {
		return p, nil
	}
	var err error
	if p.cluster, err = elsewhere(dataDir, p.account, say); err != nil {
		return p, err
	}
	p.away = true
	return p, nil
}

func (p location) pointer() string { return inData(p.dataDir, "postgres.place") }

// look reads what is at p.cluster: its owner and version, or nothing yet.
func (p *location) look() error {
	file := filepath.Join(p.cluster, "PG_VERSION")
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		if rest, _ := os.ReadDir(p.cluster); len(rest) > 0 {
			return fmt.Errorf("%s holds files but no database; move it away and start again", p.cluster)
		}
		p.account, err = defaultAccount()
		return err
	}
	if err != nil {
		return fmt.Errorf("the database in %s cannot be read; it may belong to another user: %w", p.cluster, err)
	}
	if p.account, err = accountOf(info); err != nil {
		return err
	}
	if p.version = firstNumber(file); p.version == 0 {
		return faultf(ErrVersion, "%s does not name a PostgreSQL version", file)
	}
	p.exists = true
	return nil
}

// elsewhere finds a place that PostgreSQL's user can reach, keyed by the data
// folder. A cluster already there belonged to a data folder since deleted: it is
// set aside, never reused and never deleted.
func elsewhere(dataDir string, a account, say func(string)) (string, error) {
	sum := sha256.Sum256([]byte(dataDir))
	for _, base := range []string{"/var/lib/kindward", filepath.Join(os.TempDir(), "kindward")} {
		if err := os.MkdirAll(base, 0o755); err != nil || !rootsAlone(base) || os.Chmod(base, 0o755) != nil ||
			!a.canReach(base) {
			continue
		}
		home := filepath.Join(base, hex.EncodeToString(sum[:6]))
		if _, err := os.Stat(filepath.Join(home, "postgres", "PG_VERSION")); err == nil {
			if err := setAside(home, say); err != nil {
				return "", folderFault(home, err)
			}
		}
		if err := os.MkdirAll(home, 0o755); err != nil {
			return "", folderFault(home, err)
		}
		return filepath.Join(home, "postgres"), os.Chmod(home, 0o755)
	}
	return "", fmt.Errorf("user %s cannot reach %s, and no other place for the database was found; choose a data folder that other users may enter", a.name, dataDir)
}

func setAside(home string, say func(string)) error {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.old%d", home, n)
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		say("Set aside the database of a deleted data folder: " + aside)
		return os.Rename(home, aside)
	}
}

// plainPath has nothing that a list of folders or an address would read as something else: commas, blanks, percents.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// socketDir makes a folder that only the account (and we) can enter, with a plain path, short enough for a socket's
// name. It is the same at every start.
func (p location) socketDir() (string, error) {
	if runtime.GOOS == "windows" {
		return "", nil
	}
	sum := sha256.Sum256([]byte(p.cluster))
	name := "kindward-" + hex.EncodeToString(sum[:6])
	candidates := []string{filepath.Join(filepath.Dir(p.cluster), "sock")}
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" && !p.account.drop {
		candidates = append(candidates, filepath.Join(run, name))
	}
	candidates = append(candidates, filepath.Join("/run", name), filepath.Join(os.TempDir(), name),
		filepath.Join("/tmp", name))
	for _, dir := range candidates {
		const longest = 103 // bytes of a socket's path, macOS; Linux allows 107
		if len(filepath.Join(dir, fmt.Sprintf(".s.PGSQL.%d", socketPort))) > longest || !plainPath.MatchString(dir) {
			continue
		}
		if err := os.Mkdir(dir, 0o700); err == nil {
			if err := p.account.give(dir); err != nil {
				return "", folderFault(dir, err)
			}
		}
		if p.account.private(dir) && p.account.canReach(dir) && takesSockets(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no folder for PostgreSQL's socket: none of %s is private, short enough and plain",
		strings.Join(candidates, ", "))
}

// takesSockets: some shared and network file systems know no sockets.
func takesSockets(dir string) bool {
	probe := filepath.Join(dir, "probe")
	_ = os.Remove(probe)
	l, err := net.Listen("unix", probe)
	if err != nil {
		return false
	}
	l.Close()
	_ = os.Remove(probe)
	return true
}
