package audit

import (
	"slices"
	"strings"
	"time"

	"kindward/internal/role"
	"kindward/internal/tenancy"
)

// Entry is what an event says, as far as people are told.
type Entry struct {
	At                        time.Time
	By                        string // name of who did it; empty: unknown
	Own                       bool   // the person whose record it is did it
	Nobody                    bool   // no account did it: the platform itself, an API client, or somebody not signed in
	Organization              string
	Purpose, Resource, Action string
	Fields                    []string
	Outcome                   string
	Policy                    string // ids of the policies that let it happen, joined by +
	StaffAccess               string // impersonation, emergency
	Reason                    string
	Whose                     string // name of the person whose record it is, for readers who may know it
	Colleague                 string // name of the one of the team it was done to, for readers who may know it
	Key                       string // name of the API key that it was done to or with, for readers who may know it
}

// roleWords are a policy that stands for a role, and the words for it.
type roleWords struct {
	policy, words string
	platform      bool
}

// roles are the policies that each stand for a role, at an organization the mightiest first. What somebody was when
// they did it is told by the policy that let them, also after their role has ended. A policy's id has hyphens where the
// role has underscores.
var roles = roleList()

func roleList() (all []roleWords) {
	for _, r := range role.Organization() {
		all = append(all, roleWords{strings.ReplaceAll(r.Role, "_", "-"), r.Label, false})
	}
	for _, r := range role.Staff() {
		all = append(all, roleWords{strings.ReplaceAll(r.Role, "_", "-"), "Kindward " + r.Label, true})
	}
	return append(all, roleWords{"staff", "Kindward staff", true}) // what every role of the staff may
}

func (e Entry) role() (words string, platform bool) {
	ids := strings.Split(e.Policy, "+")
	for _, r := range roles {
		if slices.Contains(ids, r.policy) {
			return r.words, r.platform
		}
	}
	return "", false
}

// Who says who did it, at the beginning of a sentence. People of an organization are named with their role there; the
// platform's own people by role alone. mine: the reader is the person whose record it is.
func (e Entry) Who(mine bool) string {
	role, platform := e.role()
	switch {
	case e.StaffAccess == tenancy.Impersonation || e.StaffAccess == tenancy.EmergencyAccess:
		return "Kindward support"
	case e.Own && mine:
		return "You"
	case e.Own && e.By != "":
		return e.By
	case e.Own:
		return "A patient"
	case e.Purpose == "api", e.Purpose == PurposeOfOld:
		return e.software()
	case e.Nobody && e.Outcome == "denied":
		return "Somebody"
	case e.Nobody:
		return "Kindward"
	case platform:
		return role
	case role != "" && e.Organization != "":
		return e.By + ", " + role + " at " + e.Organization
	case role != "":
		return e.By + ", " + role
	case e.Organization != "" && e.By != "":
		return e.By + ", " + e.Organization
	case e.By == "":
		return "Somebody from elsewhere"
	}
	return e.By
}

// software names an API client by its key where the reader may know it.
func (e Entry) software() string {
	words := "Software of the organization"
	if e.Organization != "" {
		words = "Software of " + e.Organization
	}
	if e.Key != "" {
		words += ", with the key “" + e.Key + "”"
	}
	return words
}

// What says what was done, behind Who. mine: to the reader's own record; else {s} is the person's.
func (e Entry) What(mine bool) string {
	whose, whom, them := "a patient's", "a patient sees it", "a patient"
	if mine {
		whose, whom, them = "your", "you see it", "you"
	} else if e.Own {
		whose = "their own"
	}
	of, known := actions[e.Resource+" "+e.Action]
	words := of.words
	switch {
	case e.Purpose == "message":
		words = "sent {s} an email about an appointment"
		whose = "a patient"
		if mine {
			whose = "you"
		}
	case e.Purpose == "own record" && e.Resource == "Appointment" && e.Action == "list":
		words = "looked at {s} appointments"
	case !known && e.Outcome == "denied":
		words = "a page that their role does not reach, " + e.Action
	case !known:
		words = "did this to {s} record: " + strings.ToLower(e.Resource) + ", " + strings.ReplaceAll(e.Action, "-", " ")
	}
	words = strings.NewReplacer("{s}", whose, "{o}", whom, "{t}", them).Replace(words)
	if e.Resource == "ApiKey" && e.Key != "" {
		words += ": " + e.Key
	}
	if e.Resource == "Membership" && e.Colleague != "" {
		words += ": " + e.Colleague
	}
	switch {
	case e.Outcome == "denied" && mine && (e.Action == "sign-in" || e.Action == "second-factor"):
		words = "tried to sign in as you and was refused"
	case e.Outcome == "denied":
		words = "was refused: " + words
	case e.Outcome == "failure":
		words += ", which failed"
	}
	return words + e.under(mine)
}

// under marks what was done for somebody else or in an emergency.
func (e Entry) under(mine bool) string {
	switch {
	case strings.HasPrefix(e.Action, "impersonation"), strings.HasPrefix(e.Action, "emergency-access"),
		strings.HasPrefix(e.Action, "break-glass"):
		return e.because()
	case e.StaffAccess == tenancy.Impersonation && mine:
		return ", seeing Kindward as you" + e.because()
	case e.StaffAccess == tenancy.Impersonation:
		return ", seeing Kindward as a patient" + e.because()
	case e.StaffAccess == tenancy.EmergencyAccess || e.Purpose == "emergency":
		return ", as an emergency" + e.because()
	}
	return ""
}

func (e Entry) because() string {
	if e.Reason == "" {
		return ""
	}
	return ", because: " + e.Reason
}

// Marked tells whether it was done by staff on somebody's behalf or in an emergency.
func (e Entry) Marked() bool { return e.StaffAccess != "" || e.Purpose == "emergency" }
