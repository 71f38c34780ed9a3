package search

import (
	"slices"
	"strings"
	"testing"

	"kindward/internal/venue"
)

func Test1_10AnEmptyPageOffersWaysOnThatWork(t *testing.T) {
	reasons, payers, listings := synthetic(t, 11, 1500)
	ix := Build(reasons, testZIPCodes, payers, listings)
	d := roll(12)
	empty, offered, double := 0, 0, 0
	for range 1500 {
		w := ix.Normalize(randomQuery(d, reasons, payers), now).Query
		page := ix.Search(w, now)
		if page.Locations > 0 {
			if page.Relaxations != nil {
				t.Fatal("ways on from a page that found something")
			}
			continue
		}
		empty++
		if len(page.Relaxations) > maxSteps {
			t.Fatalf("%d steps", len(page.Relaxations))
		}
		var labels []string
		for _, step := range page.Relaxations {
			labels = append(labels, step.Label)
			r := ix.Normalize(step.Query, now)
			after := ix.Search(r.Query, now)
			if !r.Ready || len(r.Problems) > 0 || step.Locations == 0 || after.Locations != step.Locations {
				t.Fatalf("%q promises %d, gives %d", step.Label, step.Locations, after.Locations)
			}
			if !slices.Equal(r.Query.Reasons, w.Reasons) || r.Query.Near != w.Near {
				t.Fatalf("%q gives up the reason or the place", step.Label)
			}
			if strings.Contains(step.Label, ", ") {
				double++
			}
			offered++
		}
		slices.Sort(labels)
		if len(slices.Compact(labels)) != len(page.Relaxations) {
			t.Errorf("one step twice: %v", labels)
		}
	}
	if empty < 100 || offered < 100 || double == 0 {
		t.Errorf("%d empty pages, %d steps, %d of two: too few to prove much", empty, offered, double)
	}
}

func Test1_10EachThingThatIsInTheWayCanBeGivenUp(t *testing.T) {
	tests := []struct {
		query, label string
		change       func(*Listing)
	}{
		{"near=Newport&within=10", "Within 25 miles", func(l *Listing) {}},
		{"near=02906", "From Thursday 3 December", func(l *Listing) {
			l.Availability.Parts[1], l.Availability.Parts[10] = 0,
				2
		}},
		{"near=02906", "From Monday 14 December", func(l *Listing) {
			l.Availability.Parts[1], l.Availability.Parts[27] = 0,
				2
		}},
		{"time=am", "Any time of day", func(l *Listing) { l.Availability.Parts[1] = 4 }},
		{"gender=female", "Any clinician", func(l *Listing) {}},
		{"price=25", "Any price", func(l *Listing) {}},
		{"kind=laboratory", "Any kind of place", func(l *Listing) {}},
		{"near=02906&telehealth=1", "In person as well", func(l *Listing) {}},
		{"payer=PAY01", "Any insurance", func(l *Listing) { l.PayersRefused = []string{"PAY01"} }},
		{"language=es", "Any language", func(l *Listing) {}},
		{"access=asl", "Without the access needs", func(l *Listing) { l.Access = []string{"transit"} }},
		{"gender=female&time=am", "Any time of day, any clinician", func(l *Listing) { l.Availability.Parts[1] = 4 }},
	}
	for _, test := range tests {
		ix := one(t, test.change)
		page := ix.Search(read(t, ix, "reason=skin+check&"+test.query).Query, now)
		if page.Locations != 0 || len(page.Relaxations) != 1 || page.Relaxations[0].Label != test.label ||
			page.Relaxations[0].Locations != 1 {
			t.Errorf("%s: %d found, ways on %v, want %q", test.query, page.Locations, page.Relaxations, test.label)
		}
	}
	ix := one(t, func(l *Listing) { l.AcceptsNew = false })
	if page := ix.Search(read(t, ix, "reason=skin+check").Query, now); len(page.Relaxations) != 0 {
		t.Errorf("nothing helps, yet %v is offered", page.Relaxations)
	}
}

// Who wants to be seen by video for something that nobody here sees by video is led to the visits by video.
func Test1_10AQuestionForVideoThatFindsNobodyOffersVisitsByVideo(t *testing.T) {
	ix := one(t, func(*Listing) {}, func(l *Listing) {
		l.Reason, l.Mode, l.Telehealth, l.TelehealthStates = "C43", venue.ByVideo, true, []string{"RI"}
	})
	r := read(t, ix, "reason=skin+check+by+video&near=02906")
	if page := ix.Search(r.Query, now); !r.Query.Telehealth || page.Locations != 0 {
		t.Fatalf("%+v finds %d", r.Query, page.Locations)
	}
	near := ix.Neighbors(r.Query, now)
	if len(near) == 0 || near[0].Text != "Video visit" || near[0].Locations != 1 {
		t.Errorf("offered: %+v", near)
	}
	if r := read(t, ix, "reason=skin+check&near=02906"); len(ix.Neighbors(r.Query, now)) != 0 {
		t.Error("control: it is offered to whoever did not ask for video")
	}
}
