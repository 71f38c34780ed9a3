package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/audit"
	"kindward/internal/keys"
	"kindward/internal/tenancy"
)

type keysCmd struct {
	Check   keysCheckCmd   `cmd:"" help:"Say whether the secrets file is the one of the database."`
	Abandon keysAbandonCmd `cmd:"" help:"Go on without a key that is lost for good; says what that costs."`
}

// openOwner is a base with the administrator's connections, for verbs about keys.
func openOwner(ctx context.Context, secrets opener) (*base, *tenancy.Owner, error) {
	b, err := openBase(ctx, secrets)
	if err != nil {
		return nil, nil, err
	}
	owner, err := tenancy.OpenOwner(ctx, b.admin)
	if err != nil {
		b.close()
	}
	return b, owner, err
}

type keysCheckCmd struct{}

// Run compares file and database.
func (*keysCheckCmd) Run(ctx context.Context) error {
	b, owner, err := openOwner(ctx, keys.Read)
	if err != nil {
		return err
	}
	defer b.close()
	defer owner.Close()
	if err := owner.CheckKeys(ctx, b.ring); err != nil {
		return err
	}
	say("The secrets file has every key that the database needs.")
	return nil
}

type rotateCmd struct{}

// Run rotates the keys: the database learns the new one before anything is signed with it.
func (*rotateCmd) Run(ctx context.Context) error {
	b, owner, err := openOwner(ctx, keys.Read)
	if err != nil {
		return err
	}
	defer b.close()
	defer owner.Close()
	if err := owner.CheckKeys(ctx, b.ring); err != nil {
		return err
	}
	if err := b.ring.Rotate(func(k keys.Key) error { return owner.InstallKey(ctx, k) }); err != nil {
		return err
	}
	if err := owner.RememberKeys(ctx, b.ring); err != nil {
		return err
	}
	say("A fresh key signs now; running processes take it up within a second. Copy the secrets file to all machines.")
	return nil
}

type keysAbandonCmd struct {
	Key  string `arg:"" help:"Id of the lost key, as the refusal names it."`
	Lose bool   `help:"Do it, and lose what cannot be opened without the key."`
}

const abandoned = `Without key %s, for good:
  - codes of authenticator apps and recovery codes are refused: support removes the second step of those who have no
    passkey (/ops/people), and they set it up anew
  - organizations that sign in by a provider of their own type its secret in again
  - emails that wait are not sent, everybody signs in again, API keys are made anew, and browsers that were known are
    new
  - the audit is signed anew with another key: changes of it from before are not found any more. Before that, verify it
    with the public key that you wrote down (kindward audit verify --key), and keep the checkpoints outside
`

// Run tells what it costs and, if asked to, takes the key out of use. All processes have to be stopped. The database
// goes without the key once all else is done: what is cut off is run again.
func (a *keysAbandonCmd) Run(ctx context.Context) error {
	say(fmt.Sprintf(abandoned, a.Key))
	b, owner, err := openOwner(ctx, keys.Prepare)
	if err != nil {
		return err
	}
	defer b.close()
	defer owner.Close()
	for _, k := range b.ring.Known() {
		if k.Purpose == keys.Seal && k.ID == a.Key {
			return fmt.Errorf("key %s is not lost: %s has it", a.Key, b.Secrets)
		}
	}
	if !a.Lose {
		return errors.New("nothing was changed; with --lose it is")
	}
	err = owner.AbandonKey(ctx, a.Key, func() error {
		if err := b.ring.Keep(); err != nil {
			return err
		}
		return b.resign(ctx, owner)
	})
	if err != nil {
		return fmt.Errorf("nothing is abandoned yet, run it again: %w", err)
	}
	say("Done. Now run kindward migrate, and start the processes.")
	return nil
}

// resign puts the audit under the key that there is now, and the checkpoints outside aside as evidence.
func (b *base) resign(ctx context.Context, owner *tenancy.Owner) error {
	key, err := audit.KeyOf(b.ring.Vault())
	if err != nil {
		return err
	}
	err = owner.AsAudit(ctx, func(tx pgx.Tx) error { return audit.Resign(ctx, tx, key) })
	if err != nil {
		return fmt.Errorf("the audit could not be signed anew: %w", err)
	}
	outside := b.checkpoints().Path
	aside := outside + "." + time.Now().UTC().Format("20060102T150405Z")
	if err := os.Rename(outside, aside); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	say("The checkpoints from before are kept as evidence: " + aside)
	return nil
}
