//go:build unix

package embedpg

import (
	"os/exec"
	"syscall"
)

// attributes put a program into a process group of its own: Ctrl-C of the
// terminal reaches Kindward alone, which then stops PostgreSQL in order.
func (a account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a.drop {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// startTied starts a server that must not outlive us, where the system can
// arrange that.
func startTied(cmd *exec.Cmd) error {
	dieWithParent(cmd.SysProcAttr)
	return cmd.Start()
}

func tell(pid, step int, _ string) error {
	signals := [...]syscall.Signal{fastShutdown: syscall.SIGINT, immediate: syscall.SIGQUIT, forced: syscall.SIGKILL}
	return syscall.Kill(pid, signals[step])
}

// freeSpace is the number of bytes that a user other than root may still write.
func freeSpace(dir string) (uint64, error) {
	var st syscall.Statfs_t
	err := syscall.Statfs(dir, &st)
	return uint64(st.Bavail) * uint64(st.Bsize), err
}
