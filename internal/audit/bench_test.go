package audit_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/audit"
)

// BenchmarkSealing5000EventsASecond writes for 20 seconds from 8 connections, 5 events a transaction, 1,000
// transactions a second together, while the sealer runs at its usual pace. Reported: events a second, the worst lag of
// a checkpoint (from the time of its oldest event to its signature being kept), and how long the verifier takes for all
// of it.
func BenchmarkSealing5000EventsASecond(b *testing.B) {
	const writers, each, perSecond, seconds = 8, 5, 5000, 20
	h := open(b)
	var mu sync.Mutex
	var worst, sum time.Duration
	var steps int
	s := h.sealer()
	s.Every = time.Second
	s.Done = func(_ context.Context, step audit.Step) {
		mu.Lock()
		defer mu.Unlock()
		worst, sum, steps = max(worst, step.Lag), sum+step.Lag, steps+1
	}
	run(b, s)
	var written atomic.Int64
	var group sync.WaitGroup
	conns := make([]*pgx.Conn, writers)
	for i := range conns {
		conns[i] = h.Connect(b, h.AdminURL())
	}
	b.ResetTimer()
	began := time.Now()
	for _, conn := range conns {
		group.Go(func() {
			pause := time.Second * writers * each / perSecond
			for next := began; time.Since(began) < seconds*time.Second; next = next.Add(pause) {
				time.Sleep(time.Until(next))
				_, err := conn.Exec(context.Background(), `insert into audit.event (patient, purpose, resource, resource_id, action, fields, outcome, ip, request_id)
					select gen_random_uuid(), 'care', 'Patient', gen_random_uuid(), 'read', '{name,born}', 'success', '10.1.2.3', 'R-0000-0000-0000' from generate_series(1, $1)`, each)
				if err != nil {
					b.Error(err)
					return
				}
				written.Add(each)
			}
		})
	}
	group.Wait()
	wrote := time.Since(began)
	for value[int64](b, h, `select coalesce(max(size), 0) from audit.checkpoint`) < written.Load() &&
		time.Since(began) < 2*time.Minute {
		time.Sleep(10 * time.Millisecond)
	}
	b.StopTimer()
	mu.Lock()
	defer mu.Unlock()
	b.ReportMetric(float64(written.Load())/wrote.Seconds(), "events/s")
	b.ReportMetric(worst.Seconds(), "worst-lag-s")
	b.ReportMetric(sum.Seconds()/float64(max(steps, 1)), "mean-lag-s")
	b.ReportMetric((time.Since(began) - wrote).Seconds(), "drain-s")
	start := time.Now()
	if r := h.verify(b); !r.OK() || r.Events != written.Load() {
		b.Fatalf("%d written, %+v", written.Load(), r)
	}
	b.ReportMetric(float64(written.Load())/time.Since(start).Seconds(), "verified/s")
	if worst > 5*time.Second {
		b.Errorf("the sealer fell %s behind", worst)
	}
}
