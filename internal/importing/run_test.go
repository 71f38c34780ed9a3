package importing

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/npi"
	"kindward/internal/pgtest"
	"kindward/queries/tenantdb"
)

// many are 10,000 rows: one in a hundred is wrong, three are there twice.
func many() []byte {
	var b strings.Builder
	b.WriteString("Id,Name,Specialty,NPI\n")
	for i := range 10_000 {
		number := npi.Synthetic(i)
		switch {
		case i%100 == 50:
			number = "1234567890"
		case i == 9997, i == 9998, i == 9999:
			fmt.Fprintf(&b, "P%d,Person %d,Dentist,%s\n", i-9900, i-9900, npi.Synthetic(i-9900))
			continue
		}
		fmt.Fprintf(&b, "P%d,Person %d,Dentist,%s\n", i, i, number)
	}
	return []byte(b.String())
}

// peak tells by how many bytes what is alive and what waits to be collected has grown at most since it was called.
func peak(t *testing.T) (most func() uint64) {
	t.Helper()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	runtime.GC()
	before, done, grown := heap(), make(chan struct{}), make(chan uint64)
	go func() {
		high := before
		for {
			select {
			case <-done:
				grown <- high - before
				return
			case <-time.After(5 * time.Millisecond):
				high = max(high, heap())
			}
		}
	}()
	return func() uint64 { close(done); return <-grown }
}

var errKilled = errors.New("killed")

func stage(t *testing.T, c *pgtest.Clinic, kind string, body []byte) uuid.UUID {
	t.Helper()
	id := uuid.New()
	err := Stage(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), tenantdb.AddImportParams{ID: id, Kind: kind,
		CreatedAt: time.Now()}, body)
	if err == nil {
		err = Check(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, id, nil, nil)
	}
	if err == nil {
		err = Begin(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), id, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func counts(t *testing.T, c *pgtest.Clinic, id uuid.UUID) string {
	t.Helper()
	rows, err := c.Queries(uuid.Nil).ImportCounts(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range rows {
		all = append(all, fmt.Sprint(r.State, " ", r.Rows))
	}
	return strings.Join(all, ", ")
}

func TestF12TenThousandRowsKilledAtRow5000AreInOnce(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	began, most := time.Now(), peak(t)
	id := stage(t, c, "practitioners", many())
	parts, run, first := 0, time.Now(), time.Duration(0)
	r := Runner{Gateway: c.DB.Gateway, Now: time.Now, stop: func(string) error {
		switch parts++; parts {
		case 1:
			first = time.Since(run)
		case 6:
			return errKilled
		}
		return nil
	}}
	if err := r.Run(t.Context(), c.Scope(uuid.Nil), c.Tenant, id); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if got := counts(t, c, id); got != "added 5000, ready 4897, same 3, wrong 100" {
		t.Fatalf("killed: %s", got)
	}
	r.stop, r.Long = nil, 300*time.Millisecond // a worker has little time at once
	err := r.Run(t.Context(), c.Scope(uuid.Nil), c.Tenant, id)
	for n := 0; n < 20 && errors.Is(err, ErrMore); n++ {
		err = r.Run(t.Context(), c.Scope(uuid.Nil), c.Tenant, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := counts(t, c, id); got != "added 9897, same 3, wrong 100" {
		t.Errorf("in the end: %s", got)
	}
	grown := most() >> 20
	t.Logf("10,000 rows in %s and %d MiB, the first of them in %s", time.Since(began), grown, first)
	if grown > 64 {
		t.Errorf("%d MiB", grown)
	}
	again := stage(t, c, "practitioners", many())
	if got := counts(t, c, again); got != "same 9900, wrong 100" {
		t.Errorf("once more: %s", got)
	}
	if err := Undo(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, id, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := counts(t, c, id); got != "same 3, undone 9897, wrong 100" {
		t.Errorf("undone: %s", got)
	}
	left, err := c.Queries(uuid.Nil).KnownPractitioners(t.Context())
	if err != nil || len(left) != 1 {
		t.Errorf("%d practitioners are left, %v", len(left), err)
	}
}

func TestWhatHoursNeedStaysWhenAnImportIsUndone(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	id := stage(t, c, "practitioners", []byte("Name,Specialty\nAna,Dentist\nBen,Dentist\n"))
	r := Runner{Gateway: c.DB.Gateway, Now: time.Now}
	if err := r.Run(t.Context(), c.Scope(uuid.Nil), c.Tenant, id); err != nil {
		t.Fatal(err)
	}
	c.SQL(t, `insert into schedule (id, location_id, practitioner_id) select gen_random_uuid(), $1, id from practitioner
		where name = 'Ana'`, c.Location)
	if err := Undo(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, id, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := counts(t, c, id); got != "kept 1, undone 1" {
		t.Error(got)
	}
}

func TestWhatComesIntoUseWhileAnImportIsUndoneIsSaidAndNothingIsGone(t *testing.T) {
	c := pgtest.Open(t).Clinic(t)
	id := stage(t, c, "practitioners", []byte("Name,Specialty\nAna,Dentist\nBen,Dentist\n"))
	r := Runner{Gateway: c.DB.Gateway, Now: time.Now}
	if err := r.Run(t.Context(), c.Scope(uuid.Nil), c.Tenant, id); err != nil {
		t.Fatal(err)
	}
	tx, err := c.DB.Connect(t, c.DB.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), "set local search_path = "+c.Schema)
	if err == nil {
		_, err = tx.Exec(t.Context(), `insert into schedule (id, location_id, practitioner_id)
			select gen_random_uuid(), $1, id from practitioner where name = 'Ana'`, c.Location)
	}
	if err != nil {
		t.Fatal(err)
	}
	undone := make(chan error, 1)
	undo := func() error { return Undo(t.Context(), c.DB.Gateway, c.Scope(uuid.Nil), c.Tenant, id, time.Now()) }
	go func() { undone <- undo() }()
	for c.DB.Count(t, `select count(*) from pg_stat_activity where datname = current_database() and
		cardinality(pg_blocking_pids(pid)) > 0`) == 0 {
		time.Sleep(2 * time.Millisecond)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-undone; !errors.Is(err, ErrNeeded) {
		t.Error(err)
	}
	if got := counts(t, c, id); got != "added 2" {
		t.Error(got)
	}
	if err := undo(); err != nil || counts(t, c, id) != "kept 1, undone 1" {
		t.Error(err, counts(t, c, id))
	}
}
