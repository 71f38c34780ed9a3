package web

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

const (
	denialWindow = time.Minute
	mostDenials  = 20_000 // that are counted at once, about 10 MB; others count together
)

// denials keeps refusals in the audit so that asking again and again does not fill it (A46): the first of an asker for
// one thing is written at once, those of the minute after it in one more row that says how many they were. A process
// that is killed loses the counts of its last minute, never a first refusal.
type denials struct {
	mu   sync.Mutex
	open map[denied]*repeated
}

// denied is who was refused what.
type denied struct{ asker, resource, resourceID, action string }

// repeated is a refusal that is counted until its minute ends.
type repeated struct {
	times int
	timer *time.Timer
	write func(ctx context.Context, times int)
}

// deny keeps a refusal.
func (state *requestState) deny(c echo.Context, resource string, id *uuid.UUID, action string, fields ...string) error {
	scope, row := Scope(c, state.organization), shareddb.WriteDenialParams{Resource: resource, ResourceID: id,
		Action: action, Fields: append([]string{}, fields...)}
	key := denied{state.asker(Caller(c)), resource, "", action}
	if id != nil {
		key.resourceID = id.String()
	}
	if !state.site.denials.first(key, func(ctx context.Context, times int) {
		state.site.writeRepeated(ctx, scope, row, times)
	}) {
		return nil
	}
	return state.site.Gateway.Shared(scope).WriteDenial(c.Request().Context(), row)
}

// asker is who is counted together: an account and who acts for it, or a network.
func (state *requestState) asker(caller tenancy.Caller) string {
	if caller.Subject == uuid.Nil {
		return identity.Range(caller.IP)
	}
	return caller.Subject.String() + caller.Actor.String() + caller.StaffAccess.String()
}

// first tells whether a refusal is to be written now. Otherwise it is counted, and write is called when its minute
// ends.
func (d *denials) first(key denied, write func(ctx context.Context, times int)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = map[denied]*repeated{}
	}
	if len(d.open) >= mostDenials {
		key = denied{action: key.action}
	}
	if r := d.open[key]; r != nil {
		r.times++
		return false
	}
	d.open[key] = &repeated{write: write, timer: time.AfterFunc(denialWindow, func() { d.end(context.Background(), key) })}
	return true
}

// end writes how often a refusal was repeated.
func (d *denials) end(ctx context.Context, key denied) {
	d.mu.Lock()
	r := d.open[key]
	delete(d.open, key)
	d.mu.Unlock()
	if r != nil && r.times > 0 {
		r.write(ctx, r.times)
	}
}

// flush writes all counts now, as far as that is done within three seconds.
func (d *denials) flush() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	d.mu.Lock()
	all := make([]denied, 0, len(d.open))
	for key, r := range d.open {
		r.timer.Stop()
		all = append(all, key)
	}
	d.mu.Unlock()
	for _, key := range all {
		d.end(ctx, key)
	}
}

// writeRepeated keeps that a refusal was repeated, in the name of whoever was refused.
func (s *Site) writeRepeated(ctx context.Context, scope tenancy.Scope, row shareddb.WriteDenialParams, times int) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	row.Fields = append(row.Fields, fmt.Sprintf("times:%d", times))
	if err := s.Gateway.Shared(scope).WriteDenial(ctx, row); err != nil {
		s.Log.ErrorContext(ctx, "repeated refusals are not in the audit", "action", row.Action, "times", times, "error",
			loggable(err))
	}
}

// newVisitors is how many visitors without an account each range of addresses may have a session begun for: what it
// costs is a row for half an hour.
var newVisitors = ratelimit.Limit{Burst: 60, Every: 5 * time.Second}

// newVisitorRanges is how many ranges are remembered, about 6 MB.
const newVisitorRanges = 20_000

// mayBegin refuses a visitor's session to a range of addresses that begins too many.
func (state *requestState) mayBegin(c echo.Context, data sessionData) error {
	if data.Account != uuid.Nil || state.loaded.ID != uuid.Nil || state.begun {
		return nil
	}
	if wait := state.site.visitors.Allow(identity.Range(Caller(c).IP), Now(c)); wait > 0 {
		return TooMany(wait)
	}
	state.begun = true
	return nil
}
