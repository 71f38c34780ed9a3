package offering

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// The kinds of what a change is about, and how changes stand: the words of the schema.
const (
	OfLocation     = "location"
	OfPractitioner = "practitioner"

	Waiting   = "waiting"
	Accepted  = "accepted"
	Refused   = "refused"
	Withdrawn = "withdrawn"
)

// ChangeKinds and ChangeStatuses are all of them, in the order of their words.
func ChangeKinds() []string { return []string{OfLocation, OfPractitioner} }

// ChangeStatuses are how changes can stand.
func ChangeStatuses() []string { return []string{Accepted, Refused, Waiting, Withdrawn} }

// ErrDecided means that a change does not wait any more.
var ErrDecided = errors.New("offering: the change does not wait")

// Values are some fields with what each says. Days are of the form 2027-01-31.
type Values map[string]string

// The fields for the last day of a license, and of the insurance of a location.
const (
	LastDay    = "valid_until"
	InsuredDay = "insured_until"
)

// fields are those that people are shown, with what they are called; a place on the map is not.
var fields = [][2]string{{"name", "Name"}, {"npi", "NPI"}, {"street", "Street and number"}, {"city", "Town"},
	{"state", "State"}, {"zip", "ZIP code"}, {LastDay, "Last day of the license"},
	{InsuredDay, "Last day of the insurance"}}

// Difference is a field with what it says and what it is to say.
type Difference struct{ Field, Was, Becomes string }

// Differences are what a change changes, for people.
func Differences(was, becomes []byte) (all []Difference) {
	var from, to Values
	if json.Unmarshal(was, &from) != nil || json.Unmarshal(becomes, &to) != nil {
		return nil
	}
	for _, f := range fields {
		if value, ok := to[f[0]]; ok {
			all = append(all, Difference{f[1], said(f[0], from[f[0]]), said(f[0], value)})
		}
	}
	return all
}

func said(field, value string) string {
	if day, err := civil.ParseDate(value); err == nil && (field == LastDay || field == InsuredDay) {
		return day.Text()
	}
	return cmp.Or(value, "nothing")
}

// Change is what an organization asks to change.
type Change struct {
	Kind                     string
	Subject                  uuid.UUID
	Name                     string // of what is changed, as it is
	Was, Becomes             Values // only what differs
	License, State, Evidence string // what shows it: a number of the state's register, or words
}

// Between keeps of two sayings only what differs.
func Between(was, becomes Values) (from, to Values) {
	from, to = Values{}, Values{}
	for field, value := range becomes {
		if value != was[field] {
			from[field], to[field] = was[field], value
		}
	}
	return from, to
}

// Ask keeps a change until it is decided, together with what waits of the same subject. The register of licenses is
// asked at once where its word is enough.
func Ask(ctx context.Context, q *tenantdb.Queries, c Change, by uuid.UUID, now time.Time) error {
	before, err := q.ReplaceChange(ctx, c.Subject)
	if err == nil {
		err = c.add(before)
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	was, err1 := json.Marshal(c.Was)
	becomes, err2 := json.Marshal(c.Becomes)
	id, err3 := uuid.NewV7()
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	ask := tenantdb.AskChangeParams{ID: id, Kind: c.Kind, SubjectID: c.Subject, Name: c.Name, Was: was, Becomes: becomes,
		License: c.License, LicenseState: c.State, Evidence: c.Evidence, By: by, At: now}
	if c.Becomes[LastDay] != "" && len(c.Becomes) == 1 && c.License != "" {
		ask.NextAt = &now
	}
	if err := q.AskChange(ctx, ask); err != nil {
		return err
	}
	return q.AuditChange(ctx, &id, "ask", slices.Sorted(maps.Keys(c.Becomes)))
}

// add keeps of one that waits what this one says nothing about.
func (c *Change) add(before tenantdb.ReplaceChangeRow) error {
	var was, becomes Values
	if err := errors.Join(json.Unmarshal(before.Was, &was), json.Unmarshal(before.Becomes, &becomes)); err != nil {
		return err
	}
	maps.Copy(was, c.Was)
	maps.Copy(becomes, c.Becomes)
	c.Was, c.Becomes, c.Evidence = was, becomes, cmp.Or(c.Evidence, before.Evidence)
	if c.License == "" {
		c.License, c.State = before.License, cmp.Or(before.LicenseState, c.State)
	}
	return nil
}

// Withdraw takes back a change that waits, and tells of what it was. ErrDecided: none waits.
func Withdraw(ctx context.Context, q *tenantdb.Queries, id uuid.UUID) (tenantdb.WithdrawChangeRow, error) {
	row, err := q.WithdrawChange(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, ErrDecided
	}
	if err != nil {
		return row, err
	}
	return row, q.AuditChange(ctx, &id, "withdraw", []string{})
}

// Refuse says why a change does not become. ErrDecided: none waits.
func Refuse(ctx context.Context, q *tenantdb.Queries, id, by uuid.UUID, reason string, now time.Time) error {
	_, err := decide(ctx, q, tenantdb.DecideChangeParams{ID: id, Status: Refused, Reason: reason, DecidedBy: &by,
		DecidedAt: now})
	if err != nil {
		return err
	}
	return q.AuditChange(ctx, &id, "refuse", []string{})
}

func decide(ctx context.Context, q *tenantdb.Queries, d tenantdb.DecideChangeParams) (tenantdb.DecideChangeRow, error) {
	row, err := q.DecideChange(ctx, d)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrDecided
	}
	return row, err
}

// Accept lets a change become, and publishes it, all in the caller's transaction; by nobody: the register says so.
// ErrDecided: none waits.
func Accept(ctx context.Context, q *tenantdb.Queries, t tenancy.Tenant, id uuid.UUID, by *uuid.UUID, reason string,
	now time.Time) error {
	row, err := decide(ctx, q, tenantdb.DecideChangeParams{ID: id, Status: Accepted, Reason: reason, DecidedBy: by,
		DecidedAt: now})
	if err != nil {
		return err
	}
	if err := apply(ctx, q, row); err != nil {
		return err
	}
	if err := q.AuditChange(ctx, &id, "accept", []string{}); err != nil {
		return err
	}
	return search.Publish(ctx, q, t, now)
}

// apply writes a change into the rows that patients see. Whoever saw times of before holds none of them any more.
func apply(ctx context.Context, q *tenantdb.Queries, row tenantdb.DecideChangeRow) error {
	var was, becomes Values
	if err := errors.Join(json.Unmarshal(row.Was, &was), json.Unmarshal(row.Becomes, &becomes)); err != nil {
		return err
	}
	write := q.ApplyToLocation
	if row.Kind == OfPractitioner {
		write = q.ApplyToPractitioner
	}
	n, err := write(ctx, row.Becomes, row.SubjectID)
	if err != nil || n == 0 { // none: it was taken out of the listings meanwhile
		return err
	}
	if name := becomes["name"]; name != "" && row.Kind == OfPractitioner {
		if err := q.NameResources(ctx, name, &row.SubjectID); err != nil {
			return err
		}
	}
	if err := renew(ctx, q, row.Kind, was[LastDay], becomes[LastDay]); err != nil {
		return err
	}
	return q.ChangeOfferings(ctx, row.SubjectID)
}

// renew lets a location's new last day count for all locations of the same license.
func renew(ctx context.Context, q *tenantdb.Queries, kind, was, becomes string) error {
	from, err1 := civil.ParseDate(was)
	to, err2 := civil.ParseDate(becomes)
	if kind != OfLocation || err1 != nil || err2 != nil {
		return nil
	}
	before, after := from.Start(time.UTC), to.Start(time.UTC)
	return q.RenewLocations(ctx, &after, &before)
}
