//go:build !linux

package pgdial

import (
	"context"
	"syscall"
)

// control does nothing: only Linux can be told when to give up on what nobody acknowledges.
func control(context.Context, string, string, syscall.RawConn) error { return nil }
