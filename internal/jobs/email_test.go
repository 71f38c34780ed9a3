package jobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/events"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// queue puts an entry into a transaction of its own, as a request does.
func (h *harness) queue(t testing.TB, e notify.Entry) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	if err := notify.Enqueue(t.Context(), h.Gateway.Identity(h.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{})), h.Keys,
		id, time.Now(), e); err != nil {
		t.Fatal(err)
	}
	return id
}

func to(n int) notify.Recipient {
	return notify.Recipient{To: fmt.Sprintf("maya-%d@example.test", n), Name: "Maya Okafor"}
}

// rows is what a query over the emails gives, as text.
func (h *harness) rows(t testing.TB, sql string, args ...any) string {
	t.Helper()
	return pgtest.One[string](t, h.DB, sql, args...)
}

func (h *harness) outcomes(t testing.TB) string {
	t.Helper()
	return h.rows(t, `select coalesce(string_agg(what, ', '), '') from (select coalesce(outcome, 'open') || ' ' || count(*) as what from outbox.email group by outcome order by 1) x`)
}

// emails is the worker's side without a queue, for tests of one sending.
func (h *harness) emails() Emails {
	return Emails{Queries: h.deps.Outbox.Queries(), Keys: h.Keys, Sender: h.sender, Composer: h.deps.Composer,
		Resolve: h.deps.Resolve, Log: h.deps.Log, Now: time.Now, Lease: time.Second}
}

func TestAnEmailThatWasCommittedIsSentOnceByAWorkerThatStartsLater(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	id := h.queue(t, notify.PasswordChanged{Recipient: to(1)})
	broken := errors.New("the change failed")
	err := h.Gateway.WithinIdentity(t.Context(), h.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{}),
		func(q *shareddb.Queries) error {
			return errors.Join(notify.Enqueue(t.Context(), q, h.Keys, uuid.New(), time.Now(),
				notify.PasswordChanged{Recipient: to(2)}), broken)
		})
	if !errors.Is(err, broken) || h.outcomes(t) != "open 1" {
		t.Fatal("what was taken back is queued:", err, h.outcomes(t))
	}
	h.Gateway.Close() // the web process is gone; nothing of it is left but the commit
	outside, err := tenancy.Open(t.Context(), h.AppURL(), h.Keys, tenancy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(outside.Close)
	h.deps.Gateway = outside
	stop := h.work(t)
	h.settled(t)
	stop()
	h.Admin(t, `update outbox.cursor set xid = '0', seq = 0`) // and everything again
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0`)
	h.work(t)
	h.settled(t)
	if names := h.sender.files(t); len(names) != 1 || h.sender.total != 1 ||
		!strings.Contains(names[0], "your-password-for-kindward-was-changed--password-changed-"+id.String()) {
		t.Fatalf("%d sends, files %q", h.sender.total, names)
	}
	if got := h.rows(t, `select outcome || ' ' || receipt || ' ' || attempts || ' ' || (sealed is null) || ' ' || (sent_at is not null) from outbox.email`); got != "sent password-changed-"+id.String()+" 1 true true" {
		t.Error(got)
	}
	// The negative control: without the row that remembers, the very same job sends again.
	h.Admin(t, `update outbox.email set outcome = null, receipt = null, sent_at = null, sealed = 'x'`)
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0`)
	h.settled(t)
	if h.outcomes(t) != "unreadable 1" {
		t.Error("the second run did not try: this test proves nothing", h.outcomes(t))
	}
}

func TestHundredsOfQueuedEmailsAreAllSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	const many = 300 // many fetches of the queue
	for n := range many {
		h.queue(t, notify.PasskeyAdded{Recipient: to(n)})
	}
	h.work(t)
	h.settled(t)
	if len(h.sender.files(t)) != many || h.sender.total != many || h.outcomes(t) != "sent 300" {
		t.Fatalf("%d files, %d sends, %s", len(h.sender.files(t)), h.sender.total, h.outcomes(t))
	}
}

func TestTheCodeOfAnAccountDoesNotWaitForTheMessagesOfAppointments(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	for n := range 2*workers + 1 { // more than a worker takes at once
		h.book(t, n)
	}
	h.queue(t, notify.SecondFactorOff{Recipient: to(1)})
	h.work(t)
	h.settled(t)
	before := pgtest.One[int](t, h.DB, `select count(*)::int from river.river_job m, river.river_job e
		where m.kind = 'message.send' and e.kind = 'email.send'
			and m.attempted_at >= e.created_at and m.attempted_at < e.attempted_at`)
	all := pgtest.One[int](t, h.DB, `select count(*)::int from river.river_job where kind = 'message.send'`)
	if all <= 2*workers || before > workers {
		t.Errorf("%d of %d messages were begun while the email of an account waited", before, all)
	}
}

func TestTwoWorkersNeverSendOneEmailAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	entered, leave := make(chan bool), make(chan bool)
	var once sync.Once
	h.sender.before = func(int) error {
		once.Do(func() { close(entered); <-leave })
		return nil
	}
	id, m := h.queue(t, notify.SecondFactorOff{Recipient: to(1)}), h.emails()
	m.Lease = time.Hour
	first := make(chan error)
	go func() { first <- m.Send(context.Background(), id) }()
	<-entered
	err := m.Send(t.Context(), id)
	leased, ok := errors.AsType[*LeasedError](err)
	if !ok || leased.For < 30*time.Minute {
		t.Error("a second worker was let in:", err)
	}
	close(leave)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := m.Send(t.Context(), id); err != nil || h.sender.total != 1 {
		t.Errorf("%d sends, %v", h.sender.total, err)
	}
	if err := m.Send(t.Context(), uuid.New()); err != nil {
		t.Error("one that is none:", err)
	}
	// The negative control: with a lease that has run out the same two send twice.
	id, m.Lease = h.queue(t, notify.SecondFactorOff{Recipient: to(2)}), time.Nanosecond
	h.sender.before = func(n int) error {
		if n == 2 {
			return m.Send(t.Context(), id)
		}
		return nil
	}
	if err := m.Send(t.Context(), id); err != nil || h.sender.total != 3 || len(h.sender.files(t)) != 2 {
		t.Errorf("control: %d sends, %q, %v", h.sender.total, h.sender.files(t), err)
	}
}

func TestAWorkerThatDiesAfterSendingAnEmailLeavesOneFile(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.sender.after = func(n int) error {
		if n == 1 {
			panic("killed between sending and writing it down")
		}
		return nil
	}
	h.work(t)
	h.queue(t, notify.PasswordReset{Recipient: to(1), Token: "abc", Valid: time.Minute})
	h.deps.Outbox.Notify()
	h.settled(t)
	if h.sender.total != 2 || len(h.sender.files(t)) != 1 || len(h.sender.sends) != 1 {
		t.Fatalf("%d sends of %v, files %q", h.sender.total, h.sender.sends, h.sender.files(t))
	}
}

func TestAnEmailIsTriedUntilTheMailServerIsBackAndGivenUpWhenItIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.sender.before = func(n int) error {
		switch {
		case n < 3:
			return errors.New("the mail server cannot be reached")
		case n == 4:
			return fmt.Errorf("%w: the mail server says 550", notify.ErrRefused)
		}
		return nil
	}
	h.work(t)
	h.queue(t, notify.PasswordChanged{Recipient: to(1)})
	h.settled(t)
	if got := h.rows(t, `select outcome || ' ' || attempts || ' ' || failure from outbox.email`); got != "sent 3 unavailable" {
		t.Error(got)
	}
	h.queue(t, notify.PasswordChanged{Recipient: to(2)})
	h.settled(t)
	if h.outcomes(t) != "refused 1, sent 1" || h.sender.total != 4 {
		t.Errorf("%s after %d sends", h.outcomes(t), h.sender.total)
	}
	if n := h.rows(t, `select count(*)::text from river.river_job where kind = 'email.send' and max_attempts = 400`); n != "2" {
		t.Errorf("%s jobs are tried for a day", n)
	}
	if job := h.rows(t, `select coalesce(string_agg(args::text || coalesce(errors::text, ''), ' '), '') from river.river_job`); strings.Contains(job, "example.test") {
		t.Error("a job names a person:", job)
	}
}

func TestWhatAnEmailSaysIsSealedUntilItIsSentAndGoneAfterwards(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	secret := notify.SignUpCode{Recipient: to(1), Code: "918273", Valid: 20 * time.Minute}
	id := h.queue(t, secret)
	row := h.rows(t, `select x::text || encode(x.sealed, 'escape') || (select string_agg(e::text, ' ') from outbox.event e) from outbox.email x`)
	for _, word := range []string{"maya-1", "Maya", "918273"} {
		if strings.Contains(row, word) {
			t.Errorf("the row says %q", word)
		}
	}
	var sealed []byte
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
		`select sealed from outbox.email`).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	if e, err := notify.Open(h.Keys, id, notify.KindSignUpCode, sealed); err != nil || e != notify.Entry(secret) {
		t.Error("control: it does not open:", e, err)
	}
	if _, err := notify.Open(h.Keys, id, notify.KindSignUpCode,
		append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1)); err == nil {
		t.Error("a changed row opens")
	}
	for kind, outcome := range map[string]string{"newsletter": "unreadable", "passkey-added": "unreadable",
		"sign-up-code": "sent"} {
		h.Admin(t, `insert into outbox.email (id, kind, sealed, expires_at) values ($1, $2, $3, now() + interval '1 hour') on conflict (id) do update set
			kind = excluded.kind, sealed = excluded.sealed, outcome = null, receipt = null, sent_at = null, leased_until = '-infinity'`, id, kind, sealed)
		err := h.emails().Send(t.Context(), id)
		if got := h.rows(t, `select outcome || ' ' || (sealed is null) from outbox.email`); got != outcome+" true" ||
			(err == nil) != (outcome == "sent") {
			t.Errorf("%s: %s, %v", kind, got, err)
		}
	}
	if h.sender.total != 1 {
		t.Errorf("%d sends", h.sender.total)
	}
}

func TestAnEmailWhoseTimeIsOverIsWipedAndOldRowsGo(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	late, swept := h.queue(t, notify.SignUpCode{Recipient: to(1), Code: "123456", Valid: time.Minute}),
		h.queue(t, notify.PasswordReset{Recipient: to(2), Token: "abc"})
	waits := h.queue(t, notify.PasswordChanged{Recipient: to(3)})
	h.Admin(t, `update outbox.email set expires_at = now() - interval '1 second' where id <> $1`, waits)
	if err := h.emails().Send(t.Context(), late); err != nil || h.sender.total != 0 {
		t.Error("it was sent after its time:", err)
	}
	h.Admin(t, `insert into outbox.email (id, kind, outcome, expires_at, created_at) values (gen_random_uuid(), 'old', 'nobody', now(), now() - interval '31 days')`)
	if err := SweepEmails(t.Context(), h.deps.Outbox.Queries(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := h.outcomes(t); got != "expired 2, open 1" {
		t.Error(got)
	}
	if got := h.rows(t, `select outcome || ' ' || (sealed is null) from outbox.email where id = $1`,
		swept); got != "expired true" {
		t.Error(got)
	}
}

func TestWhetherAnAddressHasAnAccountIsFoundOutByTheWorker(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	known := "known@example.test"
	h.Admin(t, `update directory.account set email = $1 where id = $2`, known, h.Account(t, "Maya Okafor"))
	h.Admin(t, `insert into directory.password (account_id, hash) select id, 'x' from directory.account where email = $1 on conflict do nothing`, known)
	asks := []notify.Entry{}
	for _, address := range []string{known, "nobody@example.test"} {
		asks = append(asks, notify.PasswordResetAsked{To: address, Token: []byte(address), At: time.Now(), Valid: time.Hour},
			notify.SignUpAsked{Recipient: notify.Recipient{To: address}, Code: "123456", Valid: time.Hour},
			notify.EmailChangeAsked{To: address, Account: h.Account(t, "Theo"), Token: []byte("change " + address),
				At: time.Now(), Valid: time.Hour})
	}
	h.work(t)
	for _, e := range asks {
		h.queue(t, e)
	}
	h.settled(t)
	if got := h.outcomes(t); got != "nobody 1, sent 5" {
		t.Error(got)
	}
	if got := h.rows(t, `select string_agg(regexp_replace(receipt, '-[0-9a-f]{8}-.*', ''), ' ' order by receipt) from outbox.email where outcome = 'sent'`); got != "email-change email-taken have-account password-reset sign-up-code" {
		t.Error(got)
	}
	if got := h.rows(t, `select (select count(*) from directory.password_reset) || ' ' || (select count(*) from directory.email_change)`); got != "1 1" {
		t.Error("hashes of tokens that are kept:", got)
	}
}

func TestEmailsOfAppointmentsAndAccountsGoThroughOneConsumer(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.book(t, 0)
	h.queue(t, notify.PasswordChanged{Recipient: to(1)})
	h.work(t)
	h.settled(t)
	if got := h.rows(t, `select string_agg(kind, ' ' order by kind) from river.river_job where queue = 'default'`); got != "email.send message.send" || len(h.sender.files(t)) != 2 {
		t.Error(got, h.sender.files(t))
	}
	if n := pgtest.Value[int](t, h.clinic, `select count(*) from outbox.event where kind = $1 and tenant_id is null`,
		events.EmailQueued); n != 1 {
		t.Error("the email's event belongs to an organization, or is none:", n)
	}
}
