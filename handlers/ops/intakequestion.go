package ops

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/form"
	"kindward/internal/intake"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// typeNames are the types of questions in words.
var typeNames = map[form.Type]string{form.Text: "One line", form.Area: "Several lines", form.Email: "Email address",
	form.Phone: "Phone number", form.NPI: "NPI", form.Number: "Whole number", form.Date: "Date", form.YesNo: "Yes or no",
	form.Choice: "A choice", form.ZIP: "ZIP code"}

var typesAsked = []form.Type{form.YesNo, form.Choice, form.Text, form.Area, form.Number, form.Date, form.Phone,
	form.Email, form.ZIP}

// NewIntakeQuestion asks for a new question of a section, or for what an old one becomes.
func (h *Handlers) NewIntakeQuestion(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	kept := web.FormOf(c, web.Recalled(c, intakeFormPath+"/question"))
	if kept.Ticked("section") {
		return h.intakeQuestion(c, http.StatusOK, e, kept)
	}
	if old := f.Raw("old"); old != "" {
		field, ok := e.field(old)
		if !ok {
			return web.ErrNotFound
		}
		kept = web.FormOf(c, questionValues(field))
	}
	kept.Set("section", cmp.Or(f.Raw("section"), e.newest.Form.Sections[0].Key))
	kept.Set("old", f.Raw("old"))
	return h.intakeQuestion(c, http.StatusOK, e, kept)
}

func (e intakeForm) field(key string) (*form.Field, bool) {
	if e.written == nil {
		return nil, false
	}
	return e.written.Form.Field(key)
}

// questionValues are what the page of a question has in its fields.
func questionValues(f *form.Field) url.Values {
	v := url.Values{"variable": {f.Key}, "label": {f.Label}, "help": {f.Help}, "type": {string(f.Type)}, "unit": {f.Unit},
		"options": {form.OptionLines(f.Options)}, "when": {f.When}, "pattern": {f.Pattern}, "example": {f.Example},
		"wrong": {f.Wrong}, "source": {f.Source}}
	if f.Least > 0 {
		v.Set("least", strconv.Itoa(f.Least))
	}
	if f.Optional {
		v.Set("optional", "on")
	}
	return v
}

func (h *Handlers) intakeQuestion(c echo.Context, status int, e intakeForm, f *web.Form) error {
	section := f.Raw("section")
	if e.written == nil || !e.hasSection(section) {
		return web.ErrNotFound
	}
	p := view.IntakeQuestionPage{Path: intakeFormPath, Hidden: append(e.hiddens(),
		ui.Hidden{Name: "section", Value: section}, ui.Hidden{Name: "old", Value: f.Raw("old")}), Problems: f.Problems,
		Known: known(), New: f.Raw("old") == "",
		Optional: f.Ticked("optional"), Value: f.Raw}
	for _, t := range typesAsked {
		p.Types = append(p.Types, ui.Option{Value: string(t), Text: typeNames[t]})
	}
	title := "A new question"
	if !p.New {
		title = "Change a question"
	}
	p.Page, p.Console = h.page(c, formsPath, title, title)
	p.Wrong = !f.OK()
	return web.Render(c, status, view.IntakeQuestion(p), view.QuestionForm)
}

func (e intakeForm) hasSection(key string) bool {
	for _, s := range e.written.Form.Sections {
		if s.Key == key {
			return true
		}
	}
	return false
}

// known is what conditions may name beside answers, with its values.
func known() (all []ui.Row) {
	for _, name := range []string{"kind", "mode", "patient", "age"} {
		all = append(all, ui.Row{Name: name, Value: strings.Join(intake.Facts()[name], ", ")})
	}
	return all
}

// CreateIntakeQuestion writes a question into the draft, new or in the place of an old one.
func (h *Handlers) CreateIntakeQuestion(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	field := e.readQuestion(f)
	if !f.OK() {
		return h.intakeQuestion(c, http.StatusUnprocessableEntity, e, f)
	}
	if !e.is(f) {
		f.Wrong("label", changedMeanwhile+" What you typed stands here: look at the draft, then save again")
		return h.intakeQuestion(c, http.StatusConflict, e, f)
	}
	text, err := e.edited(func(file *form.File) error { return file.Put(f.Raw("section"), f.Raw("old"), field) })
	if err != nil {
		return err
	}
	problems, err := h.saveIntakeForm(c, e, f, text)
	if len(problems) > 0 {
		for _, one := range problems {
			f.Wrong(whichPart(one, field), one.Says)
		}
		return h.intakeQuestion(c, http.StatusUnprocessableEntity, e, f)
	}
	return h.intakeFormSaved(c, nil, err, "“"+field.Label+"” is in the draft.")
}

// readQuestion reads a question; what it keeps of the old one is what the page does not ask for.
func (e intakeForm) readQuestion(f *web.Form) (field form.Field) {
	if old, ok := e.field(f.Raw("old")); ok {
		field = *old
	}
	field.Key = strings.TrimSpace(f.Raw("variable"))
	field.Label = f.Text("label", 200, "Say what is asked")
	field.Help, field.Source = f.Line("help", 300, "The help"), f.Line("source", 200, "Why it is asked")
	var offered []string
	for _, t := range typesAsked {
		offered = append(offered, string(t))
	}
	field.Type = form.Type(f.OneOf("type", "Choose what kind of answer it takes", offered...))
	field.Unit, field.When = f.Line("unit", 40, "The unit"), f.Line("when", form.LongestCondition, "The condition")
	field.Pattern, field.Example = f.Line("pattern", 200, "The pattern"), f.Line("example", 200, "The example")
	field.Wrong, field.Optional = f.Line("wrong", 200, "What is said"), f.Ticked("optional")
	least := strings.TrimSpace(f.Raw("least"))
	var err error
	if field.Least, err = strconv.Atoi(least); least != "" && (err != nil || field.Least < 0) {
		f.Wrong("least", "Write a whole number, like 1, or nothing")
	}
	options, ok := form.ReadOptions(f.Raw("options"))
	switch {
	case !ok:
		f.Wrong("options", "Write each choice on a line of its own, like “none: None at all”")
	case field.Type == form.Choice && len(options) == 0:
		f.Wrong("options", "Write the choices, one on a line")
	case field.Type != form.Choice:
		options = nil
	}
	field.Options = options
	if field.Key == "" {
		f.Wrong("variable", "Give it a key, like “allergies”: answers are kept under it")
	}
	return field
}

// whichPart is the field of the page that something wrong is about.
func whichPart(p form.Problem, field form.Field) string {
	switch {
	case p.Field != field.Key:
		return "when" // another question's: it depends on this one
	case strings.Contains(p.Says, "key") || strings.Contains(p.Says, "another field"):
		return "variable"
	case strings.Contains(p.Says, "pattern"):
		return "pattern"
	case strings.Contains(p.Says, "nobody is asked"):
		return "label"
	}
	return "when"
}

// edited is the text after a change.
func (e intakeForm) edited(change func(*form.File) error) (string, error) {
	file, err := form.ReadFile(e.text)
	if err != nil {
		return "", err
	}
	if err := change(file); errors.Is(err, form.ErrNoField) || errors.Is(err, form.ErrNoSection) {
		return "", web.ErrNotFound
	} else if err != nil {
		return "", err
	}
	return file.Text()
}

// MoveIntakeQuestion puts a question one place up or down in its section.
func (h *Handlers) MoveIntakeQuestion(c echo.Context) error {
	return h.changeIntakeQuestion(c, "It is moved in the draft.", func(f *web.Form, file *form.File) error {
		by := 1
		if f.Raw("way") == "up" {
			by = -1
		}
		return file.Move(f.Raw("section"), f.Raw("key"), by)
	})
}

// RemoveIntakeQuestion takes a question out.
func (h *Handlers) RemoveIntakeQuestion(c echo.Context) error {
	return h.changeIntakeQuestion(c, "It is taken out of the draft.", func(f *web.Form, file *form.File) error {
		return file.Remove(f.Raw("section"), f.Raw("key"))
	})
}

func (h *Handlers) changeIntakeQuestion(c echo.Context, said string,
	change func(*web.Form, *form.File) error) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if !e.is(f) {
		return h.intakeFormSaved(c, nil, intake.ErrChanged, "")
	}
	text, err := e.edited(func(file *form.File) error { return change(f, file) })
	if err != nil {
		return err
	}
	problems, err := h.saveIntakeForm(c, e, f, text)
	return h.intakeFormSaved(c, problems, err, said)
}
