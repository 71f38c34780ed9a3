package patient

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
	"kindward/views/patient"
	"kindward/views/ui"
)

// The pages that find out how a request ended whose answer was lost, and that go on by themselves until it is known.
// Each says what is so and nothing else: that something was not done only once it can no longer be done
// (web.EndedSince).

// errMayStillCome means that what was asked for is not there and may still come.
var errMayStillCome = errors.New("it may still be done")

// refreshSeconds is how often the page asks where there are no scripts.
const refreshSeconds = 4

// checked answers with what was found, or with the page that goes on asking.
func checked(c echo.Context, heading, lead, to string, said ui.Notice, err error) error {
	switch {
	case errors.Is(err, errMayStillCome), web.Unavailable(err):
		page := patient.CheckingPage{Page: web.Page(c, heading), Heading: heading, Lead: lead,
			Self: c.Request().URL.RequestURI()}
		page.Refresh = refreshSeconds
		web.NoStore(c)
		return web.Render(c, http.StatusAccepted, patient.Checking(page), patient.Checked)
	case err != nil:
		return err
	}
	if said.Text != "" {
		web.Flash(c, said)
	}
	return web.Redirect(c, to)
}

// confirmationCheck is where ShowConfirmation finds out about a request key.
func confirmationCheck(hold, key string) string {
	return hold + "/confirmation?" + url.Values{"key": {key}}.Encode()
}

// ShowConfirmation says whether a request to book went through, by its key.
func (h *Handlers) ShowConfirmation(c echo.Context) error {
	if len(c.QueryParams()) == 0 { // what the browser shows of a form that was refused, opened again
		tenant, id, _, err := h.held(c)
		if err != nil {
			return err
		}
		return web.Redirect(c, holdPath(tenant.Slug, id))
	}
	to, said, err := h.confirmed(c)
	return checked(c, "We are checking whether you are booked",
		"We lost a connection while we booked your time. Do not book again: if it went through, the time "+
			"is yours.", to, said, err)
}

func (h *Handlers) confirmed(c echo.Context) (to string, said ui.Notice, err error) {
	ended, err := web.EndedSince(c)
	if err != nil {
		return "", said, err
	}
	account, err := web.RequireAccount(c)
	if err != nil {
		return "", said, err
	}
	tenant, id, holder, err := h.held(c)
	if err != nil {
		return "", said, err
	}
	ctx, in := c.Request().Context(), h.Gateway.In(web.Scope(c, tenant))
	key, ok := web.ReadKey(c.QueryParam("key"))
	if !ok {
		return "", said, web.ErrUnreadable
	}
	to, err = booking.Answered(ctx, in, account.ID, key)
	if err == nil {
		dropHold(c, id)
		return to, ui.Notice{Done: true, Text: "Your booking went through."}, nil
	}
	if !errors.Is(err, booking.ErrGone) {
		return "", said, err
	}
	hold, err := web.Found(in.Once().HoldPage(ctx, id, holder))
	if err != nil {
		return "", said, err
	}
	return unanswered(tenant, hold, ended)
}

// unanswered says how a hold stands that nothing is known to have been asked of.
func unanswered(tenant tenancy.Tenant, hold tenantdb.HoldPageRow, ended bool) (to string, said ui.Notice, err error) {
	switch {
	case hold.Status == booking.StatusBooked:
		return bookingPath(hold.ID), said, nil
	case !ended:
		return "", said, errMayStillCome
	}
	said = ui.Notice{Warn: true, Text: "It did not go through. The time is still held for you."}
	if hold.Status != booking.StatusHeld || hold.SecondsLeft == 0 {
		said.Text = "It did not go through, and the time has gone back to everyone."
	}
	return holdPath(tenant.Slug, hold.ID), said, nil
}

// changeCheck is where ShowChange finds out what became of an appointment that the page showed at a sequence.
func changeCheck(id uuid.UUID, sequence int32) string {
	return bookingPath(id) + "/change?sequence=" + strconv.Itoa(int(sequence))
}

// ShowChange says whether moving or canceling an appointment went through.
func (h *Handlers) ShowChange(c echo.Context) error {
	show := func(c echo.Context, to string, said ui.Notice, err error) error {
		return checked(c, "We are checking whether your appointment was changed",
			"We lost a connection while we changed it. Do not change it again before we know.", to, said, err)
	}
	err := web.Permit(policy.ReadOwn, func(c echo.Context) error {
		to, said, err := h.changedSince(c)
		return show(c, to, said, err)
	})(c)
	if errors.Is(err, web.ErrUnavailable) { // nobody can say who asks; what is shown then tells nobody anything
		return show(c, "", ui.Notice{}, err)
	}
	return err
}

func (h *Handlers) changedSince(c echo.Context) (to string, said ui.Notice, err error) {
	o, err := h.open(c)
	if err != nil {
		return "", said, err
	}
	ended, err := web.EndedSince(c)
	sequence, bad := strconv.ParseInt(c.QueryParam("sequence"), 10, 32)
	if err != nil || bad != nil {
		return "", said, web.ErrUnreadable
	}
	switch {
	case o.Sequence != int32(sequence):
		said = o.now()
	case !ended:
		return "", said, errMayStillCome
	default:
		said = ui.Notice{Warn: true, Text: "It did not go through. Your appointment is as it was."}
	}
	return bookingPath(o.ID), said, nil
}

// now says how an appointment stands.
func (o opened) now() ui.Notice {
	if o.Status == booking.StatusBooked {
		return ui.Notice{Done: true, Text: "Your visit is now on " + o.times.Full(o.start) + "."}
	}
	if o.Status == booking.StatusCancelled {
		return ui.Notice{Done: true, Text: "Your appointment is canceled."}
	}
	return ui.Notice{
		Text: "This is how your appointment stands now: " + patient.Lower(web.Named(states, o.Status, unclear).text) + "."}
}

// holdCheck is where ShowHolding finds out about a time that was asked for.
func holdCheck(o listed, start time.Time) string {
	return "/places/" + o.tenant.Slug + "/holding?" + url.Values{"listing": {o.listing.ID.String()},
		"start": {start.UTC().Format(time.RFC3339)}}.Encode()
}

// ShowHolding says whether a time that was asked for is held for this visitor.
func (h *Handlers) ShowHolding(c echo.Context) error {
	to, said, err := h.holding(c)
	return checked(c, "We are checking whether we hold this time for you",
		"We lost a connection while we took it. If it is yours, you are led on to it.", to, said, err)
}

func (h *Handlers) holding(c echo.Context) (to string, said ui.Notice, err error) {
	ended, err := web.EndedSince(c)
	start, bad := time.Parse(time.RFC3339, c.QueryParam("start"))
	if err != nil || bad != nil {
		return "", said, web.ErrUnreadable
	}
	o, err := h.find(c, c.QueryParam("listing"))
	if err != nil {
		return "", said, err
	}
	holder, err := holderAt(c, o.tenant.Slug)
	if err != nil {
		return "", said, err
	}
	hold, err := booking.HeldBy(c.Request().Context(), h.Gateway.In(web.Scope(c, o.tenant)), o.offering, start, holder)
	switch {
	case err == nil:
		return holdPath(o.tenant.Slug, hold.ID), said, h.keep(c, o, holder, hold)
	case !errors.Is(err, booking.ErrGone):
		return "", said, err
	case !ended:
		return "", said, errMayStillCome
	}
	local := o.offering.Schedule.Local(start.Unix())
	return timesPath(o.tenant.Slug, o.listing.ID) + "?week=" + civil.DateOf(local).String(),
		ui.Notice{Warn: true, Text: "It did not go through: " + h.timesOf(c, o.listing).Full(local) + " is not held for you. Choose a time again."},
		nil
}
