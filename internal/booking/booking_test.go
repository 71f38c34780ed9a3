package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// tomorrow gives the clinic's free starts of tomorrow.
func tomorrow(t *testing.T, c *pgtest.Clinic) []time.Time {
	t.Helper()
	return freeOn(t, c, civil.Today(c.Offering(t).Schedule.Location(), time.Now()).AddDays(1))
}

func freeOn(t *testing.T, c *pgtest.Clinic, day civil.Date) []time.Time {
	t.Helper()
	o := c.Offering(t)
	days, err := booking.FreeDays(t.Context(), booking.NewBusyCache(c.DB.Gateway.Public(), 0, nil), o, day, day,
		time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var out []time.Time
	for _, s := range days[0].Times {
		out = append(out, o.Schedule.Local(s))
	}
	return out
}

func hold(t *testing.T, c *pgtest.Clinic, start time.Time, holder uuid.UUID) (booking.Held, error) {
	t.Helper()
	return booking.Hold(t.Context(), c.In(uuid.Nil), c.Offering(t), start, booking.Holder{ID: holder}, time.Now())
}

func confirm(t *testing.T, c *pgtest.Clinic, h booking.Held, holder, account uuid.UUID) error {
	t.Helper()
	_, err := booking.Confirm(t.Context(), c.In(account),
		booking.Confirmation{Held: h, Holder: holder, Account: account,
			Key: h.ID.String(), Answer: "/bookings/" + h.ID.String(),
			Details: booking.Details{Name: "Maya Okafor", Email: "maya@example.test", ConsentVersion: "1",
				ConsentText: "share"}})
	return err
}

func TestFromATimeToABookingAndBack(t *testing.T) {
	db := pgtest.Open(t)
	c := db.Clinic(t)
	maya, holder := db.Account(t, "Maya"), uuid.New()
	free := tomorrow(t, c)
	if len(free) != 24 {
		t.Fatalf("a day of 8 hours has %d visits of 20 minutes", len(free))
	}
	h, err := hold(t, c, free[3], holder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold(t, c, free[3], uuid.New()); !errors.Is(err, booking.ErrTaken) {
		t.Errorf("2.7 a second person gets %v", err)
	}
	if err := confirm(t, c, h, holder, maya); err != nil {
		t.Fatal(err)
	}
	if err := confirm(t, c, h, holder, maya); err != nil {
		t.Errorf("2.9 the same request again gets %v", err)
	}
	if n := len(tomorrow(t, c)); n != 23 {
		t.Errorf("%d times are free after a booking", n)
	}
	b := booking.Booked{ID: h.ID, Account: maya, Start: free[3], MoveCutoff: time.Hour, CancelCutoff: time.Hour}
	if err := booking.Move(t.Context(), c.In(maya), b, c.Offering(t), free[4], time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := booking.Move(t.Context(), c.In(maya), b, c.Offering(t), free[5], time.Now()); !errors.Is(err,
		booking.ErrGone) {
		t.Errorf("E10 the move link used twice gets %v", err)
	}
	if _, err := hold(t, c, free[3], uuid.New()); err != nil {
		t.Errorf("E6 E9 the time left by a move: %v", err)
	}
	b.Sequence, b.Start = 1, free[4]
	if err := booking.Cancel(t.Context(), c.In(maya), b, "time", time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := hold(t, c, free[4], uuid.New()); err != nil {
		t.Errorf("E6 E9 the time of a cancelled booking: %v", err)
	}
	for table, want := range map[string]int64{
		"select count(*) from appointment where status = 'cancelled'":                  1,
		"select count(*) from consent":                                                 1,
		"select count(*) from outbox.event where subject_id = '" + h.ID.String() + "'": 4,
		"select count(*) from audit.event where resource_id = '" + h.ID.String() + "'": 4,
		"select count(*) from market.busy b where tenant_id = '" + c.ID.String() +
			"' and not exists (select 1 from claim where claim.id = b.id and state <> 'released')": 0,
		"select count(*) from market.busy where tenant_id = '" + c.ID.String() +
			"'": 2,
	} {
		if got := pgtest.Value[int64](t, c, table); got != want {
			t.Errorf("%s: %d, want %d", table, got, want)
		}
	}
}

func TestAnotherOrganizationCannotMakeATimeDisappear(t *testing.T) {
	db := pgtest.Open(t)
	mine, theirs := db.Clinic(t), db.Clinic(t)
	free := tomorrow(t, mine)
	db.Admin(t, `insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at) values ($1, $2, $3, $4, $5)`,
		uuid.New(), theirs.ID, mine.Resources[0], free[0], free[0].Add(8*time.Hour))
	if n := len(tomorrow(t, mine)); n != len(free) {
		t.Errorf("A01 a row of another tenant hides %d times", len(free)-n)
	}
	db.Admin(t, `update market.busy set tenant_id = $1 where resource_id = $2`, mine.ID, mine.Resources[0])
	if n := len(tomorrow(t, mine)); n != 0 {
		t.Errorf("control: the same row as its own hides only %d", len(free)-n)
	}
}
