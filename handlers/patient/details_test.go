package patient_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func booked(t *testing.T, h *house) int64 {
	t.Helper()
	return pgtest.Value[int64](t, h.clinic, `select count(*) from appointment where status = 'booked'`)
}

func TestAFormThatIsSentAgainLeadsToItsBooking(t *testing.T) {
	h := open(t)
	maya, ben := h.member(t, "Maya"), h.member(t, "Ben")
	hold := maya.hold(0)
	first, second := maya.get(hold).input("key"), maya.get(hold).input("key") // two tabs
	if first == second {
		t.Fatal("two pages have one key: this test proves nothing")
	}
	booking := maya.post(hold+"/confirmation", append(details(), "key", first)...).location
	if !strings.HasPrefix(booking, "/bookings/") {
		t.Fatalf("the first one leads to %q", booking)
	}
	for what, form := range map[string][]string{
		"with another key":           append(details(), "key", second),
		"with another key and note":  append([]string{"note", "Right arm", "key", second}, details()...),
		"with its key and a mistake": append([]string{"name", "", "key", first}, details()...),
		"without a key":              details(),
	} {
		if p := maya.post(hold+"/confirmation", form...); p.status != http.StatusSeeOther || p.location != booking {
			t.Errorf("2.9 again %s: %d %q", what, p.status, p.location)
		}
		if p := ben.post(hold+"/confirmation", form...); p.status != http.StatusNotFound {
			t.Errorf("Charlie can't: %s: %d", what, p.status)
		}
	}
	if n := booked(t, h); n != 1 {
		t.Errorf("%d bookings", n)
	}
	t.Run("negative control: a hold that is over and not booked is 409", func(t *testing.T) {
		other := maya.hold(4)
		h.clinic.SQL(t, `update appointment set held_until = now() - interval '1 second' where id = $1`, idOf(other))
		if p := maya.post(other+"/confirmation", append(details(), "key", second)...); p.status != http.StatusConflict {
			t.Errorf("%d %q", p.status, p.location)
		}
	})
}

func TestThePlaceSaysWhichPlansItTakesAndWhetherItTakesNewPatients(t *testing.T) {
	h := open(t)
	h.clinic.SQL(t, `update offering set payers_accepted = '{ins-7}'`)
	maya := h.member(t, "Maya")
	with := func(plan string) []string { return append([]string{"payer", "plan", "plan", plan}, details()...) }
	hold := maya.hold(0)
	if p := maya.post(hold+"/confirmation", append(with("ins-8"), "key", maya.get(hold).input("key"))...); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "Choose your plan") {
		t.Errorf("a plan that the place does not take: %d", p.status)
	}
	if p := maya.post(hold+"/confirmation", append(with("ins-7"), "key", maya.get(hold).input("key"))...); p.status != http.StatusSeeOther {
		t.Errorf("a plan that it takes: %d %s", p.status, p.text())
	}
	h.clinic.SQL(t, `update offering set accepts_new = false`)
	again := maya.hold(2)
	if p := maya.post(again+"/confirmation", append(details(), "key", maya.get(again).input("key"))...); p.status != http.StatusSeeOther {
		t.Errorf("Maya is known here: %d", p.status)
	}
	ben := h.member(t, "Ben")
	his := ben.hold(4)
	p := ben.post(his+"/confirmation", append(details(), "key", ben.get(his).input("key"))...)
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "takes no new patients") || p.input("note") != "Left arm, please" {
		t.Errorf("Ben is not: %d, note %q", p.status, p.input("note"))
	}
	if n := booked(t, h); n != 2 {
		t.Errorf("%d bookings", n)
	}
}

// entangled runs act while a neighbor holds the claim of a hold and asks for its appointment: the database ends the one who
// waited first, which is act.
func entangled(t *testing.T, h *house, hold string, act func()) {
	t.Helper()
	watch := h.clinic.DB.Connect(t, h.clinic.DB.AdminURL())
	tx, err := h.clinic.DB.Connect(t, h.clinic.DB.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	must := func(sql string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	must(`set local deadlock_timeout = '10s'`)
	must(`set local search_path = ` + h.clinic.Schema)
	must(`select from claim where appointment_id = $1 for update`, idOf(hold))
	done := make(chan struct{})
	go func() { defer close(done); act() }()
	for waiting := false; !waiting; time.Sleep(2 * time.Millisecond) {
		select {
		case <-done:
			t.Fatal("nobody waited for the claim: this test proves nothing")
		default:
		}
		if err := watch.QueryRow(t.Context(), `select exists (select from pg_stat_activity where datname = current_database() and usename = 'kindward_app' and wait_event_type = 'Lock')`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	must(`select from appointment where id = $1 for update`, idOf(hold))
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
}

func TestADeadlockWithANeighborIsNoVisitorsMatter(t *testing.T) {
	h := open(t)
	maya := h.visitor(t)
	hold := maya.hold(0)
	t.Run("negative control: the bare statement fails", func(t *testing.T) {
		holder := uuid.MustParse(pgtest.Value[string](t, h.clinic, `select holder::text from appointment where id = $1`, idOf(hold)))
		var err error
		entangled(t, h, hold, func() { _, err = h.clinic.Queries(uuid.Nil).ExtendHold(t.Context(), 300, idOf(hold), holder) })
		if code := tenancy.Code(err); code != "40P01" {
			t.Errorf("it is refused with %q: %v", code, err)
		}
	})
	var p page
	entangled(t, h, hold, func() { p = maya.post(hold + "/extension") })
	if extended := pgtest.Value[bool](t, h.clinic, `select extended from appointment where id = $1`, idOf(hold)); p.location != hold || !extended {
		t.Errorf("more time: %d %s, extended: %v", p.status, p.location, extended)
	}
	entangled(t, h, hold, func() { p = maya.post(hold + "/release") })
	if status := pgtest.Value[string](t, h.clinic, `select status from appointment where id = $1`, idOf(hold)); p.status != http.StatusSeeOther || status != "lapsed" {
		t.Errorf("letting go: %d, %s", p.status, status)
	}
}
