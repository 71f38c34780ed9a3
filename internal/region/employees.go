package region

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"kindward/internal/role"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// employee is somebody of the demonstration who works: at known organizations, or at the platform.
type employee struct {
	email, name string
	jobs        []job
	staff       string // a role at the platform
}

type job struct {
	organization int // which of knownOrganizations
	role         string
}

// employees are one for each role: at the clinic and the laboratory, at both of them, and at the platform.
var employees = []employee{
	{email: "owner@example.test", name: "Grace Ellery", jobs: []job{{0, role.Owner}}},
	{email: "manager@example.test", name: "Manuel Ortiz", jobs: []job{{0, role.Manager}}},
	{email: "clinician@example.test", name: "Noor Haddad", jobs: []job{{0, role.Clinician}}},
	{email: "desk@example.test", name: "Dana Whitfield", jobs: []job{{0, role.FrontDesk}}},
	{email: "billing@example.test", name: "Bill Tran", jobs: []job{{0, role.Billing}}},
	{email: "lab-owner@example.test", name: "Hana Sato", jobs: []job{{1, role.Owner}}},
	{email: "lab-desk@example.test", name: "Theo Brandt", jobs: []job{{1, role.FrontDesk}}},
	{email: "both@example.test", name: "Ines Carvalho", jobs: []job{{0, role.FrontDesk}, {1, role.Manager}}},
	{email: "support@example.test", name: "Sam Pires", staff: role.Support},
	{email: "reviewer@example.test", name: "Rita Amato", staff: role.Reviewer},
	{email: "compliance@example.test", name: "Cora Lindqvist", staff: role.Compliance},
	{email: "operator@example.test", name: "Omar Bishara", staff: role.Operator},
	{email: "administrator@example.test", name: "Ada Kowalski", staff: role.Administrator},
}

// employ makes the employees who are missing, once their organizations stand.
func (g *generator) employ(ctx context.Context, gateway *tenancy.Gateway, all []*organization) error {
	if g.options.HashPassword == nil || all[0].tenant.Schema == "" { // a region of another seed
		return nil
	}
	for i, k := range employees {
		l := Login{Email: k.email, Name: k.name}
		if g.options.TOTPSecret != nil {
			l.Secret = g.options.TOTPSecret(k.email)
		}
		l, made, err := g.account(ctx, gateway, g.id("employee", i), l)
		if err != nil {
			return err
		}
		if made && l.Secret != "" && g.options.SecondFactor != nil {
			if err := g.options.SecondFactor(ctx, l.ID, l.Secret); err != nil {
				return fmt.Errorf("second factor of %s: %w", k.email, err)
			}
		}
		if err := g.appoint(ctx, gateway, all, i, made, &l); err != nil {
			return fmt.Errorf("roles of %s: %w", k.email, err)
		}
		g.logins = append(g.logins, l)
	}
	return nil
}

// appoint gives an employee who was made just now their roles, and says which they are.
func (g *generator) appoint(ctx context.Context, gateway *tenancy.Gateway, all []*organization, i int, made bool,
	l *Login) error {
	k := employees[i]
	if k.staff != "" {
		l.Role = k.staff
		if !made {
			return nil
		}
		_, err := gateway.Identity(gateway.Admit(tenancy.Tenant{}, tenancy.Caller{Staff: true})).GrantStaffRole(ctx,
			shareddb.GrantStaffRoleParams{ID: g.id("staff", i), Role: k.staff, Email: k.email,
				Now: g.options.Now.AddDate(0, -1, 0)}) // long enough to approve what others ask for
		return err
	}
	for n, j := range k.jobs {
		place := all[j.organization].tenant
		if n > 0 {
			l.Role, l.Organization = l.Role+", ", l.Organization+", "
		}
		l.Role, l.Organization = l.Role+j.role, l.Organization+place.Name
		if !made {
			continue
		}
		who, err := g.practitioner(ctx, gateway, place, j.role)
		if err != nil {
			return err
		}
		err = gateway.Identity(gateway.Admit(place, tenancy.Caller{})).AddMembership(ctx,
			shareddb.AddMembershipParams{ID: g.id("membership", i, n), AccountID: l.ID, Role: j.role, PractitionerID: who})
		if err != nil {
			return err
		}
	}
	return nil
}

// practitioner is whose calendar a clinician has: that of the first by name.
func (g *generator) practitioner(ctx context.Context, gateway *tenancy.Gateway, place tenancy.Tenant,
	job string) (*uuid.UUID, error) {
	if job != role.Clinician {
		return nil, nil
	}
	all, err := gateway.Once(gateway.Admit(place, tenancy.Caller{})).Practitioners(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0].ID, nil
}
