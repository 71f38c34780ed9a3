package patient

import (
	"maps"
	"slices"
	"strconv"

	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// filtersOf are the filters with their counts; what fits nobody and is not chosen is left out.
func filtersOf(found *search.Page, w search.Query, plans []search.Choice) patient.Filters {
	f := patient.Filters{Button: "Show results"}
	if found.Locations > 0 {
		f.Button = "Show " + patient.Count(found.Locations, "place", "places")
	}
	asked := search.Query{Text: w.Text, Near: w.Near, From: w.From, Sort: w.Sort}.Values()
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		for _, v := range asked[name] {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: v})
		}
	}
	groups, chosen := choiceGroups(found.Facets)
	selects, more := selectsOf(found.Facets, plans)
	f.Groups, f.Selects, f.Summary = groups, selects, "Filters"
	if chosen += more; chosen > 0 {
		f.Summary = "Filters, " + strconv.Itoa(chosen) + " chosen"
		f.Clear = "/search?" + asked.Encode()
	}
	return f
}

// choiceGroups are the filters that show each choice, and how many of them are chosen.
func choiceGroups(facets search.Facets) (groups []ui.ChoiceGroup, chosen int) {
	for _, g := range []struct {
		name, legend string
		many         bool
		choices      []search.Choice
	}{
		{"kind", "Kind of place", true, facets.Kind},
		{"age", "Who is it for?", false, facets.Age},
		{"time", "Time of day", false, facets.Time},
		{"access", "Accessibility", true, facets.Access},
		{"language", "Speaks", true, facets.Language},
		{"gender", "Clinician", true, facets.Gender},
		{"telehealth", "By video", true, facets.Telehealth},
	} {
		group := ui.ChoiceGroup{Name: g.name, Legend: g.legend, Many: g.many}
		for _, choice := range g.choices {
			if choice.Count == 0 && !choice.Chosen && g.many {
				continue
			}
			if choice.Chosen && choice.Value != "" {
				chosen++
			}
			group.Choices = append(group.Choices, ui.Choice{ID: g.name + "-" + choice.Value, Value: choice.Value,
				Label:   choice.Label,
				Counted: true, Count: choice.Count, Checked: choice.Chosen, Many: g.many})
		}
		if len(group.Choices) > 0 {
			groups = append(groups, group)
		}
	}
	return groups, chosen
}

// selectsOf are the filters of which one choice shows, and how many differ from what everybody gets. A distance always
// applies.
func selectsOf(facets search.Facets, plans []search.Choice) (selects []ui.Select, chosen int) {
	for _, s := range []struct {
		name, label, any string
		choices          []search.Choice
	}{
		{"payer", "Insurance", "Any", plans},
		{"price", "Paying myself", "Any price", facets.Price},
		{"within", "Distance", "", facets.Within},
	} {
		box := ui.Select{Name: s.name, Label: s.label}
		if s.any != "" {
			box.Options = []ui.Option{{Text: s.any}}
		}
		for _, choice := range s.choices {
			text := choice.Label + " (" + strconv.Itoa(choice.Count) + ")"
			box.Options = append(box.Options, ui.Option{Value: choice.Value, Text: text})
			if choice.Chosen {
				box.Value = choice.Value
				if choice.Value != "" && s.name != "within" {
					chosen++
				}
			}
		}
		if len(box.Options) > 1 {
			selects = append(selects, box)
		}
	}
	return selects, chosen
}
