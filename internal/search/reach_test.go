package search

import (
	"strings"
	"testing"

	"kindward/internal/venue"
)

// A home is where its ZIP is, whatever way its town is written; a village may be there as well, another town may not.
func TestATownIsThatOfItsZIPOrMayBeAVillageOfIt(t *testing.T) {
	ix := one(t)
	for _, test := range []struct {
		zip, typed, town string
		fits, mayKeep    bool
	}{
		{"02906", "Providence", "Providence", true, false},
		{"02906", "PROVIDENCE, R.I.", "Providence", true, false},
		{"02906", "providence rhode island", "Providence", true, false},
		{"02914", "E. Providence", "East Providence", true, false},
		{"02906", "Fox Point", "Fox Point", false, true},
		{"02906", "Fox Point, RI", "Fox Point, RI", false, true},
		{"02906", "Providnce", "Providnce", false, true},
		{"02906", "Pawtucket", "Pawtucket", false, true}, // next to it: one ZIP may be of two towns
		{"02906", "Newport", "Newport", false, false},
		{"02906", "Newport, RI 02906", "Newport, RI 02906", false, false},
		{"02906", "Providence, MA", "Providence, MA", false, false},
		{"02906", "Fox Point, MA", "Fox Point, MA", false, false},
		{"02906", "Attleboro", "Attleboro", false, false},
		{"01103", "Springfield", "Springfield", true, false},
		{"05156", "Springfield, MA", "Springfield, MA", false, false},
	} {
		zip, known := ix.Locate(test.zip)
		if !known {
			t.Fatal(test.zip)
		}
		got := ix.CheckTown(zip, test.typed)
		if got.Town != test.town || got.Problem == "" != test.fits || got.MayKeep != test.mayKeep {
			t.Errorf("%s %q: %+v", test.zip, test.typed, got)
		}
	}
}

// Near is said of places alone to which the patient goes.
func TestNobodyIsNearWhomThePatientDoesNotGoTo(t *testing.T) {
	for mode, want := range map[venue.Mode]bool{venue.AtClinic: true, venue.ByVideo: false, venue.ByPhone: false,
		venue.AtHome: false} {
		ix := one(t, func(l *Listing) { l.Mode = mode })
		page := ix.Search(read(t, ix, "reason=skin+check&near=02906").Query, now)
		if why := page.Why(page.Hits[0]); strings.Contains(why, "near you") != want {
			t.Errorf("%s: %q", mode, why)
		}
	}
}
