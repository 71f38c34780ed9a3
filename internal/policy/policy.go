// Package policy decides who may do what. The rules are Cedar policies in files beside this one, each with an id;
// everything that no policy permits is denied, and every decision names the policies that made it and their version.
package policy

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
)

//go:embed policies/*.cedar
var files embed.FS

// Policy is one rule, as people read it.
type Policy struct {
	ID, Says, Text, File string
	Forbids              bool
}

// Engine decides. It is safe for concurrent use.
type Engine struct {
	set     *cedar.PolicySet
	all     []Policy
	version string
	actions cedar.EntityMap
}

// Load reads the policies of this program.
func Load() (*Engine, error) {
	sub, err := fs.Sub(files, "policies")
	if err != nil {
		return nil, err
	}
	return Read(sub)
}

// Read reads the policies of a folder. Every policy has an id of its own and says in words what it does.
func Read(folder fs.FS) (*Engine, error) {
	e := &Engine{set: cedar.NewPolicySet(), actions: actionEntities()}
	names, err := fs.Glob(folder, "*.cedar")
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	for _, name := range names {
		raw, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(raw), raw)
		list, err := cedar.NewPolicyListFromBytes(name, raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, p := range list {
			notes := p.Annotations()
			id, says := string(notes["id"]), string(notes["says"])
			if id == "" || says == "" || !e.set.Add(cedar.PolicyID(id), p) {
				return nil, fmt.Errorf("%s: a policy without words or an id of its own: %q", name, id)
			}
			e.all = append(e.all, Policy{ID: id, Says: says, Text: string(p.MarshalCedar()), File: name,
				Forbids: p.Effect() == cedar.Forbid})
		}
	}
	e.version = hex.EncodeToString(hash.Sum(nil))[:12]
	return e, nil
}

// Version names the text of all policies together.
func (e *Engine) Version() string { return e.version }

// Policies are all rules in the order of their files.
func (e *Engine) Policies() []Policy { return slices.Clone(e.all) }

// Words are what a policy says, by its id.
func (e *Engine) Words(id string) string {
	for _, p := range e.all {
		if p.ID == id {
			return p.Says
		}
	}
	return ""
}

// Asker is who asks, as far as the database and the session know.
type Asker struct {
	Account      uuid.UUID // nil: a visitor
	Roles        []string  // at the organization that is asked about
	Staff        []string  // roles at the platform
	SecondFactor bool      // this session was begun or confirmed with two factors
	Recent       bool      // the proof of who asks is fresh enough for sensitive acts
	// the account has a second factor, of which this session has shown nothing: asked where all factors are needed
	MissingFactor bool
	Elsewhere     bool // who asks was shown to another organization's sign-in only
	// the organization lets people in by its own sign-in only, and this session came by another way
	NotBySSO        bool
	AsOther         bool       // the account is somebody else's, seen by staff
	MayChange       bool       // and the act was begun to change something
	EmergencyAccess uuid.UUID  // the organization that emergency access is open to, or nil
	Key             *KeyScopes // an API client instead of a person
}

// KeyScopes are what an API key was made for.
type KeyScopes struct {
	ID     string
	Tenant uuid.UUID
	Scopes []string
}

// Question is one thing that is asked.
type Question struct {
	Asker
	Action  Action
	Tenant  uuid.UUID // the organization, where the action is about one
	Changes bool      // the request may change something
}

// Decision is the answer and which policies made it: the permits that allowed, or the forbids that denied. Neither
// means that nothing permits it.
type Decision struct {
	Allowed  bool
	Policies []string
	Version  string
}

// String is the form in which the audit keeps it: id+id@version.
func (d Decision) String() string {
	ids := strings.Join(d.Policies, "+")
	if ids == "" {
		ids = "default-deny"
	}
	return ids + "@" + d.Version
}

// Denied tells whether this policy was the only one against.
func (d Decision) Denied(by string) bool {
	return !d.Allowed && len(d.Policies) == 1 && d.Policies[0] == by
}

// Decide answers one question.
func (e *Engine) Decide(q Question) Decision {
	spec, known := SpecOf(q.Action)
	d := Decision{Version: e.version}
	if !known {
		return d
	}
	world, request := q.cedar(e.actions, spec)
	answer, why := cedar.Authorize(e.set, world, request)
	for _, r := range why.Reasons {
		d.Policies = append(d.Policies, string(r.PolicyID))
	}
	slices.Sort(d.Policies)
	d.Allowed = answer == cedar.Allow && len(why.Errors) == 0
	return d
}
