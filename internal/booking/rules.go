package booking

// Rules are the booking rules of one offering after inheritance. All are minutes except HorizonDays.
type Rules struct {
	BeforeMinutes       int32 `json:"before,omitzero"`  // preparation, claimed before the visit
	AfterMinutes        int32 `json:"after,omitzero"`   // cleaning or notes, claimed after the visit
	StepMinutes         int32 `json:"step,omitzero"`    // from one start to the next; 0 means before + visit + after
	LeadMinutes         int32 `json:"lead,omitzero"`    // shortest notice for a booking, as elapsed time
	HorizonDays         int32 `json:"horizon,omitzero"` // how many days after today are open; 0 means only today
	CancelCutoffMinutes int32 `json:"cancel,omitzero"`  // shortest notice for a patient's cancellation
	MoveCutoffMinutes   int32 `json:"move,omitzero"`    // shortest notice for a patient's reschedule
}

// RuleSet is what one level says. A nil field says nothing and inherits.
type RuleSet struct {
	BeforeMinutes, AfterMinutes, StepMinutes *int32
	LeadMinutes, HorizonDays                 *int32
	CancelCutoffMinutes, MoveCutoffMinutes   *int32
}

// Origin names the level a rule came from, in the words of booking_rule.scope.
type Origin string

// The levels, from the most general to the most specific.
const (
	FromDefault      Origin = "default"
	FromOrganization Origin = "organization"
	FromService      Origin = "service"
	FromPractitioner Origin = "practitioner"
)

// Origins says for each field of Rules which level decided it.
type Origins struct {
	BeforeMinutes, AfterMinutes, StepMinutes Origin
	LeadMinutes, HorizonDays                 Origin
	CancelCutoffMinutes, MoveCutoffMinutes   Origin
}

// Defaults are the platform's rules where nobody says otherwise: no buffers, two hours' notice,
// ninety days ahead, changes until a day before.
func Defaults() Rules {
	return Rules{LeadMinutes: 120, HorizonDays: 90, CancelCutoffMinutes: 1440, MoveCutoffMinutes: 1440}
}

// Resolve merges the levels field by field: practitioner over service over organization over Defaults.
func Resolve(organization, service, practitioner RuleSet) (Rules, Origins) {
	rules, from := Defaults(), Origins{
		FromDefault, FromDefault, FromDefault, FromDefault, FromDefault, FromDefault, FromDefault,
	}
	rules.apply(organization, FromOrganization, &from)
	rules.apply(service, FromService, &from)
	rules.apply(practitioner, FromPractitioner, &from)
	return rules, from
}

func (r *Rules) apply(s RuleSet, level Origin, from *Origins) {
	for _, f := range [...]struct {
		said   *int32
		value  *int32
		origin *Origin
	}{
		{s.BeforeMinutes, &r.BeforeMinutes, &from.BeforeMinutes},
		{s.AfterMinutes, &r.AfterMinutes, &from.AfterMinutes},
		{s.StepMinutes, &r.StepMinutes, &from.StepMinutes},
		{s.LeadMinutes, &r.LeadMinutes, &from.LeadMinutes},
		{s.HorizonDays, &r.HorizonDays, &from.HorizonDays},
		{s.CancelCutoffMinutes, &r.CancelCutoffMinutes, &from.CancelCutoffMinutes},
		{s.MoveCutoffMinutes, &r.MoveCutoffMinutes, &from.MoveCutoffMinutes},
	} {
		if f.said != nil {
			*f.value, *f.origin = *f.said, level
		}
	}
}
