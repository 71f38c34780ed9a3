package identity

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// back is what SQL sets back so that an account's sessions and links would be as they were before they ended.
func (h *harness) back(t *testing.T, who Account) {
	t.Helper()
	h.Admin(t, `update directory.account set session_epoch = $1, disabled_at = null where id = $2`, who.SessionEpoch, who.ID)
	h.Admin(t, `update directory.session set revoked_at = null where account_id = $1`, who.ID)
	h.Admin(t, `update directory.password_reset set used_at = null where account_id = $1`, who.ID)
	h.Admin(t, `update directory.email_change set used_at = null where account_id = $1`, who.ID)
}

func TestA42WhatHasEndedIsNotOpenedAgainBySettingBackWhyItEnded(t *testing.T) {
	h := openAt(t, pgtest.Fresh(t, tenancy.Options{}))
	store := &SessionStore{Gateway: h.Gateway, Keys: h.Keys, Now: h.now, Log: slog.New(slog.DiscardHandler)}
	linksStay := map[string]int{"signed out everywhere": 2, "one device signed out": 2}
	for name, end := range map[string]func(who Account, reset string) error{
		"signed out everywhere": func(who Account, _ string) error {
			return h.own(caller(), who.ID).EndSessions(t.Context(), who.ID)
		},
		"one device signed out": func(who Account, _ string) error {
			_, err := h.own(caller(), who.ID).EndSession(t.Context(), h.now(),
				pgtest.One[uuid.UUID](t, h.DB, `select id from directory.session where account_id = $1`, who.ID))
			return err
		},
		"a new password": func(_ Account, reset string) error {
			_, err := UseReset(t.Context(), h.mail, h.passwords, caller(), reset, "a password of eight", h.now())
			return err
		},
		"disabled": func(who Account, _ string) error {
			h.Admin(t, `update directory.account set disabled_at = now() where id = $1`, who.ID)
			h.Admin(t, `select directory.end_sessions_and_links($1, null, now())`, who.ID)
			return nil
		},
		"restored from a backup": func(Account, string) error {
			conn, err := pgx.Connect(t.Context(), h.AdminURL())
			if err != nil {
				return err
			}
			defer conn.Close(t.Context())
			return EndAll(t.Context(), conn)
		},
		"control: only the epoch went on": func(who Account, _ string) error {
			h.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, who.ID)
			for _, links := range []string{"password_reset", "email_change"} {
				h.Admin(t, fmt.Sprintf(`alter table directory.%s drop constraint %[1]s_ended`, links))
				h.Admin(t, fmt.Sprintf(`update directory.%s set used_at = now() where account_id = $1`, links), who.ID)
			}
			return nil
		},
	} {
		who, token := h.person(t, "Maya Okafor"), uuid.NewString()
		data := fmt.Sprintf(`{"account":"%s","epoch":%d}`, who.ID, who.SessionEpoch)
		if err := store.CommitCtx(t.Context(), token, []byte(data), h.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		change := h.asks(t, who, address())
		reset, _ := h.link(t, who, "")
		// a request that has read the session, and writes it after the end
		var under LoadedSession
		underWay := Carry(t.Context(), &under)
		opens := func() (n int) {
			_, session, err := store.FindCtx(t.Context(), token)
			_, resets := ResetPending(t.Context(), h.mail, reset, h.now())
			_, changes := EmailChangePending(t.Context(), h.mail, h.own(caller(), who.ID), change, h.now())
			if err != nil || resets != nil && !errors.Is(resets, ErrRunOut) ||
				changes != nil && !errors.Is(changes, ErrRunOut) {
				t.Fatal(err, resets, changes)
			}
			for _, open := range []bool{session, resets == nil, changes == nil} {
				if open {
					n++
				}
			}
			return n
		}
		if _, found, err := store.FindCtx(underWay, token); err != nil || !found || opens() != 3 {
			t.Fatal(name, "not open before:", found, err, opens())
		}
		control := name == "control: only the epoch went on"
		if err := end(who, reset); err != nil {
			t.Fatal(name, err)
		}
		if n := opens(); n != linksStay[name] && !control || n > 2 {
			t.Fatalf("%s: %d are open after the end", name, n)
		}
		err := store.CommitCtx(underWay, token, []byte(data), h.now().Add(time.Hour))
		if err != nil || under.Lost == control {
			t.Error(name, "a request that was under way, lost:", under.Lost, err)
		}
		h.back(t, who)
		want := linksStay[name]
		if control {
			want = 3
		}
		if n := opens(); n != want {
			t.Errorf("%s: %d are open, not %d", name, n, want)
		}
	}
}

func TestA42NothingEndsAndKeepsItsMAC(t *testing.T) {
	h := open(t)
	who, clinic := h.person(t, "Maya Okafor"), h.Clinic(t)
	conn := h.Connect(t, h.AdminURL())
	for _, c := range []struct{ table, row, ends string }{
		{"session", `(token, account_id, data, expires_at, mac) values ($2, $1, '{}', now(), $3)`, "revoked_at"},
		{"password_reset", `(token_hash, account_id, expires_at, mac) values (convert_to($2, 'UTF8'), $1, now(), $3)`,
			"used_at"},
		{"email_change", `(token_hash, account_id, email, expires_at, mac)
			values (convert_to($2, 'UTF8'), $1, $2 || '@example.test', now(), $3)`, "used_at"},
		{"api_key", `(id, tenant_id, name, hash, scopes, created_by, created_at, expires_at, mac) values (left($2, 12), '` +
			clinic.ID.String() + `', $2, '', '{slots.read}', $1, now(), now(), $3)`, "revoked_at"},
	} {
		mark := uuid.NewString()
		h.Admin(t, "insert into directory."+c.table+" "+c.row, who.ID, mark, []byte(mark))
		end := "update directory." + c.table + " set " + c.ends + " = now()"
		if _, err := conn.Exec(t.Context(), end+" where mac = $1", []byte(mark)); tenancy.Code(err) != "23514" {
			t.Errorf("%s: it ends with its MAC: %v", c.table, err)
		}
		tag, err := conn.Exec(t.Context(), end+", mac = '' where mac = $1", []byte(mark))
		if err != nil || tag.RowsAffected() != 1 {
			t.Errorf("%s: the control: without one: %v", c.table, err)
		}
	}
}

func TestA44WhoeverHasThePasswordKeepsNobodyFromTurningASecondStepOn(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	h.see(t, who, "Maya's laptop", firefox)
	if err := BeginTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who.ID, session); err != nil {
		t.Fatal(err)
	}
	key, err := PendingTOTP(t.Context(), h.own(caller(), who.ID), h.Keys, who, session)
	if err != nil {
		t.Fatal(err)
	}
	confirm := func(by tenancy.Caller, b Browser, code string) error {
		limiter := h.limiter
		limiter.Browser = b
		_, _, err := ConfirmTOTP(t.Context(), h.mail, limiter, by, who, session, code, h.now())
		return err
	}
	judged := func(by func() tenancy.Caller) (n int) {
		for range 20 {
			if errors.Is(confirm(by(), Browser{}, "000000"), ErrCode) {
				n++
			}
		}
		return n
	}
	thief := caller()
	if n := judged(func() tenancy.Caller { return thief }); n != secondStepHere.Attempts {
		t.Errorf("one network guesses %d times", n)
	}
	if n := judged(caller); n != secondSteps.Attempts-secondStepHere.Attempts {
		t.Errorf("all others guess %d times", n)
	}
	if err := confirm(caller(), Browser{}, h.shown(t, key.Secret(), 0)); !many(err) {
		t.Error("control: from no browser:", err)
	}
	laptop := Browser{ID: []byte("Maya's laptop")}
	if err := confirm(caller(), laptop, h.shown(t, key.Secret(), 0)); err != nil {
		t.Error("from a browser that the account knows:", err)
	}
	// a good one is taken back: as many wrong ones as before are judged
	guesses := 0
	for range 20 {
		if errors.Is(UseTOTP(t.Context(), AttemptLimiter{Gateway: h.Gateway, Keys: h.Keys, Now: h.limiter.Now,
			Browser: laptop, Log: h.limiter.Log}, h.Keys, caller(), who.ID, "000000", h.now()), ErrCode) {
			guesses++
		}
	}
	if guesses != secondStepKnown.Attempts {
		t.Errorf("after one that was good a known browser guesses %d times", guesses)
	}
}
