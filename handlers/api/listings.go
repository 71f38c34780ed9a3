package api

import (
	"bytes"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/search"
)

// mostListings is how many one answer has.
const mostListings = 1000

type listings struct {
	Listings []listing `json:"listings"`
	Next     string    `json:"next,omitempty"` // the address of those that follow
}

type listing struct {
	ID           uuid.UUID `json:"id"`
	Service      string    `json:"service"`
	ServiceCode  string    `json:"service_code"`
	Practitioner string    `json:"practitioner"`
	Location     string    `json:"location"`
	Zone         string    `json:"zone"`
	Video        bool      `json:"video"`
	AcceptsNew   bool      `json:"accepts_new"`
	Price        *price    `json:"price"`
}

type price struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// ListListings are the published listings of the key's organization in order of id, those after one if it is given.
func (h *Handlers) ListListings(c echo.Context) error {
	if err := h.admit(c); err != nil {
		return err
	}
	after := uuid.Nil
	if text := c.QueryParam("after"); text != "" {
		var err error
		if after, err = uuid.Parse(text); err != nil {
			return wrong(c, web.ProblemField{Field: "after", Detail: "must be as it stands in next"})
		}
	}
	organization := web.Organization(c)
	if err := h.Gateway.Shared(web.Scope(c, organization)).WriteAPIKeyUse(c.Request().Context(), "Listing", nil,
		web.KeyOf(c).ID); err != nil {
		return err
	}
	out := listings{Listings: []listing{}}
	for _, l := range following(h.Market.OfTenant(organization.ID), after) {
		if len(out.Listings) == mostListings {
			last := out.Listings[mostListings-1].ID
			out.Next = c.Request().URL.Path + "?" + url.Values{"after": {last.String()}}.Encode()
			break
		}
		out.Listings = append(out.Listings, listingOf(l))
	}
	return answer(c, out)
}

// following are the listings behind an id, in order of id.
func following(all []*search.Listing, after uuid.UUID) []*search.Listing {
	order := func(l *search.Listing, id uuid.UUID) int { return bytes.Compare(l.ID[:], id[:]) }
	slices.SortFunc(all, func(a, b *search.Listing) int { return order(a, b.ID) })
	return slices.DeleteFunc(all, func(l *search.Listing) bool { return order(l, after) <= 0 })
}

func listingOf(l *search.Listing) listing {
	out := listing{ID: l.ID, Service: l.Service, ServiceCode: l.Reason, Practitioner: l.Practitioner,
		Location: l.LocationName, Zone: l.Zone, Video: l.Telehealth, AcceptsNew: l.AcceptsNew}
	if _, stated := l.Price(); stated {
		out.Price = &price{l.PriceCents, l.Currency}
	}
	return out
}
