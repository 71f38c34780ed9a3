package search

import "testing"

func TestAgesSayWhomAPractitionerSees(t *testing.T) {
	for _, c := range []struct {
		ages    Ages
		in, out []int
		text    string
	}{
		{Ages{}, []int{0, 17, 18, 120}, nil, "all ages"},
		{Ages{To: 17}, []int{0, 17}, []int{18, 70}, "children up to 17"},
		{Ages{To: 21}, []int{0, 21}, []int{22}, "people up to 21"},
		{Ages{From: 18}, []int{18, 120}, []int{0, 17}, "adults"},
		{Ages{From: 13}, []int{13, 120}, []int{12}, "people from 13 years of age"},
		{Ages{From: 3, To: 12}, []int{3, 12}, []int{2, 13}, "children from 3 to 12"},
		{Ages{From: 13, To: 64}, []int{13, 64}, []int{12, 65}, "people from 13 to 64"},
	} {
		for _, age := range c.in {
			if !c.ages.Include(age) {
				t.Errorf("%+v does not see %d", c.ages, age)
			}
		}
		for _, age := range c.out {
			if c.ages.Include(age) {
				t.Errorf("%+v sees %d", c.ages, age)
			}
		}
		if got := c.ages.Text(); got != c.text {
			t.Errorf("%+v: %q, want %q", c.ages, got, c.text)
		}
	}
}
