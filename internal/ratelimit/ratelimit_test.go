package ratelimit

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// passes counts how many of n requests of a key pass at once.
func passes(l *Limiter, key string, n int, now time.Time) (passed int) {
	for range n {
		if l.Allow(key, now) == 0 {
			passed++
		}
	}
	return passed
}

func TestAKeyHasItsBurstAndThenItsRate(t *testing.T) {
	l := New(Limit{Burst: 5, Every: 2 * time.Second}, 10)
	if n := passes(l, "a", 20, start); n != 5 {
		t.Errorf("%d passed at once, not 5", n)
	}
	for second, want := range map[int]int{1: 0, 2: 1, 3: 1, 8: 4, 1000: 5} {
		l := New(Limit{Burst: 5, Every: 2 * time.Second}, 10)
		passes(l, "a", 20, start)
		if n := passes(l, "a", 20, start.Add(time.Duration(second)*time.Second)); n != want {
			t.Errorf("%d passed after %d seconds, not %d", n, second, want)
		}
	}
}

func TestARefusedRequestPassesAfterTheWaitAndNotBefore(t *testing.T) {
	for _, every := range []time.Duration{time.Nanosecond, 3 * time.Millisecond, 500 * time.Millisecond, 7 * time.Second,
		1000 * time.Hour} {
		l, now := New(Limit{Burst: 3, Every: every}, 10), start
		passes(l, "a", 3, now)
		for range 100 {
			wait := l.Allow("a", now)
			if wait <= 0 || wait > every+1 { // rounded up to a nanosecond
				t.Fatalf("a wait of %s with one every %s", wait, every)
			}
			if early := l.Allow("a", now.Add(wait*9/10)); early <= 0 && wait > 10 {
				t.Fatalf("passed after %s of %s", wait*9/10, wait)
			}
			now = now.Add(wait)
			if again := l.Allow("a", now); again != 0 {
				t.Fatalf("after %s it has to wait for %s more", wait, again)
			}
		}
	}
}

func TestRefusalsSpendNothing(t *testing.T) {
	l := New(Limit{Burst: 1, Every: time.Minute}, 10)
	passes(l, "a", 1, start)
	if n := passes(l, "a", 10_000, start.Add(30*time.Second)); n != 0 {
		t.Errorf("%d passed", n)
	}
	if wait := l.Allow("a", start.Add(time.Minute)); wait != 0 {
		t.Errorf("after a minute of being refused it waits for %s", wait)
	}
}

func TestLeftIsHowManyMoreMayPass(t *testing.T) {
	l := New(Limit{Burst: 120, Every: 500 * time.Millisecond}, 10)
	for n := range 120 {
		if left, wait := l.Take("a", start); left != 119-n || wait != 0 {
			t.Fatalf("request %d leaves %d and waits for %s", n, left, wait)
		}
	}
	if left, wait := l.Take("a", start); left != 0 || wait != 500*time.Millisecond {
		t.Errorf("one too many leaves %d and waits for %s", left, wait)
	}
	if got := l.Limit().Window(); got != time.Minute {
		t.Errorf("whole again after %s", got)
	}
}

func TestNoKeyIsDelayedByAnother(t *testing.T) {
	l, alone := New(Limit{Burst: 3, Every: time.Second}, 1000), New(Limit{Burst: 3, Every: time.Second}, 1000)
	dice, greedy := rand.New(rand.NewPCG(1, 2)), 0
	for step := range 20_000 {
		now := start.Add(time.Duration(step) * 10 * time.Millisecond)
		greedy += passes(l, "greedy", 5, now)
		if step%7 == 0 {
			key := "bystander " + strconv.Itoa(dice.IntN(100))
			if got, want := l.Allow(key, now), alone.Allow(key, now); got != want {
				t.Fatalf("step %d: %s waits for %s, alone it would wait for %s", step, key, got, want)
			}
		}
	}
	if greedy > 203 { // three at once and one a second
		t.Errorf("the greedy key passed %d times", greedy)
	}
	shared := New(Limit{Burst: 3, Every: time.Second}, 1000)
	passes(shared, "one key for all", 3, start)
	if shared.Allow("one key for all", start) == 0 {
		t.Error("control: with a key in common, bystanders are not delayed")
	}
}

func TestAMillionKeysStayWithinTheBound(t *testing.T) {
	const most = 2000
	l := New(Limit{Burst: 3, Every: time.Hour}, most)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := range 1_000_000 {
		l.Allow("203.0.113."+strconv.Itoa(n), start)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(l.by) != most || l.order.Len() != most {
		t.Errorf("%d keys in the map and %d in the list, not %d", len(l.by), l.order.Len(), most)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > most*600 {
		t.Errorf("%d keys take %d bytes", most, grown)
	}
	runtime.KeepAlive(l)
}

func TestAnActiveKeyIsNotForgottenForNewcomers(t *testing.T) {
	const most = 100
	l := New(Limit{Burst: 2, Every: time.Hour}, most)
	passes(l, "active", 2, start)
	for n := range 100_000 {
		l.Allow("newcomer "+strconv.Itoa(n), start)
		if n%(most-1) == 0 && l.Allow("active", start) == 0 {
			t.Fatalf("after %d newcomers it may pass again", n)
		}
	}
	idle := New(Limit{Burst: 2, Every: time.Hour}, most)
	passes(idle, "idle", 2, start)
	for n := range most - 1 {
		idle.Allow("newcomer "+strconv.Itoa(n), start)
	}
	if idle.by["idle"] == nil {
		t.Errorf("forgotten after %d others", most-1)
	}
	idle.Allow("one more", start)
	if idle.Allow("idle", start) != 0 {
		t.Errorf("control: still known after %d others", most)
	}
}

func TestManyAtOnceUseEachKeysLimitAndNoMore(t *testing.T) {
	l := New(Limit{Burst: 50, Every: time.Hour}, 8)
	var passed [8]atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := range 8 * 40 {
				if l.Allow(fmt.Sprint("key ", n%8), start) == 0 {
					passed[n%8].Add(1)
				}
			}
		})
	}
	all.Wait()
	for key := range passed {
		if n := passed[key].Load(); n != 50 {
			t.Errorf("key %d passed %d times, not 50", key, n)
		}
	}
}

func TestAClockSetBackDoesNotRenewWhatIsUsedUp(t *testing.T) {
	l := New(Limit{Burst: 2, Every: time.Second}, 8)
	passes(l, "a", 2, start)
	if n := passes(l, "a", 5, start.Add(-time.Hour)); n != 0 {
		t.Errorf("%d passed an hour before", n)
	}
	if n := passes(l, "a", 5, start); n != 0 {
		t.Errorf("%d passed when the clock was right again", n)
	}
}

func TestUnlimitedLetsEverythingPassAndRemembersNobody(t *testing.T) {
	l := New(Unlimited, 10)
	if n := passes(l, "a", 10_000, start); n != 10_000 || len(l.by) != 0 {
		t.Errorf("%d passed, %d keys", n, len(l.by))
	}
	if n := passes(New(Limit{Every: time.Hour}, 0), "a", 10, start); n != 1 {
		t.Errorf("%d passed with the least burst", n)
	}
}

func BenchmarkKnownKeys(b *testing.B) {
	l := New(Limit{Burst: 30, Every: 2 * time.Second}, 20_000)
	keys := make([]string, 20_000)
	for i := range keys {
		keys[i] = "203.0.113." + strconv.Itoa(i)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		l.Allow(keys[n%len(keys)], start)
		n++
	}
}

func BenchmarkNewKeys(b *testing.B) {
	l := New(Limit{Burst: 30, Every: 2 * time.Second}, 20_000)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		l.Allow("203.0.113."+strconv.Itoa(n), start)
		n++
	}
}

func BenchmarkOneKeyInParallel(b *testing.B) {
	l := New(Limit{Burst: 30, Every: time.Millisecond}, 20_000)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			l.Allow("a", time.Now())
		}
	})
}

func TestWhatIsReturnedMayBeTakenAgainAndNoMore(t *testing.T) {
	l, now := New(Limit{Burst: 2, Every: time.Hour}, 1), time.Now()
	for range 5 { // with nothing taken: the burst stays what it is
		l.Return("a", now)
	}
	taken := 0
	for l.Allow("a", now.Add(time.Second)) == 0 {
		taken++
	}
	l.Return("a", now.Add(time.Second))
	if again := l.Allow("a", now.Add(time.Second)); taken != 2 || again != 0 {
		t.Errorf("%d taken, then %s to wait", taken, again)
	}
	if l.Allow("a", now.Add(time.Second)) == 0 {
		t.Error("control: one that was not returned is taken")
	}
}
