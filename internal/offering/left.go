package offering

// Part is one of the things that patients need to book. Words are parts of addresses.
type Part string

// The parts, in the order in which they are said.
const (
	LocationPart     Part = "locations"
	PractitionerPart Part = "practitioners"
	ServicePart      Part = "services"
	HoursPart        Part = "hours"
)

// Counts are how many an organization has of each.
type Counts struct{ Locations, Practitioners, Services, Hours int }

// Standing is a part, how many there are, and whether patients can book without it.
type Standing struct {
	Part     Part
	Has      int
	Optional bool
}

// Left tells whether a part is missing.
func (s Standing) Left() bool { return s.Has == 0 && !s.Optional }

// Parts are all parts as they stand. A clinic's visits are with somebody; laboratories and home care have teams.
func Parts(kind string, c Counts) []Standing {
	return []Standing{{Part: LocationPart, Has: c.Locations},
		{Part: PractitionerPart, Has: c.Practitioners, Optional: kind != "clinic"},
		{Part: ServicePart, Has: c.Services}, {Part: HoursPart, Has: c.Hours}}
}

// LeftOf counts the parts that are missing.
func LeftOf(parts []Standing) (n int) {
	for _, p := range parts {
		if p.Left() {
			n++
		}
	}
	return n
}
