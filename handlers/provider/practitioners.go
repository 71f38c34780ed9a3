package provider

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/npi"
	"kindward/internal/offering"
	"kindward/internal/search"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// NewPractitioner asks who gives services.
func (h *Handlers) NewPractitioner(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if f.Raw("form") == "" {
		f.Set("language", "en")
	}
	return h.showPractitioner(c, http.StatusOK, f, nil)
}

// showPractitioner is the form of somebody new, or of one who is there.
func (h *Handlers) showPractitioner(c echo.Context, status int, f *web.Form, of *tenantdb.PractitionerRow) error {
	title := "Add a practitioner"
	if of != nil {
		title = of.Name
	}
	page, work, err := h.frame(c, title, "/listings", f.Problems)
	if err != nil {
		return err
	}
	p := view.PractitionerPage{Page: page, Work: work, Problems: f.Problems, Form: formNumber(f),
		Action: work.Home + "/practitioners", Heading: "Whom do patients see?", Button: "Add the practitioner",
		Name: f.Raw("name"), Specialty: f.Raw("specialty"), NPI: f.Raw("npi"),
		About: f.Raw("about")}
	if of != nil {
		p.Action, p.Heading, p.Button = p.Action+"/"+of.ID.String(), of.Name, "Save"
		p.Gender, p.AgeFrom, p.AgeTo, p.Genders = f.Raw("gender"), f.Raw("age_from"), f.Raw("age_to"), genders()
		p.Proof = proofOf(f)
		if p.Waiting, err = h.waiting(c, of.ID); err != nil {
			return err
		}
	}
	spoken := f.Values("language")["language"]
	for _, code := range search.LanguageCodes() {
		p.Languages = append(p.Languages, ui.Choice{Value: code, Label: search.LanguageName(code),
			Checked: slices.Contains(spoken, code)})
	}
	return web.Render(c, status, view.NewPractitioner(p), view.PractitionerForm)
}

// CreatePractitioner adds somebody who gives services.
func (h *Handlers) CreatePractitioner(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	p := readPractitioner(f)
	if !f.OK() {
		return h.showPractitioner(c, http.StatusUnprocessableEntity, f, nil)
	}
	scope := web.Scope(c, web.Organization(c))
	p.ID = addedID(web.Organization(c), f, p.Name, p.Specialty, p.NPI, p.About, p.Languages)
	err = h.Gateway.Within(c.Request().Context(), scope, func(q *tenantdb.Queries) error {
		return offering.AddPractitioner(c.Request().Context(), q, p)
	})
	return h.added(c, p.Name, err)
}

func readPractitioner(f *web.Form) (p offering.Practitioner) {
	p = offering.Practitioner{Name: f.Text("name", 100, "Enter the name, as patients see it"),
		Specialty: f.Text("specialty", 60, "Enter what they do, like Family doctor"),
		About:     f.Optional("about", 600, "What they say of themselves")}
	if f.Raw("npi") != "" {
		if p.NPI = f.Digits("npi"); !npi.Valid(p.NPI) {
			f.Wrong("npi", "An NPI has ten digits, and these are none. Look at the number again, or leave it out")
		}
	}
	for _, code := range f.Values("language")["language"] {
		if slices.Contains(search.LanguageCodes(), code) && !slices.Contains(p.Languages, code) {
			p.Languages = append(p.Languages, code)
		}
	}
	if len(p.Languages) == 0 {
		f.Wrong("language", "Choose at least one language")
	}
	return p
}
