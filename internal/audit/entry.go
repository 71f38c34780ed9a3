package audit

import (
	"maps"
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

// descriptions are the words for what was done, by resource and action: {s} stands for whose it is.
var descriptions = map[string]string{
	"Appointment list":                      "looked at a list with {s} appointment",
	"Slot read":                             "looked at free times",
	"Appointment read":                      "opened {s} appointment",
	"Appointment find":                      "found {s} appointment by its reference",
	"Appointment book":                      "booked an appointment",
	"Appointment move":                      "moved {s} appointment",
	"Appointment change address":            "changed where {s} visit at home is",
	"Appointment cancel":                    "canceled {s} appointment",
	"Appointment mark":                      "noted what became of {s} appointment",
	"Appointment hold":                      "kept a time",
	"Appointment extend hold":               "kept a time longer",
	"Appointment take hold":                 "signed in while a time was kept",
	"Appointment release hold":              "let a time go",
	"Appointment free hold":                 "freed a time that somebody kept",
	"Appointment lapse hold":                "let a time go that had run out",
	"Consent list":                          "read what {s} details are shared for",
	"Consent withdraw":                      "ended the sharing of {s} details",
	"Patient list":                          "saw {s} name in a search",
	"Patient list-log":                      "saw {s} name in this access log",
	"Patient follow":                        "brought {s} phone number and email address up to date",
	"Patient read":                          "opened {s} record",
	"Patient read-contact":                  "looked up how to reach {t}",
	"Account read":                          "opened {s} account: name, address, devices and when bookings are, no health data",
	"Account find":                          "looked for an account",
	"Account list":                          "saw {s} name and email address in a search",
	"Account sign-in":                       "signed in",
	"Account sign-up":                       "made the account",
	"Account sign-out":                      "signed out",
	"Account sign-out-everywhere":           "signed out on every device",
	"Account reset-asked":                   "asked for a new password",
	"Account reset":                         "chose a new password",
	"Account help":                          "wrote to the help desk for {t}",
	"Account update":                        "changed {s} details",
	"Account confirm":                       "confirmed with a passkey",
	"Account second-factor":                 "typed a code of the second step",
	"Account second-factor-on":              "turned on the second step of signing in",
	"Account second-factor-off":             "turned off the second step of signing in",
	"Account recovery-code":                 "used a recovery code",
	"Account recovery-codes":                "made new recovery codes",
	"Account new-browser":                   "signed in from a new browser",
	"Account session-ended":                 "signed out a device",
	"Account email-asked":                   "asked to change the email address",
	"Account email":                         "changed the email address",
	"FactorRemoval factor-removal-request":  "asked for {s} second factors to be removed, which somebody else must approve",
	"FactorRemoval factor-removal-withdraw": "withdrew the request to remove {s} second factors",
	"FactorRemoval factor-removal-approve":  "approved that {s} second factors are removed, and removed them",
	"Account link-single-sign-on":           "joined a sign-in of an organization to the account",
	"Account unlink-single-sign-on":         "took a sign-in of an organization from the account",
	"Account end-single-sign-on":            "ended a session, as the organization's sign-in asked",
	"Passkey create":                        "added a passkey",
	"Passkey delete":                        "removed a passkey",
	"Passkey copied":                        "showed a passkey that may be a copy",
	"Account factor-removed":                "removed {s} second step of signing in",
	"SingleSignOn update":                   "changed single sign-on",
	"SingleSignOn test":                     "tried single sign-on",
	"SingleSignOn log-out":                  "asked in the name of the organization's sign-in to end sessions",
	"SingleSignOn delete":                   "turned single sign-on off",
	"SingleSignOn add-domain":               "named a domain for single sign-on",
	"SingleSignOn remove-domain":            "took a domain from single sign-on",
	"SingleSignOn verify-domain":            "proved a domain for single sign-on",
	"ApiKey use":                            "used an API key",
	"Alert review":                          "reviewed an alert",
	"StaffAccess impersonation-begin":       "began to see Kindward as {o}",
	"StaffAccess impersonation-end":         "stopped seeing Kindward as {o}",
	"StaffAccess emergency-access-begin":    "opened the records in an emergency",
	"StaffAccess emergency-access-end":      "ended the emergency access",
	"StaffAccess emergency-access-review":   "reviewed the emergency access",
	// Rows are never written anew: what they were called when they were written keeps its words.
	"Acting impersonation-begin": "began to see Kindward as {o}",
	"Acting impersonation-end":   "stopped seeing Kindward as {o}",
	"Acting break-glass-begin":   "opened the records in an emergency",
	"Acting break-glass-end":     "ended the emergency access",
	"Acting break-glass-review":  "reviewed the emergency access",
	"AuditEvent list":            "looked at this access log",
	"AuditEvent search":          "searched the access log",
	"AuditEvent export":          "exported from the access log",
	"AuditEvent restore":         "put the database back from a backup",
	"Membership begin":           "joined the team",
	"Membership change role":     "changed a role in the team",
	"Membership end":             "ended somebody's work in the team",
	"Invitation create":          "invited somebody to the team",
	"Invitation revoke":          "took an invitation back",
	"Invitation accept":          "accepted an invitation",
	"ApiKey create":              "made an API key",
	"ApiKey show":                "saw an API key again, minutes after making it",
	"ApiKey revoke":              "revoked an API key",
	"Organization seed":          "made the demonstration",
	"Staff staff-grant":          "gave a role of the staff",
	"Staff staff-end":            "ended a role of the staff",
}

// Actions are the words for what can be done, as events say them, in order.
func Actions() []string {
	seen := map[string]bool{}
	for of := range descriptions {
		_, action, _ := strings.Cut(of, " ")
		seen[action] = true
	}
	return slices.Sorted(maps.Keys(seen))
}

// What says what was done, behind Who. mine: to the reader's own record; else {s} is the person's.
func (e Entry) What(mine bool) string {
	whose, whom, them := "a patient's", "a patient sees it", "a patient"
	if mine {
		whose, whom, them = "your", "you see it", "you"
	} else if e.Own {
		whose = "their own"
	}
	words, known := descriptions[e.Resource+" "+e.Action]
	switch {
	case e.Purpose == "message":
		words = "sent {s} an email about an appointment"
		whose = "a patient"
		if mine {
			whose = "you"
		}
	case e.Purpose == "own record" && e.Resource == "Appointment" && e.Action == "list":
		words = "looked at {s} appointments"
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

// Changes tells whether something was done to what the event is about, not only looked at.
func (e Entry) Changes() bool {
	return e.Outcome == "success" && !slices.Contains(Looks(), e.Action)
}

// Looks are the actions that change nothing of what they are about.
func Looks() []string {
	return []string{"read", "list", "find", "list-log", "read-contact", "search", "export"}
}

// Marked tells whether it was done by staff on somebody's behalf or in an emergency.
func (e Entry) Marked() bool { return e.StaffAccess != "" || e.Purpose == "emergency" }
