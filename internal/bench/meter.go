package bench

import (
	"os"
	"time"
)

// meter reads the processors: the server's side is the site and its database, without those who ask.
type meter struct{ site, postmaster int }

// reading is where the counters stand.
type reading struct{ server, ours, busy, all time.Duration }

func (m meter) read() (r reading, err error) {
	if r.busy, r.all, err = machineTime(); err != nil {
		return r, err
	}
	list, err := processesOf(m.postmaster)
	if err != nil {
		return r, err
	}
	r.server = used(list, m.site, m.postmaster)
	r.ours = used(list, m.site, m.postmaster, os.Getpid())
	return r, nil
}

// sample is what one loop has seen.
type sample struct {
	rate    float64 // a second
	cpu     float64 // microseconds of the server's processors for one
	foreign float64 // share of the machine that others used
}

// since is a sample of n things done at a rate between two readings.
func (r reading) since(before reading, n, rate float64) sample {
	s := sample{rate: rate}
	if n > 0 {
		s.cpu = float64((r.server - before.server).Microseconds()) / n
	}
	if all := r.all - before.all; all > 0 {
		s.foreign = max(0, float64((r.busy-before.busy)-(r.ours-before.ours))/float64(all))
	}
	return s
}

// samples are those of all rounds.
type samples []sample

func (all samples) rates() Series   { return all.each(func(s sample) float64 { return s.rate }) }
func (all samples) cpu() Series     { return all.each(func(s sample) float64 { return s.cpu }) }
func (all samples) foreign() Series { return all.each(func(s sample) float64 { return s.foreign }) }

func (all samples) each(of func(sample) float64) Series {
	out := make(Series, len(all))
	for i, s := range all {
		out[i] = of(s)
	}
	return out
}
