package kyc

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kindward/internal/civil"
	"kindward/queries/relaydb"
)

// columns are those of the List of Excluded Individuals and Entities (LEIE), as the Office of Inspector General
// publishes it.
var columns = strings.Split("LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,"+
	"EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE", ",")

// What a list may have.
const (
	mostEntries  = 500_000
	longestField = 60
)

var errFile = errors.New("no list of exclusions")

// readExclusions reads all of a list. One line that is wrong makes the whole wrong: half a list would let people pass.
func readExclusions(from io.Reader) (p relaydb.ReplaceExclusionsParams, err error) {
	text := bufio.NewReader(from)
	if mark, _ := text.Peek(3); string(mark) == "\ufeff" {
		_, _ = text.Discard(3)
	}
	lines := csv.NewReader(text)
	lines.FieldsPerRecord, lines.ReuseRecord = len(columns), true
	if head, err := lines.Read(); err != nil || !slices.Equal(head, columns) {
		return p, fmt.Errorf("%w: it does not begin with the names of the columns: %w", errFile, errors.Join(err))
	}
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return p, nil
		}
		if err == nil && len(p.Lines) == mostEntries {
			err = fmt.Errorf("more than %d entries", mostEntries)
		}
		if err == nil {
			line, _ := lines.FieldPos(0)
			err = add(&p, line, fields)
		}
		if err != nil {
			return p, fmt.Errorf("%w: %w", errFile, err)
		}
	}
}

// add takes an entry up. Who is reinstated is not excluded any more.
func add(p *relaydb.ReplaceExclusionsParams, line int, fields []string) error {
	entry := map[string]string{}
	for i, f := range fields {
		if len(f) > longestField {
			return fmt.Errorf("line %d: %s is too long", line, columns[i])
		}
		entry[columns[i]] = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(f, "\ufffd"), "\x00", ""))
	}
	name := strings.Join(strings.Fields(entry["FIRSTNAME"]+" "+entry["MIDNAME"]+" "+entry["LASTNAME"]), " ")
	if entry["BUSNAME"] != "" {
		name = entry["BUSNAME"]
	}
	since, err1 := day(entry["EXCLDATE"])
	until, err2 := day(entry["REINDATE"])
	born, err3 := day(entry["DOB"])
	if err := errors.Join(err1, err2, err3); err != nil || name == "" || since.IsZero() {
		return fmt.Errorf("line %d: no name, or a date that is none: %w", line, errors.Join(err))
	}
	if !until.IsZero() {
		return nil
	}
	p.Lines, p.Names, p.Npis = append(p.Lines, int32(line)), append(p.Names, name), append(p.Npis, known(entry["NPI"]))
	p.Persons = append(p.Persons, PersonKey(entry["FIRSTNAME"], entry["LASTNAME"]))
	p.Businesses = append(p.Businesses, BusinessKey(entry["BUSNAME"]))
	p.Born, p.ExcludedOn = append(p.Born, instant(born)), append(p.ExcludedOn, instant(since))
	p.States, p.Kinds = append(p.States, entry["STATE"]), append(p.Kinds, entry["EXCLTYPE"])
	p.WaiverStates = append(p.WaiverStates, entry["WVRSTATE"])
	return nil
}

// known is a number of the list, or "": where it has none it says zeros.
func known(number string) string {
	if len(number) != 10 || strings.Trim(number, "0123456789") != "" || number == "0000000000" {
		return ""
	}
	return number
}

// instant is a date for the database; none is the year 1, as it is there.
func instant(d civil.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.Start(time.UTC)
}

// day reads a date as the list has it, eight digits; none and all zeros are no date.
func day(s string) (civil.Date, error) {
	if strings.Trim(s, "0") == "" {
		return civil.Date{}, nil
	}
	if len(s) != 8 {
		return civil.Date{}, civil.ErrDate
	}
	return civil.ParseDate(s[:4] + "-" + s[4:6] + "-" + s[6:])
}
