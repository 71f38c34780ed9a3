package browser

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// Answer is one answer of the server, as the tab got it.
type Answer struct {
	Method, URL string
	Kind        string // "Document", "XHR", "Stylesheet" and so on
	Status      int
	Bytes       int // on the wire, with the header; 0 when it came from the cache
	Cached      bool

	page cdp.LoaderID // that asked
}

// record is what happens in a tab while somebody looks at it.
type record struct {
	mu      sync.Mutex
	open    map[network.RequestID]*Answer
	answers []*Answer
	said    []string // on the console
	last    time.Time
}

// hear runs in the tab's event loop and must be quick.
func (r *record) hear(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if before := r.open[e.RequestID]; before != nil && e.RedirectResponse != nil {
			before.Status, before.Bytes = int(e.RedirectResponse.Status), int(e.RedirectResponse.EncodedDataLength)
			r.answers = append(r.answers, before)
		}
		if !strings.HasPrefix(e.Request.URL, "data:") {
			r.open[e.RequestID] = &Answer{Method: e.Request.Method, URL: e.Request.URL, Kind: string(e.Type), page: e.LoaderID}
		}
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" { // nobody waits for what the page before had asked for
			maps.DeleteFunc(r.open, func(_ network.RequestID, a *Answer) bool { return a.page != e.Frame.LoaderID })
		}
	case *network.EventRequestServedFromCache:
		if a := r.open[e.RequestID]; a != nil {
			a.Cached = true
		}
	case *network.EventResponseReceived:
		if a := r.open[e.RequestID]; a != nil {
			a.Status, a.Kind = int(e.Response.Status), string(e.Type)
			a.Cached = a.Cached || e.Response.FromDiskCache
		}
	case *network.EventLoadingFinished:
		r.end(e.RequestID, int(e.EncodedDataLength))
	case *network.EventLoadingFailed:
		r.end(e.RequestID, 0)
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, strings.Trim(string(a.Value), `"`)+a.Description)
		}
		r.said = append(r.said, fmt.Sprintf("%s: %s", e.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		r.said = append(r.said, "exception: "+text)
	case *log.EventEntryAdded:
		// The browser itself notes each answer from 400 on; whether one was due is for the test to say.
		if e.Entry.Source == log.EntrySourceNetwork && strings.HasPrefix(e.Entry.Text,
			"Failed to load resource: the server responded with a status of") {
			return
		}
		r.said = append(r.said, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
	default:
		return
	}
	r.last = time.Now()
}

func (r *record) end(id network.RequestID, bytes int) {
	if a := r.open[id]; a != nil {
		if !a.Cached {
			a.Bytes = bytes
		}
		r.answers = append(r.answers, a)
		delete(r.open, id)
	}
}

// givenUp is when an answer is not awaited any more: the browser does not tell of each that it drops when a page is
// left.
const givenUp = 2 * time.Second

// quiet says how long nothing was asked for or answered; zero while an answer is awaited.
func (r *record) quiet() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	quiet := time.Since(r.last)
	if len(r.open) > 0 && quiet < givenUp {
		return 0
	}
	return quiet
}

// Answers are all answers since the tab opened or Forget.
func (v *Tab) Answers() []Answer {
	v.record.mu.Lock()
	defer v.record.mu.Unlock()
	out := make([]Answer, 0, len(v.record.answers))
	for _, a := range v.record.answers {
		out = append(out, *a)
	}
	return out
}

// Forget empties the list of answers.
func (v *Tab) Forget() {
	v.record.mu.Lock()
	defer v.record.mu.Unlock()
	v.record.answers = nil
}

// For is the tab in another test, as if it were new: what it cannot do fails that one, and what was recorded before is
// forgotten.
func (v *Tab) For(t testing.TB) *Tab {
	v.record.mu.Lock()
	defer v.record.mu.Unlock()
	v.record.answers, v.record.said = nil, nil
	other := *v
	other.t = t
	return &other
}

// Status is that of the page last loaded.
func (v *Tab) Status() int {
	status := 0
	for _, a := range v.Answers() {
		if a.Kind == "Document" {
			status = a.Status
		}
	}
	return status
}

// Console is what the pages and the browser said on the console.
func (v *Tab) Console() []string {
	v.record.mu.Lock()
	defer v.record.mu.Unlock()
	return append([]string(nil), v.record.said...)
}
