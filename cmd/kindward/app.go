package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers"
	"kindward/handlers/demo"
	"kindward/handlers/patient"
	"kindward/handlers/web"
	"kindward/internal/document"
	"kindward/internal/events"
	"kindward/internal/health"
	"kindward/internal/identity"
	"kindward/internal/intake"
	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/notify"
	"kindward/internal/npi"
	"kindward/internal/onboarding"
	"kindward/internal/search"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
)

// drainTime is how long requests under way may take after a stop was asked for.
const drainTime = 25 * time.Second

// app is one web process.
type app struct {
	*base
	gateway     *tenancy.Gateway
	outbox      *events.Outbox
	market      *search.Market
	sweeping    sync.WaitGroup
	site        *web.Site
	demo        *demo.Handlers // nil outside a demonstration
	pages       http.Handler
	grace       time.Duration // how long it goes on serving after a stop was asked for
	opened      time.Time     // when it had begun to watch its health
	watch       *health.Watch
	clock       *health.Clock
	registry    *npi.Registry
	exclusions  *kyc.Exclusions
	identity    *kyc.Identity       // nil: nobody verifies identities
	licenses    *kyc.Licenses       // nil: no register of licenses is asked
	store       storage.Store       // of files that people send
	scanner     *document.Scanner   // nil: nobody looks for viruses in them
	address     string              // how people reach it
	hookSecrets []string            // that sign webhooks
	simulated   *simulator.Identity // nil outside a demonstration

	simulator      *http.Server // nil outside a demonstration
	simulatedClamd net.Listener // nil outside a demonstration, or where a real one scans
	stopTelling    context.CancelFunc

	stopSweep context.CancelFunc // nil until the market is swept
	stopWatch context.CancelFunc // nil until health is watched
}

// sweepEvery is how long what only time has made stale may be shown by a process.
const sweepEvery = 5 * time.Second

// sweepAgain is when a sweep that failed is tried again: a process is ready soon after its database is back.
const sweepAgain = time.Second

// figuresEvery is how often a process logs how well what it keeps in memory serves.
const figuresEvery = time.Minute

// openApp reads the market and builds the pages. The worker of a deployment saves what is derived; saves says that this
// process is it.
func (b *base) openApp(ctx context.Context, gateway *tenancy.Gateway, addr string, demonstration, saves bool) (*app,
	error) {
	a := &app{base: b, gateway: gateway}
	relay, err := b.as("kindward_relay")
	if err != nil {
		return nil, err
	}
	if a.outbox, err = events.Open(ctx, relay, events.Options{Log: b.log}); err != nil {
		return nil, err
	}
	a.clock = health.NewClock(a.outbox.Clock, time.Now, mostApart)
	a.clock.Look(ctx) // before anything is done by it
	if err := a.openMarket(ctx, saves); err != nil {
		a.close()
		return nil, err
	}
	a.watch = health.NewWatch(a.parts(saves && !demonstration), health.Options{Log: a.log})
	if err := a.build(addr, demonstration); err != nil {
		a.close()
		return nil, err
	}
	a.opened = time.Now()
	ctx, a.stopWatch = context.WithCancel(ctx)
	a.sweeping.Go(func() { a.watch.Run(ctx) })
	return a, nil
}

// openMarket subscribes before it reads, so that nothing that happens in between is missed: events wait until the
// market is there.
func (a *app) openMarket(ctx context.Context, saves bool) error {
	opened := make(chan struct{})
	defer close(opened)
	tell := func(what func()) {
		<-opened
		if a.market != nil {
			what()
		}
	}
	err := a.outbox.Subscribe(ctx, events.Subscriber{
		Handle:   func(all []events.Event) { tell(func() { a.market.Hear(all) }) },
		UpToDate: func(asOf time.Time) { tell(func() { a.market.Busy().UpToDate(asOf) }) },
		Lost:     func() { tell(func() { a.market.EventsLost() }) },
	})
	if err != nil {
		return err
	}
	open := search.OpenMarket
	if saves {
		open = search.OpenSavingMarket
	}
	if a.market, err = open(ctx, a.gateway, a.zone(), time.Now); err != nil {
		return err
	}
	// whoever is concerned waits for the next one; everybody else does not
	if err := a.market.Prepare(ctx); err != nil {
		a.log.Error("not all listings are up to date", "error", err)
	}
	ctx, a.stopSweep = context.WithCancel(ctx)
	a.sweeping.Go(func() { a.sweepMarket(ctx) })
	a.sweeping.Go(func() { a.refreshMarket(ctx) })
	return nil
}

// refreshMarket keeps the market fresh after events, until ctx ends. What cannot be refreshed now is refreshed by the
// next sweep.
func (a *app) refreshMarket(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.market.Heard():
			if err := a.market.ApplyHeard(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("the market was not refreshed", "error", err)
			}
		}
	}
}

// sweepMarket keeps this process's own market true while time passes, until ctx ends. It is a loop and no job because
// the market is this process's memory. Its first sweeps make up for what may have happened while nobody saved times.
func (a *app) sweepMarket(ctx context.Context) {
	err := a.market.Sweep(ctx)
	tick, figures := time.NewTicker(sweepEvery), time.NewTicker(figuresEvery)
	defer tick.Stop()
	defer figures.Stop()
	for {
		if tick.Reset(sweepEvery); err != nil && ctx.Err() == nil {
			a.log.Error("a sweep of the market failed; the next one tries again", "error", err)
			tick.Reset(sweepAgain)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			err = a.market.Sweep(ctx)
		case <-figures.C:
			err = nil
			a.log.Info("figures", "taken", a.market.Busy().Stats(), "listings", a.market.Stats(),
				"plans", a.gateway.PlanStats())
		}
	}
}

func (a *app) build(addr string, demonstration bool) error {
	if err := errors.Join(onboarding.Check(), intake.Check()); err != nil {
		return err
	}
	base, err := a.baseURL(addr)
	if err != nil {
		return err
	}
	if err := a.openRegisters(base, demonstration); err != nil {
		return err
	}
	if err := a.openFiles(demonstration); err != nil {
		return err
	}
	breached, err := a.breached()
	if err != nil {
		return err
	}
	a.site = &web.Site{Gateway: a.gateway, Keys: a.ring, BaseURL: base, Log: a.log, Health: a.watch,
		ProbeDisk: a.outbox.ProbeDisk}
	if a.site.Proxies, err = proxies(a.Proxies); err != nil {
		return err
	}
	if demonstration {
		a.demo = &demo.Handlers{Mailbox: notify.Mailbox{Dir: a.mailDir()}, Zone: a.zone(), Base: base,
			Password: a.demoPassword(), Code: identity.CodeAt, Everywhere: a.AllowDemo}
	}
	e := echo.New()
	_, err = handlers.New(e, handlers.Dependencies{Site: a.site, Market: a.market, Zone: a.zone(), Demo: a.demo,
		Help:      patient.Help{Email: a.HelpEmail, Phone: a.HelpPhone},
		Passwords: identity.NewPasswords(breached, a.log), Notify: a.outbox.Notify, IdentitySecrets: a.hookSecrets,
		Store: a.store})
	if err != nil {
		return err
	}
	a.pages = e
	return nil
}

// gcPercent lets the heap of a serving process grow to five times what it keeps before it is swept, unless GOGC says
// otherwise. What it keeps is small, some tens of megabytes for 2,000 listings; swept at twice of it, a third of the
// processor time of pages went into that.
const gcPercent = 400

// ballast is a part of what a serving process "keeps" and holds nothing: nobody writes into it, so it costs addresses
// and no memory. With it a small site too collects when 640 MB have been used, not ten times a second, and whoever
// asks at that moment waits 20 ms for it.
const ballast = 128 << 20

// serve answers with the pages that f shows until ctx ends. Then it says that it is not ready, goes on for the time
// that a balancer takes to notice, lets what runs finish, and ends with what ended ctx if that was a fault.
func (a *app) serve(ctx context.Context, f *front) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
		defer runtime.KeepAlive(make([]byte, ballast))
	}
	select {
	case err := <-f.failed:
		return err
	case <-ctx.Done():
	}
	a.site.Drain()
	if fault(ctx) == nil {
		linger(a.grace)
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := f.server.Shutdown(drain); err != nil {
		a.log.Warn("requests were cut off", "error", err)
		return errors.Join(fault(ctx), f.server.Close())
	}
	return fault(ctx)
}

// close waits for what is under way. The outbox ends first: its subscriber uses the market.
func (a *app) close() {
	if a.site != nil {
		a.site.Close()
	}
	if a.stopWatch != nil {
		a.stopWatch()
	}
	if a.stopSweep != nil {
		a.stopSweep()
	}
	if a.simulator != nil {
		a.stopTelling()
		_ = a.simulator.Close()
	}
	if a.simulatedClamd != nil {
		_ = a.simulatedClamd.Close()
	}
	a.sweeping.Wait()
	a.outbox.Close()
	if a.market != nil {
		a.market.Close()
	}
}

func proxies(list string) (out []netip.Prefix, err error) {
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("KINDWARD_PROXIES: %q is not a network like 10.0.0.0/8", word)
		}
		out = append(out, p)
	}
	return out, nil
}
