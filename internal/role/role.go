// Package role is the one list of roles: what people are at an organization, and at the platform. The schema's CHECK
// constraints (directory.membership, directory.invitation, directory.staff) are held to it by a test; policies, pages
// and seeds take the words from here.
package role

import (
	"errors"
	"fmt"

	"kindward/internal/textutil"
)

// Roles as the database keeps them: first those at an organization, then those at the platform.
const (
	Owner     = "owner"
	Manager   = "manager"
	Clinician = "clinician"
	FrontDesk = "front_desk"
	Billing   = "billing"

	Support       = "support"
	Reviewer      = "reviewer"
	Compliance    = "compliance"
	Operator      = "operator"
	Administrator = "administrator"
)

// ErrUnknown means that a word is no role: a mistake of the program or of whoever wrote the row, and never "some
// member".
var ErrUnknown = errors.New("unknown role")

// Definition is a role, its word in the middle of a sentence, and what it reaches, in words: policies decide it.
type Definition struct{ Role, Label, Reach string }

var organization = []Definition{
	{Owner, "owner", "Everything, the keys and sign-in of the organization included."},
	{Manager, "manager", "The day, the records and the team."},
	{Clinician, "clinician", "The day and the records."},
	{FrontDesk, "front desk", "The day, not the records."},
	{Billing, "billing", "Who works here. No appointments and no records."},
}

var staff = []Definition{
	{Support, "support", "Finds people, sees the site as they do, opens records in an emergency."},
	{Reviewer, "reviewer", "Reads the applications of organizations that want to join, decides on them, writes and publishes forms."},
	{Compliance, "compliance", "Finds people, reads and exports the audit, reviews what others did, reads the policies and the forms."},
	{Operator, "operator", "Keeps the platform running, finds people, opens records in an emergency, writes and publishes forms."},
	{Administrator, "administrator", "Finds people, gives and ends roles, reads the policies."},
}

// Organization are the roles at an organization, the mightiest first.
func Organization() []Definition { return append([]Definition(nil), organization...) }

// Staff are the roles at the platform.
func Staff() []Definition { return append([]Definition(nil), staff...) }

// Words are the roles of some definitions, as the database keeps them.
func Words(of []Definition) (all []string) {
	for _, d := range of {
		all = append(all, d.Role)
	}
	return all
}

// Label is a role in the middle of a sentence: "front desk". ErrUnknown: it is none.
func Label(role string) (string, error) {
	for _, group := range [][]Definition{organization, staff} {
		for _, d := range group {
			if d.Role == role {
				return d.Label, nil
			}
		}
	}
	return "", fmt.Errorf("%w: %q", ErrUnknown, role)
}

// Title is a role that stands alone: "Front desk". ErrUnknown: it is none.
func Title(role string) (string, error) {
	label, err := Label(role)
	if err != nil {
		return "", err
	}
	return textutil.Capital(label), nil
}

// Titles are some roles that stand alone, such as "Front desk". ErrUnknown: one is none.
func Titles(roles []string) (all []string, err error) {
	for _, r := range roles {
		title, err := Title(r)
		if err != nil {
			return nil, err
		}
		all = append(all, title)
	}
	return all, nil
}

// Labels are some roles in the middle of a sentence. ErrUnknown: one is none.
func Labels(roles []string) (all []string, err error) {
	for _, r := range roles {
		label, err := Label(r)
		if err != nil {
			return nil, err
		}
		all = append(all, label)
	}
	return all, nil
}

// Title is the role where it stands alone.
func (d Definition) Title() string { return textutil.Capital(d.Label) }
