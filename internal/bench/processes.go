package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux tells processor time.
const tick = 10 * time.Millisecond

// process is one line of the system's list.
type process struct {
	parent int
	used   time.Duration // of the processors, by itself and by its children that have ended
	ended  time.Duration // of that, by its children that have ended
}

// patient is how often processes are read anew because some have ended meanwhile.
const patient = 10

// processesOf are all that run now, read while no child of the parents ended: its time would be counted twice, or not
// at all.
func processesOf(parents ...int) (all map[int]process, err error) {
	for range patient {
		before := endedOf(parents)
		if all, err = processes(); err != nil || slices.Equal(before, endedOf(parents)) {
			return all, err
		}
	}
	return nil, errors.New("processes of the server end all the time, so what it spends cannot be told")
}

func endedOf(parents []int) (all []time.Duration) {
	for _, pid := range parents {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		p, _ := readProcess(raw)
		all = append(all, p.ended)
	}
	return all
}

// processes are all that run now.
func processes() (map[int]process, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(files) == 0 {
		return nil, errors.New("the bench reads processor time from /proc, which this system does not have")
	}
	all := make(map[int]process, len(files))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			continue
		}
		if p, ok := readProcess(raw); ok {
			all[pid] = p
		}
	}
	return all, nil
}

// readProcess reads a /proc/PID/stat (proc(5)): the name may contain anything, so fields count from its last bracket.
func readProcess(raw []byte) (process, bool) {
	end := bytes.LastIndexByte(raw, ')')
	fields := strings.Fields(string(raw[end+1:]))
	if end < 0 || len(fields) < 15 {
		return process{}, false
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return process{}, false
	}
	p := process{parent: parent}
	for i, f := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return process{}, false
		}
		p.used += time.Duration(n) * tick
		if i >= 2 {
			p.ended += time.Duration(n) * tick
		}
	}
	return p, true
}

// used is the processor time of some processes and all below them, each counted once.
func used(all map[int]process, roots ...int) (sum time.Duration) {
	for pid, p := range all {
		for at, depth := pid, 0; at > 0 && depth < 64; at, depth = all[at].parent, depth+1 {
			if slices.Contains(roots, at) {
				sum += p.used
				break
			}
		}
	}
	return sum
}

// machineTime is what all processors together have done since the machine started: work of any kind, and all of their
// time. What another machine on the same hardware took away counts as work.
func machineTime() (busy, all time.Duration, err error) {
	raw, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	for i, f := range fields[1:9] { // user nice system idle iowait irq softirq steal
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, 0, err
		}
		if all += time.Duration(n) * tick; i != 3 && i != 4 {
			busy += time.Duration(n) * tick
		}
	}
	return busy, all, nil
}

// memory is what a process holds: all that it maps, and what it shares with nobody.
type memory struct{ resident, own int64 } // bytes

func memoryOf(pid int) (memory, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return memory{}, err
	}
	var m memory
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(line, ":")
		kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		if err != nil {
			continue
		}
		switch name {
		case "Rss":
			m.resident += kib << 10
		case "Private_Clean", "Private_Dirty":
			m.own += kib << 10
		}
	}
	return m, nil
}
