package search

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"

	"kindward/internal/events"
)

func TestTheListingsTakeExactlyTheKindsThatTheListGivesThem(t *testing.T) {
	for _, k := range events.Kinds {
		listed := slices.Contains(k.Consumers, events.Listings)
		if takes := concerns(k.Kind) != concernsNothing; takes != listed {
			t.Errorf("%s: taken %v, listed %v", k.Kind, takes, listed)
		}
		if concerns(k.Kind) == concernsTimes && !slices.Contains(k.Fields, "resource") {
			t.Errorf("%s concerns times and names no resource", k.Kind)
		}
	}
	if concerns("appointment.of-a-newer-release") != concernsTimes {
		t.Error("what is not known yet is passed over")
	}
}

func TestWhatWaitsToBeRefreshedIsNoMoreThanThereIs(t *testing.T) {
	h, resource, organization := newHeard(), uuid.New(), uuid.New()
	for range 1000 {
		h.add([]events.Event{
			{Kind: events.AppointmentHeld, Tenant: organization, Data: fmt.Appendf(nil, `{"resource": %q}`, resource)},
			{Kind: events.ListingsPublished, Tenant: organization},
			{Kind: events.AppointmentBooked, Tenant: organization, Data: []byte(`{}`)}})
	}
	<-h.there
	organizations, resources, failed := h.take()
	if failed != nil || !slices.Equal(organizations, []uuid.UUID{organization}) || !slices.Contains(resources, resource) ||
		len(resources) > 2 { // from no other resource: the zero id
		t.Errorf("%v wait, %v, %v", organizations, resources, failed)
	}
	if organizations, resources, _ = h.take(); len(organizations)+len(resources) != 0 {
		t.Errorf("taken twice: %v, %v", organizations, resources)
	}
	h.add([]events.Event{{Kind: events.AppointmentHeld, Data: []byte(`{`)}})
	if _, _, failed := h.take(); failed == nil {
		t.Error("an event that cannot be read is passed over in silence")
	}
}
