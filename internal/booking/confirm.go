package booking

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"kindward/queries/tenantdb"
)

// Details are what a person tells an organization with a booking.
type Details struct {
	Name, Phone, Email string
	Born               *time.Time // a date
	PayerID            string     // "" = pays herself
	Note               string
	ConsentVersion     string
	ConsentText        string // the exact text that was agreed to; its hash is kept
}

// Confirmation asks for a hold to become the booking.
type Confirmation struct {
	Hold, Holder, Account uuid.UUID
	Key                   string // the client's request key
	Answer                string // where the client is sent; stored with the key
	Details               Details
}

func (c Confirmation) hash() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%s|%q|%q|%q|%v|%q|%q|%q", c.Hold, c.Account, c.Details.Name, c.Details.Phone, c.Details.Email,
		c.Details.Born,
		c.Details.PayerID, c.Details.Note, c.Details.ConsentVersion)
	return h.Sum(nil)
}

// Confirm turns the hold into the booking, once. The same key and the same details again give the same answer; the same
// key with other details is ErrOtherUse; a hold that ran out is ErrGone. It returns where the client is to be sent.
func Confirm(ctx context.Context, q *tenantdb.Queries, c Confirmation) (answer string, err error) {
	consent := sha256.Sum256([]byte(c.Details.ConsentText))
	err = attempt(func() error {
		_, err := q.ConfirmHold(ctx, tenantdb.ConfirmHoldParams{
			RequestKey: c.Key, BodyHash: c.hash(), Answer: c.Answer, AccountID: c.Account,
			PatientID: uuid.Must(uuid.NewV7()), Name: c.Details.Name, Born: c.Details.Born, Phone: c.Details.Phone,
			Email: c.Details.Email,
			Note:  c.Details.Note, PayerID: c.Details.PayerID, ID: c.Hold, Holder: c.Holder,
			ConsentID: uuid.Must(uuid.NewV7()), ConsentVersion: c.Details.ConsentVersion, ConsentHash: consent[:],
		})
		return err
	})
	if err == nil {
		return c.Answer, nil
	}
	if !errors.Is(err, ErrAnswered) {
		return "", err
	}
	stored, err := q.StoredAnswer(ctx, c.Key)
	if err != nil {
		return "", err
	}
	if stored.Subject != c.Account || string(stored.BodyHash) != string(c.hash()) {
		return "", ErrOtherUse
	}
	return stored.Location, nil
}
