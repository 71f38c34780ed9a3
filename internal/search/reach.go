package search

import "slices"

// Locate is where a text stands for: a ZIP or a town of the region.
func (ix *Index) Locate(text string) (Near, bool) {
	near, found, _ := ix.zipCodes.locate(text)
	return near, found
}

// nearestKm is how far the middle of a ZIP area may be from somebody in it; whoever is farther from all is elsewhere.
const nearestKm = 50

// NearestZIP is the ZIP area whose middle is nearest to a point, in degrees; a point outside the region has none.
func (ix *Index) NearestZIP(lat, lon float64) (near Near, found bool) {
	at, best := vectorOf(lat, lon), chord2Of(nearestKm)
	for _, n := range ix.zipCodes.byZIP {
		if d := at.chord2(vectorOf(n.Lat, n.Lon)); d < best || d == best && n.ZIP < near.ZIP {
			near, best, found = n, d, true
		}
	}
	return near, found
}

// Reaches tells whether somebody who travels so far from lat and lon, in degrees, comes to a place: to its middle, as
// searches count. Two tests of one distance would be two service areas.
func Reaches(lat, lon, km float64, to Near) bool {
	return vectorOf(lat, lon).chord2(vectorOf(to.Lat, to.Lon)) <= chord2Of(km)
}

// neighborKm is how far the middle of a town may be from a ZIP area that somebody says lies in it.
const neighborKm = 15

// TownCheck is how a town that somebody writes beside a ZIP goes with it.
type TownCheck struct {
	Town    string // as it is to be kept: the listed name of whatever way it was written
	Problem string // empty: it is the town of the ZIP
	MayKeep bool   // they may know better: a village has no ZIP of its own, and towns meet inside of one
}

// CheckTown compares a town as typed with the one that is listed for the ZIP.
func (ix *Index) CheckTown(zip Near, typed string) TownCheck {
	g := ix.zipCodes
	a := g.takeApart(typed)
	sameState := a.state == "" || a.state == zip.State
	if a.town == withoutSpaces(fold(zip.Town)) && sameState {
		return TownCheck{Town: zip.Town}
	}
	listed := g.byTown[a.town]
	isNeighbor := slices.ContainsFunc(listed, func(i int32) bool {
		t := g.towns[i].near
		return t.State == zip.State && Reaches(t.Lat, t.Lon, neighborKm, zip)
	})
	check := TownCheck{Town: typed, MayKeep: sameState && (len(listed) == 0 || isNeighbor),
		Problem: zip.ZIP + " is in " + zip.Town + ", " + zip.State + ". Correct the town or the ZIP"}
	if check.MayKeep {
		check.Problem += ", or say that it is right"
	}
	return check
}
