//go:build unix

package embedpg

import (
	"os"
	"path/filepath"
	"syscall"
)

func owner(info os.FileInfo) (uid, gid int, known bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(st.Uid), int(st.Gid), true
}

// canReach says whether the account may walk to dir: the search bit of every
// folder on the way, by the owner's, the group's or everybody's permission.
func (a account) canReach(dir string) bool {
	if !a.drop {
		return true
	}
	for {
		info, err := os.Stat(dir)
		if err != nil || !a.canEnter(info) {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

func (a account) canEnter(info os.FileInfo) bool {
	uid, gid, known := owner(info)
	switch {
	case !known:
		return false
	case uid == a.uid:
		return info.Mode()&0o100 != 0
	case gid == a.gid:
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}

// letIn allows the account to walk through a data folder that only root can
// enter: through, not list it, and nobody else.
func (a account) letIn(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || !a.drop || a.canEnter(info) {
		return err
	}
	uid, _, known := owner(info)
	if !known || uid != 0 || info.Mode()&0o077 != 0 {
		return nil
	}
	if err := os.Chown(dir, -1, a.gid); err != nil {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()|0o010)
}

// private says whether dir is a real folder of the account that nobody else
// can enter.
func (a account) private(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	uid, _, known := owner(info)
	return known && uid == a.uid && info.Mode().Perm()&0o077 == 0
}

// rootsAlone says whether only root can put anything into dir.
func rootsAlone(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	uid, _, known := owner(info)
	return known && uid == 0 && info.Mode().Perm()&0o022 == 0
}
