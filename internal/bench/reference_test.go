package bench

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestOnlyTheWarmSecondsOfPgbenchCount(t *testing.T) {
	spent := time.Duration(0)
	w := warm{read: func() (reading, error) {
		spent += time.Second
		return reading{server: spent, ours: spent, busy: spent, all: 2 * spent}, nil
	}}
	for line := range strings.Lines("pgbench (15)\nprogress: 1.0 s, 100.0 tps, lat 1 ms\nprogress: 2.0 s, 300.0 tps\nprogress: 4.0 s, 600.0 tps\n") {
		w.hear(strings.TrimSpace(line))
	}
	s, err := w.sample()
	if want := (300.0 + 2*600) / 3; err != nil || s.rate != want || s.foreign != 0 {
		t.Errorf("%+v, %v, want %v a second", s, err, want)
	}
	if want := 2e6 / 1500; s.cpu < want-1 || s.cpu > want+1 {
		t.Errorf("one costs %v us, want %v: two seconds of processor for 1,500", s.cpu, want)
	}
	cold := warm{read: w.read}
	cold.hear("progress: 1.0 s, 100.0 tps")
	cold.hear("pgbench: error: client 0 aborted")
	if _, err := cold.sample(); err == nil || !strings.Contains(err.Error(), "aborted") {
		t.Errorf("an aborted run: %v", err)
	}
}

func TestAStatementGetsEachParameterInItsPlace(t *testing.T) {
	got, err := fill("-- Some @note: one\nselect @a, @ab::uuid, @a where x @> y;\n", map[string]string{"a": "1", "ab": "'z'"})
	if want := "select (1), ('z')::uuid, (1) where x @> y;\n"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if _, err := fill("select @a, @missing;", map[string]string{"a": "1"}); err == nil ||
		!strings.Contains(err.Error(), "@missing") {
		t.Errorf("a parameter that nothing gives: %v", err)
	}
	if literal("it's") != "'it''s'::text" {
		t.Errorf("a quote escapes: %s", literal("it's"))
	}
}

func TestEnteringATenantIsNoHitOfItsOwn(t *testing.T) {
	for _, c := range []struct {
		sentByName, looks int64
		want              float64
	}{{400, 100, 100}, {200, 100, 0}, {300, 100, 50}, {150, 100, 0}, {0, 0, 0}} {
		if got := hitRate(c.sentByName, c.looks); got != c.want {
			t.Errorf("%d of %d looks' statements by name are %v %%, want %v", c.sentByName, c.looks, got, c.want)
		}
	}
}

func TestTheFirstOfManyComesAsOftenAsItsRankSays(t *testing.T) {
	z, dice := newZipf(1000), rand.New(rand.NewPCG(5, 6))
	count := make([]int, 1000)
	for range 100_000 {
		count[z.pick(dice)]++
	}
	// the sum of 1/k up to a thousand is 7.485
	for rank, want := range map[int]float64{0: 13360, 1: 6680, 9: 1336} {
		if got := float64(count[rank]); got < want*0.85 || got > want*1.15 {
			t.Errorf("number %d came %v times, want about %v", rank+1, got, want)
		}
	}
}
