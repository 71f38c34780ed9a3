package kyc

import (
	"fmt"
	"slices"

	"kindward/internal/civil"
	"kindward/queries/relaydb"
)

// screened judges what of the list has one of the numbers or names: a number decides, a name with the date of birth
// (of a business, in its state) is looked at, and a name alone is only told.
func screened(s Screened, found []relaydb.FindExclusionsRow) Finding {
	said := Finding{Result: Pass}
	for _, e := range found {
		one := judge(s, e)
		if rank(one.Result) > rank(said.Result) {
			said = one
		}
	}
	if said.Result == Pass && len(found) >= mostNamesakes {
		return Finding{Result: Review, Reason: "More people on the list of exclusions have this name than are looked at."}
	}
	if said.Result == Pass && len(found) > 0 {
		said.Reason = fmt.Sprintf("On the list of exclusions %d have the same name, and nothing else in common.",
			len(found))
	}
	return said
}

// mostNamesakes is how many entries with one of the numbers or names are looked at.
const mostNamesakes = 50

func rank(r Result) int { return slices.Index([]Result{Pass, Review, Fail}, r) }

func judge(s Screened, e relaydb.FindExclusionsRow) Finding {
	who := fmt.Sprintf("%s is on the list of exclusions since %s (%s)", e.Name, civil.DateOf(e.ExcludedOn).Text(), e.Kind)
	switch {
	case e.NPI != nil && slices.Contains(s.NPIs, *e.NPI) && e.WaiverState != "" && e.WaiverState == s.State:
		return Finding{Result: Review, Reason: who + ", under NPI " + *e.NPI + ", with a waiver for " + s.State + "."}
	case e.NPI != nil && slices.Contains(s.NPIs, *e.NPI):
		return Finding{Result: Fail, Reason: who + ", under NPI " + *e.NPI + "."}
	case e.Person != nil && e.Born != nil && !s.Born.IsZero() && civil.DateOf(*e.Born) == s.Born &&
		slices.Contains(personKeys(s.Person), *e.Person):
		return Finding{Result: Review, Reason: who + ", with the same name and date of birth."}
	case e.Business != nil && *e.Business == BusinessKey(s.Name) && e.State == s.State:
		return Finding{Result: Review, Reason: who + ", with the same name in the same state."}
	}
	return Finding{Result: Pass}
}
