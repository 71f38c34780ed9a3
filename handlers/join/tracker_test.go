package join_test

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAnOpenTrackerSaysWhatChangedOutsideOfWhatItExchangesAndMarksOneStep(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1245319599")
	page := maya.Get(at)
	said, list, _ := strings.Cut(page.Body, `<div id="steps"`)
	if !strings.Contains(said, `id="tracker-said" role="status"`) || strings.Contains(list, `role="status" id=`) {
		t.Error("what is said stands in what is exchanged")
	}
	if n := len(page.All("li", "aria-current", "step")); n != 1 || strings.Count(page.Body, "Your turn") < 2 {
		t.Errorf("%d steps are the current one", n)
	}
	w.asks()
	part := maya.HTMX().Get(page.All("div", "id", "steps")[0].Value("hx-get"))
	part.Has(http.StatusOK, `hx-swap-oob="innerHTML"`, "It is your turn: Your organization. You can stop")
	if body := maya.Get(at).Body; strings.Contains(body, "hx-swap-oob") {
		t.Error("a whole page speaks of parts")
	}
}

func Test311ATrackerAsksAgainOnlyWhileSomethingCanHappen(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	at := w.begin(maya, "clinic", "RI", "1245319599")
	list := maya.Get(at).All("div", "id", "steps")[0]
	if list.Value("hx-trigger") != "every 5s" {
		t.Errorf("it asks %q", list.Value("hx-trigger"))
	}
	if a := maya.HTMX().Get(list.Value("hx-get")); a.Status != http.StatusNoContent {
		t.Errorf("nothing happened: %d", a.Status)
	}
	leo.HTMX().Get(list.Value("hx-get")).Has(http.StatusNotFound) // takes no part in it
	maya.Post(at + "/withdrawal").Goes(at)
	part := maya.HTMX().Get(list.Value("hx-get"))
	part.Has(http.StatusOK, "This application is withdrawn", "Open it again")
	part.Lacks("hx-trigger", "Withdraw the application")
}

// BenchmarkProgress is what one question of an open tracker costs when nothing has happened: of a hundred of them, with
// twenty questions a second, the share of a core is twenty times that.
func BenchmarkProgress(b *testing.B) {
	w := open(b)
	maya := w.Person(b, "Maya")
	at := w.begin(maya, "clinic", "RI", "1245319599")
	poll := maya.Get(at).All("div", "id", "steps")[0].Value("hx-get")
	with := maya.HTMX()
	before := spent(b)
	for b.Loop() {
		with.Get(poll)
	}
	b.ReportMetric(float64((spent(b)-before).Microseconds())/float64(b.N), "cpu-us/op")
}

// spent is the processor's time of this process so far, client and server together.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
