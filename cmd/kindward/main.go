// Command kindward is the whole product: web server, worker, migrations, demo region, benchmarks.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"kindward/internal/tenancy"

	_ "time/tzdata" // zones are there even where the machine has none
)

type verbs struct {
	Dev       devCmd       `cmd:"" default:"1" help:"Run everything: database, demo region, web server and worker."`
	Serve     serveCmd     `cmd:"" help:"Run the web server on an existing, migrated database."`
	Work      workCmd      `cmd:"" help:"Run the worker: messages and what follows from events."`
	Provision provisionCmd `cmd:"" help:"Make organizations of approved applications; needs the database's administrator."`
	Migrate   migrateCmd   `cmd:"" help:"Bring the database to this version, every organization included."`
	Seed      seedCmd      `cmd:"" help:"Fill an empty database with a demo region."`
	Rotate    rotateCmd    `cmd:"" help:"Put a fresh key first; the one before stays valid."`
	Keys      keysCmd      `cmd:"" help:"The keys of the secrets file, and how to go on without one that is lost."`
	Staff     staffCmd     `cmd:"" help:"Give or end a role of the platform's own people; the first administrator begins here."`
	Audit     auditCmd     `cmd:"" help:"Seal, verify, export and prove the audit."`
	Bench     benchCmd     `cmd:"" help:"Measure this machine: the product against bare SQL, on a database of its own."`
	BenchSite benchSiteCmd `cmd:"" hidden:"" help:"The site that the bench visits."`
	Help      helpCmd      `cmd:"" help:"Explain a topic: config."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run is main with its ways out in one place: an error is one line on standard error and exit code 1.
func run(ctx context.Context, args []string) int {
	var v verbs
	parser, err := kong.New(&v, kong.Name("kindward"), kong.Description("Find care and book a time that is really yours."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		panic(err) // the verbs above are wrong, at every start
	}
	cmd, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kindward:", err)
		return 2
	}
	if err := cmd.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "kindward:", oneLine(err))
		return 1
	}
	return 0
}

// oneLine is an error for whoever started the program, with what to do where the server's own words do not say it.
func oneLine(err error) string {
	if tenancy.Code(err) == "53100" {
		return "the database's disk is full: make room and start again"
	}
	return strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " ")
}

type helpCmd struct {
	Topic string `arg:"" optional:"" enum:"config," default:"" help:"config"`
}

// Run prints the topic.
func (h *helpCmd) Run() error {
	if h.Topic == "config" {
		fmt.Print(describe())
		return nil
	}
	fmt.Println("Try `kindward --help` for the verbs, or `kindward help config` for the settings.")
	return nil
}
