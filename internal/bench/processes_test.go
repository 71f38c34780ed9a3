package bench

import (
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

func TestAProcessIsReadWhateverItsName(t *testing.T) {
	p, ok := readProcess([]byte("17 (a) b (c)) S 4 17 17 0 -1 4194560 1 2 3 4 50 25 5 20 20 0 1 0 9 8 7"))
	if want := (process{parent: 4, used: time.Second, ended: 250 * time.Millisecond}); !ok || p != want {
		t.Errorf("%+v %v, want %+v", p, ok, want)
	}
	for _, odd := range []string{"", "17 (x", "17 (x) S", "17 (x) S y 17 17 0 -1 4 1 2 3 4 50 25 5 20 20"} {
		if _, ok := readProcess([]byte(odd)); ok {
			t.Errorf("%q is a process", odd)
		}
	}
}

func TestATreeIsCountedOnceAndWholly(t *testing.T) {
	all := map[int]process{1: {used: 100}, 10: {parent: 1, used: 1}, 11: {parent: 10, used: 2}, 12: {parent: 11, used: 4},
		20: {parent: 1, used: 8}, 30: {parent: 31, used: 16}, 31: {parent: 30, used: 32}}
	for _, c := range []struct {
		roots []int
		want  time.Duration
	}{{[]int{10}, 7}, {[]int{11}, 6}, {[]int{10, 12}, 7}, {[]int{10, 20}, 15}, {[]int{99}, 0}, {nil, 0}} {
		if got := used(all, c.roots...); got != c.want {
			t.Errorf("below %v are %d, want %d", c.roots, got, c.want)
		}
	}
}

func TestWhatOthersDoIsTold(t *testing.T) {
	before := reading{10, 20, 30, 100}
	for _, c := range []struct {
		after reading
		want  float64
	}{
		{reading{60, 80, 90, 200}, 0},    // all that the machine did was ours
		{reading{60, 80, 110, 200}, 0.2}, // others had a fifth of it
		{reading{60, 80, 80, 200}, 0},    // the counters are read one after the other
	} {
		if got := c.after.since(before, 1, 1).foreign; got != c.want {
			t.Errorf("%+v: others had %v, want %v", c.after, got, c.want)
		}
	}
}

// The work of a child counts as ours and as a server's, and not as anybody else's.
func TestWorkIsSeenWhereItIsDone(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	child := exec.Command("sh", "-c", "while :; do :; done")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	m := meter{child.Process.Pid, child.Process.Pid}
	before, err := m.read()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		now, err := m.read()
		if err != nil {
			t.Fatal(err)
		}
		if now.server-before.server < 100*time.Millisecond {
			continue
		}
		if now.ours-before.ours < now.server-before.server {
			t.Errorf("the server used %v, which is not among our %v", now.server-before.server, now.ours-before.ours)
		}
		if got, err := memoryOf(os.Getpid()); err != nil || got.own <= 0 || got.resident < got.own {
			t.Errorf("this process holds %+v: %v", got, err)
		}
		return
	}
	t.Error("a child that works has used nothing in a minute")
}
