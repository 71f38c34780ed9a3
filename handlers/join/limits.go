package join

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/onboarding"
)

// mostOpen are the applications in which an account takes part at a time, of those that are not over.
const mostOpen = 10

var (
	applicationsBegun = identity.AttemptLimit{Name: "applications begun", Attempts: 10, Window: 24 * time.Hour,
		Windows: identity.Sliding}
	// numbers that a register is asked about for an account, and for a network; the first ones of an account a day are its
	// own, so that others of its network do not use them up (A43)
	numbersOfOwn = identity.AttemptLimit{Name: "numbers of one's own", Attempts: 3, Window: 24 * time.Hour,
		Windows: identity.Sliding}
	numbersAsked = identity.AttemptLimit{Name: "numbers asked", Attempts: 20, Window: 24 * time.Hour,
		Windows: identity.Sliding}
	numbersAskedFrom = identity.AttemptLimit{Name: "numbers asked from", Attempts: 60, Window: 24 * time.Hour,
		Windows: identity.Sliding}
)

// refusedToBegin is the status with which an application is not begun now, and its form says why; 0: it may be.
func (h *Handlers) refusedToBegin(c echo.Context, f *web.Form, who identity.Account, e onboarding.Event) (int, error) {
	said, err := h.mayBegin(c, who, e)
	if err != nil {
		return 0, err
	}
	if said != "" {
		f.Wrong("number", said)
		return http.StatusTooManyRequests, nil
	}
	if known, err := h.known(c, e); err != nil || known && f.Raw("anyway") != "yes" {
		return http.StatusConflict, err
	}
	return 0, nil
}

// mayBegin says why whoever asks may not begin another application now, or nothing.
func (h *Handlers) mayBegin(c echo.Context, who identity.Account, e onboarding.Event) (said string, err error) {
	if said, err = h.manyOpen(c); err != nil || said != "" {
		return said, err
	}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), applicationsBegun.For(who.ID.String()))
	if _, often := errors.AsType[*identity.TooManyError](err); often {
		return "You have begun many applications today. Begin this one tomorrow", nil
	}
	if err != nil || e.Data.Answers["npi"] == "" {
		return "", err
	}
	return asked(c, who.ID.String())
}

// manyOpen says that whoever asks has as many applications as they may have, or nothing.
func (h *Handlers) manyOpen(c echo.Context) (said string, err error) {
	mine, err := h.mine(c)
	open := 0
	for _, m := range mine {
		if m.Status == onboarding.Open || m.Status == onboarding.Submitted {
			open++
		}
	}
	if err == nil && open >= mostOpen {
		said = "You have many applications open. Send or withdraw one first"
	}
	return said, err
}

// known tells whether somebody else has begun an application with the number of this one. Whose it is, nobody learns;
// how often somebody finds out is limited by mayBegin.
func (h *Handlers) known(c echo.Context, e onboarding.Event) (bool, error) {
	kind, number := onboarding.NumberOf(e.Data.Answers)
	if number == "" {
		return false, nil
	}
	return h.Gateway.Identity(web.PublicScope(c)).NumberApplied(c.Request().Context(), kind, number)
}

// mayAsk says why no register is asked about another number now, or nothing. An answer that names the same number asks
// nothing. Whoever else is to be verified is a number too, and so is another email address to reach them at.
func mayAsk(c echo.Context, o opened, e onboarding.Event) (field, said string, err error) {
	for _, s := range o.definition.Steps {
		fields := []string{s.Subject}
		if s.Check == onboarding.CheckIdentity {
			fields = append(fields, s.With...)
		}
		for _, field := range fields {
			number, given := e.Data.Answers[field]
			if s.By == onboarding.Outside && given && number != "" && number != o.Current()[field] {
				said, err = asked(c, o.who.String())
				return field, said, err
			}
		}
	}
	return "", "", nil
}

func asked(c echo.Context, who string) (said string, err error) {
	limits := []identity.AttemptKey{numbersAsked.For(who)}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), numbersOfOwn.For(who))
	if _, more := errors.AsType[*identity.TooManyError](err); more {
		limits, err = append(limits, numbersAskedFrom.For(identity.Range(web.Caller(c).IP))), nil
	}
	if err == nil {
		_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), limits...)
	}
	if _, often := errors.AsType[*identity.TooManyError](err); often {
		return "The register was asked about many numbers today. Try again tomorrow", nil
	}
	return "", err
}
