package web

import (
	"errors"
	"net/http"
	"regexp"

	"kindward/internal/contract"
	"kindward/internal/onboarding"
	"kindward/views/ui"
)

// How long what stands under a contract may be, in characters.
const longestSigner = 100

// wholeName is a first and a last name, in letters.
var wholeName = regexp.MustCompile(`\pL{2,}\S*\s.*\pL{2,}`)

// SigningOf are the fields under a contract's text as they were typed.
func SigningOf(f *Form, text, organization string) ui.Signing {
	return ui.Signing{Name: f.Raw("signer_name"), Title: f.Raw("signer_title"), Agreed: f.Ticked("agree"),
		Organization: organization, Hash: contract.Hash(text), Problems: f.Problems}
}

// ReadSignature reads what somebody typed under a contract.
func ReadSignature(f *Form) *onboarding.Signature {
	name := f.Text("signer_name", longestSigner, "Type your full name")
	if name != "" && !wholeName.MatchString(name) {
		f.Wrong("signer_name", "Type your first and your last name, in letters")
	}
	title := f.Text("signer_title", longestSigner, "Say what you are there, like owner or director")
	if !f.Ticked("agree") {
		f.Wrong("agree", "Say that you may sign for the organization")
	}
	return &onboarding.Signature{Hash: f.Raw("hash"), Name: name, Title: title}
}

// Unsigned says under a contract why nothing was signed, with the status of that; other errors are its caller's.
func Unsigned(f *Form, err error) (status int, rest error) {
	switch {
	case errors.Is(err, onboarding.ErrOtherText):
		f.Wrong("agree", "The text has changed since you opened this page, and nothing is signed. Read it again")
		return http.StatusConflict, nil
	case errors.Is(err, onboarding.ErrSigned):
		f.Wrong("agree", "It is signed already, as this page says. Nothing is left to do")
		return http.StatusConflict, nil
	}
	return 0, err
}
