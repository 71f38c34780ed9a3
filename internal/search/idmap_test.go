package search

import (
	"maps"
	"testing"

	"github.com/google/uuid"
)

func TestAForkOfAMapOfIDsIsLikeACopy(t *testing.T) {
	d := roll(51)
	var all []uuid.UUID
	for i := range 3_000 {
		all = append(all, testID(1, i*7919%65_536))
	}
	type pair struct {
		kept *idMap[int]
		want map[uuid.UUID]int
	}
	now := pair{newIDMap[int](), map[uuid.UUID]int{}}
	var before []pair
	for range 60 {
		for range 100 {
			id := pick(d, all)
			if d.chance(0.4) {
				now.kept.remove(id)
				delete(now.want, id)
			} else {
				now.kept.set(id, d.IntN(1000))
				now.want[id], _ = now.kept.get(id)
			}
		}
		before = append(before, now)
		now = pair{now.kept.fork(), maps.Clone(now.want)}
	}
	for i, p := range before {
		if !maps.Equal(maps.Collect(p.kept.all()), p.want) || p.kept.size != len(p.want) {
			t.Fatalf("fork %d has changed since", i)
		}
		for _, id := range all {
			v, known := p.kept.get(id)
			if w, is := p.want[id]; v != w || known != is {
				t.Fatalf("fork %d: %v, %v, want %v, %v", i, v, known, w, is)
			}
		}
	}
}
