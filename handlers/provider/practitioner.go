package provider

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/offering"
	"kindward/internal/search"
	"kindward/queries/tenantdb"
	"kindward/views/ui"
)

func (h *Handlers) practitioner(c echo.Context) (of tenantdb.PractitionerRow, err error) {
	id, err := web.ID(c, "practitioner")
	if err != nil {
		return of, err
	}
	return web.Found(h.Gateway.Once(web.Scope(c, web.Organization(c))).Practitioner(c.Request().Context(), id))
}

// ShowPractitioner is what an organization says of somebody, to be changed, and what of it waits for review.
func (h *Handlers) ShowPractitioner(c echo.Context) error {
	of, err := h.practitioner(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Raw("form") == "" {
		setAll(f, "name", of.Name, "specialty", of.Specialty, "npi", of.NPI, "about", of.About, "gender", of.Gender,
			"age_from", ageOf(of.AgeFrom), "age_to", ageOf(of.AgeTo), offering.LastDay, dayOf(of.ValidUntil))
		for _, code := range of.Languages {
			f.Add("language", code)
		}
	}
	return h.showPractitioner(c, http.StatusOK, f, &of)
}

// UpdatePractitioner changes what is said of somebody: what they do and whom they see at once; their name, their NPI
// and the last day of their license when they are reviewed.
func (h *Handlers) UpdatePractitioner(c echo.Context) error {
	of, err := h.practitioner(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := readPractitioner(f)
	now := tenantdb.UpdatePractitionerParams{ID: of.ID, Specialty: p.Specialty, About: p.About, Languages: p.Languages,
		Gender:  f.OneOf("gender", "Choose one of them", append(search.Genders(), "")...),
		AgeFrom: readAge(f, "age_from"), AgeTo: readAge(f, "age_to")}
	if now.AgeFrom != nil && now.AgeTo != nil && *now.AgeTo < *now.AgeFrom {
		f.Wrong("age_to", "The oldest is younger than the youngest. Choose a higher age, or leave it out")
	}
	change := offering.Change{Kind: offering.OfPractitioner, Subject: of.ID, Name: of.Name}
	change.Was, change.Becomes = offering.Between(offering.Values{"name": of.Name, "npi": of.NPI},
		offering.Values{"name": p.Name, "npi": p.NPI})
	readProof(f, &change)
	readLastDay(f, &change, offering.LastDay, of.ValidUntil)
	readNothing(f, &change)
	if change.State, err = h.licenseState(c); err != nil {
		return err
	}
	if err := limitChange(c, f, change); err != nil {
		return err
	}
	if !f.OK() {
		return h.showPractitioner(c, http.StatusUnprocessableEntity, f, &of)
	}
	return h.update(c, "Practitioner", of.Name, change, func(q *tenantdb.Queries) error {
		return q.UpdatePractitioner(c.Request().Context(), now)
	})
}

// licenseState is the state that licenses whoever works here: that of the first location.
func (h *Handlers) licenseState(c echo.Context) (string, error) {
	all, err := h.Gateway.Once(web.Scope(c, web.Organization(c))).Locations(c.Request().Context())
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0].State, nil
}

func ageOf(age *int16) string {
	if age == nil {
		return ""
	}
	return strconv.Itoa(int(*age))
}

// readAge is an age in whole years, or none.
func readAge(f *web.Form, name string) *int16 {
	if f.Raw(name) == "" {
		return nil
	}
	n, err := strconv.ParseInt(f.Digits(name), 10, 16)
	if err != nil || n < 1 || n > 120 {
		f.Wrong(name, "Enter an age in whole years, from 1 to 120, or leave it out")
		return nil
	}
	return new(int16(n))
}

// genders are what can be said of somebody's.
func genders() []ui.Option {
	all := []ui.Option{{Text: "Not said"}}
	for _, g := range search.Genders() {
		all = append(all, ui.Option{Value: g, Text: search.GenderName(g)})
	}
	return all
}
