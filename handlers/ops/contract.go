package ops

import (
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/contract"
	"kindward/internal/onboarding"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
)

// contract is what was signed with an application: the text that counts, and every signature there was.
func (h *Handlers) contract(c echo.Context, r reviewed) (k view.Contract, err error) {
	text, _, asked := r.definition.Contract(r.Application)
	if !asked {
		return k, nil
	}
	k = view.Contract{Asked: true, Text: web.Paragraphs(text), Hash: contract.Hash(text), State: "Not signed",
		Tone: "warn"}
	switch {
	case r.Countersignature.Hash == k.Hash:
		k.State, k.Tone = "Signed and countersigned", "good"
	case r.Signature.Hash == k.Hash:
		k.State, k.Tone = "Signed", "good"
	case r.Signature.Name != "":
		k.State = "Another text was signed, and this one is asked for"
	}
	rows, err := h.Gateway.Shared(r.scope).Signatures(c.Request().Context())
	for _, row := range slices.Backward(rows) {
		k.Signatures = append(k.Signatures, h.signature(r, row))
	}
	if len(rows) != len(r.Signatures) {
		k.Missing = "The log has other signatures than those that are kept. Nothing rests on them."
	}
	if r.Signature.Name != "" {
		k.Print = r.path() + "/contract.pdf"
	}
	return k, err
}

// whoSigned is who has signed the contract of an application in the queue.
func whoSigned(r shareddb.QueuedApplicationsRow) (text, tone string) {
	switch {
	case r.Signing == "":
		return "None is asked for", "dim"
	case r.Countersigned:
		return "Signed by both", "good"
	case r.Signing == string(onboarding.StepDone):
		return "Signed by " + r.SignedBy, ""
	case r.SignedBy != "":
		return "To be signed again", "warn"
	}
	return "Not signed", "dim"
}

// ShowApplicationContract gives what an applicant has signed to whoever reviews.
func (h *Handlers) ShowApplicationContract(c echo.Context) error {
	r, err := h.openApplication(c)
	if err != nil {
		return err
	}
	return web.SendContract(c, h.Gateway, r.scope, h.zone())
}

func (h *Handlers) signature(r reviewed, row shareddb.SignaturesRow) view.Signature {
	by := uuid.Nil
	if row.By != nil {
		by = *row.By
	}
	s := view.Signature{Who: row.Name + ", " + row.Title, When: h.when(row.At), Hash: row.Hash,
		Side: "For the organization, by " + r.name(by, "nobody"), Proof: web.ProofWords[row.Proof]}
	if row.Side == onboarding.SidePlatform {
		s.Who, s.Side = row.Name, "For Kindward"
	}
	if !r.Application.Kept(row) {
		s.Wrong = "What is kept of this signature is not what was signed. Nothing rests on it."
	}
	return s
}

// countersignature is the typed name of whoever approves, which is that of their account.
func countersignature(c echo.Context, f *web.Form) *onboarding.Signature {
	who, _ := web.Account(c)
	proof, _ := web.ProofOf(c)
	name := f.Text("countersignature", longestWords, "Type your full name")
	if name != "" && !strings.EqualFold(name, strings.Join(strings.Fields(who.Name), " ")) {
		f.Wrong("countersignature", "Type your name as your account has it: "+who.Name)
	}
	return &onboarding.Signature{Name: who.Name, Proof: proof.How}
}
