// Package venue says where a visit happens, and how the two who meet there find each other. It is decided here; pages,
// emails, calendar files, lists and the API tell what it says.
package venue

import "kindward/internal/civil"

// Mode is how the two of a visit meet, in the words of service.visit_mode.
type Mode string

// The four modes.
const (
	AtClinic Mode = "clinic" // the patient comes to the organization's location
	ByVideo  Mode = "video"
	AtHome   Mode = "home" // somebody comes to the patient
	ByPhone  Mode = "phone"
)

// Modes are all of them; the schema's CHECK constraints are held to this list by a test.
func Modes() []string {
	return []string{string(AtClinic), string(ByVideo), string(AtHome), string(ByPhone)}
}

// ModeOf is how an appointment's two meet: as was chosen for it, or as its service says. A mode that a program from
// before left empty is a visit at the location.
func ModeOf(chosen *string, service string) Mode {
	switch {
	case chosen != nil && *chosen != "":
		return Mode(*chosen)
	case service != "":
		return Mode(service)
	}
	return AtClinic
}

// Travels tells whether the patient goes to the location: only then do its street, its distance, its directions and
// its map say anything. Where nobody said, they do.
func (m Mode) Travels() bool { return m == AtClinic || m == "" }

// Remote tells whether the two are in different places, perhaps on different clocks.
func (m Mode) Remote() bool { return m == ByVideo || m == ByPhone }

// Times tells times to whoever has such a visit: with the zone where nobody goes to where its clock hangs.
func (m Mode) Times(f civil.TimeFormat) civil.TimeFormat {
	f.Zoned = f.Zoned || m.Remote()
	return f
}
