package main

import (
	"context"
	"errors"

	"kindward/internal/events"
	"kindward/internal/identity"
	"kindward/internal/jobs"
	"kindward/internal/keys"
	"kindward/internal/tenancy"
)

type devCmd struct{}

// Run brings everything up on one machine: no setting is needed, and a second start finds the data again.
func (*devCmd) Run(ctx context.Context) error {
	b, l, err := openBaseListening(ctx, keys.Prepare)
	if err != nil {
		return err
	}
	defer b.close()
	defer l.Close()
	say("Bringing the database to this version ...")
	owner, err := b.migrate(ctx, tenancy.OpenDemonstrationOwner)
	if err != nil {
		return err
	}
	defer owner.Close()
	gateway, err := b.openGateway(ctx)
	if err != nil {
		return err
	}
	defer gateway.Close()
	sum, err := b.seed(ctx, owner, b.DemoSize, 0)
	if err != nil {
		return err
	}
	say(sum.String())
	a, err := b.openApp(ctx, gateway, named(l.Addr().String()), true, true)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.seedApplications(ctx, sum.Logins); err != nil {
		return err
	}
	stop, err := a.work(ctx, a.outbox)
	if err != nil {
		return err
	}
	defer stop()
	defer b.provision(ctx, owner, gateway)()
	l.show(a.pages)
	if err := a.introduce(sum.Logins); err != nil {
		return err
	}
	return a.serve(b.untilPostgresDies(ctx), l)
}

// untilPostgresDies ends with ctx, or when the private database died and could not be brought back: then the program
// ends too.
func (b *base) untilPostgresDies(ctx context.Context) context.Context {
	if b.postgres == nil {
		return ctx
	}
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-ctx.Done():
		case <-b.postgres.Done():
			cancel(&faultError{b.postgres.Err()})
		}
	}()
	return ctx
}

// faultError ends the program, and is what it ends with.
type faultError struct{ error }

// fault is what ended ctx, or nil if somebody asked for it.
func fault(ctx context.Context) error {
	if f, ok := errors.AsType[*faultError](context.Cause(ctx)); ok {
		return f.error
	}
	return nil
}

// reach says how far a process that serves may be reached.
type reach struct {
	Local bool `help:"Serve this machine alone, without https."`
}

func (r reach) check(c config) error { return c.checkServing(r.Local) }

type serveCmd struct{ reach }

// Run serves pages until it is stopped. The worker is another process.
func (s *serveCmd) Run(ctx context.Context) error {
	b, l, err := openBaseListening(ctx, keys.Read, s.check)
	if err != nil {
		return err
	}
	defer b.close()
	defer l.Close()
	gateway, err := b.openServingGateway(ctx)
	if err != nil {
		return err
	}
	defer gateway.Close()
	a, err := b.openApp(ctx, gateway, l.Addr().String(), false, false)
	if err != nil {
		return err
	}
	defer a.close()
	a.grace = b.Grace
	l.show(a.pages)
	b.log.Info("serving", "address", a.site.BaseURL.String())
	return a.serve(b.untilPostgresDies(ctx), l)
}

type workCmd struct{ reach }

// Run works until it is stopped.
func (w *workCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx, keys.Read, w.check)
	if err != nil {
		return err
	}
	defer b.close()
	gateway, err := b.openServingGateway(ctx)
	if err != nil {
		return err
	}
	defer gateway.Close()
	a, err := b.openApp(ctx, gateway, b.Addr, false, true) // for the market and the sweeps; it does not listen
	if err != nil {
		return err
	}
	defer a.close()
	stop, err := a.work(ctx, a.outbox)
	if err != nil {
		return err
	}
	defer stop()
	b.log.Info("working")
	return a.answerHealth(b.untilPostgresDies(ctx))
}

// work starts the jobs, periodic ones included, and the sealer; stop lets what is under way finish.
func (a *app) work(ctx context.Context, outbox *events.Outbox) (stop func(), err error) {
	sender, err := a.sender()
	if err != nil {
		return nil, err
	}
	end, err := jobs.Start(ctx, jobs.Deps{Outbox: outbox, Gateway: a.gateway, Keys: a.ring, Sender: sender,
		Composer: a.composer(a.site.BaseURL),
		Resolve:  identity.ResolveEmail(a.gateway, a.ring), Log: a.log, Periodic: a.housekeeping(),
		Clock: a.clock})
	if err != nil {
		return nil, err
	}
	endSealing, err := a.startSealing(ctx)
	if err != nil {
		return nil, errors.Join(err, end(ctx))
	}
	return func() {
		endSealing()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if err := end(ctx); err != nil {
			a.log.Warn("jobs were cut off", "error", err)
		}
	}, nil
}
