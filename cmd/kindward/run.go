package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/demo"
	"kindward/internal/events"
	"kindward/internal/jobs"
	"kindward/internal/notify"
	"kindward/internal/region"
	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

type devCmd struct{}

// Run brings everything up on one machine: no setting is needed, and a second start finds the data again.
func (*devCmd) Run(ctx context.Context) error {
	b, l, err := openBaseListening(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	defer l.Close()
	say("Bringing the database to this version ...")
	owner, err := b.migrate(ctx)
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
	stop, err := a.work(ctx, a.outbox)
	if err != nil {
		return err
	}
	defer stop()
	if err := a.introduce(sum.Logins); err != nil {
		return err
	}
	return a.serve(b.untilPostgresDies(ctx), l)
}

// named calls this machine by its name: passkeys belong to names, not to numbers.
func named(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip, bad := netip.ParseAddr(host); err == nil && bad == nil && ip.IsLoopback() {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}

// untilPostgresDies ends with ctx, or when the private database dies by itself: then the program ends too and the next start recovers.
func (b *base) untilPostgresDies(ctx context.Context) context.Context {
	if b.postgres == nil {
		return ctx
	}
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-ctx.Done():
		case <-b.postgres.Done():
			b.log.Error("PostgreSQL has died; start Kindward again", "log", filepath.Join(b.DataDir, "postgres.log"))
			cancel(fmt.Errorf("PostgreSQL has died"))
		}
	}()
	return ctx
}

// introduce says where it is and who can sign in, for people and, as demo.json, for programs.
func (a *app) introduce(logins []region.Login) error {
	type login struct {
		Role         string `json:"role"`
		Name         string `json:"name"`
		Email        string `json:"email"`
		Password     string `json:"password"`
		TOTPSecret   string `json:"totp_secret,omitempty"`
		Organization string `json:"organization,omitempty"`
	}
	home := a.site.BaseURL.String()
	out := struct {
		Address string  `json:"address"`
		Mail    string  `json:"mail"`
		Codes   string  `json:"codes"`
		Logins  []login `json:"logins"`
	}{Address: home, Mail: home + "/demo/mail", Codes: home + "/demo/codes"}
	say("\nKindward is at " + home)
	for _, l := range logins {
		out.Logins = append(out.Logins, login{l.Role, l.Name, l.Email, region.Password, l.Secret, l.Organization})
		a.demo.Logins = append(a.demo.Logins, demo.Login{Name: l.Name, Email: l.Email, Role: l.Role, Organization: l.Organization, Secret: l.Secret})
		if l.Role == "patient" {
			say(fmt.Sprintf("  patient  %-20s password %s", l.Email, region.Password))
		}
	}
	say("  people who work, with the codes of their second step: " + out.Codes)
	say("  mail that was sent: " + out.Mail + "\n  Ctrl-C stops everything.\n")
	raw, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.DataDir, "demo.json"), append(raw, '\n'), 0o600)
}

type serveCmd struct{}

// Run serves pages until it is stopped. The worker is another process.
func (*serveCmd) Run(ctx context.Context) error {
	b, l, err := openBaseListening(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	defer l.Close()
	gateway, err := b.openGateway(ctx)
	if err != nil {
		return err
	}
	defer gateway.Close()
	a, err := b.openApp(ctx, gateway, l.Addr().String(), false, false)
	if err != nil {
		return err
	}
	defer a.close()
	b.log.Info("serving", "address", a.site.BaseURL.String())
	return a.serve(b.untilPostgresDies(ctx), l)
}

type workCmd struct{}

// Run works until it is stopped.
func (*workCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	gateway, err := b.openGateway(ctx)
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
	<-b.untilPostgresDies(ctx).Done()
	return nil
}

// work starts the jobs and the sweeps; stop lets what is under way finish.
func (a *app) work(ctx context.Context, outbox *events.Outbox) (stop func(), err error) {
	sender, err := a.sender()
	if err != nil {
		return nil, err
	}
	end, err := jobs.Start(ctx, jobs.Deps{Outbox: outbox, Gateway: a.gateway, Sender: sender, Log: a.log,
		Writer: notify.Writer{Base: a.site.BaseURL, From: a.MailFrom, HTML: drawLetter}})
	if err != nil {
		return nil, err
	}
	endAudit, err := a.startAudit(ctx)
	if err != nil {
		return nil, errors.Join(err, end(ctx))
	}
	go a.sweep(ctx)
	return func() {
		endAudit()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		if err := end(ctx); err != nil {
			a.log.Warn("jobs were cut off", "error", err)
		}
	}, nil
}

// sweep does what time alone asks for, until ctx ends.
func (a *app) sweep(ctx context.Context) {
	often, seldom := time.NewTicker(15*time.Second), time.NewTicker(time.Hour)
	defer often.Stop()
	defer seldom.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-often.C:
			err = a.lapseDeadHolds(ctx)
		case <-seldom.C:
			err = errors.Join(a.accounts.Sweep(ctx), a.forgetAnswers(ctx), a.pruneEvents(ctx))
		}
		if err != nil && ctx.Err() == nil {
			a.log.Error("a sweep failed; the next one tries again", "error", err)
		}
	}
}

// lapseDeadHolds ends holds that ran out in every organization that has some.
func (a *app) lapseDeadHolds(ctx context.Context) error {
	tenants, err := a.gateway.Public().TenantsWithDeadHolds(ctx)
	if err != nil {
		return err
	}
	err = a.inEach(ctx, tenants, (*tenantdb.Queries).LapseDeadHolds)
	if len(tenants) > 0 {
		a.outbox.Notify()
	}
	return err
}

// forgetAnswers drops the stored answers that are older than their seven days, organization by organization.
func (a *app) forgetAnswers(ctx context.Context) error {
	tenants, err := a.gateway.Public().Tenants(ctx)
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(tenants))
	for i, t := range tenants {
		ids[i] = t.ID
	}
	return a.inEach(ctx, ids, (*tenantdb.Queries).DeleteOldAnswers)
}

// pruneEvents deletes what all consumers have had long ago.
func (a *app) pruneEvents(ctx context.Context) error {
	gone, err := a.outbox.Prune(ctx, time.Now())
	if gone > 0 {
		a.log.Info("old events are deleted", "events", gone)
	}
	return err
}

// inEach runs a statement in every one of the organizations; one that fails does not keep it from the rest.
func (a *app) inEach(ctx context.Context, tenants []uuid.UUID, run func(*tenantdb.Queries, context.Context) (int64, error)) error {
	var failed error
	for _, id := range tenants {
		tenant, err := a.gateway.TenantByID(ctx, id)
		if err == nil {
			_, err = run(a.gateway.Once(a.gateway.Admit(tenant, tenancy.Caller{})), ctx)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("organization %s: %w", id, err))
		}
	}
	return failed
}
