//go:build unix && !linux

package embedpg

import "syscall"

// dieWithParent has no means here: the next Start stops what was left running.
func dieWithParent(*syscall.SysProcAttr) {}
