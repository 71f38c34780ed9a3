package pages_test

import (
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// What a search may weigh on the wire, headers included: the first visit with all files, and the next search.
const (
	coldest = 90_000
	warmest = 10_000
)

func TestASearchIsLightOnTheFirstVisitAndLighterAfterwards(t *testing.T) {
	site := sitetest.Open(t)
	line := openLine(t, strings.TrimPrefix(site.Home, "http://"))
	v := site.Visit(t, sitetest.Phone, func(o *browser.Options) { o.Home = line.home })
	cold := line.weigh(func() { v.Go(site.CommonSearch(t)) })
	if n := browser.Eval[int](v, `document.querySelectorAll("article.result").length`); n < 10 {
		t.Fatalf("%d results: too few to weigh", n)
	}
	for _, a := range v.Answers() {
		t.Logf("%6d B %-10s %s", a.Bytes, a.Kind, strings.TrimPrefix(a.URL, line.home))
	}
	warm := line.weigh(func() { v.Go(site.CommonSearch(t) + "&time=am") })
	part := line.weigh(func() { v.PressAt("#pager a") })
	t.Logf("first visit %d B, next search %d B, ten more results %d B", cold, warm, part)
	if cold > coldest || warm > warmest {
		t.Errorf("%d B of %d on the first visit, %d B of %d afterwards", cold, coldest, warm, warmest)
	}
}

// line is a wire between a visitor and the site that counts the bytes that come from there.
type line struct {
	home string
	sent atomic.Int64
}

// Write counts.
func (l *line) Write(b []byte) (int, error) { l.sent.Add(int64(len(b))); return len(b), nil }

func (l *line) weigh(meanwhile func()) int64 {
	before := l.sent.Load()
	meanwhile()
	return l.sent.Load() - before
}

// openLine leads to an address until the test ends.
func openLine(t *testing.T, to string) *line {
	t.Helper()
	from, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { from.Close() })
	l := &line{home: "http://" + from.Addr().String()}
	go func() {
		for {
			visitor, err := from.Accept()
			if err != nil {
				return
			}
			site, err := net.Dial("tcp", to)
			if err != nil {
				visitor.Close()
				continue
			}
			go func() { defer site.Close(); _, _ = io.Copy(site, visitor) }()
			go func() { defer visitor.Close(); _, _ = io.Copy(visitor, io.TeeReader(site, l)) }()
		}
	}()
	return l
}
