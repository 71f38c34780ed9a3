package policy

import (
	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"

	"kindward/internal/role"
)

// roles are the roles at an organization: one attribute each of the organization, naming who holds it there and nowhere
// else.
var roles = role.Words(role.Organization())

// Roles are the roles at an organization, the mightiest first.
func Roles() []string { return roles }

// StaffRoles are the roles at the platform.
func StaffRoles() []string { return role.Words(role.Staff()) }

var platform = cedar.NewEntityUID("Role", "platform")

// actionEntities are the actions with their groups.
func actionEntities() cedar.EntityMap {
	all := cedar.EntityMap{}
	for _, s := range specs {
		var groups []cedar.EntityUID
		for _, g := range s.Groups {
			groups = append(groups, cedar.NewEntityUID("Action", cedar.String(g)))
		}
		id := cedar.NewEntityUID("Action", cedar.String(s.Action))
		all[id] = cedar.Entity{UID: id, Parents: cedar.NewEntityUIDSet(groups...)}
	}
	return all
}

// world is what one decision knows: the actions, which never change, and who asks about what.
type world struct{ actions, now cedar.EntityMap }

// Get implements cedar.EntityGetter.
func (w world) Get(id cedar.EntityUID) (cedar.Entity, bool) {
	if e, ok := w.now[id]; ok {
		return e, true
	}
	e, ok := w.actions[id]
	return e, ok
}

func (q Question) cedar(actions cedar.EntityMap, spec ActionSpec) (world, cedar.Request) {
	w := world{actions, cedar.EntityMap{}}
	resource := q.resource(w.now, spec.Kind)
	context := cedar.RecordMap{"second_factor": cedar.Boolean(q.SecondFactor), "recent": cedar.Boolean(q.Recent),
		"elsewhere": cedar.Boolean(q.Elsewhere), "not_by_sso": cedar.Boolean(q.NotBySSO),
		"missing_factor": cedar.Boolean(q.MissingFactor), "as_other": cedar.Boolean(q.AsOther),
		"may_change": cedar.Boolean(q.MayChange), "changes": cedar.Boolean(q.Changes),
		"scope": cedar.String(scopeOf(q.Action))}
	if q.EmergencyAccess != uuid.Nil {
		context["emergency_access"] = organization(q.EmergencyAccess)
	}
	return w, cedar.Request{Principal: q.principal(w.now), Action: cedar.NewEntityUID("Action", cedar.String(q.Action)),
		Resource: resource,
		Context:  cedar.NewRecord(context)}
}

func (q Question) principal(now cedar.EntityMap) cedar.EntityUID {
	if q.Key != nil {
		id := cedar.NewEntityUID("Key", cedar.String(q.Key.ID))
		scopes := make([]cedar.Value, len(q.Key.Scopes))
		for i, s := range q.Key.Scopes {
			scopes[i] = cedar.String(s)
		}
		now[id] = cedar.Entity{UID: id,
			Attributes: cedar.NewRecord(cedar.RecordMap{"organization": organization(q.Key.Tenant),
				"scopes": cedar.NewSet(scopes...)})}
		return id
	}
	if q.Account == uuid.Nil {
		return cedar.NewEntityUID("Visitor", "visitor")
	}
	id := cedar.NewEntityUID("Account", cedar.String(q.Account.String()))
	var parents []cedar.EntityUID
	for _, r := range q.Roles {
		parents = append(parents, roleAt(q.Tenant, r))
	}
	for _, r := range q.Staff {
		parents = append(parents, cedar.NewEntityUID("Role", cedar.String("platform/"+r)), platform)
	}
	now[id] = cedar.Entity{UID: id, Parents: cedar.NewEntityUIDSet(parents...)}
	return id
}

func (q Question) resource(now cedar.EntityMap, kind Kind) cedar.EntityUID {
	switch kind {
	case Own:
		return cedar.NewEntityUID("Account", cedar.String(q.Account.String()))
	case Organization, API:
		id := organization(q.Tenant)
		holders := cedar.RecordMap{}
		for _, r := range roles {
			holders[cedar.String(r)] = roleAt(q.Tenant, r)
		}
		now[id] = cedar.Entity{UID: id, Attributes: cedar.NewRecord(holders)}
		return id
	case Platform:
		return cedar.NewEntityUID("Platform", "kindward")
	}
	return cedar.NewEntityUID("Site", "kindward")
}

func organization(id uuid.UUID) cedar.EntityUID {
	return cedar.NewEntityUID("Organization", cedar.String(id.String()))
}

func roleAt(tenant uuid.UUID, role string) cedar.EntityUID {
	return cedar.NewEntityUID("Role", cedar.String(tenant.String()+"/"+role))
}

// scopeOf is the scope that a key needs for an action: its name without "api.".
func scopeOf(a Action) string {
	if len(a) > 4 && a[:4] == "api." {
		return string(a[4:])
	}
	return ""
}
