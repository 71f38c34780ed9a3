package join

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/form"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// ShowStep asks what a step asks. What somebody had typed whose session was over stands in it.
func (h *Handlers) ShowStep(c echo.Context) error {
	o, s, _, err := h.openStep(c)
	if err != nil {
		return err
	}
	if len(s.Documents) > 0 {
		return h.showDocuments(c, http.StatusOK, o, s, web.FormOf(c, nil))
	}
	if s.Contract > 0 {
		return h.showContract(c, http.StatusOK, o, s, web.FormOf(c, nil))
	}
	f := web.FormOf(c, web.Recalled(c, o.stepPath(s.Key)))
	sayStale(c, o, s, f)
	return h.showStep(c, http.StatusOK, o, s, f)
}

// sayStale says what is wrong by now with answers that were right when they were saved.
func sayStale(c echo.Context, o opened, s *onboarding.Step, f *web.Form) {
	if !o.Saved[s.Key] || o.Status != onboarding.Open {
		return
	}
	r := o.definition.Read(s, o.Current(), web.Now(c))
	for _, field := range r.Fields {
		if wrong := r.Wrong[field.Key]; wrong != "" && r.Kept[field.Key] != "" {
			f.Wrong(field.Key, wrong)
		}
	}
}

func (h *Handlers) openStep(c echo.Context) (o opened, s *onboarding.Step, f *web.Form, err error) {
	if f, err = web.ReadForm(c); err != nil {
		return o, nil, nil, err
	}
	if o, err = h.open(c); err != nil {
		return o, nil, nil, err
	}
	s, err = o.step(c.Param("step"))
	return o, s, f, err
}

// typed are the answers with what the form has of a step in their place.
func typed(o opened, s *onboarding.Step, f *web.Form) map[string]string {
	answers := o.Current()
	if o.definition.Sends(s) && !o.Saved[s.Key] { // what was declared of other answers is declared anew
		for _, field := range s.Fields {
			delete(answers, field.Key)
		}
	}
	for _, key := range strings.Fields(f.Raw("asked")) {
		for _, field := range s.Fields {
			if field.Key == key {
				answers[key] = strings.TrimSpace(f.Raw(key))
			}
		}
	}
	return answers
}

// UpdateStep keeps the answers to a step. What they bring up to be asked comes next; with "later" they are kept as they
// are, to go on another time.
func (h *Handlers) UpdateStep(c echo.Context) error {
	o, s, f, err := h.openStep(c)
	if err != nil {
		return err
	}
	if len(s.Documents) > 0 {
		return h.confirmDocuments(c, o, s)
	}
	if s.Contract > 0 {
		return web.ErrNotFound // it is signed at an address of its own
	}
	if f.Ticked("follow") {
		return h.showFollowing(c, o, s, f)
	}
	o.keepOthers(f)
	later := f.Ticked("later")
	e, more := read(c, o, s, f, later)
	if !f.OK() {
		return h.showStep(c, http.StatusUnprocessableEntity, o, s, f)
	}
	e.Data.Later = later || more
	if o.definition.Sends(s) && !e.Data.Later {
		e.Data.Seen = max(e.Data.Base, 1)
	}
	effects, refused, err := h.save(c, o, s, f, e)
	switch {
	case refused != 0:
		return h.showStep(c, refused, o, s, f)
	case err != nil:
		return h.notSaved(c, s, f, err)
	}
	tell(c, o, effects, later, more)
	if more && !later {
		return web.Redirect(c, o.stepPath(s.Key))
	}
	return web.Redirect(c, o.path())
}

// save takes the answers of a form. What refuses them stands at a field then, and with which status.
func (h *Handlers) save(c echo.Context, o opened, s *onboarding.Step, f *web.Form, e onboarding.Event) (
	effects onboarding.Effects, refused int, err error) {
	field, said, err := mayAsk(c, o, e)
	if err != nil {
		return effects, 0, err
	}
	if said != "" {
		f.Wrong(field, said)
		return effects, http.StatusTooManyRequests, nil
	}
	effects, err = h.act(c, o, e)
	if errors.Is(err, onboarding.ErrTooOften) {
		f.Wrong(s.Fields[0].Key, "This application was changed so often that it takes no more. Write to us: we go on with you")
		return effects, http.StatusUnprocessableEntity, nil
	}
	return effects, 0, err
}

// notSaved shows what others wrote meanwhile.
func (h *Handlers) notSaved(c echo.Context, s *onboarding.Step, f *web.Form, err error) error {
	if changed, ok := errors.AsType[*onboarding.ChangedError](err); ok {
		return h.showChanged(c, s, f, changed)
	}
	if conflict, ok := errors.AsType[*onboarding.ConflictError](err); ok {
		return h.showConflict(c, s, f, conflict)
	}
	return err
}

// read makes the event of a form. more tells that its answers bring up questions that were not on the page.
func read(c echo.Context, o opened, s *onboarding.Step, f *web.Form, later bool) (e onboarding.Event, more bool) {
	answers := typed(o, s, f)
	e = onboarding.Event{Kind: onboarding.Answered, Step: s.Key}
	e.Data.Base, _ = strconv.Atoi(f.Raw("version"))
	e.Data.Answers, more = web.ReadFields(f, o.definition.Read(s, answers, web.Now(c)), later)
	return e, more
}

// tell says what became of it, and what is not asked any more.
func tell(c echo.Context, o opened, effects onboarding.Effects, later, more bool) {
	text := "Saved."
	switch {
	case later:
		text = "Saved. Go on whenever you like."
	case more:
		text = "Saved. Your answers bring up more questions."
	}
	if len(effects.Gone) > 0 {
		var labels []string
		for _, key := range effects.Gone {
			if field, ok := o.definition.Field(key); ok {
				labels = append(labels, field.Label)
			}
		}
		text += " Not asked any more: " + strings.Join(labels, "; ") + ". We keep those answers, in case it is asked again."
	}
	web.Flash(c, ui.Notice{Text: text, Done: true})
}

// showConflict shows the page with what whoever sent it wrote, what others wrote meanwhile, and which of it is both.
func (h *Handlers) showConflict(c echo.Context, s *onboarding.Step, f *web.Form,
	conflict *onboarding.ConflictError) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	names, err := h.people(c, o)
	if err != nil {
		return err
	}
	o.merge(f, conflict, names)
	return h.showStep(c, http.StatusConflict, o, s, f)
}

// merge puts into a form what others wrote since its page was made, and says at each field that both wrote who did.
func (o opened) merge(f *web.Form, conflict *onboarding.ConflictError, names map[uuid.UUID]string) {
	for _, one := range conflict.Fields {
		who, field := names[one.By], one.Field
		if who == "" {
			who = "Somebody else"
		}
		if q, ok := o.definition.Field(one.Field); ok {
			field = q.Label
		}
		f.Wrong(one.Field, field+": "+who+" has answered “"+one.Theirs+"” meanwhile, you “"+one.Mine+
			"”. Save again to keep yours, or change it.")
	}
	o.keepOthers(f)
	f.Set("version", strconv.Itoa(o.Version))
}

// keepOthers puts into a form what others, or a register, wrote since its page was made where it says nothing new.
func (o opened) keepOthers(f *web.Form) {
	base, err := strconv.Atoi(f.Raw("version"))
	if err != nil {
		return
	}
	for _, key := range strings.Fields(f.Raw("asked")) {
		if now, was := o.At(key, o.Version), o.At(key, base); now != was && strings.TrimSpace(f.Raw(key)) == was {
			f.Set(key, now)
		}
	}
}

func (h *Handlers) showStep(c echo.Context, status int, o opened, s *onboarding.Step, f *web.Form) error {
	p := view.StepPage{Page: web.Page(c, s.Name+" – "+nameOf(o.Application)), Name: s.Name, Back: o.path()}
	p.Form = stepForm(o, s, f, o.stepPath(s.Key))
	if o.definition.Sends(s) {
		p.Form.Answers = o.given()
	}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	return web.Render(c, status, view.Step(p), view.StepForm)
}

// stepForm is what a step asks, with what is answered and typed.
func stepForm(o opened, s *onboarding.Step, f *web.Form, action string) view.Form {
	answers := typed(o, s, f)
	p := view.Form{Problems: f.Problems, Questions: ui.Questions{Action: action},
		Version: f.Raw("version"), Why: o.Asked[s.Key],
		Closed: o.Status != onboarding.Open}
	if p.Version == "" {
		p.Version = strconv.Itoa(o.Version)
	}
	p.All, p.Asked = questions(o, s, f, answers)
	return p
}

// questions are all of a step, and the keys of those that apply to the answers. What does not apply keeps its place,
// with what is typed there.
func questions(o opened, s *onboarding.Step, f *web.Form, answers map[string]string) (all []ui.Question,
	asked string) {
	var keys []string
	for _, field := range o.definition.Shown(s, answers) {
		keys = append(keys, field.Key)
	}
	for i := range s.Fields {
		field := &s.Fields[i]
		on := slices.Contains(keys, field.Key)
		if !on && field.When == "" {
			continue
		}
		value := answers[field.Key]
		if f.Ticked(field.Key) {
			value = strings.TrimSpace(f.Raw(field.Key))
		}
		q := question(o, s, field, value, f.Problems)
		q.Off = !on
		all = append(all, q)
	}
	return all, strings.Join(keys, " ")
}

func question(o opened, s *onboarding.Step, field *form.Field, value string, problems ui.Problems) ui.Question {
	q := web.Question(field, value, problems.Of(field.Key))
	q.Found = found(o, field.Key, value)
	return q
}

// found says which register a value comes from, and whether it is still what that was asked about.
func found(o opened, field, value string) string {
	register, now := o.Said(o.definition, field)
	switch {
	case register == nil || value == "" || o.At(field, o.Version) != value:
		return ""
	case !now:
		return "From " + register.Who + ", of what was answered before."
	}
	return "From " + register.Who + "."
}
