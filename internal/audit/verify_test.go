package audit_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"kindward/internal/audit"
	"kindward/internal/keys"
	"kindward/queries/relaydb"
)

// a37 is a sealed log of several checkpoints that can be put back after each attempt on it.
func a37(t *testing.T) *fixture {
	h := open(t)
	stop := run(t, h.sealer())
	for n := int64(1); n <= 8; n++ {
		h.happen(t, 13)
		h.sealed(t, 13*n)
	}
	stop()
	for _, table := range []string{"event", "leaf", "node", "checkpoint"} {
		h.exec(t, "create table audit.kept_"+table+" as table audit."+table)
	}
	return h
}

func (h *fixture) restore(t *testing.T) {
	for _, table := range []string{"event", "leaf", "node", "checkpoint"} {
		h.exec(t, "truncate audit."+table)
		h.exec(t, "insert into audit."+table+" overriding system value table audit.kept_"+table)
	}
}

// nth is the number of the event at a leaf.
const nth = `(select event_seq from audit.leaf where number = `

func TestA37TheVerifierFindsWhatAnAdministratorOfTheDatabaseDid(t *testing.T) {
	h := a37(t)
	forger, err := audit.KeyOf(keys.Key{ID: "other", Secret: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forger.Sign(audit.Checkpoint{Size: 104, Root: tlog.Hash{1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		sql  []string
		want []string // a finding that begins so, each
	}{
		{"intact", nil, nil},
		{"one byte flipped", []string{`update audit.event set resource = 'Patiens' where seq = ` + nth + `40)`},
			[]string{"changed: event "}},
		{"one bit of a hash column flipped",
			[]string{`update audit.event set before_hash = '\x00fe' where seq = ` + nth + `40)`}, []string{"changed: event "}},
		{"a field taken out of the list", []string{`update audit.event set fields = '{}' where seq = ` + nth + `0)`},
			[]string{"changed: event "}},
		{"a time moved by a microsecond",
			[]string{`update audit.event set at = at + interval '1 microsecond' where seq = ` + nth + `50)`},
			[]string{"changed: event "}},
		{"a row deleted", []string{`delete from audit.event where seq = ` + nth + `40)`}, []string{"deleted: event "}},
		{"a row and its leaf deleted", []string{`delete from audit.event where seq = ` + nth + `40)`,
			`delete from audit.leaf where number = 40`}, []string{"deleted: leaf 40 "}},
		{"a row in the middle deleted and the leaves moved up",
			[]string{`delete from audit.event where seq = ` + nth + `40)`, `delete from audit.leaf where number = 40`,
				`update audit.leaf set number = -number where number > 40`,
				`update audit.leaf set number = -number - 1 where number < 0`}, []string{"broken: leaf 40 ", "cut: "}},
		{"two rows swapped", []string{swapEvents}, []string{"swapped: events "}},
		{"two rows swapped together with their leaves", []string{swapEvents, swapLeafHashes},
			[]string{"broken: leaf 20 ", "broken: leaf 70 "}},
		{"the tail cut: events", []string{`delete from audit.event where seq >= ` + nth + `95)`},
			[]string{"cut: the tail was cut: the last 9 "}},
		{"the tail cut: events and leaves", []string{`delete from audit.event where seq >= ` + nth + `95)`,
			`delete from audit.leaf where number >= 95`},
			[]string{"cut: the tail was cut: a checkpoint of 104 events is signed, 95 are left"}},
		{"the tail cut: everything up to an older checkpoint",
			[]string{`delete from audit.event where seq >= ` + nth + `91)`, `delete from audit.leaf where number >= 91`,
				`delete from audit.checkpoint where size > 91`},
			[]string{"cut: the tail was cut: checkpoints.jsonl has a signed checkpoint of 104 events, 91 are left"}},
		{"everything deleted", []string{`truncate audit.event, audit.leaf, audit.node, audit.checkpoint`}, []string{"cut: "}},
		{"a checkpoint signed by another key",
			[]string{`update audit.checkpoint set note = '` + forged + `' where size = 104`},
			[]string{"forged: the checkpoint of 104 events"}},
		{"a checkpoint with another root", []string{`update audit.checkpoint set root = sha256('x') where size = 52`},
			[]string{"forged: the checkpoint of 52 events"}},
		{"an older checkpoint in the place of a newer one",
			[]string{`update audit.checkpoint c set note = (select note from audit.checkpoint where size = 39) where c.size = 52`},
			[]string{"forged: the checkpoint that is kept for 52 events was signed for 39"}},
		{"checkpoints deleted", []string{`delete from audit.checkpoint where size > 26`},
			[]string{"forged: the last checkpoint is of 26"}},
		{"an event put in behind the seal",
			[]string{`insert into audit.event (xid, purpose, resource, action, outcome) select xid, 'care', 'Patient', 'read', 'success' from audit.event order by seq limit 1`},
			[]string{"added: event "}},
		{"a leaf flipped", []string{`update audit.leaf set hash = sha256('x') where number = 40`},
			[]string{"changed: event 41", "broken: leaf 40"}},
		{"a hash of the tree flipped", []string{`update audit.node set hash = sha256('x') where number = 3`},
			[]string{"broken: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer h.restore(t)
			for _, sql := range c.sql {
				h.exec(t, sql)
			}
			r := h.verify(t)
			if len(c.want) == 0 && (!r.OK() || r.Events != 104 || r.Checkpoints < 8 || r.Outside != r.Checkpoints) {
				t.Fatalf("the control is not intact: %+v", r)
			}
			for _, want := range c.want {
				if !found(r, want) {
					t.Errorf("no finding begins with %q: %v", want, r.Findings)
				}
			}
			t.Log(r.Findings)
		})
	}
}

const (
	swapEvents = `update audit.event a set purpose = b.purpose, resource = b.resource, resource_id = b.resource_id, at = b.at, id = gen_random_uuid() from audit.event b
		where a.seq = ` + nth + `20) and b.seq = ` + nth + `70);
		update audit.event a set resource_id = k.resource_id, at = k.at, id = k.id from audit.kept_event k where a.seq = ` + nth + `70) and k.seq = ` + nth + `20);
		update audit.event a set id = k.id from audit.kept_event k where a.seq = ` + nth + `20) and k.seq = ` + nth + `70)`
	swapLeafHashes = `update audit.leaf a set hash = b.hash from audit.leaf b where (a.number, b.number) in ((20, 70), (70, 20));
		update audit.leaf set event_seq = -event_seq where number in (20, 70);
		update audit.leaf a set event_seq = -(select b.event_seq from audit.leaf b where b.number = 90 - a.number) where a.number = 20;
		update audit.leaf a set event_seq = (select k.event_seq from audit.kept_leaf k where k.number = 20) where a.number = 70`
)

func found(r *audit.Report, beginning string) bool {
	for _, f := range r.Findings {
		if strings.HasPrefix(f.String(), beginning) {
			return true
		}
	}
	return false
}

func TestA37TheLogOutsideIsCheckedToo(t *testing.T) {
	h := a37(t)
	raw, err := os.ReadFile(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(string(raw), "\n"), "\n")
	put := func(text string) *audit.Report {
		if err := os.WriteFile(h.checkpoints.Path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return h.verify(t)
	}
	flipped := strings.Replace(string(raw), `\n\n— `, `x\n\n— `, 1)
	if r := put(flipped); !found(r, "forged: the checkpoint of ") {
		t.Error("a changed line:", r.Findings)
	}
	if r := put(strings.Join(append([]string{lines[1], lines[0]}, lines[2:]...), "")); !found(r,
		"forged: line 2 of checkpoints.jsonl is out of order") {
		t.Error("lines swapped:", r.Findings)
	}
	if r := put(string(raw) + "{half"); !r.OK() {
		t.Error("a half written last line is a crash and no attack:", r.Findings)
	}
	if r := put(string(raw)); !r.OK() {
		t.Error("the control is not intact:", r.Findings)
	}
	h.exec(t, `update audit.checkpoint set at = at - interval '1 hour'`)
	if r := put(strings.Join(lines[:4], "")); !found(r, "cut: checkpoints.jsonl ends at ") {
		t.Error("the log outside cut:", r.Findings)
	}
}

func TestA37AnExportVerifiesOfflineWithThePublicKeyAlone(t *testing.T) {
	h := a37(t)
	var log bytes.Buffer
	h.snapshot(t, func(q *relaydb.Queries) error {
		n, err := audit.Export(t.Context(), q, h.key.Origin, &log)
		if n != 104 {
			t.Fatal(n)
		}
		return err
	})
	lines := strings.SplitAfter(strings.TrimSuffix(log.String(), "\n"), "\n")
	last := len(lines) - 1
	at := func(leaf string) int {
		for i, l := range lines {
			if strings.HasPrefix(l, `{"leaf":`+leaf+`,`) {
				return i
			}
		}
		t.Fatal("no leaf", leaf)
		return 0
	}
	cut := func(from, to int) []string { return append(append([]string{}, lines[:from]...), lines[to:]...) }
	set := func(i int, text string) []string {
		out := append([]string{}, lines...)
		out[i] = text
		return out
	}
	swapped := append([]string{}, lines...)
	swapped[at("20")], swapped[at("70")] = lines[at("70")], lines[at("20")]
	rehashed := func(i int) string { // the attacker knows how the leaf hash is made
		text := strings.Replace(lines[i], `"purpose":"care"`, `"purpose":"cart"`, 1)
		_, event, _ := strings.Cut(strings.TrimSuffix(text, "}\n"), `"event":`)
		_, rest, _ := strings.Cut(text, `","event":`)
		start, _, _ := strings.Cut(text, `"hash":"`)
		return start + `"hash":"` + tlog.RecordHash([]byte(event)).String() + `","event":` + rest
	}
	head := at("12") + 1
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"intact", lines, ""},
		{"one byte flipped", set(at("40"), strings.Replace(lines[at("40")], `"purpose":"care"`, `"purpose":"cart"`, 1)),
			"changed: event "},
		{"one byte flipped and the hash beside it made again", set(at("40"), rehashed(at("40"))),
			"broken: the first 52 events do not make the root that was signed"},
		{"a row deleted", cut(at("40"), at("40")+1), "deleted: leaf 40 is not in the export"},
		{"two rows swapped", swapped, "swapped: leaves 20 and 70 were swapped"},
		{"the tail cut", lines[:at("95")], "cut: "},
		{"the tail cut and the end kept", cut(at("95"), last),
			"cut: the tail was cut: a checkpoint of 104 events is signed, 95 are left"},
		{"a checkpoint forged", set(head, strings.Replace(lines[head], `\n13\n`, `\n12\n`, 1)),
			"forged: the checkpoint of 13 events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := audit.NewVerifier(h.key.Public)
			if err != nil {
				t.Fatal(err)
			}
			r, err := audit.VerifyExport(strings.NewReader(strings.Join(c.lines, "")), v, nil, "")
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" && (!r.OK() || r.Events != 104 || r.Size != 104) {
				t.Fatalf("the control is not intact: %+v", r)
			}
			if c.want != "" && !found(r, c.want) {
				t.Errorf("no finding begins with %q: %v", c.want, r.Findings)
			}
			t.Log(r.Findings)
		})
	}
	book, err := os.Open(h.checkpoints.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	v, _ := audit.NewVerifier(h.key.Public)
	short := append(append([]string{}, lines[:at("13")]...), `{"end":true,"size":13}`)
	if r, err := audit.VerifyExport(strings.NewReader(strings.Join(short, "")), v, book, "book"); err != nil ||
		!found(r, "cut: the tail was cut: book has a signed checkpoint of 104") {
		t.Error("a shorter log, complete in itself, is told by the log outside:", err, r.Findings)
	}
}

func TestOneEventIsProvedAlone(t *testing.T) {
	h := a37(t)
	id := value[[16]byte](t, h,
		`select e.id from audit.event e join audit.leaf l on l.event_seq = e.seq where l.number = 40`)
	var p audit.Proof
	h.snapshot(t, func(q *relaydb.Queries) (err error) {
		p, err = audit.Prove(t.Context(), q, id)
		return err
	})
	if p.Leaf != 40 {
		t.Fatal(p)
	}
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var read audit.Proof
	if err := json.Unmarshal(raw, &read); err != nil {
		t.Fatal(err)
	}
	v, _ := audit.NewVerifier(h.key.Public)
	if err := read.Check(v); err != nil {
		t.Fatal(err)
	}
	read.Event = bytes.Replace(read.Event, []byte("care"), []byte("cart"), 1)
	if read.Check(v) == nil {
		t.Error("a changed event passes")
	}
	h.snapshot(t, func(q *relaydb.Queries) error {
		if _, err := audit.Prove(t.Context(), q, [16]byte{1}); err != audit.ErrUnsealed {
			t.Error(err)
		}
		return nil
	})
}
