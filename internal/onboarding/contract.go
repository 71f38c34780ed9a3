package onboarding

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/contract"
	"kindward/queries/shareddb"
)

// Signature is what somebody typed under the contract, and how they had shown who they are.
type Signature struct {
	Version int       `json:"version,omitempty"` // of the contract's text
	Hash    string    `json:"hash,omitempty"`    // of the exact text
	Name    string    `json:"name,omitempty"`
	Title   string    `json:"title,omitempty"`
	Email   string    `json:"email,omitempty"` // of a guest, to which a code was sent that was typed
	Proof   string    `json:"proof,omitempty"` // password, totp, recovery, passkey, email_code
	Side    string    `json:"-"`
	By      uuid.UUID `json:"-"`
	At      time.Time `json:"-"`
}

// What a signature may meet.
var (
	ErrOtherText  = errors.New("onboarding: the contract's text is another one by now")
	ErrSigned     = errors.New("onboarding: the contract is signed already")
	ErrNoName     = errors.New("onboarding: a signature has a name")
	ErrUnsigned   = errors.New("onboarding: the contract is not signed, or not countersigned")
	errNoContract = errors.New("onboarding: no contract is asked for")
)

// The sides of a contract. Words are stable for ever: they stand in rows.
const (
	SideOrganization = "organization"
	SidePlatform     = "platform"
)

// SignatureSides are both, in the order of their words.
func SignatureSides() []string { return []string{SideOrganization, SidePlatform} }

// ByRules countersigns where nobody looks at an application.
var ByRules = Signature{Name: "Kindward", Title: "by its rules, without a person", Proof: "rules"}

// contractStep is the step at which the contract is signed, if one is asked for.
func (d *Definition) contractStep() (*Step, bool) {
	for i := range d.Steps {
		if d.Steps[i].Contract > 0 {
			return &d.Steps[i], true
		}
	}
	return nil, false
}

// Contract is the text that is to be signed now, with its version; false: none is asked for.
func (d *Definition) Contract(a Application) (text string, version int, asked bool) {
	text, version, err := d.contractText(a)
	return text, version, err == nil
}

func (d *Definition) contractText(a Application) (text string, version int, err error) {
	s, asked := d.contractStep()
	if !asked {
		return "", 0, errNoContract
	}
	version = max(s.Contract, a.Contract)
	text, err = d.texts.Fill(version, contract.Party{Organization: a.Name(), Kind: d.Kind, State: d.State})
	return text, version, err
}

// signs tells whether a signature is under the text of now.
func (d *Definition) signs(a *Application, s Signature) bool {
	text, version, err := d.contractText(*a)
	return err == nil && s.Version == version && s.Hash == contract.Hash(text)
}

// signed takes the organization's signature under the text that whoever signs has read.
func (a *Application) signed(d *Definition, e Event) error {
	s, asked := d.contractStep()
	switch given := e.Data.Signature; {
	case !asked || given == nil || e.Step != s.Key:
		return ErrNoStep
	case a.Steps[s.Key].State == StepLocked:
		return ErrNotNow
	case strings.TrimSpace(given.Name) == "" || given.Title == "":
		return ErrNoName
	case !d.signs(a, *given):
		return ErrOtherText
	case d.signs(a, a.Signature):
		return ErrSigned
	default:
		a.Signature = *given
		a.Signature.Side, a.Signature.By, a.Signature.At = SideOrganization, e.By, e.At
		a.Signatures[a.Version] = a.Signature
	}
	if e.Data.Guest != "" {
		a.Guests[e.By] = Guest{e.Data.Guest, a.Guests[e.By].Times + 1}
	}
	delete(a.Asked, s.Key)
	return nil
}

// countersigned takes the platform's signature with an approval, under what the organization has signed.
func (a *Application) countersigned(d *Definition, e Event) error {
	if _, asked := d.contractStep(); !asked {
		return nil
	}
	given := ByRules
	if e.By != uuid.Nil {
		if e.Data.Signature == nil {
			return ErrUnsigned
		}
		given = *e.Data.Signature
	}
	if strings.TrimSpace(given.Name) == "" || !d.signs(a, a.Signature) {
		return ErrUnsigned
	}
	given.Version, given.Hash, given.Side = a.Signature.Version, a.Signature.Hash, SidePlatform
	given.By, given.At = e.By, e.At
	a.Countersignature, a.Signatures[a.Version] = given, given
	return nil
}

// ofContract asks that the text of now is signed, where one is asked for.
func (d *Definition) ofContract(a Application) (reason string, against []string) {
	if _, asked := d.contractStep(); !asked {
		return "", nil
	}
	if !d.signs(&a, a.Signature) {
		return "", []string{"The contract is not signed as it is now."}
	}
	return "The contract is signed.", nil
}

// reworded puts another version of the text in the place of that which is asked for.
func (a *Application) reworded(d *Definition, e Event) error {
	_, version, err := d.contractText(*a)
	if err != nil || e.Data.Contract <= version {
		return ErrNotNow
	}
	a.Contract, a.Reworded = e.Data.Contract, e.At
	if _, _, err := d.contractText(*a); err != nil {
		return ErrNotNow
	}
	return nil
}

// writeSignature keeps what was signed, to the byte.
func writeSignature(ctx context.Context, q *shareddb.Queries, d *Definition, a Application, e Event) error {
	s := a.Signatures[a.Version]
	text, _, err := d.contractText(a)
	if errors.Is(err, errNoContract) {
		return nil
	}
	if err != nil {
		return err
	}
	return q.AddSignature(ctx, shareddb.AddSignatureParams{Version: int32(a.Version), Side: s.Side,
		Contract: int32(s.Version), Hash: s.Hash, Text: text, Name: s.Name, Title: s.Title, Email: s.Email, Proof: s.Proof,
		By: orNobody(s.By), At: s.At})
}

// Kept tells whether a kept signature is one of the log, under the very text that was signed.
func (a Application) Kept(row shareddb.SignaturesRow) bool {
	kept := Signature{Version: int(row.Contract), Hash: contract.Hash(row.Text), Name: row.Name, Title: row.Title,
		Email: row.Email, Proof: row.Proof, Side: row.Side}
	if row.By != nil {
		kept.By = *row.By
	}
	given := a.Signatures[int(row.Version)]
	at := given.At
	given.At = kept.At
	return kept == given && at.Equal(row.At) && row.Hash == kept.Hash
}
