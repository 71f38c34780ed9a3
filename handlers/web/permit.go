package web

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/views/ui"
)

// Permit lets a request through to its handler when the policies allow the action. Roles are read from the database
// each time, so what was taken away is gone at once. A stranger to an organization, or to the console, finds nothing
// there (404); a role that does not reach is refused (403); what is missing only a proof is sent to give it.
func Permit(action policy.Action, next echo.HandlerFunc) echo.HandlerFunc {
	spec, known := policy.SpecOf(action)
	return func(c echo.Context) error {
		if !known {
			return fmt.Errorf("no such action: %s", action)
		}
		state := stateOf(c)
		q, err := state.question(c, spec)
		if err != nil {
			return err
		}
		if action != policy.Frame && state.outdated(c) {
			return refuseOutdated(c)
		}
		if state.overBySSO {
			return state.endBySSO(c)
		}
		d := state.site.Policies.Decide(q)
		state.asked, state.policy = q, d.String()
		if d.Allowed {
			state.staff = spec.Kind == policy.Platform
			if err := state.work(c, spec.Kind); err != nil {
				return err
			}
			return next(c)
		}
		return state.refuse(c, spec, q, d)
	}
}

// StillPermitted asks the policies again in the course of a long answer, with the roles of now: ErrForbidden where what
// let it begin has ended.
func StillPermitted(c echo.Context) error {
	state := stateOf(c)
	spec, _ := policy.SpecOf(state.asked.Action)
	q, err := state.question(c, spec)
	if err == nil && !state.site.Policies.Decide(q).Allowed {
		err = fmt.Errorf("%s, allowed no more: %w", spec.Action, ErrForbidden)
	}
	return err
}

// work makes the session one in which somebody works, from the first page of work on. It ends sooner than others; one
// that was begun too long ago for work ends here.
func (state *requestState) work(c echo.Context, kind policy.Kind) error {
	if kind != policy.Organization && kind != policy.Platform {
		return nil
	}
	data := state.site.session(c.Request().Context())
	if data.Work {
		return nil
	}
	if Now(c).Sub(data.Since) >= identity.WorkLife {
		state.typed = data.Account
		if err := SignOut(c); err != nil {
			return err
		}
		return errSignInFirst
	}
	return state.editSession(c, func(d *sessionData) { d.Work = true })
}

// question gathers who asks. Pages for everybody ask the database nothing.
func (state *requestState) question(c echo.Context, spec policy.ActionSpec) (policy.Question, error) {
	q := policy.Question{Action: spec.Action, Changes: !safe(c.Request().Method)}
	q.Account, q.AsOther, q.MayChange = state.account.ID, state.asOther, state.staffAccess.MayChange
	proof, isRecent := ProofOf(c)
	q.SecondFactor, q.Recent = proof.Factors >= 2, isRecent
	switch spec.Kind {
	case policy.Own:
		q.Elsewhere = !proof.Own()
		if _, err := RequireAccount(c); err != nil {
			return q, err
		}
		var err error
		q.MissingFactor, err = state.missingFactor(c, spec, proof)
		return q, err
	case policy.API:
		return q, state.apiClient(c, &q)
	case policy.Organization, policy.Platform:
	default:
		return q, nil
	}
	if _, err := RequireAccount(c); err != nil {
		return q, err
	}
	if spec.Kind == policy.Organization {
		tenant, err := FindOrganization(c)
		if err != nil {
			return q, err
		}
		state.organization, q.Tenant, q.EmergencyAccess = tenant, tenant.ID, state.staffAccess.Organization
	}
	row, err := state.site.Gateway.Identity(Scope(c, state.organization)).RolesAt(c.Request().Context(),
		state.account.ID, proof.SSO)
	q.Roles, q.Staff = row.Roles, row.Staff
	state.letInBySSO(c, proof, row.SSOUntil)
	q.Elsewhere = !proof.Own() && !state.through
	q.NotBySSO = row.OwnSignIn && !state.through && q.EmergencyAccess != q.Tenant
	q.SecondFactor = q.SecondFactor || state.through
	return q, err
}

// missingFactor tells, where it counts, that the account has a second factor of which this session has shown nothing.
// It costs a statement for whoever has shown one factor only and changes how they sign in.
func (state *requestState) missingFactor(c echo.Context, spec policy.ActionSpec, proof Proof) (bool, error) {
	if !slices.Contains(spec.Groups, "all_factors") || proof.Factors >= 2 || state.asOther {
		return false, nil
	}
	q := state.site.Gateway.Identity(PublicScope(c))
	held, err := q.Factors(c.Request().Context(), state.account.ID)
	return held.TOTP || held.Passkeys > 0, err
}

// KeyFinder finds the living key that an API client carries, at one organization. ErrUnauthorized: it opens nothing;
// if it has the form of a key, its id comes with it for the audit.
type KeyFinder func(ctx context.Context, scope tenancy.Scope, bearer string) (policy.KeyScopes, error)

// apiClient is for requests with an API key: no session counts.
func (state *requestState) apiClient(c echo.Context, q *policy.Question) error {
	tenant, err := FindOrganization(c)
	if err != nil {
		return err
	}
	state.organization = tenant
	state.forgetAccount()
	q.Asker, q.Tenant = policy.Asker{}, tenant.ID
	scheme, bearer, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "Bearer") || state.site.FindKey == nil {
		return ErrUnauthorized
	}
	state.key, err = state.site.FindKey(c.Request().Context(), Scope(c, tenant), bearer)
	q.Key = &state.key
	if errors.Is(err, ErrUnauthorized) && state.key.ID != "" {
		err = errors.Join(err, state.deny(c, "ApiKey", &tenant.ID, "use", "key:"+state.key.ID))
	}
	return err
}

// refuse answers what was denied, and keeps it in the audit.
func (state *requestState) refuse(c echo.Context, spec policy.ActionSpec, q policy.Question, d policy.Decision) error {
	here := openedPage(c)
	if state.entitled(q) {
		proof, _ := ProofOf(c)
		switch {
		case slices.Contains(d.Policies, "single-sign-on"),
			slices.Contains(d.Policies, "recent-proof") && state.through && !proof.Own():
			return Redirect(c, SingleSignOnPath(state.organization.Slug, here))
		case slices.Contains(d.Policies, "own-proof"):
			return state.askProof(c, here)
		case slices.Contains(d.Policies, "all-factors"):
			Flash(c, ui.Notice{Text: "Your password alone changes nothing here. Use your passkey or your app."})
			return state.askProof(c, here)
		case slices.Contains(d.Policies, "second-factor"):
			return Redirect(c, SecondFactorPath(here))
		}
		return state.askProof(c, here)
	}
	var resource *uuid.UUID
	if q.Tenant != uuid.Nil {
		resource = &q.Tenant
	}
	if err := state.deny(c, string(spec.Kind), resource, string(spec.Action)); err != nil {
		return err
	}
	stranger := spec.Kind == policy.Organization && len(q.Roles) == 0 ||
		spec.Kind == policy.Platform && len(q.Staff) == 0 || spec.Kind == policy.API
	if stranger && !q.AsOther {
		return fmt.Errorf("%s, denied by %s: %w", spec.Action, d, ErrNotFound)
	}
	return fmt.Errorf("%s, denied by %s: %w", spec.Action, d, ErrForbidden)
}

// askProof asks once more who somebody is and leads back to the page, on which what they had typed stands again.
func (state *requestState) askProof(c echo.Context, here string) error {
	if lost, err := state.keepTyped(c, state.signedIn(c)); err != nil {
		return err
	} else if lost {
		Flash(c, ui.Notice{Text: strings.TrimSpace(lostWords)})
	}
	return Redirect(c, ConfirmPath(here))
}

// entitled tells whether the same request with all proofs would be allowed: nobody is asked for proofs of what they
// may not do.
func (state *requestState) entitled(q policy.Question) bool {
	q.SecondFactor, q.Recent, q.MissingFactor, q.Elsewhere, q.NotBySSO = true, true, false, false, false
	return state.site.Policies.Decide(q).Allowed
}

// Organization is the organization of a workplace's page, after Permit.
func Organization(c echo.Context) tenancy.Tenant { return stateOf(c).organization }

// Roles are the roles of whoever asks at that organization, after Permit.
func Roles(c echo.Context) []string { return stateOf(c).asked.Roles }

// May tells whether whoever asks could also do something else of the same kind here, to show its link or not. Proofs
// do not count.
func May(c echo.Context, action policy.Action) bool {
	state := stateOf(c)
	q := state.asked
	q.Action, q.Changes = action, false
	return state.entitled(q)
}

// KeyOf is the key of an API client, after Permit.
func KeyOf(c echo.Context) policy.KeyScopes { return stateOf(c).key }

// Policies are the rules of this deployment.
func Policies(c echo.Context) *policy.Engine { return stateOf(c).site.Policies }
