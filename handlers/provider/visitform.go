package provider

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/consent"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// visitForm is what is asked for a time that was chosen, with what was typed.
type visitForm struct {
	who                       whom
	at                        offered
	start                     time.Time
	Key, Payer, Note, Channel string
	problems                  ui.Problems
	others                    []time.Time // the time is gone, and these are free
	gone                      bool
}

// CreateVisit books a time for somebody on file. What is missing comes back as 422, a time that is gone as 409 with
// others, with everything as it was typed; the same request again is answered as the first one was.
func (h *Handlers) CreateVisit(c echo.Context) error {
	who, err := h.whom(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	id, start := f.ID("offering"), f.Instant("start")
	at, live := h.offeredHere(organization, id)
	key, readable := web.RequestKey(c, f.Raw("key"))
	if !f.OK() || !readable {
		return web.ErrUnreadable
	}
	if !live {
		return h.showTimes(c, http.StatusConflict, who, visitQuestion{},
			ui.Problems{{Message: "That cannot be booked here any more. Choose again"}})
	}
	form := visitForm{who: who, at: at, start: start, Key: key, Note: f.Raw("note"), Payer: f.Raw("payer"),
		Channel: f.Raw("channel")}
	b := h.readBooking(c, f, form)
	if form.problems = f.Problems; !f.OK() {
		return h.showVisitForm(c, http.StatusUnprocessableEntity, form)
	}
	answer, err := b.Book(c.Request().Context(), h.Gateway.In(web.Scope(c, organization)))
	h.Busy.Forget(organization.ID, at.Resources...)
	if err != nil {
		return h.notBooked(c, form, err)
	}
	h.notify()
	web.Flash(c, ui.Notice{Done: true, Text: "Booked."})
	return web.Redirect(c, answer)
}

// readBooking turns the form into what is to be booked, or into problems.
func (h *Handlers) readBooking(c echo.Context, f *web.Form, form visitForm) booking.DeskBooking {
	who, _ := web.Account(c)
	id, organization := uuid.New(), web.Organization(c)
	b := booking.DeskBooking{ID: id, Offering: form.at.Offering, Start: form.start, Patient: form.who.ID,
		Account: form.who.AccountID, Now: web.Now(c),
		Asking: booking.Asking{By: who.ID, Key: form.Key, Answer: appointmentPath(home(organization), id)}}
	var offered []string
	for _, plan := range h.plans()[1:] {
		offered = append(offered, plan.Value)
	}
	b.PayerID = f.OneOf("payer", "Choose how they pay", offered...)
	b.PlanKnown = slices.ContainsFunc(h.Market.Payers(), func(p search.Payer) bool { return p.ID == b.PayerID })
	b.Note = f.Optional("note", 500, "The note")
	if !form.who.shares {
		text := consent.Spoken(organization.Name)
		b.Consent = &booking.Consented{Version: text.Version, Text: text.Text,
			Channel: f.OneOf("channel", "Read it to them, and say how they agreed", consent.ByPhone, consent.AtDesk)}
	}
	return b
}

// notBooked answers why a time is not booked: with the form again, everything as typed.
func (h *Handlers) notBooked(c echo.Context, form visitForm, err error) error {
	refused := func(field, words string) error {
		form.Key, form.problems = uuid.NewString(), ui.Problems{{Field: field, Message: words}}
		return h.showVisitForm(c, http.StatusUnprocessableEntity, form)
	}
	switch {
	case errors.Is(err, booking.ErrTaken), errors.Is(err, booking.ErrChanged):
		return h.showOthers(c, form)
	case errors.Is(err, booking.ErrPlan):
		return refused("payer", "This plan is not taken for that. Choose another way to pay, or another time with somebody "+
			"who takes it")
	case errors.Is(err, booking.ErrNoNewPatients):
		return refused("", form.who.Name+" was never here, and new patients are not taken "+form.at.withWhom())
	case errors.Is(err, booking.ErrNoAddress):
		return refused("", "This is a visit at home now, and only "+form.who.Name+" can say where that is: they book it")
	case errors.Is(err, booking.ErrOtherUse):
		return refused("", "This form was sent before with other details. Look at what is booked before you book again")
	case errors.Is(err, booking.ErrGone):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, tenancy.ErrUnknown):
		web.Flash(c, ui.Notice{Warn: true, Text: "We lost a connection while the visit was booked. " +
			"Look at whether it stands here before you book it again."})
		return web.LookAt(c, patientPath(home(web.Organization(c)), form.who.ID, false), err)
	}
	return err
}

// showOthers says that the time is gone, and books another one with what was typed.
func (h *Handlers) showOthers(c echo.Context, form visitForm) (err error) {
	form.others, err = booking.Nearest(c.Request().Context(), h.Busy, form.at.Offering, form.start, mostTimes, web.Now(c))
	if err != nil {
		return err
	}
	words := "Somebody else has just taken " + civil.Dated(form.at.Schedule.Local(form.start.Unix()))
	if len(form.others) > 0 {
		words += ". These times near it are free"
	}
	form.gone, form.Key, form.problems = true, uuid.NewString(), ui.Problems{{Message: words}}
	return h.showVisitForm(c, http.StatusConflict, form)
}

func (h *Handlers) showVisitForm(c echo.Context, status int, form visitForm) (err error) {
	organization, start := web.Organization(c), form.at.Schedule.Local(form.start.Unix())
	back := visitQuestion{Service: form.at.listing.ServiceID, Day: civil.DateOf(start)}
	p := view.VisitFormPage{Problems: form.problems, Key: form.Key, Payer: form.Payer, Note: form.Note,
		Action:  home(organization) + "/patients/" + form.who.ID.String() + "/visits",
		Heading: "Book " + civil.Dated(start) + " for " + form.who.Name, Button: "Book " + civil.Dated(start),
		Other:  back.path(organization, form.who.ID),
		Hidden: []ui.Hidden{{Name: "offering", Value: form.at.ID.String()}, {Name: "key", Value: form.Key}},
		Payers: h.plans(), Summary: visitSummary(form, start), Gone: form.gone, Clash: form.clash()}
	if !form.gone {
		p.Hidden = append(p.Hidden, ui.Hidden{Name: "start", Value: instant(start.Unix())})
	}
	for _, t := range form.others {
		p.Others.Slots = append(p.Others.Slots, slotAt(form.at, t.Unix()))
	}
	if !form.who.shares {
		text := consent.Spoken(organization.Name)
		p.Read = text.Label + ". " + text.Detail
		p.Channels = []ui.Choice{{Value: consent.ByPhone, Label: "They agree, on the telephone"},
			{Value: consent.AtDesk, Label: "They agree, here at the desk"}}
		for i := range p.Channels {
			p.Channels[i].Checked = p.Channels[i].Value == form.Channel
		}
	}
	if p.Page, p.Work, err = h.frame(c, "Book a visit", "/patients", p.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.VisitForm(p), view.VisitFormPart)
}

// clash says which other visit of theirs is at the time; "": none.
func (form visitForm) clash() string {
	end := form.start.Add(time.Duration(form.at.Schedule.VisitMinutes) * time.Minute)
	for _, v := range form.who.next {
		if v.StartsAt.Before(end) && form.start.Before(v.EndsAt) {
			return form.who.Name + " has another visit at that time: " +
				civil.Dated(v.StartsAt.In(civil.ZoneOrUTC(v.Zone))) + ", " + v.Service + " with " + v.Practitioner + "."
		}
	}
	return ""
}

func visitSummary(form visitForm, start time.Time) ui.Summary {
	l := form.at.listing
	rows := ui.Summary{{Name: "Patient", Value: form.who.Name}, {Name: "When", Value: civil.Dated(start),
		Small: count(int64(form.at.Schedule.VisitMinutes), "minute", "minutes")},
		{Name: "Service", Value: l.Service, Small: l.Practitioner},
		{Name: "Where", Value: strings.TrimSpace(l.LocationName), Small: l.Street + ", " + l.City}}
	if form.who.Born != nil {
		rows[0].Small = "Born " + day(*form.who.Born)
	}
	return rows
}

// plans are the ways to pay.
func (h *Handlers) plans() []ui.Option {
	all := []ui.Option{{Text: "Choose"}, {Value: booking.SelfPay, Text: "They pay themselves"}}
	for _, p := range h.Market.Payers() {
		if p.Kind != search.SelfPay {
			all = append(all, ui.Option{Value: p.ID, Text: p.Name})
		}
	}
	return append(all, ui.Option{Value: booking.OtherPlan, Text: "Another plan"})
}

// appointmentPath is where a visit stands by itself.
func appointmentPath(home string, id uuid.UUID) string { return home + "/appointments/" + id.String() }
