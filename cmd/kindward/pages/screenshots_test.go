package pages_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kindward/internal/sitetest"
)

var (
	shots = flag.String("shots", "", "folder for pictures of all pages")
	only  = flag.String("only", "", "pattern of the names of the pages to take pictures of")
)

// workplacePages are the pages of an organization's workplace, as somebody sees them who manages it.
func workplacePages(t testing.TB, site *sitetest.Site) (all []visit) {
	t.Helper()
	manager, at := site.SignedIn(t, "manager@example.test"), "/organizations/"+sitetest.FoxPoint
	for _, page := range []string{"", "appointments", "availability", "patients", "members", "access-log", "listings",
		"locations/new", "practitioners/new", "services/new", "hours/new"} {
		all = append(all, visit{name: "work-" + strings.ReplaceAll(page, "/", "-"), path: at + "/" + page, as: manager})
	}
	all[0].path = at
	return all
}

// TestScreenshots takes pictures for people to look at.
func TestScreenshots(t *testing.T) {
	if *shots == "" {
		t.Skip("say where pictures go: -shots DIR")
	}
	site := sitetest.Open(t)
	dir, err := filepath.Abs(*shots)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	wanted := regexp.MustCompile(*only)
	all := append(visits(t, site), consolePages(t, site)...)
	for _, p := range append(all, workplacePages(t, site)...) {
		if !wanted.MatchString(p.name) {
			continue
		}
		v := site.Visit(t, p.as.Browser(t))
		v.Go(p.path)
		if p.act != nil {
			p.act(v)
		}
		for _, width := range widths {
			v.Resize(width, 900)
			for _, scheme := range []string{"light", "dark"} {
				v.Prefer(scheme, "screen")
				v.Shot(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", p.name, width, scheme)))
			}
		}
		v.Prefer("light", "print")
		v.Resize(794, 1123) // A4 at 96 dpi
		v.Shot(filepath.Join(dir, p.name+"-print.png"))
	}
}
