package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/contract"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/views/ui"
)

// ProofWords are how somebody who signed had shown who they are.
var ProofWords = map[string]string{"password": "Shown by their password.", "totp": "Shown by the code of their app.",
	"recovery": "Shown by a recovery code.", "passkey": "Shown by their passkey.", "rules": "Without a person.",
	"email_code": "By a link, their mailbox confirmed by a code."}

// Paragraphs are those of a contract's text.
func Paragraphs(text string) (all []ui.Paragraph) {
	for _, b := range contract.Blocks(text) {
		all = append(all, ui.Paragraph{Heading: b.Level, Text: b.Text})
	}
	return all
}

// SendContract answers with what an organization has signed, as a file to print: the text, the signatures and what
// proves them; while nobody has signed, the text. That it was opened is kept.
func SendContract(c echo.Context, gateway *tenancy.Gateway, s tenancy.Scope, zone *time.Location) error {
	ctx := c.Request().Context()
	definition, a, err := onboarding.Load(ctx, gateway, s)
	if err != nil {
		return NotFound(err)
	}
	text, _, asked := definition.Contract(a)
	if !asked || a.Name() == "" {
		return ErrNotFound
	}
	d, err := signedContract(ctx, gateway.Shared(s), a, zone)
	if a.Signature.Name == "" {
		d.Text, d.Hash, d.Changed = text, contract.Hash(text), false
	}
	if err != nil {
		return err
	}
	d.Number = s.Tenant().String()
	file, err := d.Bytes()
	if err != nil {
		return err
	}
	return SendFile(c, "application/pdf", "contract.pdf", func(w io.Writer) error { _, err := w.Write(file); return err })
}

// signedContract is what the last signature of an application is under, and all that proves it.
func signedContract(ctx context.Context, q *shareddb.Queries, a onboarding.Application, zone *time.Location) (
	d contract.Document, err error) {
	rows, err := q.Signatures(ctx)
	if err != nil {
		return d, err
	}
	events, err := q.SignatureEvents(ctx)
	if err != nil {
		return d, err
	}
	d.Hash, d.At, d.Changed = a.Signature.Hash, a.Signature.At, true // unless it is found as it was signed
	var proved []shareddb.SignatureEventsRow
	for _, row := range rows {
		counts := a.Signatures[int(row.Version)]
		if counts.Hash == "" || counts.Hash != a.Signature.Hash || counts != a.Signature && counts != a.Countersignature {
			continue
		}
		if row.Side == onboarding.SideOrganization {
			d.Text, d.Changed = row.Text, !a.Kept(row)
		}
		line := contract.Line{Side: sideWords[row.Side], Name: row.Name, Title: row.Title, Proof: ProofWords[row.Proof],
			When: civil.Stamp(row.At.In(zone)), Leaf: -1}
		if e, found := eventOf(events, row); found {
			proved = append(proved, e)
			sealed := audit.EventOf(e.AuditEventRow)
			line.Event, line.Leaf, line.Sealed = sealed.ID.String(), e.Leaf, sealed.Hash().String()
		}
		d.Signatures = append(d.Signatures, line)
	}
	d.Checkpoint, d.Extract, err = proofOf(ctx, q, proved)
	return d, err
}

var sideWords = map[string]string{onboarding.SideOrganization: "For the organization",
	onboarding.SidePlatform: "For Kindward"}

// eventOf is the audit's event of a signature: the last one of its side and its hash.
func eventOf(events []shareddb.SignatureEventsRow, row shareddb.SignaturesRow) (e shareddb.SignatureEventsRow,
	found bool) {
	for _, e := range slices.Backward(events) {
		fields := e.AuditEventRow.Fields
		if slices.Contains(fields, "side:"+row.Side) && slices.Contains(fields, "sha256:"+row.Hash) {
			return e, true
		}
	}
	return e, false
}

// proofOf are events of the audit with the proof of each under its newest head.
func proofOf(ctx context.Context, q *shareddb.Queries, events []shareddb.SignatureEventsRow) (head string,
	extract []byte, err error) {
	newest, err := q.Checkpoint(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	var out bytes.Buffer
	x := &audit.ExtractWriter{W: &out}
	leaves := make([]int64, len(events))
	for i, e := range events {
		leaves[i] = e.Leaf
	}
	err = errors.Join(x.Begin(newest.Note, newest.Size), x.Prove(leaves, TreeHashes(ctx, q)))
	for _, e := range events {
		err = errors.Join(err, x.Event(audit.EventOf(e.AuditEventRow), e.Leaf))
	}
	return newest.Note, out.Bytes(), errors.Join(err, x.End(len(events), false))
}

// TreeHashes reads hashes of the audit's tree, which prove that an event stands under its head.
func TreeHashes(ctx context.Context, q *shareddb.Queries) audit.StoredHashes {
	return func(numbers []int64) (map[int64]tlog.Hash, error) {
		rows, err := q.StoredHashes(ctx, numbers)
		hashes := map[int64]tlog.Hash{}
		for _, r := range rows {
			if len(r.Hash) != tlog.HashSize {
				return nil, fmt.Errorf("hash %d of the tree has %d bytes", r.Number, len(r.Hash))
			}
			hashes[r.Number] = tlog.Hash(r.Hash)
		}
		return hashes, err
	}
}
