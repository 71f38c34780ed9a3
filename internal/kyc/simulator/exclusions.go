// Package simulator answers over HTTP as the sources outside do that tell whether somebody is who they say and may do
// what they offer. Of subjects that it has for it, it answers late, wrongly or not at all. Demonstrations and tests ask
// it.
package simulator

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"kindward/internal/npi"
)

// Whom the list of exclusions has.
var (
	ExcludedNPI   = npi.Made("188899001")
	WaivedNPI     = npi.Made("188899002") // in Massachusetts
	ReinstatedNPI = npi.Made("188899003")
)

// ExcludedBorn is when Vera Quill was born, who has no number on the list.
const ExcludedBorn = "1961-04-12"

const exclusionColumns = "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP," +
	"EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n"

// Exclusions is the list of exclusions, as it is published anew each month.
type Exclusions struct {
	Now func() time.Time

	mu     sync.Mutex
	answer func(w http.ResponseWriter, list string)
	asked  int
}

// Answer lets it answer otherwise than with its list; nil: rightly again.
func (x *Exclusions) Answer(answer func(w http.ResponseWriter, list string)) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.answer = answer
}

// Asked is how often it was asked.
func (x *Exclusions) Asked() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.asked
}

// ServeHTTP answers with the list.
func (x *Exclusions) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	x.mu.Lock()
	x.asked++
	answer := x.answer
	x.mu.Unlock()
	if answer == nil {
		answer = func(w http.ResponseWriter, list string) { _, _ = io.WriteString(w, list) }
	}
	answer(w, ExclusionList(x.Now()))
}

// ExclusionList is the list of a month. Its last entry is new in it, as each month has some.
func ExclusionList(now time.Time) string {
	y, m, _ := now.UTC().Date()
	line := func(last, first, business, number, born, state, section, since, back, waiver string) string {
		waived := map[bool]string{true: "20240105", false: "00000000"}[waiver != ""]
		return fmt.Sprintf("%s,%s,,%s,GENERAL PRACTICE,NURSE,,%s,%s,1 MAIN ST,ANYTOWN,%s,02900,%s,%s,%s,%s,%s\n", last, first,
			business, number, born, state, section, since, back, waived, waiver)
	}
	const none, no = "0000000000", "00000000"
	return exclusionColumns +
		line("QUILL", "VERA", "", none, "19610412", "RI", "1128a1", "20190520", no, "") +
		line("MEDEIROS", "ADA", "", none, "19480130", "FL", "1128b4", "20080220", no, "") +
		line("O'BRIEN", "SEAN", "", none, "19700701", "MA", "1128a2", "20151119", no, "") +
		line("", "", "\"HARBOR LIGHTS CARE, LLC\"", none, "", "RI", "1128b8", "20210318", no, "") +
		line("STROUD", "MARCUS", "", ExcludedNPI, "19550803", "RI", "1128a1", "20200220", no, "") +
		line("HALE", "JUNE", "", WaivedNPI, "19660914", "MA", "1128b4", "20200820", no, "MA") +
		line("PIKE", "OWEN", "", ReinstatedNPI, "19590102", "CT", "1128b4", "20100120", "20180305", "") +
		line("NEWLY", "LISTED", "", none, "19800101", "TX", "1128a1", fmt.Sprintf("%04d%02d01", y, int(m)), no, "")
}
