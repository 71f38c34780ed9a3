package ops

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/form"
	"kindward/internal/intake"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// NewIntakeText shows what is asked before visits as it is written, to be changed as a whole.
func (h *Handlers) NewIntakeText(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f := web.FormOf(c, web.Recalled(c, intakeFormPath+"/text"))
	if f.Ticked("text") && !e.is(f) {
		return h.intakeText(c, http.StatusOK, e, f, []form.Problem{{Says: changedMeanwhile + inTheirPlace}})
	}
	return h.intakeText(c, http.StatusOK, e, f, nil)
}

func (h *Handlers) intakeText(c echo.Context, status int, e intakeForm, f *web.Form, problems []form.Problem) error {
	p := view.IntakeTextPage{Path: intakeFormPath, Hidden: e.hiddens(), Text: e.text, Most: intake.LongestText}
	if f.Ticked("text") {
		p.Text = f.Raw("text")
	}
	for _, one := range problems {
		p.Problems = append(p.Problems, ui.Problem{Field: "text", Message: one.String()})
	}
	p.Page, p.Console = h.page(c, formsPath, "Questions as text", "What is asked before a visit, as text")
	p.Wrong = len(p.Problems) > 0
	return web.Render(c, status, view.IntakeText(p), view.FormText)
}

const inTheirPlace = " What you typed stands here: save again to put it in the place of theirs"

// CreateIntakeText saves a text as the draft.
func (h *Handlers) CreateIntakeText(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	problems, err := h.saveIntakeForm(c, e, f, strings.ReplaceAll(f.Raw("text"), "\r\n", "\n"))
	switch {
	case len(problems) > 0:
		return h.intakeText(c, http.StatusUnprocessableEntity, e, f, problems)
	case errors.Is(err, intake.ErrChanged):
		return h.intakeText(c, http.StatusConflict, e, f, []form.Problem{{Says: changedMeanwhile + inTheirPlace}})
	}
	return h.intakeFormSaved(c, nil, err, "The draft is saved.")
}
