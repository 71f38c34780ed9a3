package ops

import (
	"net/http"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/internal/textutil"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

func applicationPath(id uuid.UUID) string { return "/ops/onboarding/" + id.String() }

// reviewed is an application as one of the staff sees it.
type reviewed struct {
	onboarding.Application
	id         uuid.UUID
	definition *onboarding.Definition
	scope      tenancy.Scope
	who        uuid.UUID            // looks
	names      map[uuid.UUID]string // of all who did something
}

func (r reviewed) path() string { return applicationPath(r.id) }

// openApplication is the one that the address names; that it was read is kept.
func (h *Handlers) openApplication(c echo.Context) (r reviewed, err error) {
	if r.id, err = web.ID(c, "application"); err != nil {
		return r, err
	}
	ctx := c.Request().Context()
	who, _ := web.Account(c)
	r.who, r.scope = who.ID, web.Scope(c, tenancy.Tenant{ID: r.id})
	if r.definition, r.Application, err = onboarding.Load(ctx, h.Gateway, r.scope); err != nil {
		return r, web.NotFound(err)
	}
	return r, h.Gateway.Shared(r.scope).SeeApplication(ctx)
}

// ShowApplication is what an organization that wants to join has answered beside what registers say of it, what stands
// against it, and what may be decided.
func (h *Handlers) ShowApplication(c echo.Context) error {
	r, err := h.openApplication(c)
	if err != nil {
		return err
	}
	return h.application(c, http.StatusOK, r, decisionForm{}, "")
}

// decisionForm is a form of the page as it was typed: that which gives steps back, or lets a check pass.
type decisionForm struct {
	back     *web.Form
	waiver   *web.Form
	document *web.Form // that rejects one
	step     string    // of the waiver, or which document or other one
	approval *web.Form
	other    *web.Form // that tells another one apart
}

func (h *Handlers) application(c echo.Context, status int, r reviewed, form decisionForm, part string) error {
	log, err := h.Gateway.Shared(r.scope).ApplicationLog(c.Request().Context())
	if err != nil {
		return err
	}
	if r.names, err = h.names(c, whoActed(r, log)); err != nil {
		return err
	}
	p := view.ApplicationPage{Path: r.path(), Evidence: h.evidence(r), Checks: h.applicationChecks(r, form),
		Documents: h.documents(r, form), Graph: graph(r.definition, &r.Application),
		Log: h.applicationLog(r, log), Decision: h.decision(c, r, form)}
	if p.Contract, err = h.contract(c, r); err != nil {
		return err
	}
	if p.Similar, err = h.similar(c, r, form); err != nil {
		return err
	}
	p.Decision.Against, p.Decision.Itself = r.against(p.Similar), itself(log)
	p.Doubt = p.Decision.Against
	verdict := h.applicationVerdict(c, r)
	if doubts := r.doubt(p.Similar); doubts != "" && r.Status == onboarding.Submitted {
		verdict += ": " + textutil.Uncapital(doubts)
	}
	p.Page, p.Console = h.page(c, "/ops/onboarding", named(r.Name()), verdict)
	p.Line = ui.KindName(r.Kind) + ", " + ui.StateName(r.State) + ". Begun " + h.when(r.CreatedAt) + "."
	if !r.SubmittedAt.IsZero() {
		p.Line += " Sent " + h.when(r.SubmittedAt) + "."
	}
	p.Wrong = form != decisionForm{}
	return web.Render(c, status, view.Application(p), part)
}

// whoActed are the accounts of a log and of its answers.
func whoActed(r reviewed, log []shareddb.ApplicationLogRow) (all []uuid.UUID) {
	seen := map[uuid.UUID]bool{}
	add := func(id uuid.UUID) {
		if id != uuid.Nil && !seen[id] {
			seen[id] = true
			all = append(all, id)
		}
	}
	add(r.Claimed)
	for _, line := range log {
		if line.By != nil {
			add(*line.By)
		}
	}
	return all
}

func (h *Handlers) applicationVerdict(c echo.Context, r reviewed) string {
	name := named(r.Name())
	switch r.Status {
	case onboarding.Open:
		return name + " is with the applicant"
	case onboarding.Approved:
		return name + " is approved and being set up"
	case onboarding.Live:
		return name + " is an organization of Kindward"
	case onboarding.Rejected:
		return name + " is rejected"
	case onboarding.Withdrawn:
		return name + " has withdrawn"
	}
	due := r.Steps[onboarding.Reviewed].Due.Sub(web.Now(c))
	if due < 0 {
		return name + " waits for a decision, late by " + span(-due)
	}
	return name + " waits for a decision, " + remains(due) + " left"
}

// name is what somebody is called; nobody is a register or the platform itself.
func (r reviewed) name(id uuid.UUID, nobody string) string {
	switch {
	case id == uuid.Nil:
		return nobody
	case r.names[id] != "":
		return r.names[id]
	case r.Guests[id].Name != "":
		return r.Guests[id].Name + ", a guest"
	}
	return "Somebody without an account"
}

// applicationChecks are what registers said, the staff's waivers among them.
func (h *Handlers) applicationChecks(r reviewed, form decisionForm) (all []view.Check) {
	for _, s := range r.definition.Turns(r.Application) {
		if s.By != onboarding.Outside {
			continue
		}
		at, said := r.Steps[s.Key], r.Checks[s.Key]
		one := view.Check{Key: s.Key, Name: s.Name, Result: string(said.Result), Tone: "warn", Reason: said.Reason}
		if !said.At.IsZero() {
			one.When = h.when(said.At)
		}
		switch at.State {
		case onboarding.StepDone:
			if said.Result != onboarding.Review { // somebody has to look
				one.Tone = "good"
			}
		case onboarding.StepFailed:
			one.Tone = "bad"
		case onboarding.StepWaived:
			w := r.Waived[s.Key]
			one.Waived = r.name(w.By, "") + " let it pass: " + w.Reason
		case onboarding.StepLocked:
			if said.At.IsZero() {
				one.Result, one.Reason = "Not asked", "What it is asked about is not answered yet."
			}
		default:
			one.Result = "Waits"
			if said.Result == onboarding.Error || said.Result == onboarding.Stale {
				one.Result = string(said.Result)
				one.Reason += " It is asked again " + h.when(at.NextAt) + "."
			}
		}
		one.May = r.MayWaive(r.definition, s.Key, r.who) == nil
		if f := form.waiver; f != nil && form.step == s.Key {
			one.Problems, one.Words = f.Problems, f.Raw("words-"+s.Key)
		}
		all = append(all, one)
	}
	return all
}

// decision is what whoever looks may do about an application as a whole.
func (h *Handlers) decision(c echo.Context, r reviewed, form decisionForm) view.Decision {
	d := view.Decision{Waits: r.Status == onboarding.Submitted, Own: r.Fills(r.who), Mine: r.Claimed == r.who,
		Reason: r.Reason, May: web.May(c, policy.ChangeOnboarding)}
	if r.Claimed != uuid.Nil {
		d.Claimed = r.name(r.Claimed, "")
	}
	if err := h.mayApprove(c, r); err != nil {
		d.NotYet = h.refusal(err, "")
	}
	for _, s := range r.definition.Turns(r.Application) {
		if s.By == onboarding.Applicant {
			d.Steps = append(d.Steps, view.ReturnedStep{Key: s.Key, Name: s.Name})
		}
	}
	d.Countersigns = r.Signature.Name != ""
	if f := form.approval; f != nil {
		d.ApprovalProblems, d.Because, d.Countersignature = f.Problems, f.Raw("because"), f.Raw("countersignature")
	}
	if d.Waits {
		_, d.Person = r.definition.Automatic(r.Application)
	}
	d.Reasons = returnReasons()
	if f := form.back; f != nil {
		d.Problems, d.Why, d.Words = f.Problems, f.Raw("about"), f.Raw("words")
		for i := range d.Steps {
			d.Steps[i].Ticked = f.Ticked("step-" + d.Steps[i].Key)
		}
	}
	return d
}

// against is what whoever approves has to know.
func (r reviewed) against(similar []view.Similar) string {
	return against(r.definition.Differing(r.Current(), r.Facts()), open(similar))
}

func (r reviewed) doubt(similar []view.Similar) string {
	return doubt(r.definition.Differing(r.Current(), r.Facts()), open(similar))
}
