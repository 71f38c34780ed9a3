package ui

import (
	"slices"
	"strings"
)

// The kinds of providers who join, and the states in which they may.
var (
	ProviderKinds = []Option{{Value: "clinic", Text: "Clinic"}, {Value: "laboratory", Text: "Diagnostic lab"},
		{Value: "home_care", Text: "Home-care agency"}}
	ProviderStates = []Option{{Value: "RI", Text: "Rhode Island"}, {Value: "MA", Text: "Massachusetts"},
		{Value: "CT", Text: "Connecticut"}}
)

// Spaced is a long number in groups of eight, so that a line can end between them.
func Spaced(number string) string {
	var groups []string
	for group := range slices.Chunk([]byte(number), 8) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// KindName is a kind of provider in words.
func KindName(kind string) string { return textOf(ProviderKinds, kind) }

// StateName is a state in words.
func StateName(state string) string { return textOf(ProviderStates, state) }

// textOf is what an option says; of none its value.
func textOf(all []Option, value string) string {
	for _, o := range all {
		if o.Value == value {
			return o.Text
		}
	}
	return value
}
