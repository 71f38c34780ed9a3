package audit

import (
	"slices"
	"strings"
	"testing"
)

// elsewhere are the resources whose events are no organization's, and the actions that its log leaves out.
var elsewhere = []string{"Account ", "Passkey ", "FactorRemoval ", "Alert ", "Staff ", "StaffAccess impersonation",
	"Acting impersonation", "AuditEvent restore", "Organization seed", "Patient list-log",
	"Application ", "ApplicationContract ", "ApplicationDocument ",
	"ApplicantInvitation ", "GuestLink ", "Form "}

func TestAnOrganizationCanAskItsLogForEveryActionAndSupportIsToldOfNoLook(t *testing.T) {
	var choices []string
	for _, one := range LogChoices() {
		choices = append(choices, one.Value)
		if len(InLog(one.Value)) == 0 {
			t.Errorf("nothing is %q", one.Text)
		}
	}
	for of, a := range actions {
		left := slices.ContainsFunc(elsewhere, func(prefix string) bool { return strings.HasPrefix(of, prefix) })
		if a.log == "" && !left || a.log != "" && !slices.Contains(choices, a.log) {
			t.Errorf("the log cannot be asked for %q by %q", of, a.log)
		}
		if a.support && a.kind != change {
			t.Errorf("support is told of a look: %q", of)
		}
		if _, name, _ := strings.Cut(of, " "); a.kind == change && slices.Contains([]string{"read", "list", "find", "search",
			"show", "export"}, strings.SplitN(name, "-", 2)[0]) {
			t.Errorf("%q changes nothing", of)
		}
	}
	for _, of := range []string{"Appointment change address", "Consent withdraw", "Account second-factor-off",
		"Passkey create", "Account factor-removed"} {
		if !slices.Contains(ForSupport(), of) || !slices.Contains(Changes(), of) {
			t.Errorf("support is not told of %q", of)
		}
	}
	if InLog("") != nil || InLog("raed") != nil {
		t.Error("control: what is no choice stands for something")
	}
}
