package cmd_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// british are spellings that this tree writes the American way. Stored states keep FHIR's "cancelled".
var british = regexp.MustCompile(`(?i)(organis(?:ation|e)|colour|behaviour|favour|neighbour|honour|catalogue|` +
	`\bcent(?:re|red|res)\b|\blicences?\b|recognis|normalis|authoris|(?:initial|summar|minim|custom)is(?:e|es|ed|ing)\b|` +
	`\banalys(?:e|ed|es|ing)\b|judgement|\bgrey\b|\bprogrammes?\b|\blabell(?:ed|ing)\b|\bmodell(?:ed|ing)\b|` +
	`travelled|\bfulfils?\b|\bfulfilment\b|\bdefence\b|\boffence\b|\bpractis(?:e|ing)\b|\benrols?\b|whilst|amongst|\bafterwards\b|\bcancelling\b)`)

// invented are words for things that have one already, the word of docs/glossary.md.
var invented = regexp.MustCompile(
	`(?i)(\bkilns?\b|\bpacer\b|\bthrong\b|wayin\b|\bsqueez|\btoll\b|letter ?box|LetterKind|` +
		`(?:the|a|broken|broke|breaks?) glass\b|glass(?:page|queue|life)|\bdeeds?\b|\bsights\b|tenancy\.door|\bopendoor|` +
		`verdictof|\bhouse_test\b|e-mails?\b)`)

// meant are lines that must say it: a stored value of an applied migration, and attributes of HTML.
var meant = regexp.MustCompile(`['"]organisation['"]|aria-labelledby|[Ll]abelledBy`)

// texts are the files that people write, by their path from the top; generated ones and others' licenses are not.
func texts(t *testing.T) map[string]string {
	t.Helper()
	kinds := []string{".go", ".templ", ".sql", ".md", ".cedar", ".css", ".js", ".mjs", ".yaml"}
	all := map[string]string{}
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && p != ".."
		if d.IsDir() && (d.Name() == "node_modules" || hidden) {
			return fs.SkipDir
		}
		skip := strings.HasSuffix(p, "_templ.go") || strings.HasSuffix(p, ".sql.go") ||
			slices.Contains([]string{"LICENSES.md", "words_test.go", "htmx.min.js"}, d.Name())
		if d.IsDir() || skip || !slices.Contains(kinds, path.Ext(p)) {
			return nil
		}
		raw, err := os.ReadFile(p)
		all[strings.TrimPrefix(filepath.ToSlash(p), "../")] = string(raw)
		return err
	})
	if err != nil || len(all) < 100 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	return all
}

// lines are those of a text that a pattern finds, each as "file:line: word".
func lines(pattern *regexp.Regexp, name, text string) (found []string) {
	for n, line := range strings.Split(text, "\n") {
		if word := pattern.FindString(meant.ReplaceAllString(line, "")); word != "" {
			found = append(found, fmt.Sprintf("%s:%d: %q", name, n+1, word))
		}
	}
	return found
}

func TestOneSpellingAndTheWordsOfTheField(t *testing.T) {
	for name, text := range texts(t) {
		for _, wrong := range lines(british, name, text) {
			t.Error(wrong + " is spelled otherwise in American English")
		}
		for _, wrong := range lines(invented, name, text) {
			t.Error(wrong + " has a word of the field (docs/glossary.md)")
		}
	}
	for _, bad := range []string{"their Organisation", "a grey box", "colours", "neighbours", "a licence"} {
		if len(lines(british, "x.go", bad)) == 0 {
			t.Errorf("control: %q passes", bad)
		}
	}
	for _, bad := range []string{"func squeeze(", "type LetterKind string", "whoever broke the glass", "the kiln is full",
		"an e-mail"} {
		if len(lines(invented, "x.go", bad)) == 0 {
			t.Errorf("control: %q passes", bad)
		}
	}
	for _, good := range []string{`aria-labelledby="x"`, "status 'cancelled'", "where scope = 'organisation'",
		"a class of glass"} {
		if wrong := append(lines(british, "x.go", good), lines(invented, "x.go", good)...); len(wrong) > 0 {
			t.Errorf("control: %v", wrong)
		}
	}
}

// layout finds layouts of package time: what is given to Format itself, and texts that can be nothing else.
var layout = regexp.MustCompile(`\.Format\("|"[^"\n]*(\b3:04|15:04|150405|2006|\b2 Jan|\bJan 2\b)[^"\n]*"`)

// ownLayouts are where one stands, with its reason.
var ownLayouts = map[string]string{
	"internal/civil/timeformat.go":      "it is the formatter",
	"internal/civil/date.go":            "it is the formatter of dates",
	"internal/audit/event.go":           "what is sealed says instants so",
	"internal/notify/filesender.go":     "names of files",
	"internal/notify/addcalendar.go":    "what iCalendar says instants in",
	"handlers/ops/auditexport.go":       "what is sealed says instants so",
	"handlers/provider/patientquery.go": "in what forms a date of birth is typed",
	"cmd/kindward/bench_page.go":        "a page of the bench, for nobody",
	"cmd/kindward/audit_verify.go":      "what a verb says, in UTC",
	"cmd/kindward/keys.go":              "names of files",
}

// onNoClock finds an instant of the database that is told on the clock of whatever machine read it.
var onNoClock = regexp.MustCompile(
	`(civil\.(Clock|Clock24|Dated|DateOf|Second|Stamp)|\.(Full|Sentence|Day|ShortDay|Span))\(\*?\w+(\.\w+)*\.\w*At\)`)

func TestTimesAreToldByOneFormatterThatKnowsYearAndZone(t *testing.T) {
	told := 0
	for _, s := range sources(t) {
		if strings.HasSuffix(s.path, "_test.go") || strings.HasSuffix(s.path, "_templ.go") || path.Ext(s.path) == ".sql" {
			continue
		}
		found := layout.MatchString(s.text)
		switch {
		case found && ownLayouts[s.path] != "":
			told++
		case found:
			t.Errorf("%s writes a time by itself: internal/civil does, and knows year and zone", s.path)
		}
		if s.in("handlers") {
			for _, wrong := range onNoClock.FindAllString(s.text, -1) {
				if !strings.HasSuffix(wrong, "v.StartsAt)") { // a patient's visit comes on its own clock
					t.Errorf("%s: %s tells an instant on no clock: .In(the page's zone)", s.path, wrong)
				}
			}
		}
	}
	if told != len(ownLayouts) {
		t.Errorf("control: a layout is found in %d of %d", told, len(ownLayouts))
	}
	for _, bad := range []string{`t.Format("2006-01-02 3:04pm")`, `x(f, "3:04 pm")`, `t.Format("Monday")`, `"2 January"`} {
		if !layout.MatchString(bad) {
			t.Errorf("control: %s passes", bad)
		}
	}
	for _, bad := range []string{"civil.DateOf(r.CreatedAt).Text()", "f.Day(*row.EndedAt)"} {
		if !onNoClock.MatchString(bad) {
			t.Errorf("control: %s passes", bad)
		}
	}
}
