package account

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/account"
	"kindward/views/layout"
)

// logPage is how many events are read for one page; what is the same on a day becomes one line.
const logPage = 200

// logExport is how many events one export gives, the latest first.
const logExport = 10_000

// ShowAccessLog shows a person who looked at their record: others, or with ?all everybody. The look itself is kept.
func (h Handlers) ShowAccessLog(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	before, everybody := position(f.Raw("before")), f.Raw("all") == "on"
	rows, special, err := accessLog(c, who.ID, before, everybody, logPage)
	if err != nil {
		return err
	}
	p := view.AccessLogPage{Page: web.Page(c, "Who looked at your record"), Everybody: everybody,
		Later: before < math.MaxInt64}
	p.Frame, p.Here, p.OnPaper = layout.Column, layout.Account, web.OnPaper(c, "Kindward", time.UTC)
	if !p.Later {
		p.Special = h.special(special)
	}
	p.Days = h.days(rows, who.ID)
	if len(special) > 0 && !p.Later {
		p.SpecialTimes = special[0].Times
	}
	p.Heading = heading(rows, p.SpecialTimes, everybody, p.Later)
	if len(rows) == logPage {
		p.Earlier = logPath(rows[len(rows)-1].Seq, everybody)
	}
	return web.Render(c, http.StatusOK, view.AccessLog(p), view.AccessLogPart)
}

func accessLog(c echo.Context, id uuid.UUID, before int64, everybody bool, most int32) (rows []shareddb.AccessLogRow,
	special []shareddb.SpecialAccessRow, err error) {
	ctx := c.Request().Context()
	err = web.SiteOf(c).Gateway.WithinIdentity(ctx, web.PublicScope(c), func(q *shareddb.Queries) error {
		if special, err = q.SpecialAccess(ctx, id); err != nil {
			return err
		}
		if rows, err = q.AccessLog(ctx, shareddb.AccessLogParams{AccountID: id, Before: before, Everybody: everybody,
			Most: most}); err != nil {
			return err
		}
		return q.WriteLook(ctx, shareddb.WriteLookParams{Purpose: "own record", Patient: &id, Action: "list",
			Fields: []string{}})
	})
	return rows, special, err
}

// position is the event behind which a page of the log begins.
func position(raw string) int64 {
	if n, err := strconv.ParseInt(raw, 10, 64); err == nil && n > 0 {
		return n
	}
	return math.MaxInt64
}

func logPath(before int64, everybody bool) string {
	path := fmt.Sprintf("/account/access-log?before=%d", before)
	if everybody {
		path += "&all=on"
	}
	return path
}

// heading is the finding on top.
func heading(rows []shareddb.AccessLogRow, special int64, everybody, later bool) string {
	switch {
	case later:
		return "Earlier looks at your record"
	case special == 1:
		return "Kindward staff used your account or record once"
	case special > 1:
		return fmt.Sprintf("Kindward staff used your account or record %d times", special)
	case len(rows) == 0:
		return "Nobody else has looked at your record"
	case everybody:
		return "Everything that was done with your record"
	}
	return "Who looked at your record"
}

func entryOf(r shareddb.AccessLogRow, who uuid.UUID) audit.Entry {
	return audit.Entry{At: r.At, By: r.ActorName, Own: r.Actor != nil && *r.Actor == who, Nobody: r.Actor == nil,
		Organization: r.Organization, Purpose: r.Purpose,
		Resource: r.Resource, Action: r.Action, Fields: r.Fields, Outcome: r.Outcome, Policy: r.PolicyID,
		StaffAccess: staffAccessKind(r), Reason: r.Reason}
}

// staffAccessKind is the kind of staff access that an event was done under. An act that the person may not read is an
// emergency of an organization's.
func staffAccessKind(r shareddb.AccessLogRow) string {
	if r.StaffAccessID != nil && r.StaffAccessKind == "" {
		return "emergency"
	}
	return r.StaffAccessKind
}

func (h Handlers) zone() *time.Location {
	if h.Zone == nil {
		return time.UTC
	}
	return h.Zone
}

func (h Handlers) days(rows []shareddb.AccessLogRow, who uuid.UUID) (days []view.LogDay) {
	entries := make([]audit.Entry, len(rows))
	for i, r := range rows {
		entries[i] = entryOf(r, who)
	}
	for _, d := range audit.ByDay(entries, h.zone(), true) {
		day := view.LogDay{Day: civil.DateOf(d.Day).Dated()}
		for _, l := range d.Groups {
			day.Lines = append(day.Lines, view.LogLine{Who: l.Who(true), What: l.What(true), When: l.Clock(h.zone()),
				Marked: l.Marked()})
		}
		days = append(days, day)
	}
	return days
}

func (h Handlers) special(rows []shareddb.SpecialAccessRow) (out []view.SpecialAccess) {
	for _, r := range rows {
		one := view.SpecialAccess{When: civil.Dated(r.FirstAt.In(h.zone())), Reason: r.Reason,
			What: "Kindward support saw the site as you see it", Looks: "Nothing of your record was opened."}
		if r.MayChange {
			one.What = "Kindward support acted for you"
		}
		if r.Kind == tenancy.EmergencyAccess {
			one.What = "Kindward opened your record at " + r.Organization + " in an emergency"
			one.Reason = "The organization knows the reason and was told at once; somebody else at Kindward reviews it."
		}
		switch {
		case r.Looks == 1:
			one.Looks = "1 page of your record was opened."
		case r.Looks > 1:
			one.Looks = fmt.Sprintf("%d pages of your record were opened.", r.Looks)
		}
		out = append(out, one)
	}
	return out
}

// ExportAccessLog is the same as a file for a spreadsheet, everybody's doings, the latest first.
func (h Handlers) ExportAccessLog(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	rows, _, err := accessLog(c, who.ID, math.MaxInt64, true, logExport)
	if err != nil {
		return err
	}
	return web.SendFile(c, web.CSV, "access-log.csv", func(w io.Writer) error {
		out := audit.CSV{W: w}
		_ = out.Begin("Time (UTC)", "Who", "What", "Organization", "Outcome") // an error comes with the last Flush
		for _, r := range rows {
			d := entryOf(r, who.ID)
			_ = out.Row(r.At.UTC().Format(time.RFC3339), d.Who(true), d.What(true), r.Organization, r.Outcome)
		}
		if len(rows) == logExport {
			_ = out.Row("", "", fmt.Sprintf("Only the latest %d entries are in this file.", logExport), "", "")
		}
		return nil
	})
}
