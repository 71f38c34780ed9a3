package notify

import (
	"time"

	"kindward/internal/civil"
)

// ContractToSign tells an owner that their organization's contract has another text, and until when it is signed.
type ContractToSign struct {
	Recipient
	Organization, Slug string
	Due                time.Time // in the organization's zone
	Last               bool
}

// Kind is stable for ever.
func (ContractToSign) Kind() Kind { return KindContractToSign }

// Life is until there is no use in it: it is due.
func (ContractToSign) Life() time.Duration { return 7 * 24 * time.Hour }

// Email says it.
func (n ContractToSign) Email(c Composer) Email {
	day := civil.DateOf(n.Due).Text()
	subject := "A new text of your contract with Kindward, to be signed by " + day
	if n.Last {
		subject = "Your contract with Kindward is to be signed by " + day
	}
	return n.notice(subject, n.Organization+" has signed an earlier text. An owner reads the new one and signs it. "+
		"Until then the earlier one holds.").
		with("Read it and sign", c.link("organizations", n.Slug, "contract"),
			"Nothing stops by itself after "+day+". Our staff see who has not signed, and get in touch.")
}
