package ops

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/form"
	"kindward/internal/identity"
	"kindward/internal/intake"
	"kindward/internal/policy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ShowIntakeForm is what is asked before visits, what the draft changes, and who published which version.
func (h *Handlers) ShowIntakeForm(c echo.Context) error {
	return h.showIntakeForm(c, http.StatusOK, web.FormOf(c, web.Recalled(c, intakeFormPath+"/publication")))
}

func (h *Handlers) showIntakeForm(c echo.Context, status int, f *web.Form) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	p := view.IntakeFormPage{Path: intakeFormPath, Hidden: e.hiddens(), Problems: f.Problems, MayChange: mayWriteForms(c),
		Draft: h.draftLine(e), Wrongs: problemLines(e.problems)}
	if e.written != nil {
		p.Sections, p.Changes = sectionsOf(e.written), changesOf(e.newest, e.written)
		p.Cases = h.caseLines(c, e.written)
	}
	if p.Publishing, err = h.publishing(c, e, f); err != nil {
		return err
	}
	if p.Versions, err = h.intakeVersions(c); err != nil {
		return err
	}
	verdict := fmt.Sprintf("Patients are asked by version %d", e.asking)
	if e.draft.Begun() {
		verdict += fmt.Sprintf("; a draft changes %s", count(int64(len(p.Changes)), "thing", "things"))
	}
	p.Page, p.Console = h.page(c, formsPath, "Before a visit", verdict)
	p.Wrong = !f.OK()
	return web.Render(c, status, view.IntakeForm(p), view.PublishForm)
}

func problemLines(all []form.Problem) (lines []string) {
	for _, p := range all {
		lines = append(lines, p.String())
	}
	return lines
}

func sectionsOf(d *intake.Definition) (all []view.FormSection) {
	for _, s := range d.Form.Sections {
		one := view.FormSection{Key: s.Key, Name: s.Name, When: s.When}
		for _, f := range s.Fields {
			line := view.FormQuestion{Key: f.Key, Label: f.Label, Help: f.Help, Type: typeNames[f.Type], When: f.When,
				Optional: f.Optional, Source: f.Source}
			if f.Unit != "" {
				line.Type += ", in " + f.Unit
			}
			for _, o := range f.Options {
				line.Options = append(line.Options, o.Label)
			}
			one.Questions = append(one.Questions, line)
		}
		all = append(all, one)
	}
	return all
}

// changesOf are what one version asks otherwise than another.
func changesOf(before, after *intake.Definition) (all []view.FormChange) {
	for _, c := range form.Diff(before.Form.Sections, after.Form.Sections) {
		all = append(all, view.FormChange(c))
	}
	return all
}

// caseLines are the test cases, and what is otherwise than they say.
func (h *Handlers) caseLines(c echo.Context, d *intake.Definition) (all []view.FormCase) {
	failing := d.Failing(h.today(c))
	for _, one := range d.Cases {
		all = append(all, view.FormCase{Name: one.Name, Asked: strings.Join(one.Asked, ", "), Fails: failing[one.Name]})
	}
	return all
}

// publishing is what whoever looks may do about the draft, or why not.
func (h *Handlers) publishing(c echo.Context, e intakeForm, f *web.Form) (p view.FormPublishing, err error) {
	me, _ := web.Account(c)
	p.Reason = f.Raw("reason")
	switch {
	case !e.draft.Begun() || !web.May(c, policy.PublishForms):
		return p, nil
	case e.draft.Wrote(me.ID):
		p.Waits = "Somebody else publishes it: you have written in it."
	case e.written == nil:
		p.Waits = "It cannot be published while something is wrong with it."
	case len(e.written.Failing(h.today(c))) > 0:
		p.Waits = "It cannot be published while a test case fails."
	default:
		err := h.maySecond(c, e)
		if tooNew, ok := errors.AsType[*identity.TooNewError](err); ok {
			p.Waits = h.newOnStaff(tooNew.From)
			return p, nil
		}
		p.May = err == nil
		return p, err
	}
	return p, nil
}

// draftID stands for the draft where somebody is asked to be the second.
var draftID = uuid.UUID{1}

// maySecond asks for two people who both have been on the staff for long enough.
func (h *Handlers) maySecond(c echo.Context, e intakeForm) error {
	return identity.MaySecond(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)), draftID, e.draft.Writers,
		web.Now(c))
}

// PublishIntake makes the draft the newest version. Whoever wrote in it does not.
func (h *Handlers) PublishIntake(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	can, err := h.publishing(c, e, f)
	switch {
	case err != nil:
		return err
	case !e.is(f):
		return h.intakeFormSaved(c, nil, intake.ErrChanged, "")
	case !can.May:
		web.Flash(c, ui.Notice{Text: can.Waits, Warn: true})
		return h.showIntakeForm(c, http.StatusConflict, f)
	}
	reason := sentence(f, "reason", "Say in a sentence why it is published")
	if !f.OK() {
		return h.showIntakeForm(c, http.StatusUnprocessableEntity, f)
	}
	me, _ := web.Account(c)
	err = h.Gateway.WithinShared(c.Request().Context(), web.PublicScope(c), func(q *shareddb.Queries) error {
		return e.draft.Publish(c.Request().Context(), q, me.ID, reason, web.Now(c))
	})
	return h.intakeFormSaved(c, nil, err, "It is published. Whoever begins to answer now is asked by it.")
}

// DiscardIntakeDraft gives the draft up.
func (h *Handlers) DiscardIntakeDraft(c echo.Context) error {
	e, err := h.openIntakeForm(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	switch {
	case err != nil:
		return err
	case !e.draft.Begun() || !e.is(f):
		err = intake.ErrChanged
	default:
		err = h.writeIntakeDraft(c, e, "")
	}
	return h.intakeFormSaved(c, nil, err, "The draft is given up.")
}

func (h *Handlers) intakeVersions(c echo.Context) (all []view.FormVersionLine, err error) {
	rows, err := h.Gateway.Public().FormHistory(c.Request().Context(), intake.Form)
	if err != nil {
		return nil, err
	}
	names, err := h.names(c, ids(rows, func(r shareddb.FormHistoryRow) uuid.UUID { return r.By }))
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		all = append(all, view.FormVersionLine{Number: strconv.Itoa(int(r.Version)), By: names[r.By], When: h.when(r.At),
			Reason: r.Reason})
	}
	for n := intake.Latest; n > 0; n-- {
		all = append(all, view.FormVersionLine{Number: strconv.Itoa(n), By: "Comes with the program"})
	}
	return all, nil
}
