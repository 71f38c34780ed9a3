package audit_test

import (
	"testing"
	"time"
)

func TestTheVerifierTellsWhatWasSealedLateAndWhichNumbersAreMissing(t *testing.T) {
	h := open(t)
	h.happen(t, 3)
	h.sealAll(t)
	if r := h.verify(t); !r.OK() || r.Late.Events != 0 || r.Missing.Numbers != 0 {
		t.Fatalf("the control: %+v", r)
	}
	tx, err := h.admin.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const one = `insert into audit.event (purpose, resource, action, outcome) values ('care', 'Patient', 'read', 'success')`
	for range 2 {
		if _, err := tx.Exec(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.exec(t, `insert into audit.event (at, purpose, resource, action, outcome) values
		(now() - interval '2 hours', 'care', 'Patient', 'read', 'success')`)
	h.sealAll(t)
	r := h.verify(t)
	if l := r.Late; !r.OK() || l.Events != 1 || l.Worst < 2*time.Hour || !l.First.Equal(l.Last) {
		t.Errorf("late: %+v of %+v", l, r)
	}
	if m := r.Missing; m.Numbers != 2 || m.Gaps != 1 || m.Widest != 2 || m.Behind != 3 {
		t.Errorf("missing: %+v", m)
	}
	// what is deleted before it is sealed leaves nothing but a gap
	h.happen(t, 1)
	h.exec(t, `delete from audit.event where seq = (select max(seq) from audit.event)`)
	h.happen(t, 1)
	h.sealAll(t)
	if r := h.verify(t); !r.OK() || r.Missing.Numbers != 3 || r.Missing.Gaps != 2 {
		t.Errorf("%+v", r)
	}
}
