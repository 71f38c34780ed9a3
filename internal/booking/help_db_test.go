package booking_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// patient is a person with a browser (holder) and an account.
type patient struct{ holder, account uuid.UUID }

func someone(t testing.TB, db *pgtest.DB) patient {
	t.Helper()
	return patient{uuid.New(), db.Account(t, "Maya Okafor")}
}

func people(t testing.TB, db *pgtest.DB, n int) []patient {
	t.Helper()
	out := make([]patient, n)
	for i := range out {
		out[i] = someone(t, db)
	}
	return out
}

// practice is a clinic with one offer and a clock that stands still; safe for concurrent use.
type practice struct {
	*pgtest.Clinic
	offer Offering
	now   time.Time
}

func newPractice(t testing.TB, db *pgtest.DB, change ...func(*pgtest.Clinic)) *practice {
	t.Helper()
	c := db.Clinic(t, change...)
	return &practice{c, c.Offering(t), time.Now()}
}

// alsoOffers adds a service of another length by the same practitioner, on the same resources.
func (p *practice) alsoOffers(t testing.TB, minutes int) *practice {
	t.Helper()
	service, other := uuid.New(), *p.Clinic
	other.OfferingID = uuid.New()
	p.SQL(t, `insert into service (id, reason_code, name, minutes) values ($1, 'C09', 'Another check', $2)`, service,
		minutes)
	p.SQL(t, `insert into offering (id, service_id, location_id, schedule_id, practitioner_id) values ($1, $2, $3, $4, $5)`,
		other.OfferingID, service, p.Location, p.Schedule, p.Practitioner)
	p.SQL(t, `insert into offering_resource (offering_id, resource_id, position) select $1, r.id, r.n from unnest($2::uuid[]) with ordinality r (id, n)`, other.OfferingID, p.Resources)
	p.Publish(t)
	return &practice{&other, other.Offering(t), p.now}
}

// at is a wall time of the location, such as 2027-03-15 09:00.
func (p *practice) at(wall string) time.Time {
	return time.Unix(testSchedule{p.offer.Schedule}.at(wall), 0)
}

// day gives the free starts of one local date.
func (p *practice) day(t testing.TB, day civil.Date) []time.Time {
	t.Helper()
	days, err := FreeDays(t.Context(), NewBusyCache(p.DB.Gateway.Public(), 0, nil), p.offer, day, day, p.now)
	if err != nil {
		t.Fatal(err)
	}
	var out []time.Time
	for _, s := range days[0].Times {
		out = append(out, p.offer.Schedule.Local(s))
	}
	return out
}

// soon gives the free starts of tomorrow.
func (p *practice) soon(t testing.TB) []time.Time {
	t.Helper()
	return p.day(t, civil.Today(p.offer.Schedule.Location(), p.now).AddDays(1))
}

func (p *practice) free(t testing.TB, start time.Time) bool {
	t.Helper()
	return slices.ContainsFunc(p.day(t, civil.DateOf(start.In(p.offer.Schedule.Location()))), start.Equal)
}

// patiently asks again where no connection was free in time: a crowd shares 16 of them, and a busy machine opens them
// slowly.
func patiently(run func() error) error {
	for {
		if err := run(); !errors.Is(err, tenancy.ErrBusy) || tenancy.Code(err) != "" {
			return err
		}
	}
}

func (p *practice) hold(ctx context.Context, who patient, start time.Time) (h Held, err error) {
	err = patiently(func() error {
		h, err = Hold(ctx, p.In(who.account), p.offer, start, Holder{ID: who.holder}, p.now)
		return err
	})
	return h, err
}

func (p *practice) holds(t testing.TB, who patient, start time.Time) Held {
	t.Helper()
	h, err := p.hold(t.Context(), who, start)
	if err != nil {
		t.Fatalf("holding %v: %v", start, err)
	}
	return h
}

func wanted(h Held, who patient, key string) Confirmation {
	born := time.Date(1988, 5, 3, 0, 0, 0, 0, time.UTC)
	return Confirmation{Held: h, Holder: who.holder, Account: who.account, Key: key,
		Answer: "/bookings/" + h.ID.String(),
		Details: Details{
			Name: "Maya Okafor", Phone: "+14015550123", Email: "maya@example.test", Born: &born, Note: "itchy mole",
			ConsentVersion: "share-1", ConsentText: "I agree to share."}}
}

func (p *practice) confirm(ctx context.Context, who patient, h Held, key string) error {
	return patiently(func() error {
		_, err := Confirm(ctx, p.In(who.account), wanted(h, who, key))
		return err
	})
}

func (p *practice) books(t testing.TB, who patient, start time.Time) Booked {
	t.Helper()
	h := p.holds(t, who, start)
	if err := p.confirm(t.Context(), who, h, h.ID.String()); err != nil {
		t.Fatalf("booking %v: %v", start, err)
	}
	return Booked{ID: h.ID, Account: who.account, Start: start}
}

func (p *practice) move(ctx context.Context, b Booked, start time.Time) error {
	return patiently(func() error { return Move(ctx, p.In(b.Account), b, p.offer, start, p.now) })
}

func (p *practice) cancel(ctx context.Context, b Booked) error {
	return patiently(func() error { return Cancel(ctx, p.In(b.Account), b, "time", p.now) })
}

// lateness of a hold: it ran out this long ago, or runs out in so long if it is negative.
func (p *practice) runsOut(t testing.TB, h Held, lateness time.Duration) {
	t.Helper()
	until := `now() - make_interval(secs => $2)`
	p.SQL(t, `with a as (update appointment set held_until = `+until+` where id = $1 returning held_until),
		c as (update claim set expires_at = a.held_until from a where appointment_id = $1 returning claim.id, expires_at)
		update market.busy b set expires_at = c.expires_at from c where b.id = c.id`, h.ID, lateness.Seconds())
}

func (p *practice) count(t testing.TB, what string, args ...any) int64 {
	t.Helper()
	return pgtest.Value[int64](t, p.Clinic, "select count(*) from "+what, args...)
}

// effects are the events that must have been told, by what the appointments are now.
const effects = `select * from (
	select 'appointment.held', id, 1::bigint from appointment
	union all select 'appointment.extended', id, 1 from appointment where extended
	union all select 'appointment.released', id, 1 from appointment where status = 'lapsed'
	union all select 'appointment.booked', id, 1 from appointment where booked_at is not null
	union all select 'appointment.moved', id, sequence - case when status = 'cancelled' then 1 else 0 end from appointment where sequence > 0 and not (sequence = 1 and status = 'cancelled')
	union all select 'appointment.cancelled', id, 1 from appointment where status = 'cancelled') e`

// unsound are the laws that hold after every statement, whatever happened: what they count must be nothing.
var unsound = map[string]string{
	"a live claim without its shadow, or with another one": `(select id, resource_id, starts_at, ends_at, expires_at from claim where state <> 'released'
		except select id, resource_id, starts_at, ends_at, expires_at from market.busy where tenant_id = $1) x`,
	"a shadow without its live claim": `(select id, resource_id, starts_at, ends_at, expires_at from market.busy where tenant_id = $1
		except select id, resource_id, starts_at, ends_at, expires_at from claim where state <> 'released') x`,
	"overlapping claims": `claim a join claim b on a.id < b.id and a.resource_id = b.resource_id and a.starts_at < b.ends_at and b.starts_at < a.ends_at
		where a.state <> 'released' and b.state <> 'released'`,
	"an appointment without exactly its claim": `appointment a where (select count(*) from claim c where c.appointment_id = a.id and c.state <> 'released')
		<> case when status in ('held', 'booked') then 1 else 0 end`,
	"a claim that is not its appointment's": `appointment a join claim c on c.appointment_id = a.id and c.state <> 'released'
		where a.status <> c.state or a.resource_id <> c.resource_id or a.held_until is distinct from c.expires_at or c.starts_at > a.starts_at or c.ends_at < a.ends_at`,
	"a booking that its patient cannot find": `(select id, account_id, starts_at from appointment where status in ('booked', 'cancelled')
		except select appointment_id, account_id, starts_at from market.appointment_index where tenant_id = $1) x`,
	"a place in the index that is wrong about whether it counts": `appointment a join market.appointment_index i
		on i.tenant_id = $1 and i.appointment_id = a.id where i.cancelled <> (a.status = 'cancelled')`,
	"a place in the index without a booking": `market.appointment_index i where tenant_id = $1 and not exists (select from appointment a where a.id = i.appointment_id and a.status in ('booked', 'cancelled'))`,
	"a booking that its reference does not find": `(select ref, id from appointment where status in ('booked', 'cancelled')
		except select ref, appointment_id from market.appointment_reference where tenant_id = $1) x`,
	"a reference that finds no booking": `market.appointment_reference r where tenant_id = $1 and not exists (select from appointment a where a.id = r.appointment_id and a.ref = r.ref and a.status in ('booked', 'cancelled'))`,
	"a booking without consent":         `appointment a where status in ('booked', 'cancelled') and not exists (select from consent c where c.patient_id = a.patient_id)`,
	"an event without its effect": `(select kind, subject_id, count(*) from outbox.event where tenant_id = $1 and kind <> 'market.published' group by 1, 2
		except ` + effects + ` ) x`,
	"an effect without its event": `(` + effects +
		` except select kind, subject_id, count(*) from outbox.event where tenant_id = $1 group by 1, 2) x`,
	"an event with another range than its claim": `outbox.event e where tenant_id = $1 and kind like 'appointment.%'
		and not exists (select from claim c where c.appointment_id = e.subject_id and c.id::text = data ->> 'claim'
			and c.resource_id::text = data ->> 'resource' and c.starts_at = (data ->> 'start')::timestamptz
			and c.ends_at = (data ->> 'end')::timestamptz)`,
	"a hold's event without its end, or another's with one": `outbox.event where tenant_id = $1
		and kind like 'appointment.%' and data ? 'until' <> (kind in ('appointment.held', 'appointment.extended'))`,
	"a move's event with another range than its released claim": `outbox.event e where tenant_id = $1
		and kind = 'appointment.moved' and not exists (select from claim c where c.appointment_id = e.subject_id
			and c.state = 'released' and c.id::text = data ->> 'from_claim' and c.resource_id::text = data ->> 'from'
			and c.starts_at = (data ->> 'from_start')::timestamptz and c.ends_at = (data ->> 'from_end')::timestamptz)`,
	"an effect without its audit": `(` + effects + ` except select case when action in ('lapse hold', 'release hold') then 'appointment.released'
			else 'appointment.' || (array['held', 'extended', 'booked', 'moved', 'cancelled'])[array_position(
				array['hold', 'extend hold', 'book', 'move', 'cancel'], action)] end, resource_id, count(*)
		from audit.event where tenant_id = $1 and outcome = 'success' group by 1, 2) x`,
	"two holds of one person":  `(select holder from appointment where status = 'held' group by holder having count(*) > 1) x`,
	"a person with two charts": `(select account_id from patient group by account_id having count(*) > 1) x`,
}

// checkSound holds the clinic to the laws.
func (p *practice) checkSound(t testing.TB) {
	t.Helper()
	for law, query := range unsound {
		if n := p.breaches(t, query); n != 0 {
			t.Errorf("%d times %s", n, law)
		}
	}
}

func (p *practice) breaches(t testing.TB, query string) int64 {
	t.Helper()
	if strings.Contains(query, "$1") {
		return p.count(t, query, p.ID)
	}
	return p.count(t, query)
}

// together runs f n times at once and gives what each returned.
func together[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			out[i] = f(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return out
}

func holdPage(t testing.TB, p *practice, h Held, who patient) tenantdb.HoldPageRow {
	t.Helper()
	row, err := p.Queries(who.account).HoldPage(t.Context(), h.ID, who.holder)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// lives tells whether a hold that was made a moment after an instant has all of its ten minutes that the test has not
// used up since.
func lives(page tenantdb.HoldPageRow, began time.Time) bool {
	left := time.Duration(page.SecondsLeft) * time.Second
	return left <= HoldTime && left >= HoldTime-time.Since(began)-time.Second
}

// openGateway opens another gateway to a database, after its settings have changed.
func openGateway(t testing.TB, db *pgtest.DB, o tenancy.Options) {
	t.Helper()
	db.Gateway.Close()
	gateway, err := tenancy.Open(t.Context(), db.AppURL(), db.Keys, o)
	if err != nil {
		t.Fatal(err)
	}
	db.Gateway = gateway
}

// written are the tables that a booking writes into.
var written = []string{"appointment", "claim", "patient", "consent", "request_key", "market.busy",
	"market.appointment_index", "market.appointment_reference", "outbox.event", "audit.event"}

// everything is a digest of all that this clinic's bookings have written, to see that nothing was.
func (p *practice) everything(t testing.TB) string {
	t.Helper()
	var parts []string
	for _, table := range written {
		where := ""
		if strings.Contains(table, ".") {
			where = " where tenant_id = '" + p.ID.String() + "'"
		}
		parts = append(parts, "select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as d from "+table+" x"+
			where)
	}
	return pgtest.Value[string](t, p.Clinic, "select string_agg(d, ' ') from ("+strings.Join(parts, " union all ")+
		") all_of_it")
}
