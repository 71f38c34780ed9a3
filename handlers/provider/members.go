package provider

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/role"
	"kindward/queries/shareddb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// ListMembers is the team, who is invited, and what changed.
func (h *Handlers) ListMembers(c echo.Context) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	var members []shareddb.MembersRow
	var invited []shareddb.InvitationsRow
	var former []shareddb.MembershipHistoryRow
	err := h.Gateway.WithinIdentity(ctx, web.Scope(c, organization), func(q *shareddb.Queries) (err error) {
		if members, err = q.Members(ctx, web.Now(c), role.Words(role.Organization())); err != nil {
			return err
		}
		if invited, err = q.Invitations(ctx, web.Now(c)); err != nil {
			return err
		}
		former, err = q.MembershipHistory(ctx, web.Now(c))
		return err
	})
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "Team", "/members", nil)
	if err != nil {
		return err
	}
	p := view.MembersPage{Page: page, Work: work, Heading: count(int64(len(members)), "person works here",
		"people work here"),
		Line: "What is taken away is gone with the next page that person opens."}
	if p.Members, err = h.members(c, members); err != nil {
		return err
	}
	if p.Former, err = h.formerOnes(c, former); err != nil {
		return err
	}
	if p.Invited, err = h.invited(c, invited); err != nil {
		return err
	}
	if web.May(c, policy.ChangeMembers) {
		p.Invite = work.Home + "/invitations"
	}
	return web.Render(c, http.StatusOK, view.Members(p), "")
}

func (h *Handlers) members(c echo.Context, rows []shareddb.MembersRow) (out []view.Member, err error) {
	organization := web.Organization(c)
	for _, r := range rows {
		title, err := role.Title(r.Role)
		if err != nil {
			return nil, err
		}
		one := view.Member{Name: r.Name, Email: r.Email, Role: title,
			Since: day(r.CreatedAt.In(civil.ZoneOrUTC(organization.Zone))), Keys: keysMade(c, r.Keys)}
		if web.May(c, policy.ChangeMembers) && mayGrant(c, r.Role) {
			one.Href = home(organization) + "/members/" + r.ID.String()
		}
		out = append(out, one)
	}
	return out, nil
}

// keysMade are the API keys that somebody made and that work, with the way to where they are revoked.
func keysMade(c echo.Context, names []string) (keys view.KeysMade) {
	if len(names) == 0 {
		return keys
	}
	keys.Text = count(int64(len(names)), "API key of theirs works", "API keys of theirs work") + ": " +
		strings.Join(names, ", ")
	if web.May(c, policy.ReadKeys) {
		keys.Href = home(web.Organization(c)) + "/api-keys"
	}
	return keys
}

func (h *Handlers) formerOnes(c echo.Context, rows []shareddb.MembershipHistoryRow) (out []view.Former, err error) {
	zone := web.Organization(c).Zone
	for _, r := range rows {
		title, err := role.Title(r.Role)
		if err != nil {
			return nil, err
		}
		one := view.Former{Name: r.Name, Role: title, From: day(r.CreatedAt.In(civil.ZoneOrUTC(zone))),
			Keys: keysMade(c, r.Keys)}
		if r.EndedAt != nil {
			one.To = day(r.EndedAt.In(civil.ZoneOrUTC(zone)))
		}
		if r.EndedBy != "" {
			one.To += ", by " + r.EndedBy
		}
		out = append(out, one)
	}
	return out, nil
}

// mayGrant tells whether whoever asks may give or take a role here.
func mayGrant(c echo.Context, given string) bool {
	return slices.ContainsFunc(web.Roles(c), func(granter string) bool { return role.MayGrant(granter, given) })
}

// ShowMember asks what somebody may do here.
func (h *Handlers) ShowMember(c echo.Context) error {
	id, err := web.ID(c, "member")
	if err != nil {
		return err
	}
	return h.showMember(c, http.StatusOK, id, "", nil)
}

func (h *Handlers) showMember(c echo.Context, status int, id uuid.UUID, chosen string, problems ui.Problems) error {
	organization := web.Organization(c)
	rows, err := h.Gateway.Identity(web.Scope(c, organization)).Members(c.Request().Context(),
		web.Now(c), role.Words(role.Organization()))
	if err != nil {
		return err
	}
	at := slices.IndexFunc(rows, func(r shareddb.MembersRow) bool { return r.ID == id })
	if at < 0 {
		return fmt.Errorf("no such member here: %w", web.ErrNotFound)
	}
	r := rows[at]
	if !mayGrant(c, r.Role) {
		return fmt.Errorf("of role %s: %w", r.Role, web.ErrForbidden)
	}
	if chosen == "" {
		chosen = r.Role
	}
	page, work, err := h.frame(c, "Team", "/members", problems)
	if err != nil {
		return err
	}
	self := work.Home + "/members/" + id.String()
	p := view.MemberPage{Page: page, Work: work, Problems: problems, Name: r.Name, Email: r.Email,
		Roles: roleChoices(c, chosen), Action: self + "/role", End: self + "/end",
		EndText: "They see nothing of " + organization.Name +
			" from the next page they open. What they did stays in the access log.",
		Keys: keysMade(c, r.Keys), Back: ui.Way{Text: "The team", Href: work.Home + "/members"}}
	if r.Role == role.Owner && !r.OtherOwner {
		p.End, p.EndText = "", r.Name+" is the only owner. Make somebody else an owner first."
	}
	return web.Render(c, status, view.ShowMember(p), view.MemberForm)
}

// roles that whoever asks may give.
func roles(c echo.Context) []role.Definition {
	return slices.DeleteFunc(role.Organization(), func(r role.Definition) bool { return !mayGrant(c, r.Role) })
}

func roleChoices(c echo.Context, chosen string) (out []ui.Choice) {
	for _, r := range roles(c) {
		out = append(out, ui.Choice{Name: "role", Value: r.Role, Label: r.Title(), Small: r.Reach, Checked: r.Role == chosen})
	}
	return out
}

// UpdateRole gives a member another role. Only the field "role" is read.
func (h *Handlers) UpdateRole(c echo.Context) error {
	id, err := web.ID(c, "member")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	given := f.OneOf("role", "Choose a role", role.Words(roles(c))...)
	if !f.OK() {
		return h.showMember(c, http.StatusUnprocessableEntity, id, f.Raw("role"), f.Problems)
	}
	organization := web.Organization(c)
	label, err := role.Label(given)
	if err != nil {
		return err
	}
	err = identity.ChangeRole(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)), id, given, web.Now(c))
	return h.settled(c, err, id, "The role is "+label+" from now on.")
}

// EndMember ends somebody's work here.
func (h *Handlers) EndMember(c echo.Context) error {
	id, err := web.ID(c, "member")
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	err = identity.EndMembership(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)), id, web.Now(c))
	return h.settled(c, err, id, "Their work here has ended.")
}

// settled goes back to the team, or says on the member's page why nothing was done.
func (h *Handlers) settled(c echo.Context, err error, id uuid.UUID, done string) error {
	switch {
	case errors.Is(err, identity.ErrLastOwner):
		return h.showMember(c, http.StatusConflict, id, "",
			ui.Problems{{Field: "role", Message: "An organization keeps one owner. Make somebody else an owner first"}})
	case errors.Is(err, identity.ErrNotYours):
		return fmt.Errorf("%w: %w", err, web.ErrForbidden)
	case errors.Is(err, identity.ErrMembershipGone):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: done, Done: true})
	return web.Redirect(c, home(web.Organization(c))+"/members")
}

func (h *Handlers) invited(c echo.Context, rows []shareddb.InvitationsRow) (out []view.Invited, err error) {
	organization := web.Organization(c)
	for _, r := range rows {
		title, err := role.Title(r.Role)
		if err != nil {
			return nil, err
		}
		one := view.Invited{Email: r.Email, Role: title, By: r.InvitedBy,
			Until: civil.TimeFormat{Now: web.Now(c)}.Full(r.ExpiresAt.In(civil.ZoneOrUTC(organization.Zone)))}
		if r.ExpiresAt.Before(web.Now(c)) {
			one.Until = "Ran out on " + r.ExpiresAt.In(civil.ZoneOrUTC(organization.Zone)).Format("2 January")
		}
		if web.May(c, policy.ChangeMembers) && mayGrant(c, r.Role) {
			one.Again = home(organization) + "/invitations/" + r.ID.String() + "/email"
			one.Revoke = home(organization) + "/invitations/" + r.ID.String() + "/revocation"
		}
		out = append(out, one)
	}
	return out, nil
}
