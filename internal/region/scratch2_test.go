package region_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/pgtest"
	"kindward/internal/region"
	"kindward/internal/tenancy"
)

type tracer struct {
	mu  sync.Mutex
	sum map[string]time.Duration
	n   map[string]int
}
type tk struct{}
type tv struct {
	s string
	t time.Time
}

func (tr *tracer) TraceQueryStart(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return context.WithValue(ctx, tk{}, tv{d.SQL, time.Now()})
}
func (tr *tracer) TraceQueryEnd(ctx context.Context, c *pgx.Conn, d pgx.TraceQueryEndData) {
	v, ok := ctx.Value(tk{}).(tv)
	if !ok {
		return
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	name := strings.SplitN(v.s, "\n", 2)[0]
	tr.sum[name] += time.Since(v.t)
	tr.n[name]++
}

func TestTrace(t *testing.T) {
	tr := &tracer{sum: map[string]time.Duration{}, n: map[string]int{}}
	db := pgtest.Fresh(t, tenancy.Options{Tracer: tr})
	start := time.Now()
	sum, err := region.Seed(t.Context(), db.Owner, db.Door, options())
	t.Log(sum, err, time.Since(start))
	var names []string
	for n := range tr.sum {
		names = append(names, n)
	}
	sort.Slice(names, func(i, j int) bool { return tr.sum[names[i]] > tr.sum[names[j]] })
	for _, n := range names {
		t.Log(fmt.Sprintf("%8.2fs %6d %s", tr.sum[n].Seconds(), tr.n[n], n))
	}
}
