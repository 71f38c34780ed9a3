package provider

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/role"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// teamPage is how many members, invitations or former members a page of their list has.
const teamPage = 50

// smallTeam is how many people are seen at a glance: more of them are searched and sorted.
const smallTeam = 10

// teamSorts are the orders of the team; the empty one is by role.
var teamSorts = []ui.Option{{Value: "", Text: "Role"}, {Value: "name", Text: "Name"},
	{Value: "since", Text: "Newest first"}}

// teamSearch is a name or an address that somebody looks for in a team.
type teamSearch struct{ Organization, Typed string }

var teamSearches = web.NewSearches[teamSearch]("team_searches")

// teamQuestion is which part of the team is asked for. Each list has pages of its own, behind an id.
type teamQuestion struct {
	name, typed, key, sort   string // name is sought, typed stands in the field, key stands for both in an address
	after, invited, formerly *uuid.UUID
	lost                     bool // the search that the address names is not kept
}

// teamSort is the order that a form asks for.
func teamSort(f *web.Form) string {
	if s := f.Raw("sort"); slices.ContainsFunc(teamSorts, func(o ui.Option) bool { return o.Value == s }) {
		return s
	}
	return ""
}

func askTeam(c echo.Context) (ask teamQuestion, err error) {
	f, err := web.ReadForm(c)
	if err != nil {
		return ask, err
	}
	ask.sort = teamSort(f)
	search, named, known := teamSearches.Asked(c)
	if known = known && search.Organization == web.Organization(c).Slug; known {
		ask.typed, ask.name, ask.key = search.Typed, web.Sought(search.Typed), c.QueryParam(web.SearchField)
	}
	ask.lost = named && !known
	return ask, f.OptionalIDs(map[string]**uuid.UUID{"after": &ask.after, "invited": &ask.invited,
		"former": &ask.formerly})
}

// at is the address of a page of the team: the same question, behind a row of one list.
func (ask teamQuestion) at(home, list string, behind uuid.UUID) string {
	values := url.Values{}
	for field, value := range map[string]string{web.SearchField: ask.key, "sort": ask.sort} {
		if value != "" {
			values.Set(field, value)
		}
	}
	if list != "" {
		values.Set(list, behind.String())
	}
	if len(values) == 0 {
		return home + "/members"
	}
	return home + "/members?" + values.Encode()
}

// ListMembers is the team, who is invited, and what changed, each in pages.
func (h *Handlers) ListMembers(c echo.Context) error {
	ask, err := askTeam(c)
	if err != nil {
		return err
	}
	return h.listMembers(c, http.StatusOK, ask, nil)
}

// FindMembers finds members by name or address. It is a POST: neither stands in an address.
func (h *Handlers) FindMembers(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ask := teamQuestion{typed: f.Raw("q"), name: f.Sought("q"), sort: teamSort(f)}
	if utf8.RuneCountInString(ask.name) > 120 {
		f.Wrong("q", "Type 120 characters or fewer")
		ask.name = ""
		return h.listMembers(c, http.StatusUnprocessableEntity, ask, f.Problems)
	}
	if ask.name != "" {
		ask.key, err = teamSearches.Keep(c, teamSearch{web.Organization(c).Slug, ask.typed})
		if err != nil {
			return err
		}
	}
	return web.Redirect(c, ask.at(home(web.Organization(c)), "", uuid.Nil))
}

func (h *Handlers) listMembers(c echo.Context, status int, ask teamQuestion, problems ui.Problems) error {
	team, err := h.team(c, ask)
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "Team", "/members", problems)
	if err != nil {
		return err
	}
	p := view.MembersPage{Page: page, Work: work, Heading: team.heading(ask), Action: work.Home + "/members",
		Query: ask.typed, Sort: ask.sort, Line: "What is taken away is gone with the next page that person opens.",
		Problems: problems}
	if ask.lost {
		p.Line = "That search is not kept any more: this is the whole team."
	}
	if ask.typed != "" || ask.sort != "" || team.fit() > smallTeam {
		p.Sorts = teamSorts
	}
	if err := h.fill(c, &p, team); err != nil {
		return err
	}
	p.MemberPages, p.InvitedPages, p.FormerPages = team.pages(ask, work.Home)
	if web.May(c, policy.ChangeMembers) {
		p.Invite = work.Home + "/invitations"
	}
	return web.Render(c, status, view.Members(p), "")
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
	r, err := web.Found(h.Gateway.Identity(web.Scope(c, organization)).Member(c.Request().Context(), web.Now(c), id))
	if err != nil {
		return err
	}
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
