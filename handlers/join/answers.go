package join

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/ui"
)

// given is every answer that is sent, with where it is changed.
func (o opened) given() (all []view.Answers) {
	current := o.Current()
	for _, s := range o.definition.Turns(o.Application) {
		if s.By != onboarding.Applicant || o.definition.Sends(s) {
			continue
		}
		a := view.Answers{Name: s.Name}
		for _, field := range o.definition.Shown(s, current) {
			a.Rows = append(a.Rows, ui.Row{Name: field.Label, Value: field.Words(current[field.Key]),
				Change: &ui.Way{Text: "Change", Href: o.stepPath(s.Key) + "#" + field.Key}})
		}
		for _, k := range o.definition.Wanted(s, current) {
			a.Rows = append(a.Rows, ui.Row{Name: k.Label, Value: o.Documents[k.Key].Name,
				Change: &ui.Way{Text: "Change", Href: o.stepPath(s.Key) + "#" + k.Key}})
		}
		if signed := o.Signature; s.Contract > 0 && signed.Name != "" {
			a.Rows = append(a.Rows, ui.Row{Name: "Signed by", Value: signed.Name + ", " + signed.Title,
				Change: &ui.Way{Text: "Read", Href: o.stepPath(s.Key)}})
		}
		all = append(all, a)
	}
	return all
}

// showChanged asks again before anything is sent, since it is not what whoever sends it has seen, and says what is
// otherwise now.
func (h *Handlers) showChanged(c echo.Context, s *onboarding.Step, f *web.Form,
	changed *onboarding.ChangedError) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	names, err := h.people(c, o)
	if err != nil {
		return err
	}
	said := "Nothing is sent yet, because answers have changed since you opened this page."
	for _, one := range changed.Fields {
		who, label := names[one.By], one.Field
		if field, ok := o.definition.Field(one.Field); ok {
			label, one.Was, one.Now = field.Label, field.Words(one.Was), field.Words(one.Now)
		}
		if said += " " + label + ": “" + one.Was + "” is “" + one.Now + "” now"; who != "" {
			said += ", by " + who
		}
		said += "."
	}
	sending := s.Fields[0].Key
	f.Wrong(sending, said+" Look at them, and say again that all is true.")
	f.Set(sending, "")
	f.Set("version", strconv.Itoa(o.Version))
	return h.showStep(c, http.StatusConflict, o, s, f)
}
