package tenancy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// BehindError names, in one line, the organizations whose own rows a step refused. They stay as they were; all others
// are at this program's version, and it may be started: it answers for those and not for these (ErrTenantBehind).
type BehindError struct {
	of     int // how many were to be migrated
	failed []refusal
}

type refusal struct {
	tenant Tenant
	err    error
}

func (e *BehindError) Error() string {
	var each []string
	for _, r := range e.failed {
		each = append(each, fmt.Sprintf("%s (%s): %s", r.tenant.Slug, r.tenant.Schema, reasonOf(r.err)))
	}
	return fmt.Sprintf("%d of %d organizations stay behind, because rows of theirs break a rule; mend them and run it again: %s",
		len(e.failed), e.of, strings.Join(each, "; "))
}

// Unwrap gives what the database said to each.
func (e *BehindError) Unwrap() []error {
	var all []error
	for _, r := range e.failed {
		all = append(all, r.err)
	}
	return all
}

// reasonOf says which rule was broken. What PostgreSQL says may hold a row's values, a constraint's name never does.
func reasonOf(err error) string {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok:
		return err.Error()
	case pg.ConstraintName != "":
		return "constraint " + pg.ConstraintName + " of table " + pg.TableName
	case pg.ColumnName != "":
		return "column " + pg.ColumnName + " of table " + pg.TableName + ", SQLSTATE " + pg.Code
	}
	return "SQLSTATE " + pg.Code
}

// refusesRows tells a step that an organization's rows do not fit, its own affair, from one that would fail anywhere:
// class 23 are broken constraints, class 22 values that cannot be made into others.
func refusesRows(err error) bool {
	code := Code(err)
	return strings.HasPrefix(code, "23") || strings.HasPrefix(code, "22")
}

// refusals gathers what several workers find.
type refusals struct {
	mu  sync.Mutex
	all []refusal
}

// keep takes the refusal of an organization's rows and gives back any other error.
func (r *refusals) keep(t Tenant, err error) error {
	if err == nil || !refusesRows(err) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, refusal{t, err})
	return nil
}

// error joins what ended the migration, if anything did, and the refusals, in order of their names.
func (r *refusals) error(ended error, of int) error {
	if len(r.all) == 0 {
		return ended
	}
	slices.SortFunc(r.all, func(a, b refusal) int { return strings.Compare(a.tenant.Slug, b.tenant.Slug) })
	behind := &BehindError{of, r.all}
	if ended == nil {
		return behind
	}
	return fmt.Errorf("%w; and %w", ended, behind)
}
