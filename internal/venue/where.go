package venue

import (
	"net/url"
	"strings"
)

// Where is where a visit happens, as far as its two must know.
type Where struct {
	Mode         Mode
	Organization string
	Street, Town string // of the location: "212 Wickenden St", "Providence, RI 02903"
	Directions   string
	Home         *Address // of a visit at home; nil: not said
}

// Value is where in a few words: "By video with Fox Point Family Practice".
func (w Where) Value() string {
	switch w.Mode {
	case ByVideo:
		return "By video with " + w.Organization
	case ByPhone:
		return "By phone with " + w.Organization
	case AtHome:
		return "At your home"
	}
	return w.Organization
}

// Detail is what one must know beside it: the way there, or who comes or calls.
func (w Where) Detail() string {
	switch w.Mode {
	case ByVideo:
		return "You join from where you are. " + w.Organization + " sends you the way in before it begins."
	case ByPhone:
		return w.Organization + " calls you on your mobile number. Nobody has to travel."
	case AtHome:
		comes := w.Organization + " comes to you."
		if w.Home == nil {
			return comes
		}
		return w.Home.Line() + ". " + comes
	}
	return strings.TrimSpace(w.address() + ". " + w.Directions)
}

// Line is where in one line of a list: "Fox Point Family Practice, 14 Ives St, Providence, RI 02906".
func (w Where) Line() string {
	if w.Mode == AtHome {
		return "At your home, by " + w.Organization
	}
	if w.Mode.Travels() {
		return w.Organization + ", " + w.address()
	}
	return w.Value()
}

// Lines are Line's parts below each other, as an email shows them. The home's address is not among them: mail is read
// over shoulders.
func (w Where) Lines() []string {
	switch {
	case w.Mode == AtHome:
		return []string{w.Value(), w.Organization + " comes to you."}
	case w.Mode.Travels():
		return []string{w.Organization, w.Street, w.Town}
	}
	return []string{w.Value(), w.Detail()}
}

// Map is the address of a map of the location, for visits to which the patient goes.
func (w Where) Map() string {
	if !w.Mode.Travels() {
		return ""
	}
	return "https://www.openstreetmap.org/search?query=" + url.QueryEscape(w.address())
}

// Pays is what the last line of a price says: to whom one pays what insurance does not.
func (w Where) Pays() string {
	if w.Mode.Travels() {
		return "You pay at the place"
	}
	return "You pay " + w.Organization
}

func (w Where) address() string { return w.Street + ", " + w.Town }

// ForStaff is where for those who work at the organization, nothing for a visit at its location. lines are what whoever
// comes to a home must know at the door.
func ForStaff(m Mode, home *Address) (text string, lines []string) {
	switch {
	case m == ByVideo:
		return "By video", nil
	case m == ByPhone:
		return "By phone", nil
	case m == AtHome && home == nil:
		return "At home: no address is known, ask for it", nil
	case m == AtHome:
		return "At home: " + home.Line(), home.Notes()
	}
	return "", nil
}

// AtDesk names where a visit happens for those who work at the organization, with the location that gives it.
func AtDesk(m Mode, location string) string {
	switch m {
	case ByVideo:
		return "By video, " + location
	case ByPhone:
		return "By phone, " + location
	case AtHome:
		return "At the patient's home, from " + location
	}
	return location
}
