package contract_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"kindward/internal/contract"
)

func fill(t *testing.T, p contract.Party) string {
	t.Helper()
	text, err := contract.Published().Fill(contract.Latest, p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func Test36TheTextNamesWhomItIsWithAndHasNoGapLeft(t *testing.T) {
	p := contract.Party{Organization: "Quaboag  {state}\nLLC", Kind: "home_care", State: "CT"}
	text := fill(t, p)
	if !strings.Contains(strings.Join(strings.Fields(text), " "), "Quaboag {state} LLC, a home-care agency in Connecticut") {
		t.Error(strings.SplitN(text, "\n\n", 3)[1])
	}
	p.Organization = "Quaboag LLC"
	if gap := regexp.MustCompile(`[{}]`).FindString(fill(t, p)); gap != "" {
		t.Errorf("a gap is left: %q", gap)
	}
	seen := map[string]bool{}
	for _, kind := range []string{"clinic", "home_care", "laboratory"} {
		for _, state := range []string{"CT", "MA", "RI"} {
			seen[contract.Hash(fill(t, contract.Party{Organization: "Quaboag LLC", Kind: kind, State: state}))] = true
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d hashes of nine texts", len(seen))
	}
	for _, wrong := range []contract.Party{{Kind: "bank", State: "RI"}, {Kind: "clinic", State: "NY"}} {
		if _, err := contract.Published().Fill(contract.Latest, wrong); !errors.Is(err, contract.ErrNoText) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if _, err := contract.Published().Fill(contract.Latest+1, contract.Party{Kind: "clinic", State: "RI"}); !errors.Is(err,
		contract.ErrNoText) {
		t.Error(err)
	}
}

// published are the hashes of what was ever signed: a version is never changed, another one is added.
var published = map[int]string{1: "af9318627556b2b9aca5f4223f6c35e39c4c475c2e7065d625582aea4fcca92c"}

func Test36AVersionThatWasSignedIsNeverChanged(t *testing.T) {
	for version, want := range published {
		text, err := contract.Published().Fill(version, contract.Party{Organization: "Quaboag LLC", Kind: "clinic",
			State: "RI"})
		if got := contract.Hash(text); err != nil || got != want {
			t.Errorf("version %d has the hash %s, %v", version, got, err)
		}
	}
	if len(published) != contract.Latest {
		t.Errorf("%d versions are written down, %d are published", len(published), contract.Latest)
	}
}

func Test36ItIsPrintedWithBothSignaturesAndSaysIfTheTextIsAnother(t *testing.T) {
	text := fill(t, contract.Party{Organization: "Żółw & Søn LLC", Kind: "clinic", State: "RI"})
	d := contract.Document{Number: "0199", Text: text, Hash: contract.Hash(text), At: time.Unix(1_800_000_000, 0).UTC(),
		Checkpoint: "kindward/audit/1\n7\nroot\n", Extract: []byte(`{"end":true}`),
		Signatures: []contract.Line{{Side: "For the organization", Name: "Maya Okafor", Leaf: 3, Event: "e"},
			{Side: "For Kindward", Name: "Rita Lee", Leaf: -1, Event: "f"}}}
	one, err := d.Bytes()
	if err != nil || !bytes.HasPrefix(one, []byte("%PDF-")) || !bytes.Contains(one, []byte("/EmbeddedFile")) {
		t.Fatalf("%d bytes, %v", len(one), err)
	}
	if again, err := d.Bytes(); err != nil || len(again) > len(one)+20 {
		t.Errorf("the control: printed again it has %d bytes, not about %d, %v", len(again), len(one), err)
	}
	d.Changed = true
	if other, err := d.Bytes(); err != nil || len(other) <= len(one)+20 {
		t.Errorf("that it is changed is not said: %d bytes, %v", len(other), err)
	}
}

func Test36ANameThatLooksLikeAPlaceholderIsPrintedAsItWasSigned(t *testing.T) {
	text := fill(t, contract.Party{Organization: "{pages} LLC", Kind: "clinic", State: "RI"})
	printed, err := contract.Document{Number: "0199", Text: text, At: time.Unix(1_800_000_000, 0).UTC()}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, stream := range bytes.Split(printed, []byte("stream\n"))[1:] {
		if r, err := zlib.NewReader(bytes.NewReader(stream)); err == nil {
			page, _ := io.ReadAll(r)
			all += strings.ReplaceAll(string(page), "\x00", "") // its letters have two bytes
		}
	}
	if want := strings.Count(text, "{pages}"); want == 0 || strings.Count(all, "{pages}") != want {
		t.Errorf("the name stands %d times, not %d", strings.Count(all, "{pages}"), want)
	}
	if last := strings.LastIndex(all, ", page "); !regexp.MustCompile(`^, page (\d+) of (\d+)\D`).MatchString(all[last:]) {
		t.Errorf("pages are not counted: %q", all[last:last+20])
	}
}
