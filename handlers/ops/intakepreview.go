package ops

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/form"
	"kindward/internal/intake"
	view "kindward/views/ops"
	"kindward/views/ui"
)

const previewPath = intakeFormPath + "/preview"

// factNames are what is known of a visit, in words.
var factNames = [][2]string{{"kind", "Kind of service"}, {"mode", "Where"}, {"patient", "Patient"}, {"age", "Age"}}

// ShowIntakePreview tries the draft, or the newest version, with facts and answers to try.
func (h *Handlers) ShowIntakePreview(c echo.Context) error {
	return h.withPreview(c, func(e intakeForm, f *web.Form) error { return h.preview(c, http.StatusOK, e, f) })
}

// TryIntake evaluates what was answered; it keeps nothing.
func (h *Handlers) TryIntake(c echo.Context) error {
	return h.withPreview(c, func(e intakeForm, f *web.Form) error {
		if f.Ticked("follow") && web.Partial(c) {
			t := e.tried(f)
			return web.Following(c, t.questions(f), f)
		}
		return h.preview(c, http.StatusOK, e, f)
	})
}

// CreateIntakeCase keeps what was tried as a test case of the draft.
func (h *Handlers) CreateIntakeCase(c echo.Context) error {
	return h.withPreview(c, func(e intakeForm, f *web.Form) error {
		t := e.tried(f)
		t.is.Name = f.Text("name", 100, "Say what it is a case of")
		if !f.OK() {
			return h.preview(c, http.StatusUnprocessableEntity, e, f)
		}
		for key, answer := range t.is.Answers {
			if answer == "" {
				delete(t.is.Answers, key)
			}
		}
		tried := e.written.Form.Try(t.is, h.today(c))
		text, err := e.edited(func(file *form.File) error { return file.AddCase(tried) })
		if err != nil {
			return err
		}
		problems, err := h.saveIntakeForm(c, e, f, text)
		if errors.Is(err, intake.ErrChanged) {
			f.Wrong("name", changedMeanwhile)
			return h.preview(c, http.StatusConflict, e, f)
		}
		return h.intakeFormSaved(c, problems, err, "The test case is in the draft.")
	})
}

func (h *Handlers) withPreview(c echo.Context, then func(intakeForm, *web.Form) error) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if e.written == nil {
		return web.Redirect(c, intakeFormPath)
	}
	return then(e, f)
}

// tried is the form with facts and answers to try.
type tried struct {
	form *form.Form
	is   form.Case
}

func (e intakeForm) tried(f *web.Form) tried {
	t := tried{is: form.Case{Facts: map[string]string{}, Answers: map[string]string{}}}
	for name, values := range intake.Facts() {
		t.is.Facts[name] = values[0]
		if slices.Contains(values, f.Raw("fact-"+name)) {
			t.is.Facts[name] = f.Raw("fact-" + name)
		}
	}
	t.form = e.written.Form.With(t.is.Facts)
	for _, key := range t.form.Keys() {
		if f.Ticked(key) {
			t.is.Answers[key] = strings.TrimSpace(f.Raw(key))
		}
	}
	return t
}

// questions are those of all sections that apply to the visit.
func (t tried) questions(f *web.Form) ui.Questions {
	return web.Questions(t.form, previewPath, t.is.Answers, f)
}

func (h *Handlers) preview(c echo.Context, status int, e intakeForm, f *web.Form) error {
	t := e.tried(f)
	is := t.form.Try(t.is, h.today(c))
	p := view.IntakePreviewPage{Path: intakeFormPath, Hidden: e.hiddens(), Problems: f.Problems,
		Questions: t.questions(f), Asked: strings.Join(is.Asked, ", "), Missing: strings.Join(is.Missing, ", "),
		MayChange: mayWriteForms(c), Name: f.Raw("name")}
	if len(is.Missing) > 0 {
		p.Next = is.Missing[0]
	}
	for _, fact := range factNames {
		one := ui.Select{Name: "fact-" + fact[0], Label: fact[1], Value: t.is.Facts[fact[0]]}
		for _, value := range intake.Facts()[fact[0]] {
			one.Options = append(one.Options, ui.Option{Value: value, Text: strings.ReplaceAll(value, "_", " ")})
		}
		p.Facts = append(p.Facts, one)
	}
	p.Page, p.Console = h.page(c, formsPath, "Try the questions", "Try what is asked before a visit")
	p.Wrong = !f.OK()
	return web.Render(c, status, view.IntakePreview(p), view.PreviewForm)
}
