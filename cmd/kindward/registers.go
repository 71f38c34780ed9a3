package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"

	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/npi"
	npisimulator "kindward/internal/npi/simulator"
	"kindward/internal/offering"
	"kindward/internal/onboarding"
	"kindward/internal/outside"
)

// openRegisters decides whom the worker asks about those who want to join. Whoever joins a demonstration is invented,
// so nobody outside is asked about them: a simulator answers in their place, on this machine, until close.
func (a *app) openRegisters(base *url.URL, demonstration bool) error {
	registry, list := cmp.Or(a.NPIRegistry, npi.RegistryURL), cmp.Or(a.Exclusions, kyc.ExclusionsURL)
	provider, key, simulatedLicenses := a.Identity, a.IdentityKey, ""
	a.address, a.hookSecrets = base.String(), a.webhookSecrets()
	if demonstration {
		at, err := a.simulate(base)
		if err != nil {
			return err
		}
		registry, list = cmp.Or(a.NPIRegistry, at+"/api/"), cmp.Or(a.Exclusions, at+"/exclusions.csv")
		simulatedLicenses = at + "/licenses"
		if key == "" {
			provider, key = at, a.simulated.Key
			a.hookSecrets = a.simulated.Secrets
		}
	}
	a.registry = npi.NewRegistry(registry)
	a.exclusions = &kyc.Exclusions{URL: list, Queries: a.outbox.LongQueries(), Now: time.Now}
	if register := cmp.Or(a.LicensesURL, simulatedLicenses); register != "" {
		a.licenses = kyc.NewLicenses(register)
	}
	if key != "" {
		a.identity = kyc.NewIdentity(provider, key, kyc.IdentityWait)
	}
	return nil
}

// How long a simulated step takes, and how often webhooks are sent.
const (
	simulatedStep = 3 * time.Second
	tellEvery     = time.Second
)

// simulate starts what answers in a demonstration, and gives its address.
func (a *app) simulate(base *url.URL) (address string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	a.simulated = &simulator.Identity{Key: rand.Text(), Secrets: []string{rand.Text()}, Step: simulatedStep,
		Now: time.Now, Webhook: base.String() + "/webhooks/identity",
		Client: outside.ClientFor(base.String(), kyc.IdentityWait, 1<<10)}
	all := http.NewServeMux()
	all.Handle("/api/", &npisimulator.Registry{})
	all.Handle("/exclusions.csv", &simulator.Exclusions{Now: time.Now})
	all.Handle("/licenses", &simulator.Licenses{Now: time.Now})
	all.Handle("/", a.simulated)
	a.simulator = &http.Server{Handler: all, ReadHeaderTimeout: 5 * time.Second}
	a.sweeping.Go(func() {
		if err := a.simulator.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the simulated registers have ended", "error", err)
		}
	})
	ctx, stop := context.WithCancel(context.Background())
	a.stopTelling = stop
	a.sweeping.Go(func() { tell(ctx, a.simulated) })
	return "http://" + l.Addr().String(), nil
}

// tell sends the webhooks of a demonstration until ctx ends.
func tell(ctx context.Context, provider *simulator.Identity) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			provider.Tell(ctx)
		}
	}
}

// checks asks registers for whoever wants to join.
func (a *app) checks() *onboarding.Checks {
	return &onboarding.Checks{Due: a.outbox.LongQueries(), Gateway: a.gateway, Registry: a.registry,
		Identity: a.identity, Base: a.address, Licenses: a.licenses, Now: time.Now, Log: a.log}
}

// renewals asks the states' register about licenses that organizations say are renewed.
func (a *app) renewals() *offering.Renewals {
	return &offering.Renewals{Gateway: a.gateway, Licenses: a.licenses, Now: time.Now, Notify: a.outbox.Notify,
		Log: a.log}
}

// importExclusions reads the list of exclusions for those who wait for it; a demonstration has it from its start.
func (a *app) importExclusions(ctx context.Context) error {
	if awaited, err := a.outbox.LongQueries().ExclusionsAwaited(ctx); err != nil || !awaited && a.simulator == nil {
		return err
	}
	return a.exclusions.Import(ctx)
}
