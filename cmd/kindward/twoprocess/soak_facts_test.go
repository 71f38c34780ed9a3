package twoprocess_test

import (
	"context"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/booking"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/sitetest"
)

// settle waits until all that follows from what was done has followed: every last state of an appointment is told. A
// worker that was killed left some of it to the queue, which takes it up after minutes.
func (s *soak) settle() {
	s.await("the servers are ready in the end", func() bool {
		return s.webs[0].ready.ok.Load() && s.webs[1].ready.ok.Load()
	})
	untold := func() (n int) {
		f := s.facts()
		for id, k := range f.kept {
			told := k.status == booking.StatusBooked || k.status == booking.StatusCancelled
			if told && f.mails[mailed{id, k.sequence}] == 0 {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(5 * time.Minute); untold() > 0 && time.Now().Before(end); {
		s.pause(time.Second)
	}
	s.pause(2 * time.Second) // what would be told twice
	for _, w := range s.webs {
		w.ignore()
	}
}

// verifyAudit has an operator's command compare the audit with its seals, and with what the processes have written down
// outside of the database: whatever was killed, what was committed is there and as it was.
func (s *soak) verifyAudit() {
	out, err := sitetest.Command(s.t, s.place(), "audit", "verify").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Events that witnesses have: ") {
		s.find("the audit: %v: %s", err, out)
	}
	s.t.Logf("%s", out)
}

// facts reads what there is.
func (s *soak) facts() (f *facts) {
	s.asAdmin(func(ctx context.Context, conn *pgx.Conn) (err error) {
		f, err = s.read(ctx, conn)
		return err
	})
	s.readMail(f)
	return f
}

func (s *soak) read(ctx context.Context, conn *pgx.Conn) (*facts, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(ctx)
	return s.readIn(ctx, tx)
}

func (s *soak) readIn(ctx context.Context, tx pgx.Tx) (*facts, error) {
	f := &facts{zone: map[string]*time.Location{}, all: s.load.all, happened: map[uuid.UUID][]happened{},
		kept: map[uuid.UUID]kept{}, mails: map[mailed]int{}}
	for _, c := range s.load.clinics {
		f.zone[c.Slug] = s.zone(c)
		if err := f.readClinic(ctx, tx, c); err != nil {
			return nil, err
		}
	}
	if err := f.readEvents(ctx, tx); err != nil {
		return nil, err
	}
	return f, f.readAudit(ctx, tx)
}

func (f *facts) readClinic(ctx context.Context, tx pgx.Tx, c *pgtest.Clinic) error {
	if _, err := tx.Exec(ctx, "set local search_path = "+c.Schema); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select a.id, a.status, a.starts_at, a.sequence, coalesce(a.account_id, $1),
			coalesce(i.starts_at, 'epoch'),
			(select count(*) from claim c where c.appointment_id = a.id and c.state in ('held', 'booked')
				and c.starts_at = a.starts_at and c.ends_at = a.ends_at),
			(select count(*) from claim c join market.busy b on b.id = c.id where c.appointment_id = a.id
				and b.starts_at = c.starts_at and b.ends_at = c.ends_at)
		from appointment a left join market.appointment_index i on i.appointment_id = a.id`, uuid.Nil)
	if err != nil {
		return err
	}
	for rows.Next() {
		var id uuid.UUID
		k := kept{clinic: c.Slug, audited: map[string]int{}}
		if err := rows.Scan(&id, &k.status, &k.start, &k.sequence, &k.account, &k.indexed, &k.living,
			&k.shadows); err != nil {
			return err
		}
		f.kept[id] = k
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows, err = tx.Query(ctx, `select appointment_id, resource_id, starts_at, ends_at from claim
		where state in ('held', 'booked')`)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (k taken, err error) {
		return k, row.Scan(&k.appointment, &k.resource, &k.start, &k.end)
	})
	f.taken = append(f.taken, all...)
	return err
}

func (f *facts) readAudit(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `select resource_id, action, count(*) from audit.event where outcome = 'success'
		and resource = 'Appointment' and action in ('book', 'move', 'cancel') group by 1, 2`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var id uuid.UUID
		var action string
		var n int
		if err := rows.Scan(&id, &action, &n); err != nil {
			return err
		}
		if k, there := f.kept[id]; there {
			k.audited[action] = n
		}
	}
	return rows.Err()
}

func (f *facts) readEvents(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `select seq, kind, at, subject_id, data from outbox.event where kind like 'appointment.%'
		order by seq`)
	if err != nil {
		return err
	}
	for rows.Next() {
		var h happened
		var raw []byte
		var data struct {
			Resource          uuid.UUID
			Start, End, Until time.Time
		}
		if err := rows.Scan(&h.seq, &h.kind, &h.at, &h.appointment, &raw); err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &data); err != nil {
			return err
		}
		h.resource, h.start, h.end, h.until = data.Resource, data.Start, data.End, data.Until
		f.happened[h.appointment] = append(f.happened[h.appointment], h)
	}
	return rows.Err()
}

var (
	entryID       = regexp.MustCompile(`(?m)^UID:([0-9a-f-]{36})`)
	entrySequence = regexp.MustCompile(`(?m)^SEQUENCE:(\d+)`)
)

// readMail counts the emails of each state of each appointment, by the calendar entries in them.
func (s *soak) readMail(f *facts) {
	box := notify.Mailbox{Dir: s.mail}
	all, err := box.List(math.MaxInt)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range all {
		if m, err = box.Read(m.ID); err != nil {
			s.t.Fatal(err)
		}
		for _, file := range m.Files {
			id, n := first(entryID, file.Text), first(entrySequence, file.Text)
			sequence, err := strconv.Atoi(n)
			if id == "" || err != nil {
				continue
			}
			f.mails[mailed{uuid.MustParse(id), sequence}]++
			break
		}
	}
}

// controls show that the judge finds what is done to this very database by hand.
func (s *soak) controls(t *testing.T, f *facts) {
	t.Helper()
	told := &history{said: s.history.said} // of lists and calendars there are too many to judge them again and again
	before := len(judge(told, f))
	for id, k := range f.kept {
		if k.status != booking.StatusBooked {
			continue
		}
		for _, c := range s.load.clinics {
			if c.Slug == k.clinic {
				s.control(t, c, id, told, before)
			}
		}
		return
	}
	t.Error("the control: nothing is booked")
}

func (s *soak) control(t *testing.T, c *pgtest.Clinic, booked uuid.UUID, told *history,
	before int) {
	t.Helper()
	for what, sql := range map[string]string{
		"an acknowledged booking that is deleted": `delete from appointment where id = $1`,
		"one of which no event tells": `delete from outbox.event
			where subject_id = $1 and kind = 'appointment.booked'`,
		"one that nobody audited": `delete from audit.event where resource_id = $1 and action = 'book'`,
		"one at another time": `update appointment set starts_at = starts_at + interval '20 minutes',
			ends_at = ends_at + interval '20 minutes' where id = $1`,
		"one that takes no time": `update claim set state = 'released' where appointment_id = $1`,
		"one that is doubled": `insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state)
			select gen_random_uuid(), appointment_id, resource_id, starts_at, ends_at, 'booked' from claim
			where appointment_id = $1 and state = 'booked'`,
	} {
		s.asAdmin(func(ctx context.Context, conn *pgx.Conn) error {
			tx, err := conn.Begin(ctx)
			if err != nil {
				return err
			}
			defer tx.Rollback(ctx) // nothing of it stays
			if _, err := tx.Exec(ctx, "set local session_replication_role = replica; set local search_path = "+c.Schema+
				"; alter table claim drop constraint claim_one_at_a_time"); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sql, booked); err != nil {
				return err
			}
			f, err := s.readIn(ctx, tx)
			if err != nil {
				return err
			}
			s.readMail(f)
			if n := len(judge(told, f)); n <= before {
				t.Errorf("the control: %s is not found", what)
			}
			return nil
		})
	}
}
