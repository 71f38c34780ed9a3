package npi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"kindward/internal/outside"
)

// RegistryURL is where the registry of the United States (NPPES) answers programs.
const RegistryURL = "https://npiregistry.cms.hhs.gov/api/"

// Record is what the registry has of a number.
type Record struct {
	Number       string
	Name         string
	Organization bool // type 2; else a person's, type 1
	Active       bool
	Street, City string
	Suite        string // of the address, or what stands in its second line
	State, ZIP   string // two letters; five digits
	Phone        string

	OfficialFirst, OfficialLast string // who may speak for an organization, as it has told the registry
}

// What the registry may say instead of a record.
var (
	ErrUnknown     = errors.New("npi: the registry does not know the number")
	ErrUnavailable = errors.New("npi: the registry does not answer")
)

// Registry asks the registry over HTTP.
type Registry struct {
	base   string
	client *http.Client
}

// The longest that an answer is waited for, and the longest one that is read.
const (
	registryWait   = 8 * time.Second
	registryAnswer = 1 << 20
)

// NewRegistry is one that answers at an address: only that one is asked, by TLS, if it is not this machine's own.
func NewRegistry(base string) *Registry {
	return &Registry{base, outside.ClientFor(base, registryWait, registryAnswer)}
}

// answer is the part of an answer that we read, in the form of the registry's version 2.1.
type answer struct {
	Count   *int `json:"result_count"`
	Results []struct {
		Number string `json:"number"`
		Type   string `json:"enumeration_type"`
		Basic  struct {
			Organization string `json:"organization_name"`
			First        string `json:"first_name"`
			Last         string `json:"last_name"`
			Status       string `json:"status"`

			OfficialFirst string `json:"authorized_official_first_name"`
			OfficialLast  string `json:"authorized_official_last_name"`
		} `json:"basic"`
		Addresses []struct {
			Purpose string `json:"address_purpose"`
			Street  string `json:"address_1"`
			Suite   string `json:"address_2"`
			City    string `json:"city"`
			State   string `json:"state"`
			ZIP     string `json:"postal_code"`
			Phone   string `json:"telephone_number"`
		} `json:"addresses"`
	} `json:"results"`
	Errors []struct {
		Description string `json:"description"`
		Number      string `json:"number"` // that it is about, or a code
	} `json:"Errors"`
}

// Find asks for a number. Of one that is deactivated the registry has no more than that: Active is false, and nothing
// else is known. Whatever is no right answer about it is ErrUnavailable, to be asked again later.
func (r *Registry) Find(ctx context.Context, number string) (Record, error) {
	if !Valid(number) {
		return Record{}, ErrUnknown
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		r.base+"?"+url.Values{"version": {"2.1"}, "number": {number}}.Encode(), nil)
	if err != nil {
		return Record{}, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Record{}, fmt.Errorf("%w: status %d", ErrUnavailable, response.StatusCode)
	}
	var a answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return a.record(number)
}

// deactivated tells whether the registry has no record any more, for that reason. It says so as it says errors.
func (a answer) deactivated(number string) bool {
	for _, e := range a.Errors {
		if strings.Contains(strings.ToLower(e.Description), "deactivated npi") &&
			(e.Number == number || strings.Contains(e.Description, number)) {
			return true
		}
	}
	return false
}

func (a answer) record(number string) (Record, error) {
	switch {
	case a.deactivated(number):
		return Record{Number: number}, nil
	case len(a.Errors) > 0:
		return Record{}, fmt.Errorf("%w: %s", ErrUnavailable, a.Errors[0].Description)
	case a.Count == nil:
		return Record{}, fmt.Errorf("%w: an answer without a count", ErrUnavailable)
	case *a.Count == 0 && a.Results != nil && len(a.Results) == 0:
		return Record{}, ErrUnknown
	case *a.Count != 1 || len(a.Results) != 1 || a.Results[0].Number != number:
		return Record{}, fmt.Errorf("%w: an answer about something else", ErrUnavailable)
	case !slices.Contains([]string{"NPI-1", "NPI-2"}, a.Results[0].Type),
		!slices.Contains([]string{"A", "D"}, a.Results[0].Basic.Status):
		return Record{}, fmt.Errorf("%w: an answer without what decides", ErrUnavailable)
	}
	found := a.Results[0]
	record := Record{Number: number, Organization: found.Type == "NPI-2", Active: found.Basic.Status == "A",
		Name: strings.TrimSpace(found.Basic.Organization), OfficialFirst: strings.TrimSpace(found.Basic.OfficialFirst),
		OfficialLast: strings.TrimSpace(found.Basic.OfficialLast)}
	if !record.Organization {
		record.Name = strings.TrimSpace(found.Basic.First + " " + found.Basic.Last)
	}
	for _, at := range found.Addresses {
		if at.Purpose == "LOCATION" {
			record.Street, record.Suite, record.City = at.Street, at.Suite, at.City
			record.State, record.Phone = at.State, at.Phone
			zip := []rune(at.ZIP)
			record.ZIP = string(zip[:min(len(zip), 5)])
		}
	}
	return record, nil
}
