package main

import (
	"time"

	"kindward/internal/onboarding"
)

// teller tells applicants what became of their applications.
func (a *app) teller() *onboarding.Teller {
	return &onboarding.Teller{Due: a.outbox.LongQueries(), Gateway: a.gateway, Keys: a.ring, Now: time.Now,
		Notify: a.outbox.Notify, Log: a.log}
}
