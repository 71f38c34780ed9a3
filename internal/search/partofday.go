package search

// PartOfDay is a stretch of the location's wall clock: before noon, noon to five, from five on.
type PartOfDay string

// The parts of the day, with their values in the URL.
const (
	AnyTime   PartOfDay = ""
	Morning   PartOfDay = "am"
	Afternoon PartOfDay = "pm"
	Evening   PartOfDay = "eve"
)

var partsInOrder = [3]PartOfDay{Morning, Afternoon, Evening}

const noonHour, eveningHour = 12, 17

// partIndex is the place of an hour of the wall clock in partsInOrder.
func partIndex(hour int) int32 {
	switch {
	case hour < noonHour:
		return 0
	case hour < eveningHour:
		return 1
	}
	return 2
}
