package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	viewPage   = regexp.MustCompile(`(?m)^templ ([A-Z]\w*)\(\w+ \w*Page\)`)
	viewImport = regexp.MustCompile(`(?m)^\s+(?:(\w+) )?"kindward/views/(\w+)"`)
)

// unrendered are the pages of a template that the handler file of the same name, at the same audience, does not render.
// A page has one name: whoever knows the address finds handler, view and test by it.
func unrendered(all map[string]source) (found []string) {
	for path, s := range all {
		audience, name, ok := strings.Cut(strings.TrimPrefix(path, "views/"), "/")
		if !ok || !strings.HasPrefix(path, "views/") || filepath.Ext(path) != ".templ" ||
			slices.Contains([]string{"ui", "layout", "mail", "styleguide"}, audience) {
			continue
		}
		handler := "handlers/" + audience + "/" + strings.TrimSuffix(name, ".templ") + ".go"
		alias := audience
		for _, m := range viewImport.FindAllStringSubmatch(all[handler].text, -1) {
			if m[2] == audience && m[1] != "" {
				alias = m[1]
			}
		}
		for _, m := range viewPage.FindAllStringSubmatch(s.text, -1) {
			if !strings.Contains(all[handler].text, alias+"."+m[1]+"(") {
				found = append(found, path+": "+m[1]+" is not rendered by "+handler)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestAPageHasOneName(t *testing.T) {
	all := map[string]source{}
	for _, s := range sources(t) {
		all[s.path] = s
	}
	for _, wrong := range unrendered(all) {
		t.Error(wrong)
	}
	moved := map[string]source{
		"views/patient/hold.templ":  {"views/patient/hold.templ", "templ Hold(p HoldPage) {"},
		"handlers/patient/holds.go": {"handlers/patient/holds.go", "patient.Hold(page)"},
	}
	if len(unrendered(moved)) == 0 {
		t.Error("control: a view may have another name than its handler")
	}
}

var (
	classes  = regexp.MustCompile(`class="([^"{]*)"`)
	cssClass = regexp.MustCompile(`\.([a-z][\w-]*)`)
)

// unstyled are the classes of templates that no rule of the style sheet names: a word was changed in one place only.
func unstyled(templates []source, css string) (found []string) {
	styled := map[string]bool{
		"prices": true, "head": true, "what": true, "workplaces": true, // names for tests and scripts
	}
	for _, m := range cssClass.FindAllStringSubmatch(css, -1) {
		styled[m[1]] = true
	}
	for _, s := range templates {
		if filepath.Ext(s.path) != ".templ" || s.in("views/mail") { // emails carry their own styles
			continue
		}
		for _, m := range classes.FindAllStringSubmatch(s.text, -1) {
			for class := range strings.FieldsSeq(m[1]) {
				if !styled[class] {
					found = append(found, s.path+": no style for class "+class)
				}
			}
		}
	}
	return found
}

func TestEveryClassOfATemplateIsInTheStyleSheet(t *testing.T) {
	var css []byte
	for _, sheet := range []string{"kindward.css", "console.css"} {
		text, err := os.ReadFile("../static/" + sheet)
		if err != nil {
			t.Fatal(err)
		}
		css = append(css, text...)
	}
	for _, wrong := range unstyled(sources(t), string(css)) {
		t.Error(wrong)
	}
	renamed := source{"views/layout/work.templ", `<aside class="staff-access nobody-styles-this">`}
	if len(unstyled([]source{renamed}, string(css))) != 1 {
		t.Error("control: a class without a style passes")
	}
}

var symbols = regexp.MustCompile(`<symbol id="([^"]+)"`)

// idle are the icons of the sprite that nothing shows: every visitor would fetch them.
func idle(all []source, sprite string) (found []string) {
	for _, m := range symbols.FindAllStringSubmatch(sprite, -1) {
		shown := slices.ContainsFunc(all, func(s source) bool {
			return (s.in("views") || s.in("handlers")) && !strings.HasSuffix(s.path, "_test.go") &&
				(strings.Contains(s.text, `"`+m[1]+`"`) || strings.Contains(s.text, `"#`+m[1]+`"`))
		})
		if !shown {
			found = append(found, m[1])
		}
	}
	return found
}

func TestEveryIconOfTheSpriteIsShownSomewhere(t *testing.T) {
	sprite, err := os.ReadFile("../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	if len(symbols.FindAllString(string(sprite), -1)) == 0 {
		t.Fatal("there are no icons")
	}
	for _, name := range idle(sources(t), string(sprite)) {
		t.Errorf("nothing shows the icon %s", name)
	}
	if len(idle(sources(t), `<symbol id="nobody-shows-this">`)) != 1 {
		t.Error("control: an icon that nothing shows passes")
	}
}

// ownTables are the places where a template writes a table by itself, and cells of tables without a name.
func ownTables(all map[string]source) (found []string) {
	cell := regexp.MustCompile(`<td\b[^>]*>`)
	for path, s := range all {
		own := strings.HasPrefix(path, "views/ui/") || strings.HasPrefix(path, "views/mail/")
		if filepath.Ext(path) != ".templ" || own {
			continue
		}
		if strings.Contains(s.text, "<table") {
			found = append(found, path+": a table of its own, not ui.Table")
		}
		for _, td := range cell.FindAllString(s.text, -1) {
			if !strings.Contains(td, "data-label=") {
				found = append(found, path+": a cell without data-label, which a card needs: "+td)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestEachTableIsTheOneThatBecomesCards(t *testing.T) {
	all := map[string]source{}
	for _, s := range sources(t) {
		all[s.path] = s
	}
	for _, wrong := range ownTables(all) {
		t.Error(wrong)
	}
	own := map[string]source{"views/ops/x.templ": {"views/ops/x.templ", `<table class="data"><td class="num">1</td></table>`}}
	if len(ownTables(own)) != 2 {
		t.Error("control: a table may be written by hand, or a cell have no name")
	}
}

var opsField = regexp.MustCompile(`(?s)@ui\.Field\{.*?\}\n`)

// remembered are the fields of the console that a browser would offer to the next who sits there: what was looked for,
// or written about somebody.
func remembered(all map[string]source) (found []string) {
	for path, s := range all {
		if !strings.HasPrefix(path, "views/ops/") || filepath.Ext(path) != ".templ" {
			continue
		}
		for _, field := range opsField.FindAllString(s.text, -1) {
			if !strings.Contains(field, "Autocomplete:") && !strings.Contains(field, `Type: "date"`) {
				found = append(found, path+": a browser keeps what is typed into "+field)
			}
		}
	}
	return found
}

func TestNoBrowserKeepsWhatIsTypedIntoTheConsole(t *testing.T) {
	all := map[string]source{}
	for _, s := range sources(t) {
		all[s.path] = s
	}
	for _, wrong := range remembered(all) {
		t.Error(wrong)
	}
	if !strings.Contains(all["views/layout/work.templ"].text, `autocomplete="off"`) {
		t.Error("a browser keeps what is looked for on top of the console")
	}
	kept := map[string]source{"views/ops/x.templ": {"views/ops/x.templ", "@ui.Field{Name: \"q\"}\n"}}
	if len(remembered(kept)) != 1 {
		t.Error("control: a field that is kept is not found")
	}
}
