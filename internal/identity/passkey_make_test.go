package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/google/uuid"
)

// unattested is an answer as browsers give it to a site that does not ask who built the device.
func unattested(t testing.TB, answer []byte) []byte {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(answer, &all); err != nil {
		t.Fatal(err)
	}
	response := all["response"].(map[string]any)
	raw, err := base64.RawURLEncoding.DecodeString(response["attestationObject"].(string))
	if err != nil {
		t.Fatal(err)
	}
	var object struct {
		Data      []byte         `cbor:"authData"`
		Format    string         `cbor:"fmt"`
		Statement map[string]any `cbor:"attStmt"`
	}
	if err := webauthncbor.Unmarshal(raw, &object); err != nil {
		t.Fatal(err)
	}
	object.Format, object.Statement = "none", map[string]any{}
	if raw, err = webauthncbor.Marshal(object); err != nil {
		t.Fatal(err)
	}
	response["attestationObject"] = base64.RawURLEncoding.EncodeToString(raw)
	if answer, err = json.Marshal(all); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestAPasskeyIsMadeOnceOnADeviceAndKeepsNoAttestation(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, maya)
	ask, err := ChallengeNewPasskey(t.Context(), h.own(caller(), maya.ID), h.base, maya.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := AddPasskey(t.Context(), h.mail, h.base, caller(), h.current(t, maya),
		PasskeyAnswer{ask.State, phone.make(t, ask.Options, maya.ID)}, "Again", h.now()); err == nil {
		t.Error("it was made twice")
	}
	var challenge struct {
		ExcludeCredentials     []struct{ ID string }
		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
	}
	if err := json.Unmarshal(ask.Options, &challenge); err != nil || len(challenge.ExcludeCredentials) != 1 ||
		challenge.AuthenticatorSelection.ResidentKey != "required" ||
		challenge.AuthenticatorSelection.UserVerification != "required" {
		t.Errorf("the device is not asked for what counts: %+v %v", challenge, err)
	}
}

func TestAPasskeyIsMadeOnlyForTheChallengeOfAPasskeyToMake(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	h.withPasskey(t, maya)
	add := func(state, options []byte, d *device) error {
		_, err := AddPasskey(t.Context(), h.mail, h.base, caller(), h.current(t, maya),
			PasskeyAnswer{state, unattested(t, d.make(t, options, maya.ID))}, "Laptop", h.now())
		return err
	}
	challenge := func() Challenge {
		ask, err := ChallengeNewPasskey(t.Context(), h.own(caller(), maya.ID), h.base, maya.ID)
		if err != nil {
			t.Fatal(err)
		}
		return ask
	}
	ask := challenge()
	as := func(challenge []byte) []byte { // the options of ask with another one's challenge
		var to, from map[string]any
		if err := errors.Join(json.Unmarshal(ask.Options, &to), json.Unmarshal(challenge, &from)); err != nil {
			t.Fatal(err)
		}
		to["challenge"] = from["challenge"]
		raw, err := json.Marshal(to)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	showing := h.ask(t, maya.ID)
	elsewhere, unseen, broken := newDevice(), newDevice(), newDevice()
	elsewhere.party.Origin, unseen.Options.UserNotVerified, broken.key = "https://evil.example", true, newKey(false)
	for what, err := range map[string]error{
		"a challenge to show one":              add(showing.State, as(showing.Options), newDevice()),
		"another challenge":                    add(challenge().State, ask.Options, newDevice()),
		"another site":                         add(ask.State, ask.Options, elsewhere),
		"without finger, face or PIN":          add(ask.State, ask.Options, unseen),
		"a key that could never be read again": add(ask.State, ask.Options, broken),
	} {
		if !errors.Is(err, ErrPasskey) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := add(ask.State, ask.Options, newDevice()); err != nil {
		t.Fatal("control: the right answer is refused too:", err)
	}
}

func TestNobodyHasMoreThanTwentyPasskeys(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	for range 20 {
		h.withPasskey(t, maya)
	}
	ask, err := ChallengeNewPasskey(t.Context(), h.own(caller(), maya.ID), h.base, maya.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := AddPasskey(t.Context(), h.mail, h.base, caller(), h.current(t, maya),
		PasskeyAnswer{ask.State, newDevice().make(t, ask.Options, maya.ID)}, "One more", h.now()); !errors.Is(err,
		ErrPasskeyKnown) {
		t.Error("the twenty-first:", err)
	}
	if all, err := h.own(caller(), maya.ID).Passkeys(t.Context()); err != nil || len(all) != 20 {
		t.Error(len(all), err)
	}
	h.withPasskey(t, h.person(t, "Leo")) // control: another's first
}

func TestAfterAHundredWrongPasskeysFromOneRangeAWrongOneWaitsAndARightOneDoesNot(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, maya)
	here := caller()
	ask := h.ask(t, uuid.Nil)
	prove := func(response []byte) error {
		_, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, here, PasskeyAnswer{ask.State, response}, "sign-in",
			h.now())
		return err
	}
	for n := range 100 {
		if err := prove([]byte("{")); !errors.Is(err, ErrPasskey) {
			t.Fatal(n, err)
		}
	}
	if err := prove([]byte("{")); !many(err) {
		t.Error("the next wrong one from there:", err)
	}
	if err := prove(phone.show(t, ask.Options, 1)); err != nil {
		t.Error("a right one:", err)
	}
}
