// Package search finds care: a normalized query against an in-process snapshot of all listings gives a ranked page with
// facet counts.
//
// The snapshot is immutable. Its owner is [Live], which swaps snapshots, applies changes of availability and keeps
// ranked pages for seconds. Nothing here is bookable truth: free times on a card are computed from the plan and the
// busy ranges when the card is shown.
package search

import (
	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/money"
	"kindward/internal/venue"
)

// Kinds of organization.
const (
	KindClinic     = "clinic"
	KindLaboratory = "laboratory"
	KindHomeCare   = "home_care"
)

// Listing is one offer: a service for one reason, at one location, by one practitioner or by a team (Practitioner
// empty). A listing carries nothing about what an organization pays us: ranking cannot depend on what it cannot see.
type Listing struct {
	ID, Tenant               uuid.UUID
	Slug, OrgName, Kind      string // Place is the tenant's slug
	LocationID               uuid.UUID
	LocationName, Street     string
	City, State, ZIP         string
	Lat, Lon                 float64 // degrees
	Zone                     string  // IANA name; an unknown one counts as UTC
	ServiceID                uuid.UUID
	Reason, Service          string // Reason is a code like C01; a listing with an unknown code is not found
	PractitionerID           uuid.UUID
	Practitioner, Specialty  string
	Gender                   string     // female, male, nonbinary or empty
	Ages                     Ages       // whom the practitioner sees
	Languages, Interpreted   []string   // ISO 639-1; spoken by the practitioner, or through an interpreter
	Mode                     venue.Mode // where its visits happen
	Telehealth               bool       // by video, or by video as well
	TelehealthStates         []string   // where the clinician is licensed to see patients by video
	AreaKm                   float64    // home care: how far from Lat/Lon it travels
	AcceptsNew               bool
	PayersAccepted           []string // a payer in neither list is not stated
	PayersRefused            []string
	PayersConfirmed          civil.DayNumber // when the two lists were last confirmed; 0 = never
	Access                   []string        // step_free, asl, low_sensory, parking, transit ...
	AccessEvidence           []string        // parallel to Access: who says so
	PriceCents               int64           // what a patient pays herself; 0 = not stated
	Currency                 string
	Rating                   float32 // mean of verified visits, 0 to 5
	Ratings, ResponseMinutes int     // ResponseMinutes 0 = not known yet
	Availability             Availability
}

// Price is what a patient pays herself, and whether the listing states it.
func (l *Listing) Price() (price money.Amount, stated bool) {
	return money.Of(l.PriceCents, money.Currency(l.Currency)), l.PriceCents > 0
}

// Availability is the summary of a listing's free times; ranking and filters use it, booking never does.
type Availability struct {
	Listing uuid.UUID
	BaseDay civil.DayNumber  // local date of Parts[0]
	Parts   [DaysKnown]uint8 // per day: bit 0 before noon, bit 1 afternoon, bit 2 after 5 pm has a free time
	NextAt  int64            // first free time, unix seconds; 0 = none
	Round   uint32           // of this process's sweep in which it was computed; 0 = read as another process saved it
}

// Reason is what a visit is for; every listing has exactly one.
type Reason struct {
	Code, Kind, Name    string
	Synonyms            []string
	Minutes             int
	PriceLow, PriceHigh int64 // cents
	Prep                string
}

// ZIPCode is a ZIP area with its town and its center.
type ZIPCode struct {
	ZIP, Town, State string
	Lat, Lon         float64
}

// SelfPay is the kind of the payer who is the patient.
const SelfPay = "self_pay"

// Payer is an insurance plan, or the patient.
type Payer struct{ ID, Name, Kind string }

const (
	// DaysKnown is how far ahead availability is summarized.
	DaysKnown = 28
	// DaysSearched is the stretch from the first day asked for in which a result must have a free time: "this week".
	DaysSearched = 7
	// DaysShown is how many day columns a result has on a desk.
	DaysShown = 5
	// OthersRanked is how many further offers of a result's place are in order.
	OthersRanked = 4
	// PageSize is how many results one page adds.
	PageSize = 10
	// MaxPage is the last page; who has not chosen among 200 results narrows the search instead.
	MaxPage = 20
)
