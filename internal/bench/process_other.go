//go:build !unix

package bench

import (
	"errors"
	"time"
)

// cpuTime is the clock where the system does not tell how long this process ran.
func cpuTime() time.Duration { return time.Duration(time.Now().UnixNano()) }

func pause(int) error  { return errors.New("processes cannot be paused on this system") }
func resume(int) error { return nil }
