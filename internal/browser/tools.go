package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var axe = sync.OnceValues(func() (string, error) {
	dir, err := tools()
	if err != nil {
		return "", err
	}
	raw, err := os.ReadFile(filepath.Join(dir, "axe-core", "axe.min.js"))
	return string(raw), err
})

// Axe asks axe-core what is wrong with the page as it stands; each finding is a line. The rules are those of WCAG 2.2 A
// and AA, and axe's best practices. It comes in through the devtools: the page's own policy would refuse it, rightly.
func (v *Tab) Axe() []string {
	v.t.Helper()
	NeedTools(v.t)
	source, err := axe()
	v.must("axe-core", err)
	if !Eval[bool](v, `typeof axe === "object"`) {
		v.must("axe-core", chromedp.Do(v.ctx, chromedp.Evaluate[chromedp.Void](source)))
	}
	found := Eval[[]string](v, `axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}})
		.then(r => r.violations.flatMap(x => x.nodes.map(n => x.id + ": " + x.help + " at " + n.target.join(" ") + " " + n.html.slice(0, 160) + " " + (n.any[0]?.message || n.all[0]?.message || n.none[0]?.message || ""))))`)
	return found
}

// Sideways says what makes the page wider than its window, or nothing.
func (v *Tab) Sideways() string {
	v.t.Helper()
	return Eval[string](v, `(() => {
		const root = document.documentElement, width = root.clientWidth;
		if (root.scrollWidth <= width) return "";
		const beside = box => box.getBoundingClientRect().right > width + 0.5;
		const letters = e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && beside((r => (r.selectNode(n), r))(new Range())));
		const wide = [...document.body.querySelectorAll("*")].filter(e => (beside(e) || letters(e)) && !e.closest(".sr, .data thead"));
		const inmost = wide.filter(e => !wide.some(other => other !== e && e.contains(other)));
		return root.scrollWidth + " px in " + width + ": " + inmost.slice(0, 4).map(e => e.tagName.toLowerCase() + "." + e.getAttribute("class")).join(", ");
	})()`)
}

// HTMLValidate judges files of HTML by the rules beside this file; each finding is a line.
func HTMLValidate(t testing.TB, dir string) []string {
	t.Helper()
	modules := NeedTools(t)
	files, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing to judge in %s: %v", dir, err)
	}
	command := exec.CommandContext(t.Context(), filepath.Join(modules, ".bin", "html-validate"),
		append([]string{"--config", filepath.Join(filepath.Dir(modules), "htmlvalidate.cjs"), "--formatter", "json"},
			files...)...)
	command.Dir = filepath.Dir(modules)
	var faults bytes.Buffer
	command.Stderr = &faults
	raw, err := command.Output()
	if _, judged := errors.AsType[*exec.ExitError](err); err != nil && !judged {
		t.Fatal(err)
	}
	var report []struct {
		FilePath string
		Messages []struct {
			RuleID, Message string
			Line, Column    int
		}
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatalf("html-validate: %v\n%s%s", err, faults.String(), clip(string(raw), 2000))
	}
	var out []string
	for _, f := range report {
		for _, m := range f.Messages {
			out = append(out, fmt.Sprintf("%s:%d:%d %s: %s", filepath.Base(f.FilePath), m.Line, m.Column, m.RuleID, m.Message))
		}
	}
	return out
}

// Scores are Lighthouse's, of 100.
type Scores struct {
	Performance, Accessibility, BestPractices int
	LCP, FCP, TBT                             time.Duration
	At                                        string // the address that was measured, after all redirects
	CLS                                       float64
	Lost                                      []string // audits that cost points
}

// Least is the lowest of the three.
func (s Scores) Least() int { return min(s.Performance, s.Accessibility, s.BestPractices) }

// String is the scores for a log.
func (s Scores) String() string {
	return fmt.Sprintf("performance %d, accessibility %d, best practices %d (LCP %v, FCP %v, TBT %v, CLS %.3f) %s",
		s.Performance, s.Accessibility, s.BestPractices,
		s.LCP, s.FCP, s.TBT, s.CLS, strings.Join(s.Lost, "; "))
}

// Lighthouse measures an address as a phone on a slow line would have it, with a session's cookies. Scores of nothing:
// its own browser lost the trace, and it asks to be run again.
func Lighthouse(t testing.TB, address, cookie string) Scores {
	t.Helper()
	modules := NeedTools(t)
	program, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	profile := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	arguments := []string{address, "--quiet", "--output=json", "--output-path=stdout",
		"--only-categories=performance,accessibility,best-practices", "--no-enable-error-reporting",
		"--chrome-flags=--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --user-data-dir=" + profile}
	if cookie != "" {
		headers, _ := json.Marshal(map[string]string{"Cookie": cookie})
		arguments = append(arguments, "--extra-headers="+string(headers))
	}
	command := exec.CommandContext(ctx, filepath.Join(modules, ".bin", "lighthouse"), arguments...)
	command.Env = append(os.Environ(), "CHROME_PATH="+program)
	command.WaitDelay = 5 * time.Second
	var faults bytes.Buffer
	command.Stderr = &faults
	raw, err := command.Output()
	if err != nil && strings.Contains(faults.String(), "Please run Lighthouse again") {
		t.Log("lighthouse: ", clip(faults.String(), 300))
		return Scores{}
	}
	if err != nil {
		t.Fatalf("lighthouse: %v\n%s", err, clip(faults.String(), 2000))
	}
	return scores(t, raw)
}

func scores(t testing.TB, raw []byte) Scores {
	t.Helper()
	var r struct {
		RuntimeError      *struct{ Message string }
		FinalDisplayedURL string `json:"finalDisplayedUrl"`
		Categories        map[string]struct {
			Score     *float64
			AuditRefs []struct {
				ID     string
				Weight float64
			}
		}
		Audits map[string]struct {
			Title        string
			Score        *float64
			NumericValue float64
			DisplayValue string
		}
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if r.RuntimeError != nil {
		t.Fatal("lighthouse: ", r.RuntimeError.Message)
	}
	of := func(name string) int {
		c := r.Categories[name]
		if c.Score == nil {
			return 0
		}
		return int(*c.Score*100 + 0.5)
	}
	ms := func(name string) time.Duration {
		return time.Duration(r.Audits[name].NumericValue) * time.Millisecond
	}
	s := Scores{At: r.FinalDisplayedURL, Performance: of("performance"), Accessibility: of("accessibility"),
		BestPractices: of("best-practices"),
		LCP:           ms("largest-contentful-paint"), FCP: ms("first-contentful-paint"), TBT: ms("total-blocking-time"),
		CLS: r.Audits["cumulative-layout-shift"].NumericValue}
	for _, c := range r.Categories {
		for _, ref := range c.AuditRefs {
			if a := r.Audits[ref.ID]; ref.Weight > 0 && a.Score != nil && *a.Score < 0.9 {
				s.Lost = append(s.Lost, strings.TrimSpace(a.Title+" "+a.DisplayValue))
			}
		}
	}
	return s
}
