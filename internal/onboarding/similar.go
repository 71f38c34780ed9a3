package onboarding

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"kindward/queries/shareddb"
)

// Others may be the same organization as an application's: applications with a number of it, and organizations of its
// name.
type Others struct {
	Applications  []shareddb.SimilarApplicationsRow
	Organizations []shareddb.SimilarOrganizationsRow
}

// IDs are those of all of them.
func (o Others) IDs() (all []uuid.UUID) {
	for _, a := range o.Applications {
		all = append(all, a.TenantID)
	}
	for _, t := range o.Organizations {
		all = append(all, t.ID)
	}
	return all
}

// Similar finds them for the scope's application. Staff find all, others none.
func Similar(ctx context.Context, q *shareddb.Queries, a Application) (o Others, err error) {
	current := a.Current()
	var fields, values []string
	for _, field := range []string{"npi", "clia", "ccn", "license"} {
		if current[field] != "" {
			fields, values = append(fields, field), append(values, current[field])
		}
	}
	if o.Applications, err = q.SimilarApplications(ctx, values, fields); err != nil {
		return o, err
	}
	names := []string{strings.ToLower(current["name"]), strings.ToLower(current["known_as"])}
	o.Organizations, err = q.SimilarOrganizations(ctx, current["zip"], names)
	return o, err
}

// closedAsDuplicate is what those read whose application is one.
const closedAsDuplicate = "It is about an organization that has applied already or is on Kindward. We have told those " +
	"who speak for it that you applied, with your email address: they can let you in."

// likened is what whoever may decide says of another that is like it: that it is not the same, and why, or that it is.
func (a *Application) likened(e Event) error {
	if err := a.MayDecide(e.By); err != nil {
		return err
	}
	_, apart := a.Apart[e.Data.Who]
	switch {
	case e.Data.Who == uuid.Nil || apart:
		return ErrNotNow
	case e.Kind == Duplicate:
		a.Status, a.Reason, a.SameAs, a.Claimed = Rejected, closedAsDuplicate, e.Data.Who, uuid.Nil
	case e.Data.Reason == "":
		return ErrNoReason
	default:
		a.Apart[e.Data.Who] = e.Data.Reason
	}
	return nil
}
