package browser

import (
	"github.com/chromedp/cdproto/webauthn"
)

// Device gives the visitor a device that keeps passkeys and lets them use it, without a finger: Chromium's own virtual
// authenticator.
func (v *Tab) Device() *Device {
	v.t.Helper()
	call(v, webauthn.Enable, webauthn.EnableParams{})
	r := call(v, webauthn.AddVirtualAuthenticator,
		webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true,
			AutomaticPresenceSimulation: true, IsUserVerified: true}})
	return &Device{v, r.AuthenticatorID}
}

// Device is a visitor's virtual authenticator.
type Device struct {
	tab *Tab
	id  webauthn.AuthenticatorID
}

// Passkeys are how many it keeps.
func (d *Device) Passkeys() int {
	d.tab.t.Helper()
	return len(call(d.tab, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: d.id}).Credentials)
}

// Refuse makes it say no to the next finger, or yes again.
func (d *Device) Refuse(no bool) {
	d.tab.t.Helper()
	call(d.tab, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: d.id, IsUserVerified: !no})
}
