package search

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
)

func cpu() int64 {
	var r syscall.Rusage
	syscall.Getrusage(1, &r)
	return r.Utime.Nano() + r.Stime.Nano()
}
func TestCPU(t *testing.T) {
	runtime.LockOSThread()
	ix := region100k(t)
	for _, q := range questions {
		w := ix.Normalise(parse(t, q.query), now).Wish
		n := 0
		for _, r := range w.Reasons {
			n += ix.lexicon.listings[ix.lexicon.byCode[r]]
		}
		ix.Search(w, now)
		best := int64(1 << 60)
		for range 7 {
			c := cpu()
			for range 1500 {
				ix.Search(w, now)
			}
			best = min(best, (cpu()-c)/1500)
		}
		p := ix.Search(w, now)
		fmt.Println(q.name, n, "listings", p.Total, "results", best, "ns CPU")
	}
	for _, q := range []string{"reason=mri&near=02906", "reason=mri&near=providence+rhode+island", "reason=dermatolgoist+vist&near=02906", "reason=qqzzxxwwvv", "reason=blood+test&near=02906"} {
		best := int64(1 << 60)
		v := parse(t, q)
		for range 7 {
			c := cpu()
			for range 1500 {
				ix.Normalise(v, now)
			}
			best = min(best, (cpu()-c)/1500)
		}
		fmt.Println(q, best, "ns CPU")
	}
	w := ix.Normalise(parse(t, questions[0].query), now).Wish
	best := int64(1 << 60)
	for range 7 {
		c := cpu()
		for range 1500 {
			ix.WithAvailability([]Availability{{Listing: ix.listings[5].ID}})
		}
		best = min(best, (cpu()-c)/1500)
	}
	fmt.Println("withav", best, w.Key(), ix.layout.words)
}
