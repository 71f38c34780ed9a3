package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrUnknownKind means that there are no words for such an email: it is not sent.
var ErrUnknownKind = errors.New("no email is of this kind")

// Kind names what an email is about; stable for ever, because rows that wait to be sent have it.
type Kind string

// The emails about accounts, and the requests that become one of them or none.
const (
	KindSignUpCode              Kind = "sign-up-code"
	KindHaveAccount             Kind = "have-account"
	KindPasswordReset           Kind = "password-reset"
	KindPasswordChanged         Kind = "password-changed"
	KindNewDevice               Kind = "new-device"
	KindEmailChange             Kind = "email-change"
	KindEmailTaken              Kind = "email-taken"
	KindEmailChanged            Kind = "email-changed"
	KindSecondFactorOn          Kind = "second-factor-on"
	KindSecondFactorOff         Kind = "second-factor-off"
	KindRecoveryCodeUsed        Kind = "recovery-code-used"
	KindRecoveryCodesMade       Kind = "recovery-codes-made"
	KindPasskeyAdded            Kind = "passkey-added"
	KindPasskeyRemoved          Kind = "passkey-removed"
	KindPasskeyCopied           Kind = "passkey-copied"
	KindSSOLinked               Kind = "sso-linked"
	KindSSOUnlinked             Kind = "sso-unlinked"
	KindInvitation              Kind = "invitation"
	KindApplicantInvitation     Kind = "applicant-invitation"
	KindApplicationTurn         Kind = "application-turn"
	KindApplicationReceived     Kind = "application-received"
	KindApplicationDecided      Kind = "application-decided"
	KindApplicationWithdrawn    Kind = "application-withdrawn"
	KindApplicationReminder     Kind = "application-reminder"
	KindApplicationClosed       Kind = "application-closed"
	KindApplicationLeft         Kind = "application-left"
	KindApplicationDuplicate    Kind = "application-duplicate"
	KindDuplicateApplied        Kind = "duplicate-applied"
	KindLicensesEnd             Kind = "licenses-end"
	KindContractToSign          Kind = "contract-to-sign"
	KindSignatureCode           Kind = "signature-code"
	KindImpersonationBegun      Kind = "impersonation-begun"
	KindEmergencyAccessBegun    Kind = "emergency-access-begun"
	KindEmergencyAccessReviewed Kind = "emergency-access-reviewed"
	KindFactorsRemoved          Kind = "factors-removed"
	KindFactorRemovalRequested  Kind = "factor-removal-requested"
	KindFactorRemovalWithdrawn  Kind = "factor-removal-withdrawn"

	KindHelpMessage Kind = "help-message"

	KindSignUpAsked        Kind = "sign-up-asked"
	KindPasswordResetAsked Kind = "password-reset-asked"
	KindEmailChangeAsked   Kind = "email-change-asked"
)

// Entry is what waits in the queue: data, never words.
type Entry interface {
	Kind() Kind
	Address() string     // where it goes
	Life() time.Duration // for how long it is worth sending
}

// Notice is an entry that becomes an email as it stands. The other entries are requests: what to send, if
// anything, is found out when they are sent, so that the time of a request tells nobody who has an account
// (A40).
type Notice interface {
	Entry
	Email(c Composer) Email
}

// entries is the one table of what can be queued.
var entries = map[Kind]func(payload []byte) (Entry, error){
	KindSignUpCode:              read[SignUpCode],
	KindHaveAccount:             read[HaveAccount],
	KindPasswordReset:           read[PasswordReset],
	KindPasswordChanged:         read[PasswordChanged],
	KindNewDevice:               read[NewDevice],
	KindEmailChange:             read[EmailChange],
	KindEmailTaken:              read[EmailTaken],
	KindEmailChanged:            read[EmailChanged],
	KindSecondFactorOn:          read[SecondFactorOn],
	KindSecondFactorOff:         read[SecondFactorOff],
	KindRecoveryCodeUsed:        read[RecoveryCodeUsed],
	KindRecoveryCodesMade:       read[RecoveryCodesMade],
	KindPasskeyAdded:            read[PasskeyAdded],
	KindPasskeyRemoved:          read[PasskeyRemoved],
	KindPasskeyCopied:           read[PasskeyCopied],
	KindSSOLinked:               read[SSOLinked],
	KindSSOUnlinked:             read[SSOUnlinked],
	KindInvitation:              read[Invitation],
	KindApplicantInvitation:     read[ApplicantInvitation],
	KindApplicationTurn:         read[ApplicationTurn],
	KindApplicationReceived:     read[ApplicationReceived],
	KindApplicationDecided:      read[ApplicationDecided],
	KindApplicationWithdrawn:    read[ApplicationWithdrawn],
	KindApplicationReminder:     read[ApplicationReminder],
	KindApplicationClosed:       read[ApplicationClosed],
	KindApplicationLeft:         read[ApplicationLeft],
	KindApplicationDuplicate:    read[ApplicationDuplicate],
	KindDuplicateApplied:        read[DuplicateApplied],
	KindLicensesEnd:             read[LicensesEnd],
	KindContractToSign:          read[ContractToSign],
	KindSignatureCode:           read[SignatureCode],
	KindImpersonationBegun:      read[ImpersonationBegun],
	KindEmergencyAccessBegun:    read[EmergencyAccessBegun],
	KindEmergencyAccessReviewed: read[EmergencyAccessReviewed],
	KindFactorsRemoved:          read[FactorsRemoved],
	KindFactorRemovalRequested:  read[FactorRemovalRequested],
	KindFactorRemovalWithdrawn:  read[FactorRemovalWithdrawn],
	KindHelpMessage:             read[HelpMessage],
	KindSignUpAsked:             read[SignUpAsked],
	KindPasswordResetAsked:      read[PasswordResetAsked],
	KindEmailChangeAsked:        read[EmailChangeAsked],
}

// read knows no field that the type does not have: an entry of a newer release is not sent with half of its words.
func read[T Entry](payload []byte) (Entry, error) {
	var e T
	d := json.NewDecoder(bytes.NewReader(payload))
	d.DisallowUnknownFields()
	err := d.Decode(&e)
	return e, err
}

// decode reads an entry back from its payload: ErrUnknownKind, or an error of the payload.
func decode(kind Kind, payload []byte) (Entry, error) {
	from, ok := entries[kind]
	if !ok {
		return nil, fmt.Errorf("%w: %q", ErrUnknownKind, kind)
	}
	return from(payload)
}
