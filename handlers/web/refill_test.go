package web_test

import (
	"net/url"
	"testing"

	"kindward/handlers/web"
)

func TestAFormHasWhatWasTypedIntoItAndNotWhatWasEmptiedOrUnticked(t *testing.T) {
	sent := url.Values{"zip": {"2906"}, "phone": {""}, "note": {"a <b>\nc"}, "payer": {"P2"}, "how": {"text"},
		"box": {"two"}, "sequence": {"9"}, "person": {"maya"}, "password": {"x"}}
	for _, c := range []struct{ page, want string }{
		{`<input name="zip" value="02906">`, `<input name="zip" value="2906">`},
		{`<input name="phone" value="401">`, `<input name="phone" value="">`},
		{`<input name="street" value="12 Hope St">`, `<input name="street" value="12 Hope St">`}, // was not sent
		{`<textarea name="note">old</textarea>`, "<textarea name=\"note\">\na &lt;b&gt;\nc</textarea>"},
		{`<textarea name="phone">old</textarea>`, "<textarea name=\"phone\">\n</textarea>"},
		{`<select name="payer"><option value="P1" selected>1</option><option value="P2">2</option></select>`,
			`<select name="payer"><option value="P1">1</option><option value="P2" selected="">2</option></select>`},
		{`<input type="radio" name="how" value="text"><input type="radio" name="how" value="call" checked>`,
			`<input type="radio" name="how" value="text" checked=""><input type="radio" name="how" value="call">`},
		{`<input type="checkbox" name="box" value="one" checked><input type="checkbox" name="box" value="two">`,
			`<input type="checkbox" name="box" value="one"><input type="checkbox" name="box" value="two" checked="">`},
		{`<input type="checkbox" name="pets" value="on" checked>`, `<input type="checkbox" name="pets" value="on">`},
		{`<input type="checkbox" name="agree" checked>`, `<input type="checkbox" name="agree" checked>`}, // in no draft
		{`<input type="hidden" name="sequence" value="1">`, `<input type="hidden" name="sequence" value="1">`},
		{`<input type="password" name="password">`, `<input type="password" name="password">`},
	} {
		form := func(inside string) string { return `<form method="post" action="/there">` + inside + `</form>` }
		if got, found := web.Refilled([]byte(form(c.page)), "/there", sent); !found || string(got) != form(c.want) {
			t.Errorf("%s\nis   %s\nwant %s", c.page, got, form(c.want))
		}
		if got, found := web.Refilled([]byte(form(c.page)), "/elsewhere", sent); found || string(got) != form(c.page) {
			t.Errorf("control: another form's %s is %s", c.page, got)
		}
	}
	for person, meant := range map[string]bool{"maya": true, "leo": false} {
		form := `<form method="post" action="/there"><input type="hidden" name="person" value="` + person + `">` +
			`<textarea name="note"></textarea></form>`
		got, found := web.Refilled([]byte(form), "/there", sent)
		if found != meant || meant == (string(got) == form) {
			t.Errorf("a form about %s: %s", person, got)
		}
	}
}
