package venue

import (
	"slices"
	"testing"

	"kindward/internal/civil"
)

var clinic = Where{Mode: AtClinic, Organization: "Fox Point", Street: "14 Ives St", Town: "Providence, RI 02906",
	Directions: "Ring twice."}

// in is the same visit in another mode.
func in(mode Mode) Where { w := clinic; w.Mode = mode; return w }

func TestWhereAVisitHappensIsSaidInTheWordsOfItsMode(t *testing.T) {
	home := in(AtHome)
	home.Home = &Address{Street: "12 Elm St", Unit: "Unit 3", Town: "Providence", State: "RI", ZIP: "02906"}
	for _, c := range []struct {
		where                                  Where
		value, detail, line, location, payment string
		lines                                  []string
	}{
		{clinic, "Fox Point", "14 Ives St, Providence, RI 02906. Ring twice.",
			"Fox Point, 14 Ives St, Providence, RI 02906",
			"https://www.openstreetmap.org/search?query=14+Ives+St%2C+Providence%2C+RI+02906", "You pay at the place",
			[]string{"Fox Point", "14 Ives St", "Providence, RI 02906"}},
		{in(""), "Fox Point", "14 Ives St, Providence, RI 02906. Ring twice.",
			"Fox Point, 14 Ives St, Providence, RI 02906",
			"https://www.openstreetmap.org/search?query=14+Ives+St%2C+Providence%2C+RI+02906", "You pay at the place",
			[]string{"Fox Point", "14 Ives St", "Providence, RI 02906"}},
		{in(ByVideo), "By video with Fox Point",
			"You join from where you are. Fox Point sends you the way in before it begins.", "By video with Fox Point", "",
			"You pay Fox Point", []string{"By video with Fox Point",
				"You join from where you are. Fox Point sends you the way in before it begins."}},
		{in(ByPhone), "By phone with Fox Point",
			"Fox Point calls you on your mobile number. Nobody has to travel.", "By phone with Fox Point", "",
			"You pay Fox Point", []string{"By phone with Fox Point",
				"Fox Point calls you on your mobile number. Nobody has to travel."}},
		{in(AtHome), "At your home", "Fox Point comes to you.", "At your home, by Fox Point", "", "You pay Fox Point",
			[]string{"At your home", "Fox Point comes to you."}},
		{home, "At your home", "12 Elm St, Unit 3, Providence, RI 02906. Fox Point comes to you.",
			"At your home, by Fox Point", "", "You pay Fox Point", []string{"At your home", "Fox Point comes to you."}},
	} {
		for what, pair := range map[string][2]string{"Value": {c.where.Value(), c.value},
			"Detail": {c.where.Detail(), c.detail}, "Line": {c.where.Line(), c.line}, "Map": {c.where.Map(), c.location},
			"Pays": {c.where.Pays(), c.payment}} {
			if pair[0] != pair[1] {
				t.Errorf("%s of a visit %q: %q", what, c.where.Mode, pair[0])
			}
		}
		if got := c.where.Lines(); !slices.Equal(got, c.lines) {
			t.Errorf("Lines of a visit %q: %q", c.where.Mode, got)
		}
	}
}

func TestThoseWhoWorkThereReadWhereTheyGoAndWhatToKnowAtTheDoor(t *testing.T) {
	elm := &Address{Street: "12 Elm St", Town: "Providence", State: "RI", ZIP: "02906",
		Entry: "Code 1234", Pets: "A dog"}
	for _, c := range []struct {
		mode  Mode
		home  *Address
		text  string
		lines []string
	}{
		{AtClinic, nil, "", nil}, {"", elm, "", nil},
		{ByVideo, elm, "By video", nil}, {ByPhone, elm, "By phone", nil},
		{AtHome, nil, "At home: no address is known, ask for it", nil},
		{AtHome, elm, "At home: 12 Elm St, Providence, RI 02906", []string{"Getting in: Code 1234", "Pets: A dog"}},
	} {
		if text, lines := ForStaff(c.mode, c.home); text != c.text || !slices.Equal(lines, c.lines) {
			t.Errorf("%q: %q %q", c.mode, text, lines)
		}
	}
}

func TestAnAddressIsOneLineAndItsNotesAreThoseThatSaySomething(t *testing.T) {
	for _, c := range []struct {
		address Address
		line    string
		notes   []string
	}{
		{Address{Street: "12 Elm St", Town: "Providence", State: "RI", ZIP: "02906"},
			"12 Elm St, Providence, RI 02906", nil},
		{Address{Street: "12 Elm St", Unit: "Unit 3", Town: "Providence", ZIP: "02906", Opens: "My son"},
			"12 Elm St, Unit 3, Providence, 02906", []string{"Who opens: My son"}},
		{Address{Street: "1 A St", Town: "B", State: "RI", Entry: "Gate", Opens: "Me", Pets: "Cat"}, "1 A St, B, RI",
			[]string{"Getting in: Gate", "Who opens: Me", "Pets: Cat"}},
	} {
		if got := c.address.Line(); got != c.line {
			t.Errorf("%q is not %q", got, c.line)
		}
		if got := c.address.Notes(); !slices.Equal(got, c.notes) {
			t.Errorf("notes of %s: %q", c.line, got)
		}
	}
}

func TestAModeIsTheChosenOneElseTheServicesElseTheClinic(t *testing.T) {
	for _, c := range []struct {
		chosen  *string
		service string
		want    Mode
	}{
		{nil, "", AtClinic}, {new(""), "", AtClinic}, {nil, "home", AtHome}, {new(""), "phone", ByPhone},
		{new("video"), "clinic", ByVideo}, {new("video"), "", ByVideo},
	} {
		if got := ModeOf(c.chosen, c.service); got != c.want {
			t.Errorf("%v of a service %q: %q", c.chosen, c.service, got)
		}
	}
}

func TestOnlyAVisitAtTheClinicIsTraveledToAndOnlyDistanceSaysTheZone(t *testing.T) {
	for mode, c := range map[Mode]struct{ travels, remote bool }{"": {true, false}, AtClinic: {true, false},
		AtHome: {false, false}, ByVideo: {false, true}, ByPhone: {false, true}} {
		if mode.Travels() != c.travels || mode.Remote() != c.remote {
			t.Errorf("%q: travels %t, remote %t", mode, mode.Travels(), mode.Remote())
		}
		if got := mode.Times(civil.TimeFormat{}).Zoned; got != c.remote {
			t.Errorf("%q: its zone is said: %t", mode, got)
		}
		if !mode.Times(civil.TimeFormat{Zoned: true}).Zoned {
			t.Errorf("%q: a zone that is said in any case is not", mode)
		}
	}
	if got := Modes(); !slices.Equal(got, []string{"clinic", "video", "home", "phone"}) {
		t.Errorf("the modes are %q", got)
	}
}
