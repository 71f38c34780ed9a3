package patient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/form"
	"kindward/internal/intake"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// intakeOf is what is asked before a visit, and what is answered.
type intakeOf struct {
	opened
	form    *form.Form
	saved   tenantdb.OwnIntakeRow // its Sequence is 0 while nothing is saved
	answers map[string]string
}

func intakePath(o opened) string { return bookingPath(o.ID) + "/intake" }

// openIntake reads what is asked before one of the account's own visits. Answers that were begun go on by the version
// that they were begun by.
func (h *Handlers) openIntake(c echo.Context, o opened) (a intakeOf, err error) {
	a = intakeOf{opened: o, answers: map[string]string{}}
	a.saved, err = h.Gateway.Once(web.Scope(c, o.tenant)).OwnIntake(c.Request().Context(), o.ID, o.booked.Account)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		asked, _ := strconv.Atoi(web.Field(c, "form")) // by the version of the page, or else by the newest
		a.saved = tenantdb.OwnIntakeRow{FormVersion: int32(asked)}
	case err != nil:
		return a, err
	default:
		if err := json.Unmarshal(a.saved.Answers, &a.answers); err != nil {
			return a, err
		}
	}
	versions, err := intake.Load(c.Request().Context(), h.Gateway.Public())
	if err != nil {
		return a, err
	}
	asked, version := versions.Find(int(a.saved.FormVersion), intake.Visit{Mode: venue.Mode(o.VisitMode),
		Reason: o.ReasonCode, New: o.IsNew == nil || *o.IsNew, Born: o.Born, Start: o.start})
	a.form, a.saved.FormVersion = asked, int32(version)
	return a, nil
}

// intakeWay leads to what is asked before a visit that is to come; nowhere if nothing is, and nobody else than the
// person.
func (h *Handlers) intakeWay(c echo.Context, o opened) (ui.Way, error) {
	if _, other := web.StaffAccessOf(c); other {
		return ui.Way{}, nil
	}
	a, err := h.openIntake(c, o)
	if err != nil {
		return ui.Way{}, err
	}
	n := len(a.form.Asked(a.answers))
	if n == 0 {
		return ui.Way{}, nil
	}
	way := ui.Way{Href: intakePath(o), Text: fmt.Sprintf("Answer %d questions before your visit", n)}
	switch {
	case a.saved.Complete:
		way.Text = "Change what you answered before your visit"
	case a.saved.Sequence > 0:
		way.Text = "Go on with the questions before your visit"
	}
	return way, nil
}

// ShowIntake asks what is asked before a visit.
func (h *Handlers) ShowIntake(c echo.Context) error { return h.withIntake(c, h.showIntake) }

// UpdateIntake keeps the answers; with "later" as they are, to go on another time.
func (h *Handlers) UpdateIntake(c echo.Context) error { return h.withIntake(c, h.updateIntake) }

// withIntake opens what is asked before a visit. Of one that has begun, is canceled or for which nothing is asked, the
// booking's page is all there is.
func (h *Handlers) withIntake(c echo.Context, then func(echo.Context, intakeOf, *web.Form) error) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	a, err := h.openIntake(c, o)
	if err != nil {
		return err
	}
	if !o.coming(web.Now(c)) || len(a.form.Asked(a.answers)) == 0 {
		web.Flash(c, ui.Notice{Text: "There is nothing to answer before this visit now."})
		return web.Redirect(c, bookingPath(o.ID))
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return then(c, a, f)
}

func (h *Handlers) showIntake(c echo.Context, a intakeOf, _ *web.Form) error {
	return h.askIntake(c, http.StatusOK, a, web.FormOf(c, web.Recalled(c, intakePath(a.opened))))
}

func (h *Handlers) updateIntake(c echo.Context, a intakeOf, f *web.Form) error {
	if f.Ticked("follow") {
		return h.followIntake(c, a, f)
	}
	answers, more := a.read(f, a.today(c), f.Ticked("later"))
	if !f.OK() {
		return h.askIntake(c, http.StatusUnprocessableEntity, a, f)
	}
	if often, err := web.CountDetailChange(c); err != nil {
		return err
	} else if often != "" {
		f.Wrong(a.form.Asked(answers)[0].Key, often)
		return h.askIntake(c, http.StatusTooManyRequests, a, f)
	}
	base, _ := strconv.Atoi(f.Raw("version"))
	if base > int(a.saved.Sequence) { // no page has said that
		return web.ErrUnreadable
	}
	saved, err := h.saveIntake(c, a, int32(base)+1, answers)
	switch {
	case err != nil:
		return err
	case !saved:
		return h.withIntake(c, h.intakeChanged)
	}
	a.tellIntake(c, answers, f.Ticked("later"), more)
	if more && !f.Ticked("later") {
		return web.Redirect(c, intakePath(a.opened))
	}
	return web.Redirect(c, bookingPath(a.ID))
}

// read are all answers with those of the form in their place. more tells that they bring up questions that were not on
// the page.
func (a intakeOf) read(f *web.Form, today civil.Date, later bool) (answers map[string]string, more bool) {
	answers = a.typed(f)
	read, more := web.ReadFields(f, a.form.Read(a.form.Asked(answers), answers, today), later)
	maps.Copy(answers, read)
	return answers, more
}

// today is the date where the visit is.
func (a intakeOf) today(c echo.Context) civil.Date {
	return civil.Today(a.start.Location(), web.Now(c))
}

// typed are the answers with what the form has of those that it asked, as typed.
func (a intakeOf) typed(f *web.Form) map[string]string {
	answers := maps.Clone(a.answers)
	for _, key := range strings.Fields(f.Raw("asked")) {
		if _, ok := a.form.Field(key); ok {
			answers[key] = strings.TrimSpace(f.Raw(key))
		}
	}
	return answers
}

// saveIntake adds the answers under a number; not saved: others have it, or the visit is over.
func (h *Handlers) saveIntake(c echo.Context, a intakeOf, sequence int32, answers map[string]string) (saved bool,
	err error) {
	raw, err := json.Marshal(answers)
	if err != nil || sequence < 1 || sequence > intake.MostSaves {
		return false, err
	}
	ctx := c.Request().Context()
	err = h.Gateway.Within(ctx, web.Scope(c, a.tenant), func(q *tenantdb.Queries) error {
		if _, err := q.LockComing(ctx, a.ID, a.booked.Account, web.Now(c)); err != nil {
			return err
		}
		return a.add(ctx, q, tenantdb.AddIntakeParams{AppointmentID: a.ID, AccountID: a.booked.Account,
			Sequence: sequence, FormVersion: a.saved.FormVersion, Answers: raw,
			Complete: a.form.Complete(answers, a.today(c))}, &saved)
	})
	if errors.Is(err, pgx.ErrNoRows) { // canceled meanwhile
		err = nil
	}
	return saved && err == nil, err
}

func (a intakeOf) add(ctx context.Context, q *tenantdb.Queries, p tenantdb.AddIntakeParams, saved *bool) error {
	n, err := q.AddIntake(ctx, p)
	if *saved = n == 1; err != nil || n == 0 {
		return err
	}
	return q.AuditIntake(ctx, &p.AccountID, &p.AppointmentID)
}

// intakeChanged asks again with what was typed: it was answered elsewhere meanwhile, and saving again keeps this.
func (h *Handlers) intakeChanged(c echo.Context, a intakeOf, f *web.Form) error {
	text := "These answers were changed in another window. What you typed stands here: save again to keep it"
	if a.saved.Sequence >= intake.MostSaves {
		text = "These answers were changed so often that we take no more. Tell " + a.tenant.Name + " at your visit"
	}
	f.Wrong(a.form.Asked(a.typed(f))[0].Key, text)
	f.Set("version", strconv.Itoa(int(a.saved.Sequence)))
	return h.askIntake(c, http.StatusConflict, a, f)
}

// tellIntake says what became of it, and what is not asked any more.
func (a intakeOf) tellIntake(c echo.Context, answers map[string]string, later, more bool) {
	text := "Saved. " + a.tenant.Name + " reads your answers before the visit. You can change them until it begins."
	switch {
	case later:
		text = "Saved. Go on whenever you like, until the visit begins."
	case more:
		text = "Saved. Your answers bring up more questions."
	}
	var gone []string
	for _, key := range a.form.Gone(a.answers, answers) {
		field, _ := a.form.Field(key)
		gone = append(gone, field.Label)
	}
	if len(gone) > 0 {
		text += " Not asked any more: " + strings.Join(gone, " ") + " We keep those answers, in case it is asked again."
	}
	web.Flash(c, ui.Notice{Text: text, Done: true})
}

func (h *Handlers) askIntake(c echo.Context, status int, a intakeOf, f *web.Form) error {
	p := patient.IntakePage{Page: web.Page(c, "Before your visit"), Problems: f.Problems, Back: bookingPath(a.ID),
		Heading: "Before your visit on " + a.times.Sentence(a.start), Reader: a.tenant.Name, Version: f.Raw("version"),
		Form: strconv.Itoa(int(a.saved.FormVersion)), Questions: a.questions(f)}
	if p.Version == "" {
		p.Version = strconv.Itoa(int(a.saved.Sequence))
	}
	p.Here, p.Frame, p.Wrong = layout.Bookings, layout.Column, len(f.Problems) > 0
	return web.Render(c, status, patient.Intake(p), patient.IntakeForm)
}

// followIntake shows which questions come and go with a choice, and saves nothing.
func (h *Handlers) followIntake(c echo.Context, a intakeOf, f *web.Form) error {
	if !web.Partial(c) {
		return h.askIntake(c, http.StatusOK, a, f)
	}
	return web.Following(c, a.questions(f), f)
}

// questions are those of all sections that apply to the visit.
func (a intakeOf) questions(f *web.Form) ui.Questions {
	return web.Questions(a.form, intakePath(a.opened), a.typed(f), f)
}
