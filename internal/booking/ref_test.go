package booking

import "testing"

func TestAReferenceIsReadAsPeopleTypeItAndPhonesTurnIt(t *testing.T) {
	for _, typed := range []string{"KW-7QK4-M92", "kw 7qk4 m92", "7QK4M92", "KW\u20117QK4\u2011M92", "KW—7QK4—M92",
		"KW\u22127QK4\u2212M92", "KW.7QK4.M92", "\u00a07qk4 -\u00a0m92\u200b"} {
		if ref, ok := ReadRef(typed); ref != "KW-7QK4-M92" || !ok {
			t.Errorf("%q is read as %q", typed, ref)
		}
	}
	for _, typed := range []string{"", "KW-7QK4-M9", "KW-7QK4-M922", "KW-7QK0-M92", "Okafor", "R-7QK4-M92B", "7QK4M92@x"} {
		if ref, ok := ReadRef(typed); ok {
			t.Errorf("%q is read as %q", typed, ref)
		}
	}
	for range 50 {
		made := NewRef()
		if ref, ok := ReadRef(made); ref != made || !ok {
			t.Fatalf("%q, which is made here, is read as %q", made, ref)
		}
	}
	if got := RefFrom([7]int{5, 21, 17, 2, 18, 7, 31}); got != "KW-7QK4-M92" {
		t.Error(got)
	}
}
