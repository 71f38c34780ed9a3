package search

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"kindward/internal/pgdial"
	"kindward/internal/tenancy"
)

// guarded runs fn. A panic in it is an error that has its stack: it ends neither the process nor what is done next.
func guarded(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return fn()
}

// changing is guarded, with the lock of changes.
func (m *Market) changing(fn func() error) error {
	m.change.Lock()
	defer m.change.Unlock()
	return guarded(fn)
}

// away tells whether an error says that the database cannot be asked now, and nothing of what it was asked.
func away(ctx context.Context, err error) bool {
	return pgdial.Lost(err) || errors.Is(err, tenancy.ErrBusy) || ctx.Err() != nil
}
