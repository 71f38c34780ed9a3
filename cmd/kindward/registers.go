package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/npi"
	npisimulator "kindward/internal/npi/simulator"
	"kindward/internal/onboarding"
)

// openRegisters decides whom the worker asks about those who want to join. Whoever joins a demonstration is invented,
// so nobody outside is asked about them: a simulator answers in their place, on this machine, until close.
func (a *app) openRegisters(demonstration bool) error {
	registry, list := cmp.Or(a.NPIRegistry, npi.RegistryURL), cmp.Or(a.Exclusions, kyc.ExclusionsURL)
	if demonstration {
		at, err := a.simulate()
		if err != nil {
			return err
		}
		registry, list = cmp.Or(a.NPIRegistry, at+"/api/"), cmp.Or(a.Exclusions, at+"/exclusions.csv")
	}
	a.registry = npi.NewRegistry(registry)
	a.exclusions = &kyc.Exclusions{URL: list, Queries: a.outbox.LongQueries(), Now: time.Now}
	return nil
}

// simulate starts what answers in a demonstration, and gives its address.
func (a *app) simulate() (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	all := http.NewServeMux()
	all.Handle("/api/", &npisimulator.Registry{})
	all.Handle("/exclusions.csv", &simulator.Exclusions{Now: time.Now})
	a.simulator = &http.Server{Handler: all, ReadHeaderTimeout: 5 * time.Second}
	a.sweeping.Go(func() {
		if err := a.simulator.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the simulated registers have ended", "error", err)
		}
	})
	return "http://" + l.Addr().String(), nil
}

// checks asks registers for whoever wants to join.
func (a *app) checks() *onboarding.Checks {
	return &onboarding.Checks{Due: a.outbox.LongQueries(), Gateway: a.gateway, Registry: a.registry, Now: time.Now,
		Log: a.log}
}

// importExclusions reads the list of exclusions for those who wait for it; a demonstration has it from its start.
func (a *app) importExclusions(ctx context.Context) error {
	if awaited, err := a.outbox.LongQueries().ExclusionsAwaited(ctx); err != nil || !awaited && a.simulator == nil {
		return err
	}
	return a.exclusions.Import(ctx)
}
