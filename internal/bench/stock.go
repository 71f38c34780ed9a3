package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
)

// slot is a free time that nobody else of the bench will ask for.
type slot struct {
	place   string // the organization's word in addresses
	listing uuid.UUID
	start   time.Time
}

// offering is a listing with what its SQL needs.
type offering struct {
	tenant    tenancy.Tenant
	published booking.Offering
	listing   *search.Listing
}

// stock is what there is to book and to look at.
type stock struct {
	offerings []offering // of distinct resources, one for each
	slots     []slot     // shuffled
	next      atomic.Int64
	alone     []slot // times that one resource alone can serve: for races
	listings  int
	tenants   int
	booked    map[uuid.UUID]bool // the organizations of slots
}

var errSoldOut = errors.New("no free times are left to book: seed more organizations")

func (s *stock) take() (slot, error) {
	n := int(s.next.Add(1)) - 1
	if n >= len(s.slots) {
		return slot{}, errSoldOut
	}
	return s.slots[n], nil
}

// together is how many offerings' calendars are read at once.
const together = 64

// openStock finds the free times of all resources, each through one of its listings.
func openStock(ctx context.Context, h Target, dice *rand.Rand) (*stock, error) {
	all, err := h.Gateway.Public().Tenants(ctx)
	if err != nil {
		return nil, err
	}
	s, used := &stock{tenants: len(all), booked: map[uuid.UUID]bool{}}, map[uuid.UUID]bool{}
	for _, row := range all {
		tenant, err := h.Gateway.TenantByID(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		listings := h.Market.OfTenant(tenant.ID)
		s.listings += len(listings)
		for _, l := range listings {
			offer, _, ok := h.Market.Offering(l.ID)
			if !ok || !l.AcceptsNew || l.Mode == venue.AtHome || anyUsed(used, offer.Resources) { // a home needs an address
				continue
			}
			for _, r := range offer.Resources {
				used[r] = true
			}
			s.offerings = append(s.offerings, offering{tenant, offer, l})
		}
	}
	dice.Shuffle(len(s.offerings), func(i, j int) { s.offerings[i], s.offerings[j] = s.offerings[j], s.offerings[i] })
	for _, o := range s.offerings {
		if len(s.booked) < tenantsBooked {
			s.booked[o.tenant.ID] = true
		}
	}
	for first := 0; first < len(s.offerings); first += together {
		if err := s.fill(ctx, h, s.offerings[first:min(first+together, len(s.offerings))]); err != nil {
			return nil, err
		}
	}
	if len(s.offerings) == 0 || len(s.slots) < 100 {
		return nil, fmt.Errorf("%d listings have %d free times: that is nothing to measure with", len(s.offerings),
			len(s.slots))
	}
	dice.Shuffle(len(s.slots), func(i, j int) { s.slots[i], s.slots[j] = s.slots[j], s.slots[i] })
	return s, nil
}

func anyUsed(used map[uuid.UUID]bool, ids []uuid.UUID) bool {
	for _, id := range ids {
		if used[id] {
			return true
		}
	}
	return false
}

// races is how many times are kept for races, at most one of an offering.
const races = 32

// fill adds the free times from the day after tomorrow on, none of which touches another.
func (s *stock) fill(ctx context.Context, h Target, some []offering) error {
	var offers []booking.Offering
	horizon := 0
	for _, o := range some {
		offers = append(offers, o.published)
		horizon = max(horizon, int(o.published.Schedule.HorizonDays))
	}
	now := h.Market.Now()
	from := civil.DateOf(now).AddDays(2)
	to := from.AddDays(horizon)
	taken, err := h.Market.Busy().Calendar(ctx, offers, from, to, now)
	if err != nil {
		return err
	}
	for _, o := range some {
		over, raced := int64(0), len(s.alone) >= races || len(o.published.Resources) > 1
		for _, start := range o.published.Schedule.Times(nil, from, to, taken.Pool(o.published), now.Unix()) {
			claim := o.published.Schedule.Claim(start)
			if claim.Start < over {
				continue
			}
			over = claim.End
			found := slot{o.tenant.Slug, o.listing.ID, time.Unix(start, 0).UTC()}
			if !raced {
				s.alone, raced = append(s.alone, found), true
				continue
			}
			if s.booked[o.tenant.ID] {
				s.slots = append(s.slots, found)
			}
		}
	}
	return nil
}
