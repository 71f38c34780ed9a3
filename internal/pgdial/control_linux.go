package pgdial

import (
	"context"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// control has the system give up on what nobody acknowledges.
func control(_ context.Context, network, _ string, raw syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	// Where it cannot be set, keep-alive and the limits still hold.
	return raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged.Milliseconds()))
	})
}
