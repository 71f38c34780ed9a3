package ops

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/queries/shareddb"
)

// An export is read and sent in steps, so that it needs little memory, and ends at a number that it says.
const (
	exportStep = 1000
	exportMost = 50_000
)

// auditFormat writes an export of one form.
type auditFormat interface {
	begin(shareddb.CheckpointRow) error
	step([]shareddb.SearchAuditRow) error // before the events of one step
	event(shareddb.SearchAuditRow) error
	end(written int, cut bool, checkpoint string) error
}

// ExportAuditCSV sends what was asked as a file for a spreadsheet.
func (h *Handlers) ExportAuditCSV(c echo.Context) error {
	return h.exportAudit(c, web.CSV, "audit.csv",
		func(w io.Writer) auditFormat { return csvFormat{audit.CSV{W: w}} })
}

// ExportAuditJSON sends what was asked as JSON lines that `kindward audit verify --file` checks: the signed checkpoint
// first, then each event in its canonical form with the proof that it stands under it.
func (h *Handlers) ExportAuditJSON(c echo.Context) error {
	hashes := web.TreeHashes(c.Request().Context(), h.Gateway.Shared(web.PublicScope(c)))
	return h.exportAudit(c, "application/x-ndjson", "audit.jsonl", func(w io.Writer) auditFormat {
		return jsonFormat{&audit.ExtractWriter{W: w}, hashes}
	})
}

func (h *Handlers) exportAudit(c echo.Context, kind, name string, form func(io.Writer) auditFormat) error {
	f, err := readAuditSearch(c)
	if err != nil {
		return err
	}
	q, err := h.auditQuestion(c, f)
	if err != nil {
		return err
	}
	ask := q.ask
	if !f.OK() || len(q.records) > 1 {
		return fmt.Errorf("an export of what cannot be asked: %w", web.ErrUnreadable)
	}
	ask.Before, ask.BeforeSeq, ask.Most = endOfTime, math.MaxInt64, exportStep
	step := h.exportSteps(c, f)
	rows, err := step(ask)
	if err != nil {
		return err
	}
	return web.SendFile(c, kind, name, func(w io.Writer) error {
		return h.sendAudit(c, ask, rows, form(w), step, c.Response().Flush)
	})
}

// nextEvents reads the next events of an export.
type nextEvents func(shareddb.SearchAuditParams) ([]shareddb.SearchAuditRow, error)

// exportSteps reads an export step by step, as long as whoever asked for it may. Before a step leaves it is kept, with
// the number of people whom no step before it named: the alerts count them (A52).
func (h *Handlers) exportSteps(c echo.Context, f *web.Form) nextEvents {
	named := map[uuid.UUID]bool{}
	me, _ := web.Actor(c)
	return func(ask shareddb.SearchAuditParams) ([]shareddb.SearchAuditRow, error) {
		if err := web.StillPermitted(c); err != nil {
			return nil, err
		}
		return h.searchAudit(c, ask, f, "export", func(rows []shareddb.SearchAuditRow) string {
			before := len(named)
			for _, r := range rows {
				if id := personOf(r.AuditEventRow); id != uuid.Nil && id != me.ID {
					named[id] = true
				}
			}
			return fmt.Sprintf("people:%d", len(named)-before)
		})
	}
}

// personOf is whose record an event is about: an account, or the chart of somebody who has none.
func personOf(r shareddb.AuditEventRow) uuid.UUID {
	if r.Patient != nil {
		return *r.Patient
	}
	return chartOf(r)
}

func (h *Handlers) sendAudit(c echo.Context, ask shareddb.SearchAuditParams, rows []shareddb.SearchAuditRow,
	out auditFormat, next nextEvents, flush func()) (err error) {
	head, err := h.Gateway.Identity(web.PublicScope(c)).Checkpoint(c.Request().Context())
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if err := out.begin(head); err != nil {
		return err
	}
	written := 0
	for len(rows) > 0 && written < exportMost {
		if err := out.step(rows); err != nil {
			return err
		}
		for _, r := range rows {
			if err := out.event(r); err != nil {
				return err
			}
		}
		written += len(rows)
		flush()
		if len(rows) < exportStep {
			break
		}
		last := rows[len(rows)-1].AuditEventRow
		ask.Before, ask.BeforeSeq = last.At, last.Seq
		if rows, err = next(ask); err != nil {
			return err
		}
	}
	return out.end(written, written >= exportMost && len(rows) > 0, head.Note)
}

type csvFormat struct{ audit.CSV }

const csvWidth = 20 // cells of a row

func (o csvFormat) step([]shareddb.SearchAuditRow) error { return nil }

func (o csvFormat) begin(shareddb.CheckpointRow) error {
	return o.Begin("Number", "Event", "Time (UTC)", "Actor", "Actor's name", "On behalf of", "Staff access", "Patient",
		"Organization", "Purpose", "Resource", "Resource id", "Action", "Fields",
		"Outcome", "Policy", "Policy version", "Address", "Request", "Leaf")
}

func (o csvFormat) event(row shareddb.SearchAuditRow) error {
	r, leaf := row.AuditEventRow, ""
	if row.Leaf >= 0 {
		leaf = strconv.FormatInt(row.Leaf, 10)
	}
	return o.Row(strconv.FormatInt(r.Seq, 10), r.ID.String(), r.At.UTC().Format("2006-01-02T15:04:05.000000Z"),
		word(r.Actor), row.ActorName, word(r.OnBehalfOf), word(r.StaffAccessID), word(r.Patient), row.Organization,
		r.Purpose, r.Resource, word(r.ResourceID), r.Action, strings.Join(r.Fields, " "), r.Outcome, r.PolicyID,
		r.PolicyVersion, r.IP, r.RequestID, leaf)
}

func (o csvFormat) end(written int, cut bool, checkpoint string) error {
	says := fmt.Sprintf("%d events, the latest first. This is all.", written)
	if cut {
		says = fmt.Sprintf("Only the latest %d events are in this file: ask for less at a time.", written)
	}
	note, head := make([]string, csvWidth), make([]string, csvWidth)
	note[0], head[0], head[1] = says, "Checkpoint", checkpoint
	return errors.Join(o.Row(note...), o.Row(head...))
}

type jsonFormat struct {
	*audit.ExtractWriter
	hashes audit.StoredHashes
}

func (o jsonFormat) begin(head shareddb.CheckpointRow) error { return o.Begin(head.Note, head.Size) }

func (o jsonFormat) step(rows []shareddb.SearchAuditRow) error {
	leaves := make([]int64, len(rows))
	for i, r := range rows {
		leaves[i] = r.Leaf
	}
	return o.Prove(leaves, o.hashes)
}

func (o jsonFormat) event(r shareddb.SearchAuditRow) error {
	return o.Event(audit.EventOf(r.AuditEventRow), r.Leaf)
}

func (o jsonFormat) end(written int, cut bool, _ string) error { return o.End(written, cut) }

// word is an id, or nothing.
func word[T fmt.Stringer](id *T) string {
	if id == nil {
		return ""
	}
	return (*id).String()
}
