package civil

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// ErrZone is returned for what is not the name of a time zone.
var ErrZone = errors.New("not a time zone like America/New_York")

// Zone is the time zone of an IANA name. It reads a zone once and keeps it. Names that depend on the machine, "" and
// "Local", are errors like unknown ones.
func Zone(name string) (*time.Location, error) { return loaded.zone(name) }

// ZoneOrUTC is the zone of a name that was checked when it was written, and UTC for any other.
func ZoneOrUTC(name string) *time.Location {
	zone, err := Zone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// mostZones is more than the database of zones has names, so that nothing is read twice; the bound holds even where
// the machine's files make up others.
const mostZones = 1024

// loaded is what this process has read. It depends on nothing but the machine's database of zones.
var loaded = zones{most: mostZones}

// zones keeps what time.LoadLocation would read from disk again for each of a hundred thousand listings.
type zones struct {
	most int
	mu   sync.RWMutex
	by   map[string]*time.Location
}

func (z *zones) zone(name string) (*time.Location, error) {
	z.mu.RLock()
	zone := z.by[name]
	z.mu.RUnlock()
	if zone != nil {
		return zone, nil
	}
	if name == "" || name == "Local" { // both load, as what this machine happens to be set to
		return nil, fmt.Errorf("%w: no zone", ErrZone)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%w: unknown zone %.60q", ErrZone, name)
	}
	return z.keep(name, zone), nil
}

// keep gives the location that all share: the first one read.
func (z *zones) keep(name string, zone *time.Location) *time.Location {
	z.mu.Lock()
	defer z.mu.Unlock()
	if first := z.by[name]; first != nil {
		return first
	}
	if z.by == nil {
		z.by = map[string]*time.Location{}
	}
	if len(z.by) < z.most {
		z.by[name] = zone
	}
	return zone
}

// PeriodAt is the period of a zone that an instant in Unix seconds lies in.
func PeriodAt(zone *time.Location, t int64) Period {
	at := time.Unix(t, 0).In(zone)
	_, offset := at.Zone()
	p := Period{math.MinInt64, math.MaxInt64, int64(offset)}
	from, to := at.ZoneBounds()
	if !from.IsZero() {
		p.From = from.Unix()
	}
	if !to.IsZero() {
		p.To = to.Unix()
	}
	return p
}
