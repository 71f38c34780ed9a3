package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/internal/keys"
	"kindward/queries/relaydb"
)

type auditCmd struct {
	Seal   auditSealCmd   `cmd:"" help:"Seal what waits now. The worker does it about once a second."`
	Verify auditVerifyCmd `cmd:"" help:"Recompute everything and compare; each difference is one line, and the exit code is 1."`
	Export auditExportCmd `cmd:"" help:"Write the sealed log to a file that verifies without any database."`
	Prove  auditProveCmd  `cmd:"" help:"Print the proof that one event stands in the log, or check one."`
	Key    auditKeyCmd    `cmd:"" help:"Print the public key that checkpoints are verified with."`
}

// checkpoints is where this deployment's go, outside of the database.
func (c config) checkpoints() audit.CheckpointLog {
	return audit.CheckpointLog{Path: filepath.Join(c.DataDir, "audit", "checkpoints.jsonl")}
}

// startSealing seals until stop, which waits for what is under way, and ends what would hold sealing up. It is a loop
// and no job: it runs once a second, and it has its turn and the edge of the tree from one second to the next.
func (a *app) startSealing(ctx context.Context) (stop func(), err error) {
	auditor, err := a.auditor()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { auditor.sealer().Run(ctx) })
	done.Go(func() { a.endOverdue(ctx, oldestTransaction, overdueEvery) })
	return func() { cancel(); done.Wait() }, nil
}

// auditor is a base with what the verbs of the audit need.
type auditor struct {
	*base
	relay string
	key   audit.Key
}

func (b *base) auditor() (a auditor, err error) {
	a.base = b
	if a.relay, err = b.as("kindward_relay"); err == nil {
		a.key, err = audit.KeyOf(b.ring.Vault())
	}
	return a, err
}

func openAuditor(ctx context.Context) (a auditor, err error) {
	b, err := openBase(ctx, keys.Read)
	if err != nil {
		return a, err
	}
	if a, err = b.auditor(); err != nil {
		b.close()
	}
	return a, err
}

// session is one connection as the relay's role.
func (a auditor) session(ctx context.Context, fn func(*relaydb.Queries) error) error {
	return events.Session(ctx, a.relay, fn)
}

func (a auditor) sealer() *audit.Sealer {
	return &audit.Sealer{Session: a.session, Holder: uuid.New(), Key: a.key, Checkpoints: a.checkpoints(), Log: a.log}
}

type auditSealCmd struct{}

// Run seals once.
func (*auditSealCmd) Run(ctx context.Context) error {
	a, err := openAuditor(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	n, err := a.sealer().Once(ctx)
	if errors.Is(err, audit.ErrElsewhere) {
		say("The worker seals already.")
		return nil
	}
	if err == nil {
		say(fmt.Sprintf("%d events were sealed.", n))
	}
	return err
}

// verifierOf reads a public key, or derives this deployment's from its secrets; no database is asked.
func verifierOf(public string) (audit.Verifier, error) {
	if public == "" {
		key, err := ownKey()
		if err != nil {
			return audit.Verifier{}, err
		}
		public = key.Public
	}
	return audit.NewVerifier(public)
}

func ownKey() (audit.Key, error) {
	c, err := readConfig()
	if err != nil {
		return audit.Key{}, err
	}
	if _, err := os.Stat(c.Secrets); err != nil {
		return audit.Key{}, fmt.Errorf("there are no secrets at %s: name the public key with --key", c.Secrets)
	}
	ring, err := keys.Open(c.Secrets)
	if err != nil {
		return audit.Key{}, err
	}
	return audit.KeyOf(ring.Vault())
}

type auditExportCmd struct {
	File string `arg:"" help:"File to write; it must not exist."`
}

// Run exports the sealed log.
func (e *auditExportCmd) Run(ctx context.Context) error {
	a, err := openAuditor(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	f, err := os.OpenFile(e.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	var n int64
	err = events.Snapshot(ctx, a.relay, func(q *relaydb.Queries) error {
		n, err = audit.Export(ctx, q, a.key.Origin, f)
		return err
	})
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	say(fmt.Sprintf("%d events are in %s. Verify them with `kindward audit verify --file %s --key %s`.", n, e.File, e.File,
		a.key.Public))
	return nil
}

type auditProveCmd struct {
	Event string `arg:"" help:"Id of the event; or -, to check a proof from standard input."`
	Key   string `help:"Public key, to check a proof with; this deployment's own when empty."`
}

// Run prints a proof as JSON, or checks one.
func (p *auditProveCmd) Run(ctx context.Context) error {
	if p.Event == "-" {
		return p.check()
	}
	id, err := uuid.Parse(p.Event)
	if err != nil {
		return fmt.Errorf("%q is not the id of an event", p.Event)
	}
	a, err := openAuditor(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	var proof audit.Proof
	err = events.Snapshot(ctx, a.relay, func(q *relaydb.Queries) error {
		proof, err = audit.Prove(ctx, q, id)
		return err
	})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(proof)
	if err == nil {
		say(string(raw))
	}
	return err
}

func (p *auditProveCmd) check() error {
	verifier, err := verifierOf(p.Key)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(os.Stdin, 1<<20))
	if err != nil {
		return err
	}
	var proof audit.Proof
	if err := json.Unmarshal(raw, &proof); err != nil {
		return fmt.Errorf("this is no proof: %w", err)
	}
	if err := proof.Check(verifier); err != nil {
		return err
	}
	head, _, _ := strings.Cut(proof.Checkpoint, "\n\n")
	say(fmt.Sprintf("The event stands at leaf %d of the log %s.", proof.Leaf, strings.ReplaceAll(head, "\n", " ")))
	return nil
}

type auditKeyCmd struct{}

// Run prints the key.
func (*auditKeyCmd) Run() error {
	key, err := ownKey()
	if err == nil {
		say(key.Public)
	}
	return err
}
