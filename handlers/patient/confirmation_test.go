package patient_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

func booked(t *testing.T, site *webtest.Site) int64 {
	t.Helper()
	return pgtest.Value[int64](t, site.Clinic(), `select count(*) from appointment where status = 'booked'`)
}

func TestAFormThatIsSentAgainLeadsToItsBooking(t *testing.T) {
	site := webtest.Open(t)
	maya, ben := site.Person(t, "Maya"), site.Person(t, "Ben")
	hold := maya.Hold(0)
	first, second := maya.Get(hold).Field("key"), maya.Get(hold).Field("key") // two tabs
	if first == second {
		t.Fatal("two pages have one key: this test proves nothing")
	}
	booking := maya.Post(hold+"/confirmation", append(webtest.Details(), "key", first)...).Location
	if !strings.HasPrefix(booking, "/bookings/") {
		t.Fatalf("the first one leads to %q", booking)
	}
	for what, form := range map[string][]string{
		"with another key":           append(webtest.Details(), "key", second),
		"with another key and note":  append([]string{"note", "Right arm", "key", second}, webtest.Details()...),
		"with its key and a mistake": append([]string{"name", "", "key", first}, webtest.Details()...),
		"without a key":              webtest.Details(),
	} {
		if p := maya.Post(hold+"/confirmation", form...); p.Status != http.StatusSeeOther || p.Location != booking {
			t.Errorf("2.9 again %s: %d %q", what, p.Status, p.Location)
		}
		if p := ben.Post(hold+"/confirmation", form...); p.Status != http.StatusNotFound {
			t.Errorf("Charlie can't: %s: %d", what, p.Status)
		}
	}
	if n := booked(t, site); n != 1 {
		t.Errorf("%d bookings", n)
	}
	t.Run("negative control: a hold that is over and not booked is 409", func(t *testing.T) {
		other := maya.Hold(4)
		site.Clinic().SQL(t, `update appointment set held_until = now() - interval '1 second' where id = $1`,
			webtest.IDOf(other))
		if p := maya.Post(other+"/confirmation", append(webtest.Details(), "key",
			second)...); p.Status != http.StatusConflict {
			t.Errorf("%d %q", p.Status, p.Location)
		}
	})
}

func TestABookingDoesNotTurnOnesRecordIntoSomebodyElses(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	first := maya.Book(maya.Hold(0))
	as := func(hold int, name, year string) webtest.Answer {
		at := maya.Hold(hold)
		form := []string{"name", name, "dob-month", "3", "dob-day", "27", "dob-year", year, "phone", "401 555 0134", "payer",
			"self", "share", "on", "key", maya.Get(at).Field("key")}
		return maya.Post(at+"/confirmation", form...)
	}
	as(2, "Baby Okafor", "2025").Has(http.StatusUnprocessableEntity, "another name and another date of birth",
		`value="Baby Okafor"`)
	maya.Get(first).Has(http.StatusOK, "Maya Okafor")
	for n, corrected := range [][2]string{{"maya  OKAFOR", "1989"}, {"Maya Okafor-Diaz", "1989"}} {
		if a := as(4+2*n, corrected[0], corrected[1]); a.Status != http.StatusSeeOther {
			t.Errorf("one of them is corrected: %d %s", a.Status, a.Text())
		}
	}
}

func TestThePlaceSaysWhichPlansItTakesAndWhetherItTakesNewPatients(t *testing.T) {
	site := webtest.Open(t)
	site.Clinic().SQL(t, `update offering set payers_accepted = '{ins-7}'`)
	maya := site.Person(t, "Maya")
	with := func(plan string) []string {
		return append([]string{"payer", "plan", "plan", plan}, webtest.Details()...)
	}
	hold := maya.Hold(0)
	if p := maya.Post(hold+"/confirmation", append(with("ins-8"), "key",
		maya.Get(hold).Field("key"))...); p.Status != http.StatusUnprocessableEntity ||
		!strings.Contains(p.Text(), "Choose your plan") {
		t.Errorf("a plan that the place does not take: %d", p.Status)
	}
	if p := maya.Post(hold+"/confirmation", append(with("ins-7"), "key",
		maya.Get(hold).Field("key"))...); p.Status != http.StatusSeeOther {
		t.Errorf("a plan that it takes: %d %s", p.Status, p.Text())
	}
	site.Clinic().SQL(t, `update offering set accepts_new = false`)
	again := maya.Hold(2)
	if p := maya.Post(again+"/confirmation", append(webtest.Details(), "key",
		maya.Get(again).Field("key"))...); p.Status != http.StatusSeeOther {
		t.Errorf("Maya is known here: %d", p.Status)
	}
	ben := site.Person(t, "Ben")
	his := ben.Hold(4)
	p := ben.Post(his+"/confirmation", append(webtest.Details(), "key", ben.Get(his).Field("key"))...)
	if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.Text(), "takes no new patients") ||
		p.Field("note") != "Left arm, please" {
		t.Errorf("Ben is not: %d, note %q", p.Status, p.Field("note"))
	}
	if n := booked(t, site); n != 2 {
		t.Errorf("%d bookings", n)
	}
}

func TestInsuranceChosenInASearchStaysChosenAndTheConfirmationSaysWhatIsKnownOfIt(t *testing.T) {
	site := webtest.Open(t)
	site.DB.Admin(t, `insert into market.payer (id, name, kind) values ('ins-7', 'Bayline Mutual', 'commercial'),
		('ins-8', 'Harbor Health', 'commercial'), ('ins-9', 'Cove Care', 'commercial') on conflict do nothing`)
	site.Clinic().SQL(t, `update offering set payers_accepted = '{ins-7}', payers_refused = '{ins-9}',
		payers_confirmed = '2026-03-02'`)
	site.Clinic().Publish(t)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n, c := range []struct{ plan, name, says string }{
		{"ins-7", "Bayline Mutual", "In network: Test clinic confirmed it on Monday 2 March"},
		{"ins-8", "Harbor Health", "Test clinic has not said whether it takes this plan"},
	} {
		maya := site.Person(t, "Maya")
		maya.Get("/search?reason=skin+check&near=02906&payer=" + c.plan)
		hold := maya.Hold(n)
		page := maya.Get(hold)
		if !strings.Contains(page.Body, `value="`+c.plan+`" selected`) {
			t.Errorf("%s was chosen, and is not on the page of the hold", c.plan)
		}
		form := append([]string{"payer", "plan", "plan", c.plan, "key", page.Field("key")}, webtest.Details()...)
		maya.Get(maya.Post(hold+"/confirmation", form...).Location).Has(http.StatusOK, c.name, c.says,
			"What the plan pays of it is not known here")
	}
	leo := site.Person(t, "Leo")
	leo.Get("/search?reason=skin+check&near=02906&payer=ins-9")
	leo.Get(leo.Hold(3)).Has(http.StatusOK, "Cove Care, which you searched with, is not taken here")
	for plan, says := range map[string]string{"ins-8": `value="ins-8" selected`,
		"ins-9": "Cove Care, which your account names, is not taken here"} {
		nina := site.Person(t, "Nina")
		nina.Post("/account/profile", "name", "Nina", "payer", plan).Goes("/account")
		nina.Get(nina.Hold(3)).Has(http.StatusOK, says)
	}
}

// entangled runs act while a neighbor holds the claim of a hold and asks for its appointment: the database ends the one
// whose wait makes the circle, which is act. That holds at any speed, because the neighbor asks before act waits for
// the claim: a third one keeps the appointment from both until they stand in line for it, act first.
func entangled(t *testing.T, site *webtest.Site, hold string, act func()) {
	t.Helper()
	db := site.Clinic().DB
	begin := func(locks string) pgx.Tx {
		tx, err := db.Connect(t, db.AdminURL()).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, sql := range []string{`set local deadlock_timeout = '10min'`,
			`set local search_path = ` + site.Clinic().Schema} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tx.Exec(t.Context(), locks, webtest.IDOf(hold)); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	const appointment = `select from appointment where id = $1 for update`
	neighbor, third := begin(`select from claim where appointment_id = $1 for update`), begin(appointment)
	done := make(chan struct{})
	go func() { defer close(done); act() }()
	inLine(t, db, done, 1)
	asked := make(chan error, 1)
	go func() {
		_, err := neighbor.Exec(t.Context(), appointment, webtest.IDOf(hold))
		asked <- err
	}()
	inLine(t, db, done, 2)
	if err := third.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-asked; err != nil {
		t.Fatal(err)
	}
	if err := neighbor.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
}

// inLine waits until so many wait for a lock.
func inLine(t *testing.T, db *pgtest.DB, done <-chan struct{}, want int) {
	t.Helper()
	for waiting := 0; waiting < want; time.Sleep(2 * time.Millisecond) {
		select {
		case <-done:
			t.Fatal("nobody waited: this test proves nothing")
		default:
		}
		waiting = pgtest.One[int](t, db,
			`select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
	}
}

func TestADeadlockWithANeighborIsNoVisitorsMatter(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Visitor(t)
	hold := maya.Hold(0)
	t.Run("negative control: the bare statements fail", func(t *testing.T) {
		claim := uuid.MustParse(pgtest.Value[string](t, site.Clinic(), `select id::text from claim where appointment_id = $1`,
			webtest.IDOf(hold)))
		var err error
		entangled(t, site, hold, func() {
			err = site.Clinic().In(uuid.Nil).Pipeline(t.Context(), func(q *tenantdb.Queries) error {
				return errors.Join(q.LapseHold(t.Context(), webtest.IDOf(hold)), q.ReleaseClaim(t.Context(), claim))
			})
		})
		if code := tenancy.Code(err); code != "40P01" {
			t.Errorf("it is refused with %q: %v", code, err)
		}
	})
	var p webtest.Answer
	entangled(t, site, hold, func() { p = maya.Post(hold + "/extension") })
	if extended := pgtest.Value[bool](t, site.Clinic(), `select extended from appointment where id = $1`,
		webtest.IDOf(hold)); p.Location != hold || !extended {
		t.Errorf("more time: %d %s, extended: %v", p.Status, p.Location, extended)
	}
	entangled(t, site, hold, func() { p = maya.Post(hold + "/release") })
	if status := pgtest.Value[string](t, site.Clinic(), `select status from appointment where id = $1`,
		webtest.IDOf(hold)); p.Status != http.StatusSeeOther || status != "lapsed" {
		t.Errorf("letting go: %d, %s", p.Status, status)
	}
}

func TestAPlanThatIsNoTextIsSaidAtItsField(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(0)
	for _, plan := range []string{"\x00", "a\x00b", "\xff\xfe"} {
		fields := append([]string{"payer", "plan", "plan", plan, "key", maya.Get(hold).Field("key")}, webtest.Details()...)
		maya.Post(hold+"/confirmation", fields...).Has(http.StatusUnprocessableEntity)
	}
}
