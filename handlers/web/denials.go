package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// DenialLimits bound what refusals leave in the audit.
type DenialLimits struct {
	Window time.Duration // how long the repetitions of one are counted before they are written; below 0: not counted
	Most   int           // how many are counted by themselves at once; others count together
}

// usualDenialLimits cost about 10 MB where they are reached.
var usualDenialLimits = DenialLimits{Window: time.Minute, Most: 20_000}

// denials keeps refusals in the audit so that asking again and again does not fill it (A46): the first of an asker for
// one thing is written at once, those of the minute after it in one more row that says how many they were. A process
// that is killed loses the counts of its last minute, never a first refusal; one that ends writes all of them.
type denials struct {
	limits  DenialLimits
	write   func(ctx context.Context, d denial, times int)
	mu      sync.Mutex
	open    map[denied]*repeated
	writing int        // how many counts are being written
	written *sync.Cond // with mu: fewer are
}

// denied is who was refused what, and why where that is told apart.
type denied struct{ asker, resource, resourceID, action, why string }

// denial is a row of the audit, and in whose name it is written.
type denial struct {
	scope  tenancy.Scope
	row    shareddb.WriteDenialParams
	nobody bool // of askers that are not told apart: no one is named
}

// repeated is a refusal that is counted until its minute ends.
type repeated struct {
	denial
	times int
	timer *time.Timer
}

// deny keeps a refusal.
func (state *requestState) deny(c echo.Context, resource string, id *uuid.UUID, action string, fields ...string) error {
	return state.keepDenial(c, denied{resource: resource, action: action}, denial{scope: Scope(c, state.organization),
		row: shareddb.WriteDenialParams{Purpose: "access", Resource: resource, ResourceID: id, Action: action,
			Fields: append([]string{}, fields...)}})
}

// DenySignIn keeps that nobody was let in at an organization's own sign-in, and why; account is whose sign-in it was to
// be, if that is known.
func DenySignIn(c echo.Context, organization tenancy.Tenant, account uuid.UUID, why string) error {
	one := denial{scope: Scope(c, organization), row: shareddb.WriteDenialParams{Purpose: "account",
		Resource: "Account", Action: "sign-in", Fields: []string{"single-sign-on", "refused:" + why}}}
	if account != uuid.Nil {
		one.row.ResourceID, one.row.Patient = &account, &account
	}
	return stateOf(c).keepDenial(c, denied{resource: organization.ID.String(), action: "sign-in", why: why}, one)
}

func (state *requestState) keepDenial(c echo.Context, key denied, one denial) error {
	if key.asker = state.asker(Caller(c)); one.row.ResourceID != nil {
		key.resourceID = one.row.ResourceID.String()
	}
	if !state.site.denials.first(key, one) {
		return nil
	}
	return state.site.Gateway.Shared(one.scope).WriteDenial(c.Request().Context(), one.row)
}

// asker is who is counted together: an account and who acts for it, or a network.
func (state *requestState) asker(caller tenancy.Caller) string {
	if caller.Subject == uuid.Nil {
		return identity.Range(caller.IP)
	}
	return caller.Subject.String() + caller.Actor.String() + caller.StaffAccess.String()
}

// first tells whether a refusal is to be written now. Otherwise it is counted, and the count is written when its minute
// ends. The count names what all of them showed, and nobody where askers are counted together.
func (d *denials) first(key denied, one denial) bool {
	if d.limits.Window < 0 {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = map[denied]*repeated{}
	}
	if d.open[key] == nil && len(d.open) >= d.limits.Most {
		key = denied{resource: key.resource, action: key.action}
		one.nobody, one.row.ResourceID, one.row.Patient, one.row.Fields = true, nil, nil, []string{}
	}
	if r := d.open[key]; r != nil {
		r.times++
		if !slices.Equal(r.row.Fields, one.row.Fields) {
			r.row.Fields = []string{}
		}
		return false
	}
	d.open[key] = &repeated{denial: one,
		timer: time.AfterFunc(d.limits.Window, func() { d.end(context.Background(), key) })}
	return true
}

// end writes how often a refusal was repeated.
func (d *denials) end(ctx context.Context, key denied) {
	d.mu.Lock()
	r := d.open[key]
	delete(d.open, key)
	if r != nil {
		d.writing++
	}
	d.mu.Unlock()
	if r == nil {
		return
	}
	defer d.ended()
	if r.times > 0 {
		d.write(ctx, r.denial, r.times)
	}
}

// ended says that one count less is being written.
func (d *denials) ended() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writing--
	d.written.Broadcast()
}

// wait waits until no count is being written.
func (d *denials) wait() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.writing > 0 {
		d.written.Wait()
	}
}

// flush writes all counts now, as far as that is done within three seconds, and waits for those that are being written.
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
	d.wait()
}

// writeRepeated keeps that a refusal was repeated, in the name of whoever was refused.
func (s *Site) writeRepeated(ctx context.Context, d denial, times int) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if d.nobody {
		d.scope = s.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{})
	}
	d.row.Fields = append(slices.Clip(d.row.Fields), fmt.Sprintf("times:%d", times))
	if err := s.Gateway.Shared(d.scope).WriteDenial(ctx, d.row); err != nil {
		s.Log.ErrorContext(ctx, "repeated refusals are not in the audit", "action", d.row.Action, "times", times, "error",
			loggable(err))
	}
}

// countDenials begins to keep refusals.
func (s *Site) countDenials() {
	d := &s.denials
	d.limits, d.write, d.written = cmp.Or(s.Denials, usualDenialLimits), s.writeRepeated, sync.NewCond(&d.mu)
}
