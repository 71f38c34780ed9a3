package journeys_test

import (
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestAPasskeyIsMadeAndSignsInWithoutAPassword(t *testing.T) {
	browser.NeedTools(t)
	site := sitetest.Open(t)
	v := site.Visit(t)
	device := v.Device()
	v.Go("/sign-in")
	signUpAt(t, site, v, "Ines Carvalho")
	v.Go("/account/passkeys")
	v.Sees("Sign in without a password", "A passkey is a key that your phone")
	v.Press("Add a passkey")
	v.Sees("Which device is it on?")
	device.Refuse(true)
	v.Type("Name", "My laptop")
	v.Press("Make a passkey")
	v.Sees("Your device made or showed no passkey. Nothing was changed.")
	if got := v.Value("Name"); got != "My laptop" || device.Passkeys() != 0 {
		t.Errorf("after a no: name %q, %d passkeys", got, device.Passkeys())
	}
	device.Refuse(false)
	v.Press("Make a passkey")
	v.Sees("One passkey signs you in", "My laptop", "Not used yet")
	if device.Passkeys() != 1 {
		t.Errorf("the device keeps %d passkeys", device.Passkeys())
	}
	for _, wrong := range v.Axe() {
		t.Error(wrong)
	}
	v.Press("Sign out")
	v.Go("/sign-in?next=/account/passkeys")
	v.Sees("Use a passkey")
	for _, wrong := range v.Axe() {
		t.Error(wrong)
	}
	v.Press("Use a passkey")
	v.Sees("One passkey signs you in", "Used just now")
	v.Press("Remove the passkey My laptop")
	v.Press("Yes, remove My laptop")
	v.Sees("Sign in without a password", "is removed")
	v.Press("Sign out")
	v.Go("/sign-in")
	v.Press("Use a passkey")
	v.Sees("There is a problem", "This passkey opens no account here")
	sitetest.Silent(t, v)
}

func TestWithoutScriptsThePagesSayThatPasskeysNeedThem(t *testing.T) {
	site := sitetest.Open(t)
	v := site.Visit(t, sitetest.NoScript)
	v.Go("/sign-in")
	v.Sees("Passkeys need JavaScript, which is off in this browser")
	v.SeesNot("Use a passkey")
	signUpAt(t, site, v, "Ines Carvalho")
	v.Go("/account/passkeys/new")
	v.Sees("Passkeys need JavaScript, which is off in this browser. The second step with an app works everywhere.")
	sitetest.Silent(t, v)
}
