package provider

import (
	"fmt"
	"io"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/queries/tenantdb"
	"kindward/views/ui"
)

// logExport is how many events one export gives, the latest first.
const logExport = 10_000

// logFields are what the log may be asked by. A patient is named by their chart: no name stands in an address.
var logFields = []string{"who", "all", "from", "to", "patient", "action"}

// logQuestion is what is asked of an organization's log.
type logQuestion struct {
	before    int64
	everybody bool // patients' doings with their own record too
	who       *uuid.UUID
	since     *time.Time
	until     *time.Time
	chart     *uuid.UUID
	what      []string // resource and action of what was done; nil: all
}

// readLogQuestion reads what is asked; people and charts that are none are nowhere, days and actions a problem.
func readLogQuestion(c echo.Context, f *web.Form) (ask logQuestion, err error) {
	ask = logQuestion{before: math.MaxInt64, everybody: f.Raw("all") == "on"}
	if n, err := strconv.ParseInt(f.Raw("before"), 10, 64); err == nil && n > 0 {
		ask.before = n
	}
	if err := f.OptionalIDs(map[string]**uuid.UUID{"who": &ask.who, "patient": &ask.chart}); err != nil {
		return ask, err
	}
	ask.since, ask.until = f.Days("from", "to", civil.ZoneOrUTC(web.Organization(c).Zone))
	if f.Raw("action") != "" {
		if ask.what = audit.InLog(f.Raw("action")); len(ask.what) == 0 {
			f.Wrong("action", "Choose from the list what was done")
		}
	}
	return ask, nil
}

// logChoices are what the log can be narrowed to; the first is all of it.
func logChoices() []ui.Option {
	all := []ui.Option{{Value: "", Text: "Everything"}}
	for _, one := range audit.LogChoices() {
		all = append(all, ui.Option(one))
	}
	return all
}

// patientOf is the name of the one patient that is asked about, as the log has it.
func patientOf(rows []tenantdb.OrganizationLogRow, ask logQuestion) string {
	switch {
	case ask.chart == nil:
		return ""
	case len(rows) > 0:
		return rows[0].PatientName
	}
	return "This patient"
}

func logValues(f *web.Form, before int64) string {
	values := f.Values(logFields...)
	values.Set("before", strconv.FormatInt(before, 10))
	return url.Values(values).Encode()
}

// ExportAccessLog is what was asked as a file for a spreadsheet, the latest first. The look is kept as the page's is.
func (h *Handlers) ExportAccessLog(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	ask, err := readLogQuestion(c, f)
	if err != nil {
		return err
	}
	if !f.OK() {
		return fmt.Errorf("a file of what cannot be asked: %w", web.ErrUnreadable)
	}
	ask.before = math.MaxInt64
	rows, names, err := h.accessLog(c, ask, logExport)
	if err != nil {
		return err
	}
	keys, err := h.keyNames(c, rows)
	if err != nil {
		return err
	}
	return web.SendFile(c, web.CSV, "access-log.csv", func(w io.Writer) error {
		return writeLog(audit.CSV{W: w}, logEntries(rows, names, keys))
	})
}

func writeLog(out audit.CSV, entries []audit.Entry) error {
	_ = out.Begin("Time (UTC)", "Who", "What", "Patient", "Outcome") // an error comes with the last Flush
	for _, e := range entries {
		_ = out.Row(e.At.UTC().Format(time.RFC3339), e.Who(false), e.What(false), e.Whose, e.Outcome)
	}
	if len(entries) == logExport {
		return out.Row("", "", fmt.Sprintf("Only the latest %d entries are in this file. Ask for fewer days.", logExport),
			"", "")
	}
	return nil
}
