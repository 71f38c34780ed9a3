package booking_test

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
)

// Eight clients make 25 bookings each, a hold and its confirmation, context and row-level security included.
func BenchmarkHoldAndConfirm(b *testing.B) {
	const clients, each = 8, 25
	db := pgtest.Open(b)
	p, crowd := newPractice(b, db, func(c *pgtest.Clinic) { c.People = 64 }), people(b, db, clients)
	starts := p.soon(b)
	var next atomic.Int64
	took := [clients][2][]time.Duration{}
	book := func(client int) error {
		for range each {
			n := int(next.Add(1))
			who, offer := patient{uuid.New(), crowd[client].account}, p.offer
			offer.Resources = p.offer.Resources[n/len(starts)%64:][:1]
			began := time.Now()
			h, err := Hold(b.Context(), p.In(who.account), offer, starts[n%len(starts)].AddDate(0, 0, n/len(starts)/64),
				NewHolder(db.Keys, who.holder, who.account, who.account.String(), UsualHoldLimits), p.now)
			held := time.Now()
			if err == nil {
				err = p.confirm(b.Context(), who, h, h.ID.String())
			}
			if err != nil {
				return err
			}
			took[client][0], took[client][1] = append(took[client][0], held.Sub(began)),
				append(took[client][1], time.Since(held))
		}
		return nil
	}
	for b.Loop() {
		if err := errors.Join(together(clients, book)...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*clients*each)/b.Elapsed().Seconds(), "bookings/s")
	for verb, name := range []string{"hold", "confirm"} {
		var all []time.Duration
		for client := range clients {
			all = append(all, took[client][verb]...)
		}
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
}

// The free times of one listing for a fortnight, read and computed: what a result card costs.
func BenchmarkFreeFortnight(b *testing.B) {
	p := newPractice(b, pgtest.Open(b))
	today := civil.Today(p.offer.Schedule.Location(), p.now)
	for b.Loop() {
		if _, err := FreeDays(b.Context(), NewBusyCache(p.DB.Gateway.Public(), 0, nil), p.offer, today,
			today.AddDays(14), p.now); err != nil {
			b.Fatal(err)
		}
	}
}
