package patient

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/views/layout"
	"kindward/views/patient"
	"kindward/views/ui"
)

// Help is how people reach somebody.
type Help struct {
	identity.Mail
	Email string // where messages go
	Phone string // empty: nobody answers calls
}

// ShowHelp answers what people ask most, and takes a message to somebody.
func (h *Handlers) ShowHelp(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	// A link may say which error it is about. What is sent and where the answer goes, whoever sends it types.
	return h.showHelp(c, http.StatusOK, web.FormOf(c, f.Values("reference")))
}

// CreateHelpMessage sends what somebody writes to the people who help.
func (h *Handlers) CreateHelpMessage(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	m := notify.HelpMessage{Recipient: notify.Recipient{To: h.Help.Email}, From: f.Email("email"),
		Text: f.Optional("message", 4000, "Your message"), Reference: f.Optional("reference", 40, "The reference")}
	if f.OK() && m.Text == "" {
		f.Wrong("message", "Write what we can help with")
	}
	if !f.OK() {
		return h.showHelp(c, http.StatusUnprocessableEntity, f)
	}
	if account, ok := web.OwnAccount(c); ok {
		m.Account = account.ID
		if actor, _ := web.Actor(c); actor.ID != account.ID {
			m.By = actor.ID
		}
	}
	err = identity.AskHelp(c.Request().Context(), h.Help.Mail, web.AttemptLimiter(c), web.Caller(c), m, web.Now(c))
	if often, ok := errors.AsType[*identity.TooManyError](err); ok {
		web.RetryAfter(c.Response().Header(), often.After)
		wait := (often.After + time.Minute - 1).Truncate(time.Minute)
		f.Wrong("message", "You have written often. Write again in "+civil.Duration(wait)+", or from your own mailbox to "+
			h.Help.Email)
		return h.showHelp(c, http.StatusTooManyRequests, f)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "We have your message and answer by email to " + m.From + ".", Done: true})
	return web.Redirect(c, "/help")
}

func (h *Handlers) showHelp(c echo.Context, status int, f *web.Form) error {
	page := patient.HelpPage{TextPage: patient.TextPage{Page: web.Page(c, "Help"), Heading: "How can we help?",
		Lead:     "In an emergency call 911. Kindward books appointments; it gives no medical advice.",
		Sections: helpSections()},
		Problems: f.Problems, Email: f.Raw("email"), Reference: f.Raw("reference"), Message: f.Raw("message"),
		Address: h.Help.Email, Phone: h.Help.Phone}
	page.Here = layout.Help
	if account, ok := web.Account(c); ok && page.Email == "" && status == http.StatusOK {
		page.Email = account.Email
	}
	return web.Render(c, status, patient.Help(page), patient.HelpForm)
}

func helpSections() []patient.TextSection {
	return []patient.TextSection{
		{Title: "How do I find the right place?",
			Lines: []string{"Say what it is for, in your own words, and where you are. If we are not sure what you mean, " +
				"we ask; we never search for something else without saying so."}},
		{Title: "Is the time really mine?",
			Lines: []string{"Yes. From the moment you press it nobody else can take it, for " +
				civil.Duration(booking.HoldTime) + ". When you book, it is yours for good."}},
		{Title: "How do I move or cancel?",
			Lines: []string{"Open My appointments and choose the appointment. Close to the visit you may have to call the " +
				"place; the page says when and gives the number."}},
		{Title: "What does it cost?",
			Lines: []string{"Booking is free. The price of the visit stands beside each result. With insurance, your plan " +
				"decides your share."}},
		{Title: "I cannot sign in",
			Lines: []string{"Press “Choose a new password” on the sign-in page. We send you a link that works for " +
				civil.Duration(identity.ResetLife) + "."}},
		{Title: "I am asked for a code, and my phone is gone",
			Lines: []string{"Type one of your recovery codes instead: we showed you " +
				strconv.Itoa(identity.RecoveryCodes) + " when you turned the second step on, and each signs you in once. " +
				"A passkey signs you in as well.",
				"With neither, write to us below. Once we know that it is you, our support takes the " +
					"second step away and tells you by email. For whoever owns an organization two of us have to agree."}},
		{Title: "What is a passkey?",
			Lines: []string{"A key that your phone, computer or security key keeps. It signs you in after your finger, face " +
				"or PIN, without password and code. Make one on your account's page, and a second one on another device, so " +
				"that losing one locks you out of nothing."}},
	}
}
