package simulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"

	"kindward/internal/civil"
)

// Numbers of which the register of licenses answers otherwise. All others are good for a year more.
const (
	LicenseUnknown   = "LCI00404"
	LicenseSuspended = "LCI00001"
	LicenseExpired   = "LCI00002"
	LicenseLater     = "LCI00003" // good from tomorrow on
	LicenseOthers    = "LCI00004"
	LicenseAnother   = "LCI00005" // the right answer about another number
	LicenseNoDay     = "LCI00006"
	LicenseOddStatus = "LCI00007"
	LicenseNoName    = "LCI00008"
	LicenseGarbage   = "LCI00200"
	LicenseTooMany   = "LCI00429"
	LicenseDown      = "LCI00503"
)

// Licenses is a register of states' licenses.
type Licenses struct {
	Name string // whose they all are; empty: whoever it is asked about
	Now  func() time.Time
}

// ServeHTTP answers GET ?state=RI&number=LCI01234&name=Harbor.
func (x *Licenses) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	number, today := r.URL.Query().Get("number"), civil.DateOf(x.Now().UTC())
	l := map[string]string{"state": r.URL.Query().Get("state"), "number": number, "status": "active",
		"name":       cmp.Or(x.Name, r.URL.Query().Get("name")),
		"issued_on":  civil.Date{Year: today.Year - 1, Month: today.Month, Day: min(today.Day, 28)}.String(),
		"expires_on": civil.Date{Year: today.Year + 1, Month: today.Month, Day: min(today.Day, 28)}.String()}
	switch number {
	case LicenseDown:
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case LicenseTooMany:
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case LicenseUnknown:
		w.WriteHeader(http.StatusNotFound)
		return
	case LicenseGarbage:
		_, _ = w.Write([]byte("<html>Maintenance</html>"))
		return
	case LicenseSuspended:
		l["status"] = "suspended"
	case LicenseExpired:
		l["expires_on"] = today.AddDays(-1).String()
	case LicenseLater:
		l["issued_on"] = today.AddDays(1).String()
	case LicenseOthers:
		l["name"] = "Somebody Else\x00 Inc"
	case LicenseNoName:
		delete(l, "name")
	case LicenseAnother:
		l["number"] = number + "1"
	case LicenseNoDay:
		l["expires_on"] = "never"
	case LicenseOddStatus:
		l["status"] = "<b>" + number
	}
	_ = json.NewEncoder(w).Encode(l)
}
