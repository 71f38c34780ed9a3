package kyc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"kindward/internal/civil"
	"kindward/internal/outside"
)

// License is what a state's register has of a number. Days are of the form 2027-06-30.
type License struct {
	Number string `json:"number"`
	State  string `json:"state"`
	Name   string `json:"name"` // whose it is
	Status string `json:"status"`
	From   string `json:"issued_on"`
	Until  string `json:"expires_on"`
}

// statuses of licenses, with what they mean for whoever reads of it. Only an active one counts, and of others we do not
// repeat what was said.
var statuses = map[string]string{"suspended": "is suspended", "revoked": "is revoked", "expired": "has expired",
	"inactive": "is not active", "surrendered": "was given back", "pending": "is not given yet"}

const licenseActive = "active"

// Licenses asks the states' registers of licenses over HTTP: GET ?state=RI&number=LCI01234&name=Harbor.
type Licenses struct {
	base   string
	client *http.Client
}

// The longest that an answer is waited for, and the longest one that is read.
const (
	licenseWait   = 8 * time.Second
	licenseAnswer = 1 << 20
)

// NewLicenses are those that are answered for at an address.
func NewLicenses(base string) *Licenses {
	return &Licenses{base, outside.ClientFor(base, licenseWait, licenseAnswer)}
}

var errNoLicense = errors.New("kyc: the register does not know the license")

// find asks for a license. Whatever is no right answer about it is ErrUnavailable, to be asked again later.
func (l *Licenses) find(ctx context.Context, state, number, name string) (found License, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		l.base+"?"+url.Values{"state": {state}, "number": {number}, "name": {name}}.Encode(), nil)
	if err != nil {
		return found, err
	}
	response, err := l.client.Do(request)
	if err != nil {
		return found, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return found, errNoLicense
	default:
		return found, fmt.Errorf("%w: status %d", ErrUnavailable, response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		return found, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if found.State != state || found.Number != number {
		return found, fmt.Errorf("%w: an answer about something else", ErrUnavailable)
	}
	return found, nil
}

// The facts of a license: the days of which it is good.
const (
	FactFrom  = "license_from"
	FactUntil = "license_until"
)

// Check tells whether an organization's license is good today.
func (l *Licenses) Check(ctx context.Context, state, number, name string, today civil.Date) Finding {
	found, err := l.find(ctx, state, number, name)
	from, err1 := civil.ParseDate(found.From)
	until, err2 := civil.ParseDate(found.Until)
	said := Finding{Facts: map[string]string{
		FactFrom: found.From, FactUntil: found.Until, "license_name": fmt.Sprintf("%.200s", found.Name)}}
	switch {
	case errors.Is(err, errNoLicense):
		return Finding{Result: Fail, Reason: "The state's register does not know this license."}
	case errors.Join(err, err1, err2) != nil:
		return Finding{Result: Error, Reason: "The state's register did not answer."}
	case found.Status != licenseActive:
		said.Result, said.Reason = Fail, "The state's register says that this license "+
			cmp.Or(statuses[found.Status], "does not count")+"."
	case today.Before(from):
		said.Result, said.Reason = Fail, "This license begins on "+from.Text()+"."
	case today.After(until):
		said.Result, said.Reason = Fail, "This license has expired on "+until.Text()+"."
	case BusinessKey(found.Name) == "":
		said.Result, said.Reason = Review, "The state's register does not say whose this license is."
	case BusinessKey(found.Name) != BusinessKey(name):
		said.Result, said.Reason = Review, fmt.Sprintf("The license is %.200s's.", found.Name)
	default:
		said.Result = Pass
	}
	return said
}
