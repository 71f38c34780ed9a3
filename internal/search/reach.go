package search

// Place is the place that a text stands for: a ZIP or a town of the region.
func (ix *Index) Place(text string) (Near, bool) {
	near, found, _ := ix.zipCodes.locate(text)
	return near, found
}

// Reaches tells whether somebody who travels so far from lat and lon, in degrees, comes to a place: to its middle, as
// searches count. Two tests of one distance would be two service areas.
func Reaches(lat, lon, km float64, to Near) bool {
	return vectorOf(lat, lon).chord2(vectorOf(to.Lat, to.Lon)) <= chord2Of(km)
}
