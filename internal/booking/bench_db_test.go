package booking_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	. "kindward/internal/booking"
	"kindward/internal/pgtest"
)

// Eight clients hold and confirm: one operation is both, context and row-level security included.
func BenchmarkHoldAndConfirm(b *testing.B) {
	const clients = 8
	db := pgtest.Open(b)
	p, crowd := newPractice(b, db, func(c *pgtest.Clinic) { c.People = 64 }), people(b, db, clients)
	starts := p.soon(b)
	var next atomic.Int64
	var mu sync.Mutex
	var holding, confirming []time.Duration
	b.ResetTimer()
	for _, err := range together(clients, func(i int) error {
		for n := int(next.Add(1)) - 1; n < b.N; n = int(next.Add(1)) - 1 {
			who, offer := patient{uuid.New(), crowd[i].account}, p.offer
			offer.Resources = p.offer.Resources[n/len(starts)%64:][:1]
			began := time.Now()
			h, err := Hold(b.Context(), p.Queries(who.account), offer, starts[n%len(starts)].AddDate(0, 0, n/len(starts)/64), who.holder, p.now)
			held := time.Now()
			if err == nil {
				err = p.confirm(b.Context(), who, h.ID, h.ID.String())
			}
			if err != nil {
				return err
			}
			mu.Lock()
			holding, confirming = append(holding, held.Sub(began)), append(confirming, time.Since(held))
			mu.Unlock()
		}
		return nil
	}) {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "bookings/s")
	for name, all := range map[string][]time.Duration{"hold": holding, "confirm": confirming} {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, name+"-p50-ms")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, name+"-p99-ms")
	}
}

// The free times of one listing for a fortnight, read and computed: what a result card costs.
func BenchmarkFreeFortnight(b *testing.B) {
	p := newPractice(b, pgtest.Open(b))
	today := DateOf(p.now.In(p.offer.Plan.Location()))
	for b.Loop() {
		if _, err := FreeDays(b.Context(), p.DB.Door.Public(), p.offer, today, today.AddDays(14), p.now); err != nil {
			b.Fatal(err)
		}
	}
}
