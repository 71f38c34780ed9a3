package identity

import (
	"errors"
	"net/url"
	"testing"

	"github.com/descope/virtualwebauthn"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/google/uuid"

	"kindward/internal/notify"
)

// device is somebody's phone, which keeps one passkey.
type device struct {
	party virtualwebauthn.RelyingParty
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

func newDevice() *device {
	return &device{party: virtualwebauthn.RelyingParty{ID: "kindward.example", Name: "Kindward",
		Origin: "https://kindward.example"},
		Authenticator: virtualwebauthn.NewAuthenticator(), key: newKey(true)}
}

// newKey is a key whose coordinates have their full length, as all real ones do. The virtual device drops leading
// zeros, which spoils one key in 128: with whole == false it is one of those.
func newKey(whole bool) virtualwebauthn.Credential {
	for {
		key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		if _, err := webauthncose.ParsePublicKey(key.Key.AttestationData()); (err == nil) == whole {
			return key
		}
	}
}

func (d *device) make(t testing.TB, challenge []byte, who uuid.UUID) []byte {
	t.Helper()
	options, err := virtualwebauthn.ParseAttestationOptions(string(challenge))
	if err != nil {
		t.Fatal(err)
	}
	d.Options.UserHandle = who[:]
	return []byte(virtualwebauthn.CreateAttestationResponse(d.party, d.Authenticator, d.key, *options))
}

// show answers as a device whose counter stands at n.
func (d *device) show(t testing.TB, challenge []byte, n uint32) []byte {
	t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(string(challenge))
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter = n
	return []byte(virtualwebauthn.CreateAssertionResponse(d.party, d.Authenticator, d.key, *options))
}

// withPasskey gives somebody a device with a passkey.
func (h *harness) withPasskey(t testing.TB, who Account) *device {
	t.Helper()
	d := newDevice()
	ask, err := ChallengeNewPasskey(t.Context(), h.own(caller(), who.ID), h.base, who.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := AddPasskey(t.Context(), h.mail, h.base, caller(), h.current(t, who),
		PasskeyAnswer{ask.State, d.make(t, ask.Options, who.ID)}, "Phone", h.now()); err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *harness) ask(t testing.TB, whose uuid.UUID) Challenge {
	t.Helper()
	ask, err := ChallengePasskey(t.Context(), h.own(caller(), whose), h.base, whose)
	if err != nil {
		t.Fatal(err)
	}
	return ask
}

func TestAPasskeySignsInWithoutAnAddress(t *testing.T) {
	h := open(t)
	maya, charlie := h.person(t, "Maya Okafor"), h.person(t, "Charlie")
	phone := h.withPasskey(t, maya)
	if l, _ := h.read(maya.Email); l.Kind != notify.KindPasskeyAdded ||
		l.Subject != "A passkey was added to your account" || l.Link != "https://kindward.example/account/passkeys" {
		t.Error("the owner was not told:", l.Kind, l.Subject, l.Link)
	}
	ask := h.ask(t, uuid.Nil)
	who, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
		PasskeyAnswer{ask.State, phone.show(t, ask.Options, 1)}, "sign-in", h.now())
	if err != nil || who != h.current(t, maya) {
		t.Fatal(who, err)
	}
	if h.audited(t, maya.ID, "sign-in", "success") == 0 {
		t.Error("the audit does not know")
	}
	mine, err := h.own(caller(), maya.ID).Passkeys(t.Context())
	if err != nil || len(mine) != 1 || mine[0].Name != "Phone" || mine[0].LastUsedAt == nil {
		t.Fatal(mine, err)
	}
	if theirs, err := h.own(caller(), charlie.ID).Passkeys(t.Context()); err != nil || len(theirs) != 0 {
		t.Error("somebody else sees it:", theirs, err)
	}
	if _, _, err := RemovePasskey(t.Context(), h.mail, caller(), charlie, mine[0].ID, h.now()); !errors.Is(err,
		ErrNotFound) {
		t.Error("somebody else removes it:", err)
	}
	if name, _, err := RemovePasskey(t.Context(), h.mail, caller(), h.current(t, maya), mine[0].ID, h.now()); err != nil ||
		name != "Phone" {
		t.Fatal(name, err)
	}
	ask = h.ask(t, uuid.Nil)
	if _, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
		PasskeyAnswer{ask.State, phone.show(t, ask.Options, 2)}, "sign-in", h.now()); !errors.Is(err, ErrPasskey) {
		t.Error("a removed passkey:", err)
	}
}

func TestAnAnswerToAnythingElseIsRefused(t *testing.T) {
	h := open(t)
	maya, charlie := h.person(t, "Maya Okafor"), h.person(t, "Charlie")
	good := h.withPasskey(t, maya)
	theirs := h.withPasskey(t, charlie)
	ask := h.ask(t, uuid.Nil)
	refused := func(what string, state, answer []byte) {
		t.Helper()
		if who, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(), PasskeyAnswer{state, answer}, "sign-in",
			h.now()); !errors.Is(err, ErrPasskey) {
			t.Errorf("%s: %v %v", what, who, err)
		}
	}
	changed := func(change func(d *device)) *device { d := *good; change(&d); return &d }
	refused("another challenge's answer", h.ask(t, uuid.Nil).State, good.show(t, ask.Options, 1))
	refused("another site", ask.State,
		changed(func(d *device) { d.party.Origin = "https://kindward.example.evil.example" }).show(t, ask.Options, 1))
	refused("another site's key", ask.State, changed(func(d *device) { d.party.ID = "evil.example" }).show(t, ask.Options,
		1))
	refused("without finger, face or PIN", ask.State,
		changed(func(d *device) { d.Options.UserNotVerified = true }).show(t, ask.Options, 1))
	refused("nobody there", ask.State, changed(func(d *device) { d.Options.UserNotPresent = true }).show(t, ask.Options,
		1))
	refused("another key", ask.State, changed(func(d *device) {
		id := d.key.ID
		d.key = newKey(true)
		d.key.ID = id
	}).show(t, ask.Options, 1))
	refused("for somebody else", ask.State, changed(func(d *device) { d.Options.UserHandle = charlie.ID[:] }).show(t,
		ask.Options, 1))
	refused("for nobody", ask.State, changed(func(d *device) { n := uuid.New(); d.Options.UserHandle = n[:] }).show(t,
		ask.Options, 1))
	refused("no JSON", ask.State, []byte("{"))
	refused("no challenge", []byte("{}"), good.show(t, ask.Options, 1))
	after := h.ask(t, maya.ID) // after Maya's password
	refused("after a password, without finger, face or PIN", after.State,
		changed(func(d *device) { d.Options.UserNotVerified = true }).show(t, after.Options, 1))
	refused("another person's passkey after a password", after.State, theirs.show(t, after.Options, 1))
	making, err := ChallengeNewPasskey(t.Context(), h.own(caller(), maya.ID), h.base, maya.ID)
	if err != nil {
		t.Fatal(err)
	}
	refused("an answer to another kind of challenge", making.State, good.show(t, making.Options, 1))
	if _, err := AddPasskey(t.Context(), h.mail, h.base, caller(), h.current(t, charlie),
		PasskeyAnswer{making.State, newDevice().make(t, making.Options, maya.ID)}, "Mine", h.now()); !errors.Is(err,
		ErrPasskey) {
		t.Error("a passkey for somebody else's account:", err)
	}
	// all but "somebody else", "nobody" and those that could not be read
	if n := h.audited(t, maya.ID, "sign-in", "denied"); n != 8 {
		t.Errorf("the audit knows of %d of 8 refused for Maya", n)
	}
	if n := h.audited(t, charlie.ID, "sign-in", "denied"); n != 1 {
		t.Errorf("the audit knows of %d of 1 refused for Charlie", n)
	}
	if who, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
		PasskeyAnswer{ask.State, good.show(t, ask.Options, 1)}, "sign-in", h.now()); err != nil || who.ID != maya.ID {
		t.Fatal("control: the right answer is refused too:", err)
	}
}

func TestAPasskeyMayBecomeASharedOneAndNeverBack(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, maya)
	n := uint32(0)
	use := func(eligible, state bool, party string) error {
		n++
		d := *phone
		d.Options.BackupEligible, d.Options.BackupState, d.party.ID = eligible, state, party
		ask := h.ask(t, uuid.Nil)
		_, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
			PasskeyAnswer{ask.State, d.show(t, ask.Options, n)}, "sign-in", h.now())
		return err
	}
	told := func() (n int) {
		return h.Count(t, `select count(*) from audit.event where patient = $1 and 'backup-eligible' = any (fields)`, maya.ID)
	}
	const here = "kindward.example"
	if err := use(false, false, here); err != nil || told() != 0 {
		t.Fatal(err, told())
	}
	if err := use(true, false, "evil.example"); !errors.Is(err, ErrPasskey) {
		t.Error("another site's key becomes a shared one:", err)
	}
	if err := use(false, true, here); !errors.Is(err, ErrPasskey) {
		t.Error("shared, and not to be:", err)
	}
	if err := use(false, false, here); err != nil || told() != 0 {
		t.Error("a refused answer has changed it:", err, told())
	}
	for range 2 {
		if err := use(true, true, here); err != nil || told() != 1 {
			t.Error("from now on shared:", err, told())
		}
	}
	if err := use(false, false, here); !errors.Is(err, ErrPasskey) {
		t.Error("shared before and not any more:", err)
	}
	if err := use(true, false, here); err != nil {
		t.Error("control: the right one is refused too:", err)
	}
}

func TestA34ACopiedPasskeyIsRefusedAndItsOwnerTold(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, maya)
	use := func(n uint32) error {
		ask := h.ask(t, uuid.Nil)
		_, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
			PasskeyAnswer{ask.State, phone.show(t, ask.Options, n)}, "sign-in", h.now())
		return err
	}
	if err := use(7); err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint32{7, 3, 0} {
		if err := use(n); !errors.Is(err, ErrPasskeyCopied) {
			t.Errorf("counter %d after 7: %v", n, err)
		}
	}
	if l, _ := h.read(maya.Email); l.Kind != notify.KindPasskeyCopied {
		t.Error("the owner was not told:", l.Kind)
	}
	if n := h.audited(t, maya.ID, "copied", "denied"); n != 3 {
		t.Errorf("the audit knows of %d of 3", n)
	}
	if err := use(8); err != nil {
		t.Error("the right device is locked out:", err)
	}
	free := h.withPasskey(t, h.person(t, "Leo")) // devices that share a passkey between them do not count
	for range 3 {
		ask := h.ask(t, uuid.Nil)
		if _, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
			PasskeyAnswer{ask.State, free.show(t, ask.Options, 0)}, "sign-in", h.now()); err != nil {
			t.Error("control: a passkey that does not count:", err)
		}
	}
}

func TestA34NegativeControlWithoutTheStoredCountACopyIsLetIn(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, maya)
	for _, n := range []uint32{7, 3} {
		ask := h.ask(t, uuid.Nil)
		if _, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
			PasskeyAnswer{ask.State, phone.show(t, ask.Options, n)}, "sign-in", h.now()); err != nil {
			t.Fatalf("counter %d: %v", n, err)
		}
		h.Admin(t, "update directory.passkey set credential = jsonb_set(credential, '{authenticator,signCount}', '0') where account_id = $1", maya.ID)
	}
}

// Both are checked against what is kept before either is written down: what two processes do at one moment, without
// waiting for luck.
func TestOfTwoUsesAtOnceWithOneCountOneIsRefused(t *testing.T) {
	for what, counts := range map[string][2]uint32{"one number twice": {5, 5}, "an older number": {5, 4},
		"none after a number": {5, 0}} {
		h := open(t)
		maya := h.person(t, "Maya Okafor")
		phone := h.withPasskey(t, maya)
		party, err := relyingParty(h.base)
		if err != nil {
			t.Fatal(err)
		}
		var use [2]func() error
		for i, n := range counts {
			ask := h.ask(t, uuid.Nil)
			who, key, err := verifyPasskey(t.Context(), h.Gateway, caller(), party,
				PasskeyAnswer{ask.State, phone.show(t, ask.Options, n)})
			if err != nil || key.Authenticator.CloneWarning {
				t.Fatalf("%s: control: each alone is right: %v", what, err)
			}
			use[i] = func() error { return usePasskey(t.Context(), h.mail, caller(), who, key, "sign-in", h.now()) }
		}
		if err := use[0](); err != nil {
			t.Fatal(what, err)
		}
		if err := use[1](); !errors.Is(err, ErrPasskeyCopied) {
			t.Errorf("%s: both were let in: %v", what, err)
		}
	}
}

func TestADisabledAccountsPasskeyOpensNothing(t *testing.T) {
	h := open(t)
	maya := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, maya)
	h.Admin(t, "update directory.account set disabled_at = now() where id = $1", maya.ID)
	ask := h.ask(t, uuid.Nil)
	if _, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
		PasskeyAnswer{ask.State, phone.show(t, ask.Options, 1)}, "sign-in", h.now()); !errors.Is(err, ErrPasskey) {
		t.Error(err)
	}
}

func TestPasskeysNeedASiteWithAName(t *testing.T) {
	for address, want := range map[string]bool{"https://kindward.example": true, "http://localhost:8080": true,
		"http://127.0.0.1:8080": false, "https://192.0.2.7": false, "http://kindward.example": false,
		"http://[::1]:80": false} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if PasskeysWork(u) != want {
			t.Errorf("%s: %t", address, !want)
		}
		if _, err := ChallengePasskey(t.Context(), nil, u, uuid.Nil); errors.Is(err, ErrNoPasskeys) == want {
			t.Errorf("%s: %v", address, err)
		}
	}
}
