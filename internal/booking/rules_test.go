package booking_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	. "kindward/internal/booking"
)

func TestRule2_2InheritsFieldByField(t *testing.T) {
	organization := RuleSet{AfterMinutes: new(int32(10)), LeadMinutes: new(int32(1440)), HorizonDays: new(int32(60))}
	service := RuleSet{BeforeMinutes: new(int32(15)), LeadMinutes: new(int32(2880))}
	practitioner := RuleSet{AfterMinutes: new(int32(0)), StepMinutes: new(int32(30))}

	rules, from := Resolve(organization, service, practitioner)
	if want := (Rules{BeforeMinutes: 15, AfterMinutes: 0, StepMinutes: 30, LeadMinutes: 2880, HorizonDays: 60,
		CancelCutoffMinutes: Defaults().CancelCutoffMinutes,
		MoveCutoffMinutes:   Defaults().MoveCutoffMinutes}); rules != want {
		t.Errorf("rules are %+v, not %+v", rules, want)
	}
	if want := (Origins{FromService, FromPractitioner, FromPractitioner, FromService, FromOrganization, FromDefault,
		FromDefault}); from != want {
		t.Errorf("they come from %+v, not %+v", from, want)
	}
}

func TestRule2_2TheMostSpecificLevelThatSpeaksWins(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	levels := [...]Origin{FromOrganization, FromService, FromPractitioner}
	for range 500 {
		var sets [len(levels)]RuleSet
		for i := range sets {
			fields := reflect.ValueOf(&sets[i]).Elem()
			for f := range fields.NumField() {
				if random.IntN(2) == 0 {
					fields.Field(f).Set(reflect.ValueOf(new(random.Int32N(1000))))
				}
			}
		}
		rules, from := Resolve(sets[0], sets[1], sets[2])
		for f := range reflect.TypeFor[RuleSet]().NumField() {
			name := reflect.TypeFor[RuleSet]().Field(f).Name
			want, origin := reflect.ValueOf(Defaults()).FieldByName(name).Int(), FromDefault
			for i := range sets {
				if said := reflect.ValueOf(sets[i]).Field(f); !said.IsNil() {
					want, origin = said.Elem().Int(), levels[i]
				}
			}
			if got := reflect.ValueOf(rules).FieldByName(name).Int(); got != want {
				t.Fatalf("%s is %d, not %d", name, got, want)
			}
			if got := reflect.ValueOf(from).FieldByName(name).Interface(); got != origin {
				t.Fatalf("%s comes from %s, not %s", name, got, origin)
			}
		}
	}
}

func TestRule2_2TheDefaultsMakeASchedule(t *testing.T) {
	p := clinic(t, "America/New_York")
	p.Rules, _ = Resolve(RuleSet{}, RuleSet{}, RuleSet{})
	compile(t, p)
	if got := p.on("2026-11-24", p.at("2026-11-24 08:00")); len(got) != 21 || got[0] != p.at("2026-11-24 10:00") {
		t.Errorf("two hours' notice at eight leaves %v", p.clock(got))
	}
}
