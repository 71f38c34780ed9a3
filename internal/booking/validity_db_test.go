package booking_test

import (
	"errors"
	"testing"
	"time"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// A cache, or another program, may still know the schedule of before: the database refuses what is past the last day.
func Test33TheDatabaseItselfRefusesTimesBeyondALicense(t *testing.T) {
	db := pgtest.Open(t)
	p := newPractice(t, db)
	maya := someone(t, db)
	free := p.soon(t)
	last := civil.DateOf(free[0].In(p.offer.Schedule.Location()))
	held := p.holds(t, maya, free[0])
	booked := p.books(t, someone(t, db), free[1])
	for column, table := range map[string]string{"valid_until ": "practitioner", "valid_until": "location",
		"insured_until": "location"} {
		p.SQL(t, `update `+table+` set `+column+` = $1`, last.AddDays(-1).Start(time.UTC))
		if _, err := Hold(t.Context(), p.In(maya.account), p.offer, free[2], Holder{ID: someone(t, db).holder},
			p.now); !errors.Is(err, ErrChanged) {
			t.Errorf("%s %s: a hold: %v", table, column, err)
		}
		if err := p.confirm(t.Context(), maya, held, "key "+table+column); !errors.Is(err, ErrChanged) {
			t.Errorf("%s %s: a hold from before is booked: %v", table, column, err)
		}
		if err := p.move(t.Context(), booked, free[3]); !errors.Is(err, ErrChanged) {
			t.Errorf("%s %s: a move: %v", table, column, err)
		}
		p.SQL(t, `update `+table+` set `+column+` = $1`, last.Start(time.UTC))
	}
	if err := p.confirm(t.Context(), maya, held, "on the last day"); err != nil { // negative control
		t.Error(err)
	}
	p.SQL(t, `update practitioner set valid_until = null`)
	p.SQL(t, `update location set valid_until = null, insured_until = null, valid_from = $1`, last.AddDays(1).Start(time.UTC))
	if _, err := Hold(t.Context(), p.In(maya.account), p.offer, free[4], Holder{ID: maya.holder}, p.now); !errors.Is(err,
		ErrChanged) {
		t.Errorf("before the first day: %v", err)
	}
}
