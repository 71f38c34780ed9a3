package ops

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/form"
	"kindward/internal/intake"
	"kindward/internal/onboarding"
	"kindward/internal/policy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

const formsPath, intakeFormPath = "/ops/forms", "/ops/forms/intake"

// ListForms are the forms that people fill in, and the version of each.
func (h *Handlers) ListForms(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	p := view.FormsPage{Forms: []view.FormLine{
		{Href: intakeFormPath, Name: "Before a visit", Asked: "Patients, by service, age and where the visit is",
			Version: strconv.Itoa(e.asking), Draft: h.draftLine(e)},
		{Name: "To join", Asked: "Organizations, by kind and state", Version: strconv.Itoa(onboarding.Latest)}}}
	p.Page, p.Console = h.page(c, formsPath, "Forms", "What people are asked")
	return web.Render(c, http.StatusOK, view.Forms(p), "")
}

// intakeForm is what is asked before visits: the newest version, and the draft of the next one.
type intakeForm struct {
	versions intake.Versions
	newest   *intake.Definition
	asking   int // its number
	draft    intake.Draft
	writer   string // who saved the draft last

	text     string             // of the draft, or of the newest where there is none
	written  *intake.Definition // what it says; nil where it is wrong
	problems []form.Problem
}

func (h *Handlers) openIntakeForm(c echo.Context) (e intakeForm, err error) {
	ctx := c.Request().Context()
	if e.versions, err = intake.Load(ctx, h.Gateway.Public()); err != nil {
		return e, err
	}
	e.newest, e.asking = e.versions.Definition(0)
	if e.draft, err = intake.LoadDraft(ctx, h.Gateway.Shared(web.PublicScope(c)), e.versions.Last()); err != nil {
		return e, err
	}
	e.text, e.written = e.newest.Text, e.newest
	if e.draft.Begun() {
		e.text = e.draft.Text
		e.written, err = intake.Read(e.text)
		e.problems = form.ProblemsOf(e.text, err)
		names, err := h.names(c, []uuid.UUID{e.draft.By})
		if err != nil {
			return e, err
		}
		e.writer = names[e.draft.By]
	}
	return e, nil
}

func (h *Handlers) draftLine(e intakeForm) string {
	if !e.draft.Begun() {
		return ""
	}
	return e.writer + ", " + h.when(e.draft.At)
}

// saveIntakeForm writes a text as the draft that a page was about, and says what is wrong with it: then nothing is
// saved.
func (h *Handlers) saveIntakeForm(c echo.Context, e intakeForm, f *web.Form, text string) ([]form.Problem, error) {
	if !e.is(f) {
		return nil, intake.ErrChanged
	}
	if len(text) > intake.LongestText {
		return []form.Problem{{Says: "It is longer than " + strconv.Itoa(intake.LongestText) + " characters"}}, nil
	}
	if _, err := intake.Read(text); err != nil {
		return form.ProblemsOf(text, err), nil
	}
	return nil, h.writeIntakeDraft(c, e, text)
}

func (h *Handlers) writeIntakeDraft(c echo.Context, e intakeForm, text string) error {
	return h.Gateway.WithinShared(c.Request().Context(), web.PublicScope(c), func(q *shareddb.Queries) error {
		return e.draft.Save(c.Request().Context(), q, text, web.Now(c))
	})
}

// is tells whether a page was about the draft as it is now.
func (e intakeForm) is(f *web.Form) bool {
	return f.Raw("base") == strconv.Itoa(e.draft.Base) && f.Raw("sequence") == strconv.Itoa(e.draft.Sequence)
}

// hiddens say which draft a page is about.
func (e intakeForm) hiddens() []ui.Hidden {
	return []ui.Hidden{{Name: "base", Value: strconv.Itoa(e.draft.Base)},
		{Name: "sequence", Value: strconv.Itoa(e.draft.Sequence)}}
}

const changedMeanwhile = "Somebody else has changed the draft meanwhile. Nothing was saved now."

// intakeFormSaved leads to the form's page, or says what kept it from being saved: a wrong text, or somebody else.
func (h *Handlers) intakeFormSaved(c echo.Context, problems []form.Problem, err error, said string) error {
	switch {
	case errors.Is(err, intake.ErrChanged):
		web.Flash(c, ui.Notice{Text: changedMeanwhile, Warn: true})
		return h.showIntakeForm(c, http.StatusConflict, &web.Form{})
	case err != nil:
		return err
	case len(problems) > 0:
		f := &web.Form{}
		f.Wrong("", problems[0].String()+". Nothing was saved")
		return h.showIntakeForm(c, http.StatusUnprocessableEntity, f)
	}
	web.Flash(c, ui.Notice{Text: said, Done: true})
	return web.Redirect(c, intakeFormPath)
}

// today is the date where the console is.
func (h *Handlers) today(c echo.Context) civil.Date { return civil.Today(h.zone(), web.Now(c)) }

func mayWriteForms(c echo.Context) bool { return web.May(c, policy.ChangeForms) }
