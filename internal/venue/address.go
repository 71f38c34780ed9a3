package venue

import "strings"

// Address is the home to which somebody comes, and how they get in.
type Address struct {
	Street, Unit, Town, State, ZIP string
	Entry                          string // how to get in: "Code 1234 at the gate"
	Opens                          string // who opens the door
	Pets                           string
}

// Line is the address in one line: "12 Elm St, Unit 3, Providence, RI 02906".
func (a Address) Line() string {
	parts := []string{a.Street}
	if a.Unit != "" {
		parts = append(parts, a.Unit)
	}
	return strings.Join(append(parts, a.Town, strings.TrimSpace(a.State+" "+a.ZIP)), ", ")
}

// Notes are what whoever comes must know at the door, each in a sentence.
func (a Address) Notes() (all []string) {
	for _, n := range [...]struct{ name, value string }{
		{"Getting in", a.Entry}, {"Who opens", a.Opens}, {"Pets", a.Pets},
	} {
		if n.value != "" {
			all = append(all, n.name+": "+n.value)
		}
	}
	return all
}
