package provider

import (
	"errors"
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewPatient asks who is to be added: somebody who calls, and is not on file here.
func (h *Handlers) NewPatient(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := readVisitQuestion(f)
	if err != nil {
		return err
	}
	return h.showNewPatient(c, http.StatusOK, view.NewPatientPage{Key: uuid.NewString()}, q)
}

// CreatePatient adds somebody, and goes on with their visit. Whoever looks like somebody who is on file is asked about
// first; the same request again adds nobody.
func (h *Handlers) CreatePatient(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	q, err := readVisitQuestion(f)
	if err != nil {
		return err
	}
	p := view.NewPatientPage{Name: f.Raw("name"), Phone: f.Raw("phone"), Email: f.Raw("email"),
		Month: f.Raw("dob-month"), Day: f.Raw("dob-day"), Year: f.Raw("dob-year")}
	key, readable := web.RequestKey(c, f.Raw("key"))
	if !readable {
		return web.ErrUnreadable
	}
	added := h.readPatient(c, f, q, key)
	if p.Key, p.Problems = key, f.Problems; !f.OK() {
		return h.showNewPatient(c, http.StatusUnprocessableEntity, p, q)
	}
	answer, err := booking.AddPatient(c.Request().Context(), h.Gateway.In(web.Scope(c, web.Organization(c))), added)
	switch {
	case errors.Is(err, booking.ErrAlike):
		alike, err := h.similar(c, added)
		if err != nil {
			return err
		}
		p.Alike = alikeOf(alike, web.Organization(c), q)
		return h.showNewPatient(c, http.StatusConflict, p, q)
	case errors.Is(err, booking.ErrOtherUse):
		p.Key, p.Problems = uuid.NewString(), ui.Problems{{Message: "This form was sent before with other details. " +
			"Look whether they are on file before you add them again"}}
		return h.showNewPatient(c, http.StatusConflict, p, q)
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "We lost a connection while they were added. Look whether they are on file."})
		return web.LookAt(c, home(web.Organization(c))+"/patients", err)
	case err != nil:
		return err
	}
	return web.Redirect(c, answer)
}

// readPatient turns the form into somebody to add, or into problems.
func (h *Handlers) readPatient(c echo.Context, f *web.Form, q visitQuestion, key string) booking.NewPatient {
	who, _ := web.Account(c)
	id := uuid.Must(uuid.NewV7())
	added := booking.NewPatient{ID: id, Name: f.Text("name", 120, "Enter their full name"), Born: f.TheirBorn("dob"),
		Phone: f.Mobile("phone"), Sure: f.Raw("sure") != "", Asking: booking.Asking{By: who.ID, Key: key,
			Answer: q.path(web.Organization(c), id)}}
	if f.Raw("email") != "" {
		added.Email = f.TheirEmail("email")
	}
	return added
}

// similar are those on file who may be the same person. That they were seen is kept.
func (h *Handlers) similar(c echo.Context, p booking.NewPatient) (rows []tenantdb.SimilarPatientsRow, err error) {
	ctx := c.Request().Context()
	err = h.Gateway.Within(ctx, web.Scope(c, web.Organization(c)), func(q *tenantdb.Queries) (err error) {
		rows, err = q.SimilarPatients(ctx, tenantdb.SimilarPatientsParams{Born: p.Born, Name: p.Name,
			Phone: textutil.Digits(p.Phone), Email: p.Email})
		for _, r := range rows {
			err = errors.Join(err, q.AuditPatient(ctx, tenantdb.AuditPatientParams{Patient: r.AccountID, Purpose: purpose(c),
				ID: &r.ID, Action: "list"}))
		}
		return err
	})
	return rows, err
}

func alikeOf(rows []tenantdb.SimilarPatientsRow, organization tenancy.Tenant, q visitQuestion) (all []view.Found) {
	for _, r := range rows {
		one := view.Found{Name: r.Name, Phone: web.Phone(r.Phone),
			Href: q.path(organization, r.ID)}
		if r.Born != nil {
			one.Born = day(*r.Born)
		}
		all = append(all, one)
	}
	return all
}

func (h *Handlers) showNewPatient(c echo.Context, status int, p view.NewPatientPage, q visitQuestion) (err error) {
	p.Action, p.Hidden = home(web.Organization(c))+"/patients/new", q.hidden()
	p.Back = ui.Way{Text: "Find somebody on file", Href: home(web.Organization(c)) + "/patients?" + q.values().Encode()}
	if p.Page, p.Work, err = h.frame(c, "Add a patient", "/patients", p.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.NewPatient(p), view.NewPatientPart)
}
