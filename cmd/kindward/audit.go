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
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"kindward/internal/audit"
	"kindward/internal/keys"
)

type auditCmd struct {
	Seal   auditSealCmd   `cmd:"" help:"Seal what waits now. The worker does it about once a second."`
	Verify auditVerifyCmd `cmd:"" help:"Recompute everything and compare; each difference is one line, and the exit code is 1."`
	Export auditExportCmd `cmd:"" help:"Write the sealed log to a file that verifies without any database."`
	Prove  auditProveCmd  `cmd:"" help:"Print the proof that one event stands in the log, or check one."`
	Key    auditKeyCmd    `cmd:"" help:"Print the public key that checkpoints are verified with."`
}

// book is where this deployment's checkpoints go.
func (c config) book() audit.Book {
	return audit.Book{Path: filepath.Join(c.DataDir, "audit", "checkpoints.jsonl")}
}

// startAudit seals and watches until stop, which waits for both.
func (a *app) startAudit(ctx context.Context) (stop func(), err error) {
	relay, err := a.as("kindward_relay")
	if err != nil {
		return nil, err
	}
	key, err := audit.KeyOf(a.ring.Vault())
	if err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(relay)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() { (&audit.Sealer{URL: relay, Key: key, Book: a.book(), Log: a.log}).Run(ctx) })
	done.Go(func() {
		(&audit.Watch{Pool: pool, Gateway: a.gateway, Most: a.ManyRecords, Now: time.Now, Log: a.log}).Run(ctx)
	})
	return func() { cancel(); done.Wait(); pool.Close() }, nil
}

// auditor is a base with what the verbs of the audit need.
type auditor struct {
	*base
	relay string
	key   audit.Key
}

func openAuditor(ctx context.Context) (a auditor, err error) {
	if a.base, err = openBase(ctx); err != nil {
		return a, err
	}
	if a.relay, err = a.as("kindward_relay"); err == nil {
		a.key, err = audit.KeyOf(a.ring.Vault())
	}
	if err != nil {
		a.close()
	}
	return a, err
}

type auditSealCmd struct{}

// Run seals once.
func (*auditSealCmd) Run(ctx context.Context) error {
	a, err := openAuditor(ctx)
	if err != nil {
		return err
	}
	defer a.close()
	n, err := (&audit.Sealer{URL: a.relay, Key: a.key, Book: a.book(), Log: a.log}).Once(ctx)
	if errors.Is(err, audit.ErrElsewhere) {
		say("The worker seals already.")
		return nil
	}
	if err == nil {
		say(fmt.Sprintf("%d events were sealed.", n))
	}
	return err
}

type auditVerifyCmd struct {
	File string `help:"An exported log; without it the database is verified." type:"existingfile"`
	Key  string `help:"Public key, for --file; this deployment's own when empty."`
	Book string `help:"File of checkpoints outside the database; the one in the data folder when empty." type:"existingfile"`
}

// Run prints the findings, a line each, and fails when there are some.
func (v *auditVerifyCmd) Run(ctx context.Context) error {
	report, err := v.look(ctx)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		fmt.Println(f)
	}
	if report.More > 0 {
		fmt.Printf("and %d more\n", report.More)
	}
	if !report.OK() {
		return fmt.Errorf("the audit is not as it was sealed: %d findings", len(report.Findings)+report.More)
	}
	say(fmt.Sprintf("%d events are as they were sealed. Checkpoints: %d, and %d outside the database. Waiting to be sealed: %d.",
		report.Events, report.Checkpoints, report.Outside, report.Unsealed))
	if report.Outside == 0 {
		say("No file of checkpoints was compared: a tail that was cut off completely would not be seen.")
	}
	return nil
}

func (v *auditVerifyCmd) look(ctx context.Context) (*audit.Report, error) {
	if v.File != "" {
		return v.offline()
	}
	a, err := openAuditor(ctx)
	if err != nil {
		return nil, err
	}
	defer a.close()
	verifier, err := audit.NewVerifier(a.key.Public)
	if err != nil {
		return nil, err
	}
	book := a.book()
	if v.Book != "" {
		book.Path = v.Book
	}
	return audit.VerifyDatabase(ctx, a.relay, verifier, book)
}

// offline needs the file, the key and, if there is one, the file of checkpoints.
func (v *auditVerifyCmd) offline() (*audit.Report, error) {
	verifier, err := verifierOf(v.Key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(v.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if v.Book == "" {
		return audit.VerifyExport(f, verifier, nil, "")
	}
	book, err := os.Open(v.Book)
	if err != nil {
		return nil, err
	}
	defer book.Close()
	return audit.VerifyExport(f, verifier, book, filepath.Base(v.Book))
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
	n, err := audit.Export(ctx, a.relay, a.key.Origin, f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	say(fmt.Sprintf("%d events are in %s. Verify them with `kindward audit verify --file %s --key %s`.", n, e.File, e.File, a.key.Public))
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
	proof, err := audit.Prove(ctx, a.relay, id)
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
