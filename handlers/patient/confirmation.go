package patient

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/consent"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// ConfirmHold books the held time. What is missing comes back as 422 with everything as typed; a hold that is over as
// 409; one that is booked already leads to the booking.
func (h *Handlers) ConfirmHold(c echo.Context) error {
	account, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	at, err := h.meeting(c, tenant, id)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	if !f.Ticked("share") {
		since, err := h.sharesSince(c, tenant)
		if err != nil {
			return err
		}
		at.shares = since != ""
	}
	details, problems := h.readDetails(f, tenant, []string{typedPlan(f)}, at)
	details.Email, details.PlanKnown = account.Email, h.planName(details.PayerID) != ""
	if len(problems) > 0 {
		return h.holdAgain(c, http.StatusUnprocessableEntity, f, wrongDetails)
	}
	if somebodyElse(account, details) {
		return h.holdAgain(c, http.StatusUnprocessableEntity, f, otherAccount)
	}
	key, ok := web.RequestKey(c, f.Raw("key"))
	if !ok {
		return h.holdAgain(c, http.StatusUnprocessableEntity, f, noNumber)
	}
	answer, err := booking.Confirm(c.Request().Context(), h.Gateway.In(web.Scope(c, tenant)), booking.Confirmation{
		Held: heldOf(c, id), Holder: holder, Account: account.ID, Key: key, Answer: bookingPath(id), Details: details,
		Limits: booking.UsualBookingLimits})
	if errors.Is(err, tenancy.ErrUnknown) {
		h.changed(tenant.ID, openHoldOf(c, id).Listing)
		if err := keepTyped(c); err != nil {
			return err
		}
		return web.CheckAt(c, confirmationCheck(holdPath(tenant.Slug, id), key), err)
	}
	if err != nil {
		return h.notBooked(c, f, err)
	}
	h.prolonged(c, tenant.ID, id, time.Time{})
	dropHold(c, id)
	web.DropDraft(c, detailsDraft(account.ID))
	h.keepDetails(c, account, details)
	return web.Redirect(c, answer)
}

// notBooked answers why a time is not booked: with the page again, everything as typed.
func (h *Handlers) notBooked(c echo.Context, f *web.Form, err error) error {
	why := refusalOf(err)
	switch {
	case why != "":
		return h.holdAgain(c, http.StatusUnprocessableEntity, f, why)
	case errors.Is(err, booking.ErrGone):
		return h.holdAgain(c, http.StatusConflict, f, "")
	case errors.Is(err, booking.ErrOtherUse):
		return h.sentBefore(c, f)
	}
	return err
}

// keepDetails keeps what the account does not know yet and somebody has typed of themself, for their next booking. What
// it knows is changed on the page of their details only: it goes on to all their places. It is booked by now: nothing
// that fails here is told.
func (h *Handlers) keepDetails(c echo.Context, account identity.Account, d booking.Details) {
	if account.Phone != "" && account.Born != nil || !sameFirstName(account.Name, d.Name) {
		return
	}
	payer := d.PayerID
	switch payer {
	case booking.OtherPlan:
		payer = ""
	case booking.SelfPay:
		payer = h.ownPurse()
	}
	err := h.Gateway.Identity(web.PublicScope(c)).KeepDetails(c.Request().Context(), shareddb.KeepDetailsParams{
		ID: account.ID, Phone: d.Phone, Born: *d.Born, PayerID: payer})
	if err != nil {
		web.Warn(c, "details not kept for the next booking", err)
	}
}

// sameFirstName tells whether two names may be one person's: "Maya" and "Maya Okafor".
func sameFirstName(a, b string) bool {
	one, other := strings.Fields(a), strings.Fields(b)
	return len(one) > 0 && len(other) > 0 && strings.EqualFold(one[0], other[0])
}

// somebodyElse tells that a booking is for another person than whose account it is: with another first name and another
// date of birth at once.
func somebodyElse(account identity.Account, d booking.Details) bool {
	return account.Born != nil && !account.Born.Equal(*d.Born) && !sameFirstName(account.Name, d.Name)
}

// sentBefore answers a key that was used for something else: for this very booking, which stands, or for another.
func (h *Handlers) sentBefore(c echo.Context, f *web.Form) error {
	tenant, hold, err := h.openHold(c)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	if hold.Status == booking.StatusBooked {
		return otherUse(c, bookingPath(hold.ID))
	}
	return h.showAgain(c, http.StatusUnprocessableEntity, tenant, hold, f, sentOnce)
}

// otherUse says that a request key was used before for a booking that stands.
func otherUse(c echo.Context, booked string) error {
	page := patient.OtherUsePage{Page: web.Page(c, "Sent before"),
		Lead: "You are booked, with the details of the first time. Nothing of what was sent now was taken.",
		Way:  ui.Way{Text: "Your appointment", Href: booked}}
	page.Here = layout.Bookings
	web.NoStore(c)
	return web.Render(c, http.StatusUnprocessableEntity, patient.OtherUse(page), "")
}

// holdAgain is the page once more, with everything as typed and why it was refused. 409 means that the hold is over,
// whatever its clock says, unless it has become the booking in the meantime.
func (h *Handlers) holdAgain(c echo.Context, status int, f *web.Form, why refusal) error {
	tenant, hold, err := h.openHold(c)
	if err != nil {
		return h.notHere(c, tenant, err)
	}
	return h.showAgain(c, status, tenant, hold, f, why)
}

func (h *Handlers) showAgain(c echo.Context, status int, tenant tenancy.Tenant, hold tenantdb.HoldPageRow,
	f *web.Form, why refusal) error {
	if hold.Status == booking.StatusBooked {
		return web.Redirect(c, bookingPath(hold.ID))
	}
	if status == http.StatusConflict {
		hold.SecondsLeft = 0
	}
	if err := keepTypedOf(c, hold.ID, why); err != nil { // for whoever opens the page of the hold again
		return err
	}
	problems, form := h.problems(why, f.Again(), tenant, hold), typedForm(f)
	form.Key = uuid.NewString()
	page, err := h.holdPage(c, tenant, hold, form)
	if err != nil {
		return err
	}
	page.Problems = asked(page, problems)
	page.Wrong = len(page.Problems) > 0
	return web.Render(c, status, patient.Hold(page), "")
}

// typedPlan is the plan as typed, for whoever leaves it to the booking whether it is taken. What is no
// text is none.
func typedPlan(f *web.Form) string {
	plan := f.Raw("plan")
	if isText := utf8.ValidString(plan) && !strings.Contains(plan, "\x00"); isText && plan != "" && plan != selfPay {
		return plan
	}
	return otherPlan
}

// typedForm is the form with everything as typed.
func typedForm(f *web.Form) patient.DetailsForm {
	return patient.DetailsForm{Name: f.Raw("name"), Phone: f.Raw("phone"), Note: f.Raw("note"), Payer: f.Raw("payer"),
		Plan: f.Raw("plan"), Month: f.Raw("dob-month"), Day: f.Raw("dob-day"), Year: f.Raw("dob-year"),
		Mode: f.Raw("mode"), Home: homeFields(f.Values(ui.HomeFields...)), Share: f.Ticked("share")}
}

// readDetails turns the form into details, or into problems; at is what the visit leaves to the patient to say.
func (h *Handlers) readDetails(f *web.Form, t tenancy.Tenant, payers []string, at meeting) (booking.Details,
	ui.Problems) {
	text := consent.Share(t.Name)
	d := booking.Details{Name: f.Text("name", 120, "Enter your full name, as on the ID you will bring"),
		Born: new(f.Born("dob")), Phone: f.Mobile("phone"),
		Note:           f.Optional("note", 500, "What they should know"),
		ConsentVersion: text.Version, ConsentText: text.Text}
	if at.video && f.Raw("mode") != "" {
		d.Mode = venue.Mode(f.OneOf("mode", "Choose where you meet", string(venue.AtClinic), string(venue.ByVideo)))
	}
	if at.home != nil {
		d.Home = h.readAddress(f, *at.home)
	}
	if d.PayerID = f.OneOf("payer", "Choose how you will pay", selfPay, byPlan); d.PayerID == byPlan {
		d.PayerID = f.OneOf("plan", "Choose your plan", append([]string{otherPlan}, payers...)...)
	}
	if d.ConsentStands = at.shares && !f.Ticked("share"); !d.ConsentStands && !f.Ticked("share") {
		f.Wrong("share", "Tick the box to share your details: without them they cannot see you")
	}
	return d, f.Problems
}
