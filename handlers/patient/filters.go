package patient

import (
	"strconv"

	"kindward/internal/search"
	"kindward/views/patient"
	"kindward/views/ui"
)

// filtersOf are the filters with their counts; what fits nobody and is not chosen is left out.
func filtersOf(found *search.Page, w search.Query, plans []search.Choice) patient.Filters {
	f := patient.Filters{Button: "Show " + patient.Count(found.Total, "result", "results")}
	for name, values := range (search.Query{Text: w.Text, Near: w.Near, From: w.From}).Values() {
		for _, v := range values {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: v})
		}
	}
	chosen := 0
	for _, g := range []struct {
		name, legend string
		many         bool
		choices      []search.Choice
	}{
		{"kind", "Kind of place", true, found.Facets.Kind},
		{"time", "Time of day", false, found.Facets.Time},
		{"access", "Getting in", true, found.Facets.Access},
		{"language", "Speaks", true, found.Facets.Language},
		{"gender", "Clinician", true, found.Facets.Gender},
		{"telehealth", "By video", true, found.Facets.Telehealth},
	} {
		group := ui.ChoiceGroup{Name: g.name, Legend: g.legend, Many: g.many}
		for _, choice := range g.choices {
			if choice.Count == 0 && !choice.Chosen && g.many {
				continue
			}
			if choice.Chosen && choice.Value != "" {
				chosen++
			}
			group.Choices = append(group.Choices, ui.Choice{ID: g.name + "-" + choice.Value, Value: choice.Value, Label: choice.Label, Counted: true, Count: choice.Count, Checked: choice.Chosen, Many: g.many})
		}
		if len(group.Choices) > 0 {
			f.Groups = append(f.Groups, group)
		}
	}
	for _, s := range []struct {
		name, label, any string
		choices          []search.Choice
	}{{"payer", "Insurance", "Any", plans}, {"price", "Paying myself", "Any price", found.Facets.Price}, {"within", "Distance", "", found.Facets.Within}} {
		box := ui.Select{Name: s.name, Label: s.label}
		if s.any != "" {
			box.Options = []ui.Option{{Text: s.any}}
		}
		for _, choice := range s.choices {
			box.Options = append(box.Options, ui.Option{Value: choice.Value, Text: choice.Label + " (" + strconv.Itoa(choice.Count) + ")"})
			if choice.Chosen {
				box.Value = choice.Value
				if choice.Value != "" && s.name != "within" {
					chosen++
				}
			}
		}
		if len(box.Options) > 1 {
			f.Selects = append(f.Selects, box)
		}
	}
	f.Summary = "Filters"
	if chosen > 0 {
		f.Summary = "Filters, " + strconv.Itoa(chosen) + " chosen"
		f.Clear = "/search?" + search.Query{Text: w.Text, Near: w.Near, From: w.From}.Values().Encode()
	}
	return f
}
