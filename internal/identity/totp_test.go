package identity

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// session is in which the tests set up their apps.
var session = uuid.New()

// secured is somebody with an authenticator app in use; the code that confirmed it is spent.
func (h *harness) secured(t *testing.T) (who Account, secret string, recovery []string) {
	t.Helper()
	who = h.person(t, "Maya Okafor")
	if err := BeginTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who.ID, session); err != nil {
		t.Fatal(err)
	}
	key, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who, session)
	if err != nil {
		t.Fatal(err)
	}
	secret = key.Secret()
	if recovery, who.SessionEpoch, err = ConfirmTOTP(t.Context(), h.mail, h.limiter, caller(), who, session,
		h.shown(t, secret, 0), h.now()); err != nil {
		t.Fatal(err)
	}
	return who, secret, recovery
}

// shown is what the app shows some steps from now.
func (h *harness) shown(t *testing.T, secret string, steps int) string {
	t.Helper()
	code, err := CodeAt(secret, h.now().Add(time.Duration(steps)*period*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAnAppIsTakenIntoUseWithItsCode(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	if _, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who, session); !errors.Is(err, ErrNotFound) {
		t.Error("a secret before any was asked for:", err)
	}
	if err := BeginTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who.ID, session); err != nil {
		t.Fatal(err)
	}
	key, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who, session)
	if err != nil || key.Issuer() != "Kindward" || key.AccountName() != who.Email || len(key.Secret()) != 32 {
		t.Fatal(key, err)
	}
	if _, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who, uuid.New()); !errors.Is(err, ErrNotFound) {
		t.Error("another session's:", err)
	}
	other, err := keys.Open(filepath.Join(t.TempDir(), "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), other, who, session); !errors.Is(err, keys.ErrKeyGone) {
		t.Error("a lost key counts as another session's:", err)
	}
	if f, err := h.own(caller(), who.ID).Factors(t.Context(), who.ID); err != nil || f.TOTP {
		t.Error("it counts before its code was typed:", f, err)
	}
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, key.Secret(), 0),
		h.now()); !errors.Is(err, ErrCode) {
		t.Error("it opens before its code was typed:", err)
	}
	_, _, err = ConfirmTOTP(t.Context(), h.mail, h.limiter, caller(), who, session, "000000", h.now())
	if !errors.Is(err, ErrCode) {
		t.Error(err)
	}
	codes, _, err := ConfirmTOTP(t.Context(), h.mail, h.limiter, caller(), who, session, h.shown(t, key.Secret(), 0),
		h.now())
	if err != nil || len(codes) != RecoveryCodes {
		t.Fatal(codes, err)
	}
	if err := BeginTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who.ID, session); !errors.Is(err, ErrTOTPOn) {
		t.Error("a second app takes the place of one in use:", err)
	}
	if l, _ := h.read(who.Email); l.Kind != notify.KindSecondFactorOn {
		t.Error("the owner was not told:", l.Kind)
	}
	var kept []byte
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select secret from directory.totp where account_id = $1",
		who.ID).Scan(&kept); err != nil || bytes.Contains(kept, []byte(key.Secret())) {
		t.Error("the secret lies open:", err)
	}
	if h.audited(t, who.ID, "second-factor-on", "success") != 1 {
		t.Error("not in the audit")
	}
}

func TestA34ACodeIsGoodOnceAndSoAreThoseBeforeIt(t *testing.T) {
	h := open(t)
	who, secret, _ := h.secured(t)
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, secret, 0),
		h.now()); !errors.Is(err, ErrCode) {
		t.Error("the code that confirmed the app opens a session:", err)
	}
	next := h.shown(t, secret, 1)
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, next, h.now()); err != nil {
		t.Fatal("a clock that is half a minute fast:", err)
	}
	for _, code := range []string{next, h.shown(t, secret, 0), h.shown(t, secret, -1)} {
		if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, code, h.now()); !errors.Is(err,
			ErrCode) {
			t.Errorf("%s opens again: %v", code, err)
		}
	}
	h.forward(16 * time.Minute) // five tries a quarter of an hour
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, secret, 2),
		h.now()); !errors.Is(err, ErrCode) {
		t.Error("a code from beyond the skew:", err)
	}
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, secret, 0),
		h.now()); err != nil {
		t.Error("the next one:", err)
	}
}

func TestA34NegativeControlWithoutTheLastStepACodeIsGoodTwice(t *testing.T) {
	h := open(t)
	who, secret, _ := h.secured(t)
	code := h.shown(t, secret, 1)
	for n := range 2 {
		if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, code, h.now()); err != nil {
			t.Fatalf("use %d: %v", n+1, err)
		}
		h.Admin(t, "update directory.totp set last_step = 0 where account_id = $1", who.ID)
	}
}

func TestA34AfterFiveWrongCodesTheRightOneWaits(t *testing.T) {
	h := open(t)
	who, secret, recovery := h.secured(t)
	h.forward(16 * time.Minute)
	for n := range 5 {
		if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, "00000"+string(rune('0'+n)),
			h.now()); !errors.Is(err, ErrCode) {
			t.Fatal(n, err)
		}
	}
	var wait *TooManyError
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, secret, 0),
		h.now()); !errors.As(err, &wait) {
		t.Error("the sixth:", err)
	}
	if _, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, recovery[0], h.now()); !errors.As(err, &wait) {
		t.Error("by a recovery code:", err)
	}
	h.forward(16 * time.Minute)
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, secret, 0),
		h.now()); err != nil {
		t.Error("a quarter of an hour later:", err)
	}
}

func TestARecoveryCodeIsGoodOnceForItsOwnerAsPeopleTypeIt(t *testing.T) {
	h := open(t)
	who, _, recovery := h.secured(t)
	charlie, _, _ := h.secured(t)
	if _, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), charlie, recovery[0], h.now()); !errors.Is(err,
		ErrCode) {
		t.Error("Charlie uses it:", err)
	}
	typed := " " + string(recovery[0][0]+('a'-'A')*b2i(recovery[0][0] >= 'A')) + recovery[0][1:4] + " " + recovery[0][5:]
	if left, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, typed, h.now()); err != nil ||
		left != RecoveryCodes-1 {
		t.Fatal(left, err)
	}
	if _, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, recovery[0], h.now()); !errors.Is(err,
		ErrCode) {
		t.Error("it is good twice:", err)
	}
	if l, _ := h.read(who.Email); l.Kind != notify.KindRecoveryCodeUsed ||
		!strings.Contains(l.Text, "9 of them are left") {
		t.Error("the owner was not told:", l.Kind, l.Code)
	}
	fresh, epoch, err := NewRecoveryCodes(t.Context(), h.mail, caller(), who, h.now())
	if err != nil || epoch != who.SessionEpoch+1 {
		t.Fatal(err, epoch)
	}
	if l, _ := h.read(who.Email); l.Kind != notify.KindRecoveryCodesMade {
		t.Error("the owner was not told of the new ones:", l.Kind)
	}
	if _, _, err := NewRecoveryCodes(t.Context(), h.mail, caller(), who, h.now()); !errors.Is(err, ErrNotFound) {
		t.Error("a request from before all sessions ended makes codes:", err)
	}
	if _, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, recovery[1], h.now()); !errors.Is(err,
		ErrCode) {
		t.Error("an old one is good after new ones were made:", err)
	}
	if left, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, fresh[1], h.now()); err != nil ||
		left != 9 {
		t.Error(left, err)
	}
}

// Whoever knows the password alone makes no codes that pass a second step which is turned on later.
func TestA41CodesFromBeforeThereIsASecondStepPassItNever(t *testing.T) {
	h := open(t)
	who, session := h.person(t, "Maya"), uuid.New()
	if _, _, err := NewRecoveryCodes(t.Context(), h.mail, caller(), who, h.now()); !errors.Is(err, ErrNotFound) {
		t.Error("codes without an app:", err)
	}
	count := func() int {
		return h.Count(t, `select count(*) from directory.recovery_code where account_id = $1`, who.ID)
	}
	if n := count(); n != 0 {
		t.Error("rows without an app:", n)
	}
	planted, hashes := recoveryCodes(h.Keys, who.ID)
	plant := func() {
		h.Admin(t, `insert into directory.recovery_code (account_id, hash) select $1, unnest($2::bytea[])`, who.ID, hashes)
	}
	plant() // as a program from before did
	if err := BeginTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who.ID, session); err != nil {
		t.Fatal(err)
	}
	key, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who, session)
	if err != nil {
		t.Fatal(err)
	}
	code, _ := CodeAt(key.Secret(), h.now())
	if _, _, err := ConfirmTOTP(t.Context(), h.mail, h.limiter, caller(), who, session, code, h.now()); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != RecoveryCodes {
		t.Error("codes after the app was turned on:", n)
	}
	use := func() error {
		_, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, planted[0], h.now())
		return err
	}
	if err := use(); !errors.Is(err, ErrCode) {
		t.Error("a planted code passes the second step:", err)
	}
	plant()
	if err := use(); err != nil {
		t.Error("control, the same code planted afterward:", err)
	}
}

func b2i(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

func TestFactorsArePartOfNobodyElsesRows(t *testing.T) {
	h := open(t)
	who, _, _ := h.secured(t)
	charlie := h.person(t, "Charlie")
	if f, err := h.own(caller(), charlie.ID).Factors(t.Context(), who.ID); err != nil || f.TOTP || f.RecoveryLeft != 0 {
		t.Error("Charlie sees them:", f, err)
	}
	if _, err := h.own(caller(), charlie.ID).RemoveTOTP(t.Context(), 1, h.now(), who.ID); !errors.Is(err, pgx.ErrNoRows) {
		t.Error("Charlie removes them:", err)
	}
	if _, err := RemoveTOTP(t.Context(), h.mail, caller(), who, h.now()); err != nil {
		t.Fatal(err)
	}
	if f, err := h.own(caller(), who.ID).Factors(t.Context(), who.ID); err != nil || f.TOTP || f.RecoveryLeft != 0 {
		t.Error(f, err)
	}
}

func TestThePasswordProvesOnceMoreWhoOneIs(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	if err := CheckPassword(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.ID,
		"not it", false); !errors.Is(err, ErrNoMatch) {
		t.Error(err)
	}
	if err := CheckPassword(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.ID, password,
		false); err != nil {
		t.Error(err)
	}
}

// What a good attempt has done is done, also where its count cannot be taken back.
func TestWhatAGoodCodeHasDoneIsNotHiddenByACountThatStays(t *testing.T) {
	const stays = "identity: a good attempt stays counted"
	h := openAt(t, pgtest.Fresh(t, tenancy.Options{}))
	h.Admin(t, `create function public.stay() returns trigger language plpgsql as
		$$ begin if new.hits < old.hits then raise exception 'it stays'; end if; return new; end $$`)
	h.Admin(t, `create trigger stay before update on directory.throttle for each row execute function public.stay()`)
	who, secret, recovery := h.secured(t)
	if n := h.said.count(stays); n != 1 || len(recovery) != RecoveryCodes {
		t.Fatalf("%d recovery codes, and the log has %d lines", len(recovery), n)
	}
	if err := UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, h.shown(t, secret, 1), h.now()); err != nil {
		t.Error("a right code:", err)
	}
	if left, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, recovery[0], h.now()); err != nil ||
		left != RecoveryCodes-1 {
		t.Error("a recovery code:", left, err)
	}
	if _, err := SignIn(t.Context(), h.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != nil {
		t.Error("a right password:", err)
	}
	if n := h.said.count(stays); n != 4 {
		t.Errorf("%d lines of the log", n)
	}
	reserved, err := reserveSecondStep(t.Context(), h.limiter, caller(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	if reserved.Cancel(t.Context()) == nil {
		t.Error("the control: the count could be taken back")
	}
}
