package search

import (
	"slices"
	"strings"
	"testing"
)

func TestAChildrensDoctorIsNotFirstForAnAdultAndEveryAgeKnownIsAGate(t *testing.T) {
	market := func(reason string) *Index {
		all := func(change func(*Listing)) func(*Listing) {
			return func(l *Listing) { l.Reason = reason; change(l) }
		}
		return one(t,
			all(func(l *Listing) { l.OrgName, l.Ages, l.Rating = "children", Ages{To: 17}, 5 }),
			all(func(l *Listing) { l.OrgName, l.Ages, l.Rating = "young", Ages{From: 3, To: 21}, 4.9 }),
			all(func(l *Listing) { l.OrgName, l.Rating = "everybody", 4.6 }),
			all(func(l *Listing) { l.OrgName, l.Ages = "adults", Ages{From: 18} }))
	}
	for _, c := range []struct{ reason, query, want string }{
		{"C09", "reason=skin+check", "everybody adults children young"},
		{"C09", "reason=skin+check&age=adult", "everybody adults"},
		{"C09", "reason=skin+check&age=child", "children young everybody"},
		{"C09", "reason=skin+check&age=19", "young everybody adults"},
		{"C09", "reason=skin+check&age=1", "children everybody"},
		{"C09", "reason=skin+check+for+my+2+year+old", "children everybody"},
		{"C09", "reason=skin+check+for+my+daughter", "children young everybody"},
		{"C09", "reason=skin+check+for+my+50+year+old+husband", "everybody adults"},
		{"C05", "reason=child+well+visit", "children young everybody adults"}, // what children come for
	} {
		r := read(t, market(c.reason), c.query)
		page := market(c.reason).Search(r.Query, now)
		if got := names(page); !r.Ready || !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s; %v", c.query, got, c.want, r.Problems)
		}
	}
	ix := market("C09")
	if r := read(t, ix, "reason=skin+check&age=old"); !r.Ready || len(r.Problems) != 1 || r.Query.Age != AnyAge {
		t.Errorf("an age that is none: %+v", r)
	}
	w := read(t, ix, "reason=child+well+visit&age=child").Query
	if again := read(t, ix, w.Values().Encode()).Query; again.Age != ChildAge {
		t.Errorf("a link loses the age: %q", again.Age)
	}
	if w.Age = AnyAge; read(t, ix, w.Values().Encode()).Query.Age != AnyAge {
		t.Error("an age that was taken back comes back with the name of the service")
	}
}

func TestWhoItIsForIsAskedOnlyWhereSomebodyDoesNotSeeEveryone(t *testing.T) {
	everybody := one(t, func(*Listing) {})
	if f := everybody.Search(read(t, everybody, "reason=skin+check").Query, now).Facets.Age; len(f) != 0 {
		t.Errorf("all see everybody, and it is asked: %v", f)
	}
	ix := one(t, func(*Listing) {}, func(l *Listing) { l.Ages = Ages{To: 17} })
	want := []Choice{{"", "Anyone", 2, 2, false}, {"child", "A child", 2, 2, false}, {"adult", "An adult", 1, 1, false},
		{"80", "An 80-year-old", 1, 1, true}}
	if f := ix.Search(read(t, ix, "reason=skin+check&age=80").Query, now).Facets.Age; !slices.Equal(f, want) {
		t.Errorf("%v, want %v", f, want)
	}
}
