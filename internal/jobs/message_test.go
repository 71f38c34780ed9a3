package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestABookingBecomesOneMailEvenIfEverythingRunsTwice(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	stop := h.work(t)
	v := h.book(t, 0)
	from := time.Now()
	until(t, "an email is there", func() bool { return len(h.sender.files(t)) > 0 })
	t.Logf("from the confirmed booking to the mail: %v", time.Since(from))
	h.settled(t)
	names := h.sender.files(t)
	if len(names) != 1 || !strings.Contains(names[0], "is-booked--booked-0-"+v.id.String()) {
		t.Fatalf("files %q", names)
	}
	m, err := notify.Mailbox{Dir: h.sender.dir}.Read(strings.TrimSuffix(names[0], ".eml"))
	if err != nil {
		t.Fatal(err)
	}
	zone, _ := time.LoadLocation("America/New_York")
	local := v.start.In(zone).Format("Monday 2 January, 3:04 pm")
	for _, want := range []string{local, "Test clinic", "1 Test St", "Free to cancel or move until",
		"https://kindward.example/bookings/" + v.id.String(), "Answer the questions before your visit:\n" +
			"https://kindward.example/bookings/" + v.id.String() + "/intake\n"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, m.Text)
		}
	}
	for _, word := range []string{"Skin", "C09", "photo ID", "allerg"} { // reason, code, preparation, a question
		if strings.Contains(m.Text+m.Subject+m.Files[0].Text, word) {
			t.Errorf("the mail gives away %q", word)
		}
	}
	if len(m.Files) != 1 || !strings.Contains(m.Files[0].Text, "METHOD:REQUEST") ||
		!strings.Contains(m.Files[0].Text, "SEQUENCE:0") ||
		!strings.Contains(m.Files[0].Text, "DTSTART:"+v.start.UTC().Format("20060102T150405Z")) {
		t.Errorf("calendar entry: %+v", m.Files)
	}

	stop()
	h.Admin(t, `update outbox.cursor set xid = '0', seq = 0`) // the relay begins again
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0`)
	h.work(t) // and so does each job
	h.settled(t)
	if got := h.states(t); got["completed"] != 2 {
		t.Fatalf("jobs: %v", got)
	}
	if h.sender.total != 1 || len(h.sender.files(t)) != 1 {
		t.Fatalf("%d sends, files %q", h.sender.total, h.sender.files(t))
	}
	// The negative control: without the row that remembers, the very same job sends again.
	h.clinic.SQL(t, `delete from message`)
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0`)
	h.settled(t)
	if h.sender.total == 1 {
		t.Fatal("the second run did not try: this test proves nothing")
	}
	read := pgtest.Value[int](t, h.clinic,
		`select count(*) from audit.event where purpose = 'message' and resource_id = $1 and actor is null and tenant_id = $2`, v.id, h.clinic.ID)
	if read != h.sender.total {
		t.Errorf("%d audit events of the looks at the appointment", read)
	}
}

func TestAMoveAndACancellationChangeTheSameCalendarEntry(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{}, func(c *pgtest.Clinic) { c.Cutoff = 0 })
	h.work(t)
	v := h.book(t, 0)
	h.settled(t)
	h.move(t, v, time.Hour)
	h.settled(t)
	h.move(t, v, time.Hour)
	h.settled(t)
	h.cancel(t, v)
	h.settled(t)
	list, err := notify.Mailbox{Dir: h.sender.dir}.List(10)
	if err != nil || len(list) != 4 {
		t.Fatalf("%d mails, %v", len(list), err)
	}
	var told []string
	for _, short := range list {
		m, err := notify.Mailbox{Dir: h.sender.dir}.Read(short.ID)
		if err != nil || len(m.Files) != 1 {
			t.Fatal(err)
		}
		var line []string
		for _, prefix := range []string{"METHOD:", "SEQUENCE:", "STATUS:", "UID:"} {
			for l := range strings.SplitSeq(m.Files[0].Text, "\n") {
				if strings.HasPrefix(l, prefix) {
					line = append(line, l)
				}
			}
		}
		told = append(told, strings.Join(line, " "))
	}
	slices.SortFunc(told, func(a, b string) int {
		return strings.Compare(a[strings.Index(a, "SEQ"):], b[strings.Index(b, "SEQ"):])
	})
	for n, want := range []string{"METHOD:REQUEST SEQUENCE:0 STATUS:CONFIRMED",
		"METHOD:REQUEST SEQUENCE:1 STATUS:CONFIRMED",
		"METHOD:REQUEST SEQUENCE:2 STATUS:CONFIRMED", "METHOD:CANCEL SEQUENCE:3 STATUS:CANCELLED"} {
		if told[n] != want+" UID:"+v.id.String() {
			t.Errorf("mail %d says %s, want %s", n, told[n], want)
		}
	}
}

func TestWhatIsNoLongerTrueIsNotSaid(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{}, func(c *pgtest.Clinic) { c.Cutoff = 0 })
	moved, cancelled := h.book(t, 0), h.book(t, 20)
	h.move(t, moved, time.Hour)
	h.cancel(t, cancelled)
	h.work(t) // the worker was away until now
	h.settled(t)
	var got []string
	for id := range h.sender.sends {
		got = append(got, id)
	}
	slices.Sort(got)
	want := []string{"cancelled-1-" + cancelled.id.String(), "moved-1-" + moved.id.String()}
	if !slices.Equal(got, want) {
		t.Fatalf("sent %q, want %q", got, want)
	}
	if got := h.states(t); got["completed"] != 4 { // the two that had nothing to say any more ran as well
		t.Fatalf("jobs %v", got)
	}
}

func TestAVisitThatIsOverIsNotAnnounced(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	v := h.book(t, 0)
	h.deps.Now = func() time.Time { return v.start.Add(time.Minute) }
	h.work(t)
	h.settled(t)
	if h.sender.total != 0 {
		t.Fatal("sent")
	}
}

func TestAWorkerThatDiesAfterSendingLeavesOneMail(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.sender.after = func(n int) error {
		if n == 1 {
			panic("killed between sending and writing it down")
		}
		return nil
	}
	h.work(t)
	h.book(t, 0)
	h.settled(t)
	if h.sender.total != 2 || len(h.sender.files(t)) != 1 {
		t.Fatalf("%d sends, files %q", h.sender.total, h.sender.files(t))
	}
}

func TestAMailServerThatIsDownIsAskedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.sender.before = func(n int) error {
		if n < 3 {
			return errors.New("the mail server cannot be reached")
		}
		return nil
	}
	h.work(t)
	h.book(t, 0)
	h.settled(t)
	if len(h.sender.files(t)) != 1 || h.sender.total != 3 {
		t.Fatalf("%d sends, files %q", h.sender.total, h.sender.files(t))
	}
}

func TestARefusedAddressIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.sender.before = func(n int) error {
		if n == 1 {
			return fmt.Errorf("%w: the mail server says 550", notify.ErrRefused)
		}
		return nil
	}
	h.work(t)
	h.book(t, 0)
	h.settled(t)
	h.book(t, 20)
	h.settled(t)
	if got := h.states(t); got["cancelled"] != 1 || got["completed"] != 1 || h.sender.total != 2 {
		t.Fatalf("jobs %v, %d sends", got, h.sender.total)
	}
}

func TestTwoWorkersSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.deps.lease = 8 * time.Second // the second job of each message waits for as long
	h.work(t)
	other := *h
	other.work(t)
	for n := range 30 {
		h.book(t, n)
	}
	for end := time.Now().Add(longestWait); len(h.states(t)) == 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond) // until a job is there that there can be twice
	}
	h.Admin(t, `update outbox.cursor set xid = '0', seq = 0`) // every job twice, beside the first
	h.settled(t)
	if len(h.sender.files(t)) != 30 || h.sender.total != 30 {
		t.Fatalf("%d sends, %d files", h.sender.total, len(h.sender.files(t)))
	}
	if got := h.states(t); got["completed"] <= 30 {
		t.Fatalf("no job ran twice, this test proves nothing: %v", got)
	}
}

func TestWorkersKilledAgainAndAgainLoseNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.sender.before = func(int) error { time.Sleep(30 * time.Millisecond); return nil }
	for n := range 24 {
		h.book(t, n)
	}
	kills := 0
	for ; kills < 12; kills++ {
		end, err := Start(t.Context(), h.deps)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+30*kills) * time.Millisecond)
		now, cancel := context.WithCancel(context.Background())
		cancel()
		_ = end(now) // no patience: what is under way is taken away
	}
	h.Admin(t, `update river.river_job set state = 'available', attempt = 0, finalized_at = null where state in ('running', 'retryable', 'discarded')`)
	h.work(t)
	h.settled(t)
	if n := len(h.sender.files(t)); n != 24 {
		t.Fatalf("%d mails of 24 after %d kills", n, kills)
	}
	t.Logf("24 mails after %d kills, %d sends", kills, h.sender.total)
}

func TestAMessageRefusedAfterWaitingIsMadeAnewForADayAfterItsEvent(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	stop := h.work(t)
	inTime, late := h.book(t, 0), h.book(t, 20)
	h.settled(t)
	stop()
	h.clinic.SQL(t, `delete from message`) // as if nothing had been sent, in jobs whose scopes have run out
	h.Admin(t, `update river.river_job set state = 'available', finalized_at = null, attempt = 0,
		created_at = now() - interval '10 minutes', args = jsonb_set(args, '{scope}', '"of the past"')`)
	for v, age := range map[*visit]time.Duration{inTime: 24*time.Hour - 5*time.Minute,
		late: 24*time.Hour + 5*time.Minute} {
		h.Admin(t, `update outbox.event set at = now() - make_interval(secs => $2) where subject_id = $1`, v.id,
			age.Seconds())
	}
	h.sender.sends = map[string]int{}
	h.work(t)
	h.settled(t)
	if len(h.sender.sends) != 1 || h.sender.sends["booked-0-"+inTime.id.String()] != 1 {
		t.Errorf("sent %v, not the one whose event is younger than a day", h.sender.sends)
	}
	if got := h.states(t); got["cancelled"] != 2 || got["completed"] != 1 {
		t.Errorf("jobs %v, not two refused and one made anew", got)
	}
}

func Test34WhoHasAnsweredIsNotAskedAgainByEmail(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	v, answered := h.book(t, 0), h.book(t, 1)
	h.clinic.SQL(t, `insert into intake_answer (appointment_id, sequence, form_version, answers, complete, account_id)
		values ($1, 1, 1, '{"reason": "a canary"}', true, $2)`, answered.id, answered.account)
	h.work(t)
	until(t, "both emails are there", func() bool { return len(h.sender.files(t)) == 2 })
	for _, name := range h.sender.files(t) {
		m, err := notify.Mailbox{Dir: h.sender.dir}.Read(strings.TrimSuffix(name, ".eml"))
		if err != nil {
			t.Fatal(err)
		}
		asks := strings.Contains(m.Text, "/intake")
		if open := strings.Contains(name, v.id.String()); asks != open || strings.Contains(m.Text, "canary") {
			t.Errorf("%s asks: %t\n%s", name, asks, m.Text)
		}
	}
}

func TestWhoHasNoAccountIsToldWhomToCallAndGetsNoLink(t *testing.T) {
	t.Parallel()
	h := newHarness(t, tenancy.Options{})
	h.clinic.SQL(t, `update location set phone = '401-555-0142'`)
	v := h.book(t, 0)
	h.clinic.SQL(t, `update appointment set account_id = null where id = $1`, v.id)
	h.work(t)
	h.settled(t)
	names := h.sender.files(t)
	if len(names) != 1 {
		t.Fatalf("files %q", names)
	}
	m, err := notify.Mailbox{Dir: h.sender.dir}.Read(strings.TrimSuffix(names[0], ".eml"))
	if err != nil || len(m.Files) != 1 {
		t.Fatal(err)
	}
	const call = "To move or cancel it, or to ask what to bring, call Test clinic: 401-555-0142."
	if !strings.Contains(m.Text, call) || !strings.Contains(m.Text, "Your reference: KW-") {
		t.Error(m.Text)
	}
	for _, s := range []string{m.Text, m.Files[0].Text} {
		if strings.Contains(s, "/bookings/") || strings.Contains(s, "on that page") || strings.Contains(s, "Free to cancel") {
			t.Error("it leads to a page that they cannot open:", s)
		}
	}
}
