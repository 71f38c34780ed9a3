package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"kindward/internal/audit"
	"kindward/internal/events"
	"kindward/queries/relaydb"
)

type auditVerifyCmd struct {
	File        string   `help:"An exported log; without it the database is verified." type:"existingfile"`
	Key         string   `help:"Public key, for --file; this deployment's own when empty."`
	Witness     []string `help:"Files that witnesses wrote, or folders of them; the one of this machine when empty." type:"path"`
	Checkpoints string   `name:"checkpoints" aliases:"book" help:"File of checkpoints outside the database; the one in the data folder when empty." type:"existingfile"`
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
	if v.File == "" {
		sayWitnesses(report)
	}
	if !report.OK() {
		return fmt.Errorf("the audit is not as it was sealed: %d findings", len(report.Findings)+report.More)
	}
	if report.Extract {
		say(fmt.Sprintf("%d events stand in the log as they were sealed, under a signed checkpoint of %d events. Not sealed when "+
			"the file was made, and not proved: %d. It is an extract: what it leaves out it does not say.", report.Events,
			report.Size, report.Unsealed))
		return nil
	}
	say(fmt.Sprintf("%d events are as they were sealed. Checkpoints: %d, and %d outside the database. Waiting to be sealed: %d.",
		report.Events, report.Checkpoints, report.Outside, report.Unsealed))
	if report.Outside == 0 {
		say("No file of checkpoints was compared: a tail that was cut off completely would not be seen.")
	}
	sayNotes(report)
	return nil
}

// sayWitnesses tells what was compared with what processes wrote down.
func sayWitnesses(r *audit.Report) {
	if r.WitnessFiles == 0 {
		say("No witness was compared: what was deleted or changed before it was sealed would not be seen.")
		return
	}
	say(fmt.Sprintf("Events that witnesses have: %d, in files: %d.", r.Witnessed, r.WitnessFiles))
	if r.Unreadable > 0 {
		say(fmt.Sprintf("Lines of witnesses that cannot be read: %d. A process that is killed leaves one that is broken off.",
			r.Unreadable))
	}
}

const timeForm = "2 Jan 2006 15:04:05 UTC"

// epochLine says where an epoch begins, and how many sealed events of before it are known to be lost.
func epochLine(e audit.Epoch, lost int64) string {
	line := fmt.Sprintf("Epoch %d began at %s, when the database was put back from a backup. It is linked to the %d events before it by their root %s.",
		e.Epoch, e.Begun.UTC().Format(timeForm), e.Size, e.Root)
	if lost > 0 {
		line += fmt.Sprintf(" Lost are %d sealed events, of which the checkpoints outside of the database know.", lost)
	}
	return line
}

// sayNotes tells what is no finding and may be worth a look.
func sayNotes(r *audit.Report) {
	if r.Repeated > 0 {
		say(fmt.Sprintf("Lines of the file outside that stand there once more, behind larger ones: %d. A process rested before it wrote them.",
			r.Repeated))
	}
	if r.WitnessedLost > 0 {
		say(fmt.Sprintf("%d events that were witnessed are lost, from before the database was put back.", r.WitnessedLost))
	}
	for i, e := range r.Epochs {
		before := 1
		if i > 0 {
			before = r.Epochs[i-1].Epoch
		}
		say(fmt.Sprintf("Epoch %d is proved up to event %d of the tree.", before, e.Size))
		say(epochLine(e, e.Lost))
	}
	for _, e := range r.LostEpochs {
		say("A later restore put this one away: " + epochLine(e, e.Lost))
	}
	if l := r.Late; l.Events > 0 {
		say(fmt.Sprintf("Sealed more than a minute late: %d events of %s to %s, up to %s. What was deleted meanwhile is not in the tree.",
			l.Events, l.First.UTC().Format(timeForm), l.Last.UTC().Format(timeForm), l.Worst.Round(time.Second)))
	}
	if m := r.Missing; m.Numbers > 0 {
		say(fmt.Sprintf("Numbers that no event has: %d in %d gaps, at most %d behind event %d. What is rolled back leaves gaps; so does what was deleted before it was sealed.",
			m.Numbers, m.Gaps, m.Widest, m.Behind))
	}
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
	outside := a.checkpoints()
	if v.Checkpoints != "" {
		outside.Path = v.Checkpoints
	}
	witnesses, err := v.witnesses(a.config)
	if err != nil {
		return nil, err
	}
	var report *audit.Report
	err = events.Snapshot(ctx, a.relay, func(q *relaydb.Queries) error {
		report, err = audit.VerifyDatabase(ctx, q, verifier, outside, witnesses...)
		return err
	})
	return report, err
}

// witnesses are those that are named, or else the folder of this machine, if it has one.
func (v *auditVerifyCmd) witnesses(c config) ([]string, error) {
	if len(v.Witness) > 0 || c.Witness == noWitness {
		return v.Witness, nil
	}
	if _, err := os.Stat(c.Witness); errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return []string{c.Witness}, nil
}

// offline needs the file, the key and, if there is one, the file of checkpoints.
func (v *auditVerifyCmd) offline() (*audit.Report, error) {
	if len(v.Witness) > 0 {
		return nil, errors.New("witnesses are compared with the database, not with an export")
	}
	verifier, err := verifierOf(v.Key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(v.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if v.Checkpoints == "" {
		return audit.VerifyExport(f, verifier, nil, "")
	}
	outside, err := os.Open(v.Checkpoints)
	if err != nil {
		return nil, err
	}
	defer outside.Close()
	return audit.VerifyExport(f, verifier, outside, filepath.Base(v.Checkpoints))
}
