package join_test

import (
	"net/http"
	"strings"
	"testing"
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
