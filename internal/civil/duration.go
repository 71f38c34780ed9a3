package civil

import (
	"strconv"
	"time"
)

// Duration is how long something lasts, in the largest unit that people count it in: minutes up to two hours, hours up
// to three days, then days. What is no whole number of a unit is told in the one below; seconds are left out.
func Duration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d > 3*day && d%day == 0:
		return counted(d, day, "day")
	case d > 2*time.Hour && d%time.Hour == 0:
		return counted(d, time.Hour, "hour")
	}
	return counted(d, time.Minute, "minute")
}

func counted(d, unit time.Duration, word string) string {
	n := int(d / unit)
	if n != 1 {
		word += "s"
	}
	return strconv.Itoa(n) + " " + word
}
