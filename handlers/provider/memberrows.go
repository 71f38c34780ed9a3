package provider

import (
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/role"
	"kindward/queries/shareddb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// teamRows are a page of each of the team's lists.
type teamRows struct {
	members []shareddb.MembersRow
	invited []shareddb.InvitationsRow
	former  []shareddb.MembershipHistoryRow
}

// team reads the lists. Who is invited and who was here is shown beside the whole team, not beside those searched for.
func (h *Handlers) team(c echo.Context, ask teamQuestion) (team teamRows, err error) {
	ctx := c.Request().Context()
	err = h.Gateway.WithinIdentity(ctx, web.Scope(c, web.Organization(c)), func(q *shareddb.Queries) (err error) {
		team.members, err = q.Members(ctx, shareddb.MembersParams{Now: web.Now(c), Sort: ask.sort,
			Roles: role.Words(role.Organization()), Name: ask.name,
			After: ask.after, Most: teamPage})
		if err != nil || ask.name != "" {
			return err
		}
		if team.invited, err = q.Invitations(ctx, web.Now(c), ask.invited, teamPage); err != nil {
			return err
		}
		team.former, err = q.MembershipHistory(ctx, ask.formerly, teamPage, web.Now(c))
		return err
	})
	return team, err
}

// fit is how many members the question finds, on all pages.
func (team teamRows) fit() int64 {
	if len(team.members) == 0 {
		return 0
	}
	return team.members[0].Fit
}

func (team teamRows) heading(ask teamQuestion) string {
	switch {
	case team.fit() == 0 && ask.after != nil:
		return "These were all people here"
	case team.fit() == 0:
		return "Nobody here is called so"
	case ask.name != "":
		return count(team.fit(), "person here is called so", "people here are called so")
	}
	return count(team.fit(), "person works here", "people work here")
}

// pages are the ways through each list.
func (team teamRows) pages(ask teamQuestion, home string) (members, invited, former ui.Pages) {
	way := func(list, label string, behind *uuid.UUID, n int, last func(int) uuid.UUID) (p ui.Pages) {
		p.Label = label
		if behind != nil {
			p.First = ask.at(home, "", uuid.Nil)
		}
		if n == teamPage {
			p.Next = ask.at(home, list, last(n-1))
		}
		return p
	}
	return way("after", "Pages of the team", ask.after, len(team.members),
			func(i int) uuid.UUID { return team.members[i].ID }),
		way("invited", "Pages of the invitations", ask.invited, len(team.invited),
			func(i int) uuid.UUID { return team.invited[i].ID }),
		way("former", "Pages of what changed", ask.formerly, len(team.former),
			func(i int) uuid.UUID { return team.former[i].ID })
}

// fill puts the rows into the page.
func (h *Handlers) fill(c echo.Context, p *view.MembersPage, team teamRows) (err error) {
	if p.Members, err = h.members(c, team.members); err != nil {
		return err
	}
	if p.Former, err = h.formerOnes(c, team.former); err != nil {
		return err
	}
	p.Invited, err = h.invited(c, team.invited)
	return err
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
			one.Until = "Ran out on " + day(r.ExpiresAt.In(civil.ZoneOrUTC(organization.Zone)))
		}
		if web.May(c, policy.ChangeMembers) && mayGrant(c, r.Role) {
			one.Again = home(organization) + "/invitations/" + r.ID.String() + "/email"
			one.Revoke = home(organization) + "/invitations/" + r.ID.String() + "/revocation"
		}
		out = append(out, one)
	}
	return out, nil
}
