package region

import (
	"fmt"

	"github.com/google/uuid"
)

// team is a pool of like resources at one location: a time is free if any of them is.
type team struct {
	name, kind string // of its resources; a team of practitioners is named by them
	week       func(random) week
	reasons    []string
	some       int // percent of the reasons it has; its first three always
	size       [2]int
	specialty  specialty // of the people, for teams of practitioners
}

var (
	bloodTests = []string{"L01", "L03", "L04", "L05", "L02", "L06", "L07", "L08", "L09", "L10", "L11", "L12", "L13", "L14",
		"L15", "L16", "L17",
		"L18", "L19", "L20", "L21", "L22", "L23", "L24", "L25", "L26", "L36"}
	swabs = []string{"L21", "L22", "L18", "L25", "L12", "L23", "L26", "L19", "L20", "L14"}
	scans = []string{"L28", "L30", "L32", "L29", "L31", "L33", "L27", "L37"}

	drawStations = team{"Draw station", "room", drawWeek, bloodTests, 75, [2]int{2, 3}, specialty{}}
	swabStations = team{"Test station", "room", drawWeek, swabs, 80, [2]int{2, 3}, specialty{}}
	imagingRooms = team{"Imaging room", "room", imagingWeek, scans, 75, [2]int{2, 2}, specialty{}}
	scanners     = team{"Scanner", "machine", scannerWeek, []string{"L34", "L35"}, 100, [2]int{2, 2}, specialty{}}
	homeDraws    = team{"Collection car", "vehicle", drawWeek, []string{"L38"}, 100, [2]int{2, 3}, specialty{}}
	inHouseDraws = team{"Draw chair", "room", drawWeek,
		[]string{"L01", "L05", "L04", "L02", "L03", "L07", "L12", "L21", "L22"}, 60, [2]int{2, 2}, specialty{}}

	nurses = team{"", "practitioner", nurseWeek, []string{"H01", "H02", "H13", "H03", "H04", "H05", "H16", "H17", "H20"},
		90, [2]int{2, 3},
		specialty{"home", "Registered nurse", "", "RN", nil, nil}}
	visitingDraws = team{"", "practitioner", drawWeek, []string{"L38", "L01", "L05", "L16", "L04"}, 100, [2]int{2, 3},
		specialty{"home", "Phlebotomist", "", "CPT", nil, nil}}
	therapists = team{"", "practitioner", therapistWeek, []string{"H10", "H11", "H18", "H12"}, 90, [2]int{2, 3},
		specialty{"home", "Home therapist", "", "", nil, nil}}
	caregivers = team{"", "practitioner", caregiverWeek, []string{"H06", "H07", "H09", "H14", "H15", "H19"}, 90,
		[2]int{2, 4},
		specialty{"home", "Home health aide", "", "CNA", nil, nil}}
	nightWatch = team{"", "practitioner", nightWeek, []string{"H08"}, 100, [2]int{2, 3},
		specialty{"home", "Practical nurse", "", "LPN", nil, nil}}
)

var laboratoryTeams = map[string][]team{
	"Diagnostics":    {drawStations, imagingRooms},
	"Laboratories":   {drawStations, homeDraws},
	"Imaging":        {imagingRooms, scanners},
	"Lab Services":   {drawStations},
	"Testing Center": {swabStations, drawStations},
}

var homeTeams = map[string][]team{
	"Home Care":       {caregivers, nurses},
	"Home Health":     {nurses, therapists},
	"Visiting Nurses": {nurses, visitingDraws, therapists},
	"Senior Care":     {caregivers, nightWatch, nurses},
	"Care at Home":    {nurses, visitingDraws, therapists, caregivers, nightWatch},
}

func (g *generator) staffLaboratory(o *organization) {
	for _, l := range o.locations {
		for _, t := range laboratoryTeams[o.suffix] {
			g.assemble(o, t, l.ID)
		}
	}
}

func (g *generator) staffHomeCare(o *organization) {
	for _, l := range o.locations {
		for _, t := range homeTeams[o.suffix] {
			g.assemble(o, t, l.ID)
		}
	}
}

// drawInHouse lets a clinic draw blood at its first location.
func (g *generator) drawInHouse(o *organization) { g.assemble(o, inHouseDraws, o.locations[0].ID) }

// assemble makes a team's resources, its schedule and its offerings.
func (g *generator) assemble(o *organization, t team, location uuid.UUID) {
	d := g.random("team", o.index, len(o.schedules))
	var pool []uuid.UUID
	for n := range d.between(t.size[0], t.size[1]) {
		r := resource{ID: g.id("resource", o.index, len(o.resources)), Kind: t.kind, Name: fmt.Sprintf("%s %d", t.name, n+1)}
		if t.kind == "practitioner" {
			p := g.person(g.random("practitioner", o.index, len(o.practitioners)), o, t.specialty)
			r.Name, r.PractitionerID = p.Name, &p.ID
		}
		pool = append(pool, r.ID)
		o.resources = append(o.resources, r)
	}
	name := t.name + "s"
	if t.kind == "practitioner" {
		name = t.specialty.label + "s"
	}
	id := g.schedule(o, location, nil, name, t.week(d), nil)
	template := g.terms(d, o)
	template.Resources = pool
	for n, code := range t.reasons {
		forced := n < 3 || o.known != nil
		if forced || d.percent(t.some) {
			g.offer(o, template, code, location, id, "")
		}
	}
}
