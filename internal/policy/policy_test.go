package policy_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"kindward/internal/policy"
)

// may is who may do what, written down a second time and without Cedar.
var may = map[string]string{
	"owner":      "organization.read appointments.read appointments.change appointments.cancel appointments.book patients.read patients.find members.read members.change keys.read keys.change sso.read sso.change listings.change contract.read contract.sign access_log.read",
	"manager":    "organization.read appointments.read appointments.change appointments.cancel appointments.book patients.read patients.find members.read members.change listings.change access_log.read",
	"clinician":  "organization.read appointments.read appointments.change appointments.cancel appointments.book patients.read patients.find",
	"front_desk": "organization.read appointments.read appointments.change appointments.cancel appointments.book patients.find",
	"billing":    "organization.read members.read",

	"support":       "console.read organizations.read people.read impersonation.change emergency_access.change",
	"reviewer":      "console.read organizations.read onboarding.read onboarding.change onboarding.approve forms.read forms.change forms.publish",
	"compliance":    "console.read organizations.read people.read audit.read audit.export alerts.review emergency_access.review policies.read forms.read",
	"operator":      "console.read organizations.read people.read emergency_access.change forms.read forms.change forms.publish",
	"administrator": "console.read organizations.read people.read staff.read staff.change policies.read",
}

const (
	sensitive = "account.change members.change keys.change sso.change impersonation.change emergency_access.change staff.change audit.export forms.publish application.sign contract.sign onboarding.approve"
	ownHands  = "session.change own.consent account.change email.change sessions.end proof.give own.answer application.change application.sign"
	charts    = "appointments.read patients.read patients.find"
)

func has(list string, a policy.Action) bool {
	return slices.Contains(strings.Fields(list), string(a))
}

// expected answers a question as the table above does.
func expected(q policy.Question) bool {
	spec, _ := policy.SpecOf(q.Action)
	if q.Key != nil {
		return spec.Kind == policy.Site || spec.Kind == policy.API && q.Key.Tenant == q.Tenant &&
			slices.Contains(q.Key.Scopes, strings.TrimPrefix(string(q.Action), "api."))
	}
	person := q.Account != uuid.Nil
	work := spec.Kind == policy.Organization || spec.Kind == policy.Platform
	switch {
	case person && work && (!q.SecondFactor || q.AsOther),
		person && has(sensitive, q.Action) && !q.Recent,
		person && q.AsOther && has(ownHands, q.Action),
		person && q.MissingFactor && has("account.change email.change sessions.end application.change application.sign", q.Action),
		person && q.Elsewhere && (work || spec.Kind == policy.Own && !has("proof.give sessions.end", q.Action)),
		person && q.NotBySSO && spec.Kind == policy.Organization && !has("sso.read sso.change", q.Action),
		person && q.AsOther && q.Changes && !q.MayChange && q.Action != policy.Frame:
		return false
	}
	held := func(roles []string) bool {
		return slices.ContainsFunc(roles, func(r string) bool { return has(may[r], q.Action) })
	}
	switch spec.Kind {
	case policy.Site:
		return true
	case policy.Own:
		return person
	case policy.Organization:
		return person && (held(q.Roles) || q.EmergencyAccess == q.Tenant && has(charts, q.Action))
	case policy.Platform:
		return person && held(q.Staff)
	}
	return false
}

var here, elsewhere = uuid.New(), uuid.New()

// questions are every asker with every action under every circumstance.
func questions(yield func(policy.Question) bool) {
	maya := uuid.New()
	askers := []policy.Asker{{}, {Account: maya}}
	for _, r := range policy.Roles() {
		askers = append(askers, policy.Asker{Account: maya, Roles: []string{r}})
	}
	for _, r := range policy.StaffRoles() {
		askers = append(askers, policy.Asker{Account: maya, Staff: []string{r}})
	}
	for _, spec := range policy.ActionSpecs() {
		for _, asker := range askers {
			for bits := range 256 {
				if bits >= 32 && bits&15 != 3 {
					continue // by which gateway somebody came matters once both proofs are there
				}
				if bits >= 32 && bits&31 != 3 { // how one came in matters to those who may otherwise
					continue
				}
				for _, emergency := range []uuid.UUID{uuid.Nil, here, elsewhere} {
					if emergency != uuid.Nil && spec.Kind != policy.Organization {
						continue
					}
					a := asker
					a.SecondFactor, a.Recent, a.AsOther, a.MayChange, a.Elsewhere, a.NotBySSO, a.EmergencyAccess = bits&1 > 0,
						bits&2 > 0, bits&4 > 0, bits&8 > 0, bits&32 > 0, bits&64 > 0, emergency
					a.MissingFactor = bits&128 > 0
					if !yield(policy.Question{Asker: a, Action: spec.Action, Tenant: here, Changes: bits&16 > 0}) {
						return
					}
				}
			}
		}
		for _, tenant := range []uuid.UUID{here, elsewhere} {
			for _, scopes := range [][]string{nil, {"slots.read"}, {"appointments.read"}, {"slots.read", "appointments.read"},
				{""}} {
				key := &policy.KeyScopes{ID: "k", Tenant: tenant, Scopes: scopes}
				if !yield(policy.Question{Asker: policy.Asker{Key: key}, Action: spec.Action, Tenant: here}) {
					return
				}
			}
		}
	}
}

// shuffled are all questions in an order in which one that shows a mistake comes soon.
var shuffled = sync.OnceValue(func() []policy.Question {
	all := slices.Collect(questions)
	rand.New(rand.NewPCG(1, 0)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
})

// wrong is a question that an engine answers otherwise than the table.
func wrong(e *policy.Engine) (at policy.Question, found bool, asked int) {
	for _, q := range shuffled() {
		asked++
		if e.Decide(q).Allowed != expected(q) {
			return q, true, asked
		}
	}
	return at, false, asked
}

func TestThePoliciesSayWhatTheTableSays(t *testing.T) {
	e, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	q, found, asked := wrong(e)
	if found {
		t.Errorf("%+v: %v, policies %v", q, !expected(q), e.Decide(q))
	}
	t.Logf("%d questions, policies %s", asked, e.Version())
}

// mutant is one weaker or missing policy.
func mutants(t *testing.T) map[string]fs.FS {
	t.Helper()
	files := map[string]string{}
	for _, entry := range must(os.ReadDir("policies")) {
		files[entry.Name()] = string(must(os.ReadFile("policies/" + entry.Name())))
	}
	one := regexp.MustCompile(`(?s)@id\("([^"]+)"\).*?;\n`)
	clause := regexp.MustCompile(`(?s)\n(when|unless) \{.*?\}`)
	actions := regexp.MustCompile(`(?s)action in (\[[^\]]*\]|Action::"[^"]*")`)
	out := map[string]fs.FS{}
	add := func(name, file, from, to string) {
		if from == to {
			return
		}
		m := fstest.MapFS{}
		for f, text := range files {
			if f == file {
				text = strings.Replace(text, from, to, 1)
			}
			m[f] = &fstest.MapFile{Data: []byte(text)}
		}
		out[name] = m
	}
	for file, text := range files {
		for _, p := range one.FindAllStringSubmatch(text, -1) {
			whole, id := p[0], p[1]
			add(id+": gone", file, whole, "")
			for n, c := range clause.FindAllString(whole, -1) {
				add(id+": without clause "+string(rune('1'+n)), file, whole, strings.Replace(whole, c, "", 1))
			}
			add(id+": every action", file, whole, actions.ReplaceAllString(whole, "action"))
			if strings.Contains(whole, "principal in resource.") {
				add(id+": any role", file, whole, regexp.MustCompile(`principal in resource\.\w+`).ReplaceAllString(whole, "true"))
			}
			if strings.Contains(whole, "&&") {
				for n, part := range strings.Split(regexp.MustCompile(`\{([^}]*)\}`).FindStringSubmatch(whole)[1], "&&") {
					add(id+": without condition "+string(rune('1'+n)), file, whole,
						strings.Replace(whole, strings.TrimSpace(part), "true", 1))
				}
			}
		}
	}
	return out
}

// equal are mutants that say the same as before: what they leave out is said by another policy or by the form of the
// question.
var equal = map[string]string{
	"own-record: every action":     "only a person's own actions have an Account as resource",
	"own-record: without clause 1": "the resource of these actions is always the asker's own account; the clause guards against another caller",
	"public-pages: every action":   "only public actions have the Site as resource",
}

func TestEveryWeakenedPolicyIsFound(t *testing.T) {
	n := 0
	for name, folder := range mutants(t) {
		e, err := policy.Read(folder)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		n++
		_, found, _ := wrong(e)
		if why, same := equal[name]; same == found {
			t.Errorf("%s: found %v (%s)", name, found, why)
		}
	}
	t.Logf("%d mutants, %d of them equal to the original", n, len(equal))
	if n < 40 {
		t.Errorf("only %d mutants", n)
	}
}

func TestAPolicyWithoutWordsOrIdOrOfTwoIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"no id":     `@says("x") permit (principal, action, resource);`,
		"no words":  `@id("x") permit (principal, action, resource);`,
		"twice":     `@id("x") @says("x") permit (principal, action, resource); @id("x") @says("y") forbid (principal, action, resource);`,
		"no policy": `permit everything`,
	} {
		if _, err := policy.Read(fstest.MapFS{"x.cedar": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNothingPermitsWhatNoPolicyNames(t *testing.T) {
	e, err := policy.Read(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for q := range questions {
		if e.Decide(q).Allowed {
			t.Fatalf("%+v", q)
		}
	}
	if d := must(policy.Load()).Decide(policy.Question{Action: "everything"}); d.Allowed {
		t.Error("an action that does not exist is allowed")
	}
}

func BenchmarkDecide(b *testing.B) {
	e := must(policy.Load())
	q := policy.Question{Asker: policy.Asker{Account: uuid.New(), Roles: []string{"clinician"}, SecondFactor: true},
		Action: policy.ReadPatients, Tenant: here}
	for b.Loop() {
		e.Decide(q)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
