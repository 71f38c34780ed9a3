package main

import (
	"context"
	"time"

	"kindward/internal/keys"
	"kindward/internal/provisioning"
	"kindward/internal/tenancy"
)

type provisionCmd struct{}

// Run makes organizations of approved applications until it is stopped. It alone of the processes that go on running
// has the administrator's connection, and it answers nobody.
func (*provisionCmd) Run(ctx context.Context) error {
	b, err := openBase(ctx, keys.Read)
	if err != nil {
		return err
	}
	defer b.close()
	owner, err := tenancy.OpenOwner(ctx, b.admin)
	if err != nil {
		return err
	}
	defer owner.Close()
	gateway, err := b.openGateway(ctx)
	if err != nil {
		return err
	}
	defer gateway.Close()
	b.log.Info("provisioning")
	ctx = b.untilPostgresDies(ctx)
	b.provisioner(owner, gateway).Run(ctx)
	return fault(ctx)
}

func (b *base) provisioner(owner *tenancy.Owner, gateway *tenancy.Gateway) *provisioning.Provisioner {
	return &provisioning.Provisioner{Owner: owner, Gateway: gateway, Now: time.Now, Log: b.log}
}

// provision makes organizations beside everything else that a demonstration runs; stop waits for what is under way.
func (b *base) provision(ctx context.Context, owner *tenancy.Owner, gateway *tenancy.Gateway) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.provisioner(owner, gateway).Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}
