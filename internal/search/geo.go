package search

import (
	"math"
	"strconv"
)

const (
	earthKm   = 6371.0088
	kmPerMile = 1.609344
)

// vector is a point on the unit sphere. The squared chord between two such points grows with their distance, so that
// the hot loop compares three products instead of calling trigonometry per listing.
type vector struct{ x, y, z float64 }

func vectorOf(lat, lon float64) vector {
	φ, λ := lat*math.Pi/180, lon*math.Pi/180
	return vector{math.Cos(φ) * math.Cos(λ), math.Cos(φ) * math.Sin(λ), math.Sin(φ)}
}

func (a vector) chord2(b vector) float64 {
	dx, dy, dz := a.x-b.x, a.y-b.y, a.z-b.z
	return dx*dx + dy*dy + dz*dz
}

// chord2Of is the squared chord that belongs to a distance along the ground.
func chord2Of(km float64) float64 {
	if km <= 0 {
		return 0
	}
	s := 2 * math.Sin(math.Min(km/(2*earthKm), math.Pi/2))
	return s * s
}

// kmOf turns a squared chord back into kilometres along the ground; the series is exact to 1 m in 1,000 km.
func kmOf(chord2 float64) float64 {
	return earthKm * math.Sqrt(chord2) * (1 + chord2*(1.0/24+chord2*(3.0/640)))
}

// Miles converts what we compute in into what people here read.
func Miles(km float64) float64 { return km / kmPerMile }

// DistanceText is a distance for people: "0.4 miles", "12 miles".
func DistanceText(km float64) string {
	miles := Miles(km)
	switch {
	case miles < 0.05:
		return "less than 0.1 miles"
	case miles >= 9.95:
		return strconv.FormatFloat(miles, 'f', 0, 64) + " miles"
	}
	text := strconv.FormatFloat(miles, 'f', 1, 64)
	if text == "1.0" {
		return "1 mile"
	}
	return text + " miles"
}
