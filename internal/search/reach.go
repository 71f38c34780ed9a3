package search

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
