package embedpg

import (
	"os"
	"os/user"
	"strconv"
)

// account is the system user that PostgreSQL runs as. It differs from ours
// only when we are root, which PostgreSQL refuses to be.
type account struct {
	name     string
	uid, gid int
	drop     bool // change to it before running a program
}

// defaultAccount is who owns a new cluster: us, or as root the first of
// postgres and nobody.
func defaultAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{name: "this user", uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		if a, ok := unprivileged(found); ok {
			return a, nil
		}
	}
	return account{}, faultf(ErrNoPostgres,
		"PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody: create one (useradd --system postgres)")
}

// accountOf is the owner of an existing cluster, so that a user created since
// (a package brings "postgres") does not lock us out of it.
func accountOf(info os.FileInfo) (account, error) {
	uid, gid, known := owner(info)
	if os.Geteuid() != 0 || !known || uid == 0 {
		return defaultAccount()
	}
	name := strconv.Itoa(uid)
	if found, err := user.LookupId(name); err == nil {
		name = found.Username
	}
	return account{name: name, uid: uid, gid: gid, drop: true}, nil
}

func unprivileged(u *user.User) (account, bool) {
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	return account{name: u.Username, uid: uid, gid: gid, drop: true}, err1 == nil && err2 == nil && uid != 0
}

// give makes the account the owner of path.
func (a account) give(path string) error {
	if !a.drop {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}
