package ops

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// How long the words of a decision may be, in characters.
const (
	longestWords  = 500
	shortestWords = 10
)

// sentence is why somebody decides so.
func sentence(f *web.Form, name, missing string) string {
	words := f.Text(name, longestWords, missing)
	if n := utf8.RuneCountInString(words); n > 0 && n < shortestWords {
		f.Wrong(name, missing)
	}
	return words
}

// returnReasons are why steps are given back most often; the last one needs words.
func returnReasons() []ui.Option {
	all := []ui.Option{{Text: "Choose"}}
	for _, text := range []string{"Something is missing", "It differs from what the register says",
		"The number is another organization's", "It has expired", otherReason} {
		all = append(all, ui.Option{Value: text, Text: text})
	}
	return all
}

const otherReason = "Something else"

// act lets something happen to an application in the name of whoever looks, and goes back to its page. What cannot
// happen is told there.
func (h *Handlers) act(c echo.Context, r reviewed, e onboarding.Event, said string) error {
	e.By, e.At = r.who, web.Now(c)
	_, _, err := onboarding.Act(c.Request().Context(), h.Gateway, r.scope, e)
	if err == nil {
		web.Flash(c, ui.Notice{Text: said, Done: true})
		return web.Redirect(c, r.path())
	}
	return h.refuse(c, r, err)
}

// refuse shows the application as it is now, and says why what somebody wanted cannot happen.
func (h *Handlers) refuse(c echo.Context, r reviewed, err error) error {
	again, loading := h.openApplication(c)
	if loading != nil {
		return loading
	}
	claimer := ""
	if again.Claimed != r.who {
		names, err := h.names(c, whoActed(again, nil))
		if err != nil {
			return err
		}
		claimer = names[again.Claimed]
	}
	why := h.refusal(err, claimer)
	if why == "" {
		return err
	}
	web.Flash(c, ui.Notice{Text: why, Warn: true})
	return h.application(c, http.StatusConflict, again, decisionForm{}, "")
}

// refusal is why something cannot happen, for whoever wanted it; empty: that is a fault. claimer is who has claimed the
// application, if somebody else has.
func (h *Handlers) refusal(err error, claimer string) string {
	if tooNew, ok := errors.AsType[*identity.TooNewError](err); ok {
		return h.newOnStaff(tooNew.From)
	}
	switch {
	case errors.Is(err, onboarding.ErrOwn):
		return "You take part in this application, so others decide on it."
	case errors.Is(err, onboarding.ErrTakesTwo):
		return "You let a check of it pass, so somebody else approves it."
	case errors.Is(err, onboarding.ErrUnsigned):
		return "The contract is not signed. Ask for it."
	case errors.Is(err, onboarding.ErrOpenDocument):
		return "A document is not accepted. Accept each, or reject it and ask for another one."
	case errors.Is(err, onboarding.ErrOpenItem):
		return "A check has not passed. It has to pass, or one of us lets it pass, with a reason, and another approves."
	case errors.Is(err, onboarding.ErrClaimed), errors.Is(err, onboarding.ErrNotTheirs) && claimer != "":
		return claimer + " has taken it from the queue. Nothing was done now."
	case errors.Is(err, onboarding.ErrNotTheirs):
		return "Take it from the queue first. Nothing was done now."
	case errors.Is(err, onboarding.ErrNotNow), errors.Is(err, onboarding.ErrNoStep):
		return "It has changed meanwhile. Nothing was done now."
	}
	return ""
}

// ClaimApplication makes an application somebody's to decide: of two at once one has it, and the other reads who.
func (h *Handlers) ClaimApplication(c echo.Context) error {
	r, err := h.openApplication(c)
	if err != nil {
		return err
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Claimed}, "It is yours to decide.")
}

// ReleaseApplication puts it back into the queue, also for somebody who is not there.
func (h *Handlers) ReleaseApplication(c echo.Context) error {
	r, err := h.openApplication(c)
	if err != nil {
		return err
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Released}, "It is back in the queue.")
}

// ApproveApplication lets an organization in; what makes it follows by itself. Where something differs or another may
// be the same, whoever approves says why it may be approved.
func (h *Handlers) ApproveApplication(c echo.Context) error {
	r, f, err := h.openDecision(c)
	if err != nil {
		return err
	}
	if err := cmp.Or(r.MayDecide(r.who), h.mayApprove(c, r)); err != nil {
		return h.refuse(c, r, err)
	}
	similar, err := h.similar(c, r, decisionForm{})
	if err != nil {
		return err
	}
	e := onboarding.Event{Kind: onboarding.Approval}
	if r.against(similar) != "" {
		e.Data.Reason = sentence(f, "because", "Say in a sentence why it may be approved")
	}
	if r.Signature.Name != "" {
		e.Data.Signature = countersignature(c, f)
	}
	if !f.OK() {
		return h.application(c, http.StatusUnprocessableEntity, r, decisionForm{approval: f}, view.ApprovalForm)
	}
	return h.act(c, r, e, "It is approved, and will be set up.")
}

// mayApprove asks for two people where a check was let pass, both of them long enough on the staff.
func (h *Handlers) mayApprove(c echo.Context, r reviewed) error {
	if err := r.MayApprove(r.definition, r.who); err != nil {
		return err
	}
	var firsts []uuid.UUID
	for step, waiver := range r.Waived {
		if r.Steps[step].State == onboarding.StepWaived {
			firsts = append(firsts, waiver.By)
		}
	}
	if len(firsts) == 0 {
		return nil
	}
	return identity.MaySecond(c.Request().Context(), h.Gateway.Identity(web.PublicScope(c)), r.id, firsts, web.Now(c))
}

// ReturnApplication gives steps back to whoever fills them in, with a reason.
func (h *Handlers) ReturnApplication(c echo.Context) error {
	r, f, err := h.openDecision(c)
	if err != nil {
		return err
	}
	if err := r.MayDecide(r.who); err != nil {
		return h.refuse(c, r, err)
	}
	var steps []string
	for _, s := range r.definition.Turns(r.Application) {
		if s.By == onboarding.Applicant && f.Ticked("step-"+s.Key) {
			steps = append(steps, s.Key)
		}
	}
	if len(steps) == 0 && !r.hasRejected() {
		f.Wrong("step-"+r.definition.Steps[0].Key, "Choose what they are to look at again")
	}
	reason := reasonOf(f)
	if !f.OK() {
		return h.application(c, http.StatusUnprocessableEntity, r, decisionForm{back: f}, view.ReturnForm)
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Returned, Data: onboarding.Data{Steps: steps, Reason: reason}},
		"It is back with the applicant.")
}

func (h *Handlers) openDecision(c echo.Context) (r reviewed, f *web.Form, err error) {
	if f, err = web.ReadForm(c); err != nil {
		return r, nil, err
	}
	r, err = h.openApplication(c)
	return r, f, err
}

// reasonOf is one of the reasons with its words.
func reasonOf(f *web.Form) string {
	var offered []string
	for _, o := range returnReasons()[1:] {
		offered = append(offered, o.Value)
	}
	return reasonIn(f, "about", "words", offered)
}

// reasonIn is reasonOf for fields and reasons of other names.
func reasonIn(f *web.Form, about, more string, offered []string) string {
	why := f.OneOf(about, "Choose a reason", offered...)
	words := strings.Join(strings.Fields(f.Optional(more, longestWords, "Your words")), " ")
	switch {
	case why == otherReason && words == "":
		f.Wrong(more, "Say in a sentence what they are to do")
		return ""
	case why == otherReason:
		return words
	case words == "":
		return why + "."
	}
	return why + ": " + words
}

// CreateWaiver lets a check pass that did not. Whoever does that does not approve.
func (h *Handlers) CreateWaiver(c echo.Context) error {
	r, f, err := h.openDecision(c)
	if err != nil {
		return err
	}
	step := c.Param("step")
	if s, ok := r.definition.Step(step); !ok || s.By != onboarding.Outside {
		return web.ErrNotFound
	}
	if err := r.MayWaive(r.definition, step, r.who); err != nil {
		return h.refuse(c, r, err)
	}
	words := sentence(f, "words-"+step, "Say in a sentence why it may pass")
	if !f.OK() {
		return h.application(c, http.StatusUnprocessableEntity, r, decisionForm{waiver: f, step: step},
			view.CheckPart(step))
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Waiving, Step: step, Data: onboarding.Data{Reason: words}},
		"It is let pass. Somebody else approves the application: put it back into the queue for them.")
}
