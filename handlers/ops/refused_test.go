package ops_test

import (
	"testing"

	"kindward/internal/browser"
)

func TestWhatWasDoneBeforeIsNotSaidOverWhatIsRefusedNow(t *testing.T) {
	_, ada, ben := administrators(t)
	cleo := ada.Site.Person(t, "Cleo")
	v := tabOf(t, ada)
	v.Go("/ops/staff")
	v.Type("Email address", cleo.Email)
	v.Choose("Support")
	v.Press("Give this role")
	v.Sees("Cleo has the role now.")
	for _, wrong := range v.Axe() {
		t.Error(wrong)
	}
	v.Type("Email address", "nobody@example.test")
	v.Choose("Support")
	v.Press("Give this role")
	v.Sees("There is a problem")
	v.SeesNot("Cleo has the role now.")
	v.Press("End this role of Cleo")
	v.Sees("Cleo is no longer Support")
	if n := ada.Site.Count(t, `select count(*) from directory.staff where account_id = $1 and ended_at is null`,
		cleo.ID); n != 1 {
		t.Error("the first press ended the role")
	}
	v.Press("Yes, end it")
	v.Sees("Cleo no longer has the role.", ben.Email)
	if browser.Eval[int](v, `document.querySelectorAll("details[open]").length`) != 0 {
		t.Error("a question stays open")
	}
}
