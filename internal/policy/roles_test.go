package policy_test

import (
	"strings"
	"testing"

	"kindward/internal/policy"
	"kindward/internal/role"
)

// told is the word by which a sentence about a role of the staff tells an action.
var told = map[policy.Action]string{
	policy.ReadPeople: "people", policy.Impersonate: "sees the site as they do",
	policy.BeginEmergencyAccess: "opens records in an emergency", policy.ReviewEmergencyAccess: "reviews what others did",
	policy.ReviewAlerts: "reviews what others did", policy.ReadAudit: "audit", policy.ExportAudit: "exports",
	policy.ReadStaff: "roles", policy.ChangeStaff: "gives and ends roles", policy.ReadPolicies: "reads the policies",
	policy.ReadForms: "forms",
}

// ofOne makes a sentence about many one about one: "Operators find people" and "Finds people" say the same.
var ofOne = strings.NewReplacer("find ", "finds ", " open ", " opens ", " give ", " gives ", " end ", " ends ",
	" read ", " reads ")

// drifted are the actions of which a sentence says another thing than is permitted.
func drifted(role, sentence string) (wrong []string) {
	sentence = ofOne.Replace(strings.ToLower(sentence))
	allowed := map[string]bool{}
	for action, word := range told {
		allowed[word] = allowed[word] || has(may[role], action)
	}
	for word, is := range allowed {
		if strings.Contains(sentence, word) != is {
			wrong = append(wrong, word)
		}
	}
	return wrong
}

func TestPoliciesAndTheListOfRolesSayTheSameOfTheStaff(t *testing.T) {
	e, err := policy.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range role.Staff() {
		for where, sentence := range map[string]string{"policy": e.Words(r.Role), "role": r.Reach} {
			if where == "policy" && sentence == "" && r.Role == role.Reviewer {
				continue // may what all of the staff may
			}
			if wrong := drifted(r.Role, sentence); len(wrong) > 0 {
				t.Errorf("%s, %s: %q is wrong about %q", r.Role, where, sentence, wrong)
			}
		}
	}
	if len(drifted(role.Administrator, "Gives and ends roles.")) == 0 ||
		len(drifted(role.Operator, "Finds people, opens records in an emergency, exports what it likes.")) == 0 {
		t.Error("control: a sentence that says too little or too much passes")
	}
}
