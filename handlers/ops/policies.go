package ops

import (
	"errors"
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
	view "kindward/views/ops"
	"kindward/views/ui"
)

// policySearches keep the email addresses that somebody asks about.
var policySearches = web.NewSearches[string]("policy_searches")

// ListPolicies shows the rules, what follows from them for each role, and answers why somebody may or may not.
func (h *Handlers) ListPolicies(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	email, named, known := policySearches.Asked(c)
	switch {
	case known:
		f.Set("account", email)
	case named:
		f.Set("account", "")
		f.Wrong("account", notKept)
	case f.Raw("account") != "":
		f.Wrong("account", pressFind)
	}
	return h.showPolicies(c, f)
}

// FindAnswer asks why the person with an email address may or may not. It is a POST: that stands in no address.
func (h *Handlers) FindAnswer(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	values := f.Values("organization", "action")
	key, err := policySearches.Keep(c, f.Raw("account"))
	if err != nil {
		return err
	}
	values.Set(web.SearchField, key)
	return web.ShowFound(c, "/ops/policies?"+values.Encode(), func() error { return h.showPolicies(c, f) })
}

func (h *Handlers) showPolicies(c echo.Context, f *web.Form) (err error) {
	engine := web.Policies(c)
	p := view.PoliciesPage{Version: engine.Version(), Account: f.Raw("account"), Organization: f.Raw("organization"),
		Action: f.Raw("action")}
	p.Page, p.Console = h.page(c, "/ops/policies", "Policies",
		count(int64(len(engine.Policies())), "policy decides", "policies decide")+
			" who may do what. What none permits is denied.")
	status := http.StatusOK
	if f.Ticked("account") {
		if p.Answer, err = h.why(c, f); err != nil {
			return err
		}
		if !f.OK() {
			status, p.Problems, p.Wrong = http.StatusUnprocessableEntity, f.Problems, true
		}
	}
	for _, r := range engine.Policies() {
		p.Rules = append(p.Rules, rule(r))
	}
	p.Grids = grids(engine)
	for _, spec := range policy.ActionSpecs() {
		if spec.Kind != policy.API {
			p.Actions = append(p.Actions, ui.Option{Value: string(spec.Action), Text: spec.Words})
		}
	}
	if p.Known, err = h.organizations(c); err != nil {
		return err
	}
	return web.Render(c, status, view.Policies(p), view.Why)
}

func rule(r policy.Policy) view.Rule {
	one := view.Rule{ID: r.ID, Says: r.Says, Text: r.Text, File: r.File, Effect: "Permits", Tone: "good"}
	if r.Forbids {
		one.Effect, one.Tone = "Forbids", "bad"
	}
	return one
}

// somewhere and somebody stand for any organization and any account when the engine is asked about a role.
var somewhere, somebody = uuid.UUID{1}, uuid.UUID{2}

// grids ask the engine itself, so that the tables say what is, and not what somebody wrote about it.
func grids(e *policy.Engine) []view.Grid {
	ask := func(title string, kind policy.Kind, roles []role.Definition, who func(role string) policy.Asker) view.Grid {
		g := view.Grid{Title: title}
		for _, r := range roles {
			g.Roles = append(g.Roles, r.Title())
		}
		for _, spec := range policy.ActionSpecs() {
			if spec.Kind != kind {
				continue
			}
			row := view.GridRow{Words: spec.Words}
			for _, r := range roles {
				row.May = append(row.May,
					e.Decide(policy.Question{Asker: who(r.Role), Action: spec.Action, Tenant: somewhere}).Allowed)
			}
			g.Rows = append(g.Rows, row)
		}
		return g
	}
	return []view.Grid{
		ask("At an organization", policy.Organization, role.Organization(), func(r string) policy.Asker {
			return policy.Asker{Account: somebody, Roles: []string{r}, SecondFactor: true, Recent: true}
		}),
		ask("At the platform", policy.Platform, role.Staff(), func(r string) policy.Asker {
			return policy.Asker{Account: somebody, Staff: []string{r}, SecondFactor: true, Recent: true}
		}),
	}
}

// why asks the engine about one person with the roles that they have now.
func (h *Handlers) why(c echo.Context, f *web.Form) (*view.Answer, error) {
	email := f.TheirEmail("account")
	spec, known := policy.SpecOf(policy.Action(f.Raw("action")))
	if !known || spec.Kind == policy.API {
		f.Wrong("action", "Choose what they want to do")
	}
	tenant, err := h.chosen(c, f, "organization")
	if err != nil {
		return nil, err
	}
	if tenant.Slug == "" && spec.Kind == policy.Organization {
		f.Wrong("organization", "Say at which organization")
	}
	if !f.OK() {
		return nil, nil
	}
	who, err := identity.FindPerson(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)),
		web.SiteOf(c).Keys, email)
	if errors.Is(err, identity.ErrNobody) {
		f.Wrong("account", "Nobody has an account with this address")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	roles, err := h.Gateway.Identity(h.Gateway.Admit(tenant, web.Caller(c))).RolesAt(c.Request().Context(), who.ID,
		uuid.Nil)
	if err != nil {
		return nil, err
	}
	q := policy.Question{Asker: policy.Asker{Account: who.ID, Roles: roles.Roles, Staff: roles.Staff, SecondFactor: true,
		Recent: true}, Action: spec.Action, Tenant: tenant.ID}
	a := answer(web.Policies(c), q, who.Name, spec)
	return &a, nil
}

// answer says yes or no, by which policies, and what would change it.
func answer(e *policy.Engine, q policy.Question, name string, spec policy.ActionSpec) view.Answer {
	d := e.Decide(q)
	a := view.Answer{Allowed: d.Allowed, Sentence: name + " may: " + spec.Words + "."}
	if !d.Allowed {
		a.Sentence = name + " may not: " + spec.Words + "."
	}
	for _, r := range e.Policies() {
		if slices.Contains(d.Policies, r.ID) {
			a.Because = append(a.Because, rule(r))
		}
	}
	if d.Allowed {
		a.Changes = needs(e, q)
		return a
	}
	if len(d.Policies) == 0 {
		a.Because = append(a.Because, view.Rule{Says: "No policy permits it."})
	}
	a.Changes = wouldDo(e, q, spec.Kind)
	return a
}

// needs are the proofs without which the same person would be refused.
func needs(e *policy.Engine, q policy.Question) (all []string) {
	for _, proof := range []struct {
		take func(*policy.Question)
		say  string
	}{
		{func(q *policy.Question) { q.SecondFactor = false }, "They sign in with a second factor for it."},
		{func(q *policy.Question) { q.Recent = false },
			"They show once more who they are, when that was longer than " + civil.Duration(web.ProofLife) + " ago."},
		{func(q *policy.Question) { q.AsOther = true }, "Nobody of the staff may do it while seeing the site as them."},
	} {
		without := q
		proof.take(&without)
		if !e.Decide(without).Allowed {
			all = append(all, proof.say)
		}
	}
	return all
}

// wouldDo are the roles any one of which would be enough.
func wouldDo(e *policy.Engine, q policy.Question, kind policy.Kind) []string {
	var labels []string
	say := "It would be allowed with the role "
	switch kind {
	case policy.Organization:
		for _, r := range role.Organization() {
			with := q
			if with.Roles = []string{r.Role}; e.Decide(with).Allowed {
				labels = append(labels, r.Label)
			}
		}
		say = "It would be allowed at this organization with the role "
	case policy.Platform:
		for _, r := range role.Staff() {
			with := q
			if with.Staff = []string{r.Role}; e.Decide(with).Allowed {
				labels = append(labels, r.Label)
			}
		}
	}
	if len(labels) == 0 {
		return []string{"No role would change it."}
	}
	return []string{say + strings.Join(labels, " or ") + "."}
}
