package main

import (
	"strings"
	"testing"

	"kindward/internal/browser"
)

// What a search may weigh on the wire, headers included: the first visit with all files, and the next search.
const (
	coldest = 90_000
	warmest = 10_000
)

func TestASearchIsLightOnTheFirstVisitAndLighterAfterwards(t *testing.T) {
	h := open(t)
	v := h.visit(t, phone)
	cold := weigh(t, h, func() { v.Go(h.common(t)) })
	if n := browser.Eval[int](v, results); n < 10 {
		t.Fatalf("%d results: too few to weigh", n)
	}
	for _, a := range v.Answers() {
		t.Logf("%6d B %-10s %s", a.Bytes, a.Kind, strings.TrimPrefix(a.URL, h.address))
	}
	warm := weigh(t, h, func() { v.Go(h.common(t) + "&time=am") })
	part := weigh(t, h, func() { v.PressAt("#pager a") })
	t.Logf("first visit %d B, next search %d B, ten more results %d B", cold, warm, part)
	if cold > coldest || warm > warmest {
		t.Errorf("%d B of %d on the first visit, %d B of %d afterwards", cold, coldest, warm, warmest)
	}
}

// weigh counts what the server sends meanwhile.
func weigh(t *testing.T, h *house, meanwhile func()) int64 {
	t.Helper()
	before := h.wire.sent.Load()
	meanwhile()
	return h.wire.sent.Load() - before
}
