package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/internal/form"
	"kindward/views/ui"
)

// Question is a field with what is answered, and what is wrong with that.
func Question(field *form.Field, value, wrong string) ui.Question {
	q := ui.Question{Key: field.Key, Label: field.Label, Hint: field.Help, Type: string(field.Type), Value: value,
		Optional: field.Optional, Code: field.Pattern != "", Error: wrong, Because: field.When != "",
		Autocomplete: field.Autocomplete}
	for _, option := range field.Options {
		q.Options = append(q.Options, ui.Choice{Value: option.Value, Label: option.Label, Small: option.Small,
			Checked: option.Value == value})
	}
	if field.Type == form.YesNo {
		q.Options = []ui.Choice{{Value: "yes", Label: "Yes", Checked: value == "yes"},
			{Value: "no", Label: "No", Checked: value == "no"}}
	}
	if field.Unit != "" {
		q.Hint = strings.TrimSpace("In " + field.Unit + ". " + field.Help)
	}
	if field.Source != "" {
		q.Source = "Why we ask: " + field.Source + "."
	}
	return q
}

// Questions are those of all sections that apply, with what is answered. What does not apply to the answers keeps its
// place, with what is typed there.
func Questions(asked *form.Form, action string, answers map[string]string, f *Form) ui.Questions {
	q, applied := ui.Questions{Action: action}, asked.Applied(answers)
	var on []string
	for _, s := range asked.Sections {
		if !asked.Applies(s, applied) {
			continue
		}
		shown := asked.Shown(s, answers)
		for i := range s.Fields {
			field := &s.Fields[i]
			one := Question(field, answers[field.Key], f.Problems.Of(field.Key))
			if one.Off = !slices.Contains(shown, field); !one.Off {
				on = append(on, field.Key)
			}
			if i == 0 {
				one.Heading = s.Name
			}
			if f.Ticked(field.Key) {
				one.Value = strings.TrimSpace(f.Raw(field.Key))
			}
			q.All = append(q.All, one)
		}
	}
	q.Asked = strings.Join(on, " ")
	return q
}

// ReadFields takes what a page answers of fields that apply; later, half an answer will do. more tells that fields
// apply that were not on the page.
func ReadFields(f *Form, r form.Reading, later bool) (read map[string]string, more bool) {
	on := strings.Fields(f.Raw("asked"))
	read = map[string]string{}
	for _, field := range r.Fields {
		kept, wrong := r.Kept[field.Key], r.Wrong[field.Key]
		if !slices.Contains(on, field.Key) {
			more = more || wrong != ""
			continue
		}
		if wrong != "" && (!later || field.TooLong(kept)) {
			f.Wrong(field.Key, wrong)
		}
		read[field.Key] = kept
	}
	return read, more
}

// Following answers a choice with the questions that come and go with it, but what the page has as it should be.
func Following(c echo.Context, q ui.Questions, f *Form) error {
	had := strings.Fields(f.Raw("asked"))
	q.Following = true
	q.All = slices.DeleteFunc(q.All, func(one ui.Question) bool {
		return !one.Because || one.Off != slices.Contains(had, one.Key)
	})
	return Render(c, http.StatusOK, q.Changes(), ui.AskedPart)
}
