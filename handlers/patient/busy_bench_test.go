package patient_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

const (
	benchClinics = 20  // with one listing each, all of them near; a page shows ten
	benchTaken   = 120 // of each clinic's times in the next weeks
)

// crowded is a database of some clinics that have much to do.
func crowded(b *testing.B) (first *pgtest.Clinic) {
	b.Helper()
	db := pgtest.Open(b)
	for n := range benchClinics {
		c := db.Clinic(b)
		if n == 0 {
			first = c
		}
		c.SQL(b, `insert into appointment (id, ref, offering_id, status, holder, held_until, resource_id, starts_at, ends_at)
			select gen_random_uuid(), gen_random_uuid()::text, $1, 'held', gen_random_uuid(), '2099-01-01', $2, at, at + interval '20 minutes'
			from (select date_trunc('hour', now()) + interval '4 hours' * n as at from generate_series(1, $3) n) x`,
			c.OfferingID, c.Resources[0], benchTaken)
		c.SQL(b, `insert into claim (id, appointment_id, resource_id, starts_at, ends_at, state, expires_at)
			select gen_random_uuid(), id, resource_id, starts_at, ends_at, 'held', held_until from appointment`)
		c.SQL(b, `insert into market.busy (id, tenant_id, resource_id, starts_at, ends_at, expires_at)
			select id, $1, resource_id, starts_at, ends_at, expires_at from claim`, c.ID)
	}
	return first
}

// cost is what some requests took.
type cost struct {
	took, here, database time.Duration // time, and processor time of this process and of the server's
	allocs               uint64
}

// usage is what has been used so far.
func usage(b *testing.B, pids []int) (c cost) {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	c.here = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	for _, pid := range pids {
		raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // not on this machine
		}
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+2:]))
		for _, ticks := range fields[11:13] {
			n, _ := strconv.Atoi(ticks)
			c.database += time.Duration(n) * 10 * time.Millisecond
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.allocs = m.Mallocs
	return c
}

// ask sends some requests, one after the other, and gives what each of them cost.
func ask(b *testing.B, site *webtest.Site, path string, times int, pids []int) cost {
	b.Helper()
	before, began := usage(b, pids), time.Now()
	for range times {
		r := httptest.NewRequest(http.MethodGet, site.URL+path, nil)
		r.Header.Set("Accept-Encoding", "zstd")
		w := httptest.NewRecorder()
		site.Echo.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("%s answers %d", path, w.Code)
		}
	}
	took, after, n := time.Since(began), usage(b, pids), time.Duration(times)
	return cost{took / n, (after.here - before.here) / n, (after.database - before.database) / n,
		(after.allocs - before.allocs) / uint64(times)}
}

func median[T int64 | float64 | time.Duration | uint64](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

// BenchmarkPagesFromMemory asks one site that keeps what is taken and one that asks the database, in turns; the figures
// are medians of the rounds.
func BenchmarkPagesFromMemory(b *testing.B) {
	c := crowded(b)
	kept, asking := webtest.Open(b), webtest.Open(b)
	deaf(kept)
	for _, site := range []*webtest.Site{kept, asking} {
		if err := site.Market.Sweep(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	for name, path := range map[string]string{"search": "/search?reason=skin+check&near=Providence",
		"month": "/places/" + c.Slug + "/listings/" + c.OfferingID.String() + "/times"} {
		b.Run(name, func(b *testing.B) { inTurns(b, kept, asking, path) })
	}
	if s := kept.Market.Busy().Stats(); s.Bypassed > s.Hits/10 || asking.Market.Busy().Stats().Hits > 0 {
		b.Errorf("%+v", s)
	}
}

func inTurns(b *testing.B, kept, asking *webtest.Site, path string) {
	const each = 400 // the server's processor time comes in hundredths of a second
	conn := kept.Connect(b, kept.AdminURL())
	ask(b, kept, path, each, nil)
	ask(b, asking, path, each, nil)
	rows, err := conn.Query(b.Context(), `select pid from pg_stat_activity where datname = current_database()`)
	if err != nil {
		b.Fatal(err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		b.Fatal(err)
	}
	var all [2][]cost
	var rate, processor []float64
	for b.Loop() {
		m, a := ask(b, kept, path, each, pids), ask(b, asking, path, each, pids)
		all[0], all[1] = append(all[0], m), append(all[1], a)
		rate = append(rate, a.took.Seconds()/m.took.Seconds())
		processor = append(processor, (a.here+a.database).Seconds()/(m.here+m.database).Seconds())
	}
	for i, who := range []string{"memory", "sql"} {
		var here, database []time.Duration
		var allocs []uint64
		for _, c := range all[i] {
			here, database, allocs = append(here, c.here), append(database, c.database), append(allocs, c.allocs)
		}
		b.ReportMetric(float64(median(here).Microseconds()), who+"-cpu-us")
		b.ReportMetric(float64(median(database).Microseconds()), who+"-database-us")
		b.ReportMetric(float64(median(allocs)), who+"-allocs")
	}
	for what, all := range map[string][]float64{"times-as-fast": rate, "times-less-cpu": processor} {
		b.ReportMetric(median(all), what)
		b.ReportMetric((all[len(all)*3/4]-all[len(all)/4])/all[len(all)/2]*100, what+"-spread-%")
	}
	b.ReportMetric(0, "ns/op")
}
