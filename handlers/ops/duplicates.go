package ops

import (
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	view "kindward/views/ops"
)

// similar are other applications with the same numbers, and organizations of the same name, also those of which one of
// the staff has said that they are not the same.
func (h *Handlers) similar(c echo.Context, r reviewed, form decisionForm) (all []view.Similar, err error) {
	others, err := onboarding.Similar(c.Request().Context(), h.Gateway.Shared(r.scope), r.Application)
	if err != nil {
		return nil, err
	}
	add := func(id uuid.UUID, s view.Similar) {
		if slices.ContainsFunc(all, func(have view.Similar) bool { return have.ID == id.String() }) {
			return // an organization is under the id of its application
		}
		s.ID, s.May, s.Apart = id.String(), r.MayDecide(r.who) == nil, r.Apart[id]
		if f := form.other; f != nil && form.step == s.ID {
			s.Problems, s.Words = f.Problems, f.Raw("words-"+s.ID)
		}
		all = append(all, s)
	}
	for _, a := range others.Applications {
		var labels []string
		for _, key := range a.Fields {
			if f, ok := r.definition.Field(key); ok {
				labels = append([]string{f.Label}, labels...) // the organization's own number comes last in their order
			}
		}
		add(a.TenantID, view.Similar{Name: named(a.Name), Href: applicationPath(a.TenantID), Same: goesOn(a.Status),
			Why: "An application, " + a.Status + ", with the same " + strings.Join(labels, ", ") + "."})
	}
	for _, o := range others.Organizations {
		why := "An organization of the same name."
		if o.Near {
			why = "An organization of the same name in the same ZIP code."
		}
		add(o.ID, view.Similar{Name: o.Name, Href: "/places/" + o.Slug, Why: why, Same: true})
	}
	return all, nil
}

// goesOn tells whether an application is not over without having become an organization.
func goesOn(status string) bool {
	return status != string(onboarding.Rejected) && status != string(onboarding.Withdrawn)
}

// open are those of which nobody has said that they are not the same.
func open(similar []view.Similar) (n int64) {
	for _, s := range similar {
		if s.Apart == "" {
			n++
		}
	}
	return n
}

// CreateDistinction says that another one is not the same organization, and why. Then it stands against the
// application no more.
func (h *Handlers) CreateDistinction(c echo.Context) error {
	r, f, other, err := h.openOther(c)
	if err != nil {
		return err
	}
	if err := r.MayDecide(r.who); err != nil {
		return h.refuse(c, r, err)
	}
	reason := sentence(f, "words-"+other.ID, "Say in a sentence why it is not the same")
	if !f.OK() {
		return h.application(c, http.StatusUnprocessableEntity, r, decisionForm{other: f, step: other.ID},
			view.SimilarPart(other.ID))
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Distinct, Data: onboarding.Data{Who: uuid.MustParse(other.ID),
		Reason: reason}}, "It is told apart.")
}

// CreateDuplicate closes an application that is about the organization of another one. Those who speak for that one are
// asked whether they let its people in.
func (h *Handlers) CreateDuplicate(c echo.Context) error {
	r, _, other, err := h.openOther(c)
	if err != nil {
		return err
	}
	if !other.Same {
		return web.ErrNotFound
	}
	return h.act(c, r, onboarding.Event{Kind: onboarding.Duplicate, Data: onboarding.Data{Who: uuid.MustParse(other.ID)}},
		"It is closed as a duplicate. Both sides are told.")
}

// openOther is the application that the address names, and that one of those like it which the form names.
func (h *Handlers) openOther(c echo.Context) (r reviewed, f *web.Form, other view.Similar, err error) {
	if r, f, err = h.openDecision(c); err != nil {
		return r, f, other, err
	}
	all, err := h.similar(c, r, decisionForm{})
	if err != nil {
		return r, f, other, err
	}
	at := slices.IndexFunc(all, func(s view.Similar) bool { return s.ID == f.Raw("other") })
	if at < 0 {
		return r, f, other, web.ErrNotFound
	}
	return r, f, all[at], nil
}
