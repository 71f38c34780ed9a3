package civil

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestOnlyNamesOfZonesAreZones(t *testing.T) {
	for _, name := range []string{"", "Local", "America/Providence", "../../etc/passwd", "/etc/localtime",
		"america new york", "UTC\n", strings.Repeat("x", 1000)} {
		z, err := Zone(name)
		if !errors.Is(err, ErrZone) || z != nil || len(err.Error()) > 200 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.40q is %v, %v", name, z, err)
		}
		if ZoneOrUTC(name) != time.UTC {
			t.Errorf("%.40q is not UTC", name)
		}
	}
	for _, name := range []string{"UTC", "America/New_York", "Asia/Kathmandu", "Etc/GMT+5"} {
		z, err := Zone(name)
		if err != nil || z.String() != name || ZoneOrUTC(name) != z {
			t.Errorf("%s is %v, %v", name, z, err)
		}
	}
}

func TestAZoneIsReadOnceAndAnErrorIsNotKept(t *testing.T) {
	z := zones{most: 3}
	first, err := z.zone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := z.zone("America/New_York"); again != first {
		t.Error("read twice")
	}
	for n := range 1000 {
		if _, err := z.zone(fmt.Sprint("Nowhere/Town", n)); err == nil {
			t.Fatal("a town that does not exist")
		}
	}
	if len(z.by) != 1 {
		t.Errorf("%d zones are kept", len(z.by))
	}
}

func TestTheCacheOfZonesIsBounded(t *testing.T) {
	z := zones{most: 3}
	names := []string{"America/New_York", "Asia/Tokyo", "Europe/Paris", "Africa/Cairo", "Asia/Kathmandu"}
	for range 2 {
		for _, name := range names {
			if got, err := z.zone(name); err != nil || got.String() != name {
				t.Errorf("%s is %v, %v", name, got, err)
			}
		}
	}
	if len(z.by) != 3 {
		t.Errorf("%d zones are kept, not 3", len(z.by))
	}
}

func TestManyAskForZonesAtOnceAndShareOne(t *testing.T) {
	z := zones{most: mostZones}
	var all sync.WaitGroup
	got := make([]*time.Location, 64)
	for i := range got {
		all.Go(func() { got[i], _ = z.zone("Europe/Lisbon") })
	}
	all.Wait()
	for _, one := range got {
		if one == nil || one != got[0] {
			t.Fatal("different locations of one zone")
		}
	}
}

func BenchmarkZone(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Zone("America/New_York"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNumberOf(b *testing.B) {
	at := time.Now().In(zone(b, "America/New_York"))
	for b.Loop() {
		_ = NumberOf(at)
	}
}
