package identity

import (
	"context"
	"net/url"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// cost is what a request about an address does: its statements, its hashes, and the length of what it seals.
type cost struct {
	work
	kind   string
	sealed int
}

// costOf is what a request does the second time, when its statements have been described.
func (h *harness) costOf(t *testing.T, w *watcher, request func() error) (c cost) {
	t.Helper()
	for range 2 {
		w.work = work{}
		if err := request(); err != nil {
			t.Fatal(err)
		}
	}
	c.work = w.work
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
		`select kind, octet_length(sealed) from outbox.email order by created_at desc, id desc limit 1`).Scan(&c.kind,
		&c.sealed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestA40ARequestAboutAnAddressDoesTheSameWhetherOrNotItHasAnAccount(t *testing.T) {
	h := open(t)
	known, asker := h.person(t, "Maya Okafor").Email, h.person(t, "Theo")
	stranger := address()
	w := h.watch(t)
	for name, request := range map[string]func(email string) error{
		"a new password": func(email string) error {
			return AskReset(t.Context(), h.mail, h.limiter, caller(), email, "/account", h.now())
		},
		"an account": func(email string) error {
			_, err := BeginSignUp(t.Context(), h.mail, h.passwords, h.limiter, caller(),
				NewAccount{"Mallory", email, password, &url.URL{Path: "/sign-in"}}, h.now())
			return err
		},
		"another address": func(email string) error {
			return AskEmailChange(t.Context(), h.mail, h.limiter, caller(), asker.ID, email, h.now())
		},
	} {
		with, without := h.costOf(t, w, func() error { return request(known) }),
			h.costOf(t, w, func() error { return request(stranger) })
		if !reflect.DeepEqual(with, without) {
			t.Errorf("asking for %s: %+v with an account, %+v without", name, with, without)
		}
		if len(with.statements) < 2 || with.sealed == 0 {
			t.Errorf("asking for %s was not listened to: %+v", name, with)
		}
	}
	// The negative control: finding it out in the request shows.
	look := func(email string) []string {
		w.work = work{}
		e := notify.PasswordResetAsked{To: email, Token: []byte(email), At: h.now(), Valid: ResetLife}
		if _, err := ResolveEmail(h.mail.Gateway, h.Keys)(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		return w.statements
	}
	if reflect.DeepEqual(look(known), look(stranger)) {
		t.Error("the control sees no difference: the test proves nothing")
	}
}

func TestAnEmailIsThereWithTheChangeThatItTellsAndWithoutItNot(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	_, before := h.read(who.Email)
	failed := context.Canceled
	err := h.mail.commit(t.Context(), ownScope(h.Gateway, caller(), who.ID), h.now(),
		func(q *shareddb.Queries) (notify.Entry, error) {
			return notify.PasswordChanged{Recipient: recipient(who)}, failed
		})
	if _, n := h.read(who.Email); err != failed || n != before {
		t.Error("a change that failed is told:", err, n-before)
	}
	rang := 0
	h.mail.Notify = func() { rang++ }
	h.Admin(t, `alter table outbox.email add constraint full_up check (kind <> 'second-factor-off') not valid`)
	defer h.Admin(t, `alter table outbox.email drop constraint full_up`)
	secured, _, _ := h.secured(t)
	rang = 0
	if _, err := RemoveTOTP(t.Context(), h.mail, caller(), secured, h.now()); tenancy.Code(err) != "23514" || rang != 0 {
		t.Error("the email could not be queued:", err, rang)
	}
	if has, err := h.own(caller(), secured.ID).Factors(t.Context(), secured.ID); err != nil || !has.TOTP {
		t.Error("the change stands without its email:", has, err)
	}
	if err := h.mail.commit(t.Context(), ownScope(h.Gateway, caller(), secured.ID), h.now(),
		func(*shareddb.Queries) (notify.Entry, error) { return nil, nil }); err != nil || rang != 0 {
		t.Error("a change that tells nobody wakes the worker:", err, rang)
	}
	if err := AskReset(t.Context(), h.mail, h.limiter, caller(), uuid.NewString()+"@example.test", "",
		h.now()); err != nil || rang != 1 {
		t.Error("control:", err, rang)
	}
}
