package kyc

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Hint is what a webhook is to us: something may have happened to a session. What did is asked for.
type Hint struct {
	Event     string // its id, the same however often it comes
	Reference string // ours, of the session
}

// ErrSignature means that nobody who knows a secret has sent it, or not now.
var ErrSignature = errors.New("kyc: the signature is wrong or old")

// signatureAge is how old a signature may be, and how far ahead the sender's clock.
const signatureAge = 5 * time.Minute

// ReadHint reads a webhook of which the raw body and the header Stripe-Signature are given. Any of the secrets will do,
// so that they can be changed.
func ReadHint(secrets []string, header string, body []byte, now time.Time) (Hint, error) {
	if !signed(secrets, header, body, now) {
		return Hint{}, ErrSignature
	}
	var event struct {
		ID   string `json:"id"`
		Data struct {
			Object struct {
				Reference string `json:"client_reference_id"`
			} `json:"object"`
		} `json:"data"`
	}
	err := json.Unmarshal(body, &event)
	return Hint{event.ID, event.Data.Object.Reference}, err
}

// signed tells whether one of the signatures of t=…,v1=…,v1=… is one of now over the body.
func signed(secrets []string, header string, body []byte, now time.Time) bool {
	var at int64
	var signatures [][]byte
	for part := range strings.SplitSeq(header, ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			at, _ = strconv.ParseInt(value, 10, 64)
		case "v1":
			if raw, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, raw)
			}
		}
	}
	if now.Sub(time.Unix(at, 0)).Abs() > signatureAge {
		return false
	}
	for _, secret := range secrets {
		want := Signature(secret, at, body)
		for _, got := range signatures {
			if secret != "" && hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}

// Signature is that of a body that is sent at a time, in Unix seconds.
func Signature(secret string, at int64, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", at, body)
	return mac.Sum(nil)
}
