package main

import (
	"context"
	"net"
	"strconv"
	"testing"

	"kindward/internal/browser"
)

// named opens a second process of the product under a host's name: browsers bind passkeys to names, and the house is reached by a number.
func (h *house) named(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	a, err := h.app.openApp(ctx, h.app.gateway, "localhost:"+strconv.Itoa(l.Addr().(*net.TCPAddr).Port), true, false)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = a.serve(ctx, l) }()
	t.Cleanup(func() { stop(); <-done; a.close() })
	return a.site.BaseURL.String()
}

func TestAPasskeyIsMadeAndSignsInWithoutAPassword(t *testing.T) {
	browser.NeedTools(t)
	h := open(t)
	home := h.named(t)
	v := h.visit(t, func(o *browser.Options) { o.Home = home })
	device := v.Device()
	v.Go("/sign-in")
	signUpAt(t, h, v, "Ines Carvalho")
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
	v.Sees("With a passkey")
	for _, wrong := range v.Axe() {
		t.Error(wrong)
	}
	v.Press("Use a passkey")
	v.Sees("One passkey signs you in", "Used just now")
	v.Press("Remove the passkey My laptop")
	v.Sees("Sign in without a password", "is removed")
	v.Press("Sign out")
	v.Go("/sign-in")
	v.Press("Use a passkey")
	v.Sees("There is a problem", "This passkey opens no account here")
	silent(t, v)
}

func TestWithoutScriptsThePagesSayThatPasskeysNeedThem(t *testing.T) {
	h := open(t)
	home := h.named(t)
	v := h.visit(t, func(o *browser.Options) { o.Home = home }, noScript)
	v.Go("/sign-in")
	v.Sees("Passkeys need JavaScript, which is off in this browser")
	v.SeesNot("Use a passkey")
	signUpAt(t, h, v, "Ines Carvalho")
	v.Go("/account/passkeys/new")
	v.Sees("Passkeys need JavaScript, which is off in this browser. The second step with an app works everywhere.")
	silent(t, v)
}
