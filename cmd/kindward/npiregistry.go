package main

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"time"

	"kindward/internal/npi"
	"kindward/internal/npi/simulator"
	"kindward/internal/onboarding"
)

// openRegistry decides which registry the worker asks. Numbers of a demonstration are invented, so the national one is
// not asked about them: the simulator answers in its place, on this machine, until close.
func (a *app) openRegistry(demonstration bool) error {
	address := cmp.Or(a.NPIRegistry, npi.RegistryURL)
	if demonstration && a.NPIRegistry == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		a.simulator = &http.Server{Handler: &simulator.Registry{}, ReadHeaderTimeout: 5 * time.Second}
		a.sweeping.Go(func() {
			if err := a.simulator.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				a.log.Error("the simulated registry has ended", "error", err)
			}
		})
		address = "http://" + l.Addr().String() + "/api/"
	}
	a.registry = npi.NewRegistry(address)
	return nil
}

// checks asks registers for whoever wants to join.
func (a *app) checks() *onboarding.Checks {
	return &onboarding.Checks{Due: a.outbox.LongQueries(), Gateway: a.gateway, Registry: a.registry, Now: time.Now,
		Log: a.log}
}
